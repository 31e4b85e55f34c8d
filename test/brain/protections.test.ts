// What a deployment that GitHub holds back is answered by, in SQL: the verdict on its commit and on nothing else.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PullRequestFact } from '../../src/model/facts.ts';
import { openTestBrain, type TestBrain, testHomes } from '../support/brain.ts';
import {
  forgetEverything,
  HEAD,
  minute,
  pullRequestFact,
  REPOSITORY,
  repositoryFact,
  tell,
} from '../support/fact-rows.ts';
import { NEIGHBOUR, recordVerdict, tellNeighbour } from '../support/neighbour.ts';

const MERGE_COMMIT = 'b'.repeat(40);
const OTHER = 'c'.repeat(40);

describe.each(testHomes)('read_protection_subject (%s)', (home) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(home);
  });
  afterAll(() => brain.close());
  beforeEach(async () => {
    await forgetEverything(brain);
    await tellNeighbour(brain);
    await tell(brain, { pull_requests: [pullRequestFact()] });
  });
  const read = (sha = HEAD, repository_id = REPOSITORY) =>
    brain.call('read_protection_subject', { repository_id, sha }) as Promise<{ verdict: object | null } | null>;
  const verdict = async (sha?: string) => (await read(sha))?.verdict ?? null;
  const merge = (told: Partial<PullRequestFact> = {}) =>
    tell(brain, {
      pull_requests: [
        pullRequestFact({
          state: 'merged',
          merged_at: minute(30),
          merge_commit_sha: MERGE_COMMIT,
          source_updated_at: minute(30),
          ...told,
        }),
      ],
    });

  it('says where the repository is, and null for one that is unknown or gone', async () => {
    expect(await read()).toEqual({
      installation_id: 700,
      owner: 'octo-org',
      name: 'web-shop',
      default_branch: 'main',
      verdict: null,
    });
    expect(await read(HEAD, 1)).toBeNull();
    const gone = { tells_presence: true, deleted_at: minute(9), source_updated_at: minute(9) };
    await tell(brain, { repositories: [repositoryFact(gone)] });
    expect(await read()).toBeNull();
  });

  it('has the verdict on the commit, and none of another repository or another commit', async () => {
    await recordVerdict(brain, { repository_id: REPOSITORY, commit_sha: OTHER, gate: 'of another commit' });
    expect(await verdict()).toBeNull();
    expect(await verdict(MERGE_COMMIT)).toBeNull();
    await recordVerdict(brain, { repository_id: REPOSITORY, gate: 'ours' });
    expect(await verdict()).toEqual({ status: 'failed', unmet: ['ours'] });
    expect(await read(HEAD, NEIGHBOUR)).toMatchObject({ owner: 'octo-else', verdict: { unmet: ['lint'] } });
  });

  it('has the verdict on the head of the pull request that was merged as the commit', async () => {
    await recordVerdict(brain, { repository_id: REPOSITORY, gate: 'ours' });
    await merge({ merged_at: null, state: 'open' });
    expect(await verdict(MERGE_COMMIT)).toBeNull();
    await merge({ source_updated_at: minute(31) });
    expect(await verdict(MERGE_COMMIT)).toEqual({ status: 'failed', unmet: ['ours'] });
    expect(await verdict(OTHER)).toBeNull();
  });

  it('prefers the verdict on the commit itself to a younger one on the head', async () => {
    await merge();
    await recordVerdict(brain, { repository_id: REPOSITORY, commit_sha: MERGE_COMMIT, state: 'pass' });
    await recordVerdict(brain, { repository_id: REPOSITORY });
    expect(await verdict(MERGE_COMMIT)).toEqual({ status: 'completed', unmet: [] });
  });

  it('takes the newest of two runs of one commit, and the newest attempt of a criterion', async () => {
    await recordVerdict(brain, { repository_id: REPOSITORY });
    await brain.script(
      `update codered.runs set created_at = created_at - interval '1 hour' where repository_id = ${REPOSITORY}`,
    );
    await tell(brain, { pull_requests: [pullRequestFact({ number: 2 })] });
    await recordVerdict(brain, { repository_id: REPOSITORY, pull_request_number: 2, state: 'pass' });
    expect(await verdict()).toEqual({ status: 'completed', unmet: [] });
    await recordVerdict(brain, { repository_id: REPOSITORY, pull_request_number: 2, gate: 'lint again' });
    expect(await verdict()).toEqual({ status: 'failed', unmet: ['lint again'] });
    await recordVerdict(brain, {
      repository_id: REPOSITORY,
      pull_request_number: 2,
      state: 'pass',
      gate: 'lint again',
    });
    expect(await verdict()).toEqual({ status: 'completed', unmet: [] });
  });
});
