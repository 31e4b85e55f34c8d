// What a deployment that GitHub holds back is answered by, in SQL: the verdict on its commit and on nothing else.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PullRequestFact } from '../../src/model/facts.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
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

describe.each(testBackends)('read_protection_subject (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
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
  const merge = (given: Partial<PullRequestFact> = {}) =>
    tell(brain, {
      pull_requests: [
        pullRequestFact({
          state: 'merged',
          merged_at: minute(30),
          merge_commit_sha: MERGE_COMMIT,
          source_updated_at: minute(30),
          ...given,
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

describe.each(testBackends)('follow-ups of a commit (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());
  beforeEach(async () => {
    await forgetEverything(brain);
    await tellNeighbour(brain);
    await tell(brain, { pull_requests: [pullRequestFact()] });
    await brain.script('delete from codered.follow_ups');
  });
  /** Rows that differ in one key from the first. */
  const queue = (rows: readonly object[]) =>
    brain.sql(
      `insert into codered.follow_ups (kind, project_id, repository_id, commit_sha, is_scheduled, status, run_after, dedupe_key)
       select t.kind, r.project_id, r.id, t.commit_sha, t.is_scheduled, t.status, now() + t.wait * interval '1 hour', t.dedupe_key
       from jsonb_to_recordset($1::jsonb) as t (
         kind text, repository_id bigint, commit_sha text, is_scheduled boolean, status text, wait integer, dedupe_key text)
       join codered.repositories r on r.id = t.repository_id`,
      [JSON.stringify(rows)],
    );

  it('hasten_protections has the deployments of that commit, or of its merge, looked at at once, and no other', async () => {
    const waiting = {
      kind: 'protection',
      repository_id: REPOSITORY,
      commit_sha: HEAD,
      is_scheduled: true,
      status: 'queued',
      wait: 1,
    };
    await tell(brain, {
      pull_requests: [
        pullRequestFact({
          state: 'merged',
          merged_at: minute(30),
          merge_commit_sha: MERGE_COMMIT,
          source_updated_at: minute(30),
        }),
      ],
    });
    await brain.script('delete from codered.follow_ups');
    await queue([
      { ...waiting, dedupe_key: 'a: ours' },
      { ...waiting, dedupe_key: 'b: of the merge', commit_sha: MERGE_COMMIT },
      { ...waiting, dedupe_key: 'c: of another commit', commit_sha: OTHER },
      { ...waiting, dedupe_key: 'd: of another repository', repository_id: NEIGHBOUR },
      { ...waiting, dedupe_key: 'e: of another kind', kind: 'report' },
      { ...waiting, dedupe_key: 'f: not scheduled', is_scheduled: false },
      { ...waiting, dedupe_key: 'g: done', status: 'completed' },
    ]);
    await recordVerdict(brain, { repository_id: REPOSITORY });
    const due = await brain.sql(
      "select dedupe_key from codered.follow_ups where dedupe_key like '_: %' and run_after <= now() order by 1",
    );
    expect(due.map(({ dedupe_key }) => dedupe_key)).toEqual(['a: ours', 'b: of the merge']);
  });

  it('is_recheck_queued is whether a report of that commit is to be made, and no other', async () => {
    const report = {
      kind: 'report',
      repository_id: REPOSITORY,
      commit_sha: HEAD,
      is_scheduled: false,
      status: 'queued',
      wait: 0,
    };
    const isAhead = async () =>
      (await brain.sql(`select codered.is_recheck_queued(${REPOSITORY}, '${HEAD}') as ahead`))[0]?.ahead;
    await queue([
      { ...report, dedupe_key: 'a', commit_sha: OTHER },
      { ...report, dedupe_key: 'b', repository_id: NEIGHBOUR },
      { ...report, dedupe_key: 'c', kind: 'diagnose' },
      { ...report, dedupe_key: 'd', is_scheduled: true },
      { ...report, dedupe_key: 'e', status: 'completed' },
    ]);
    expect(await isAhead()).toBe('f');
    await queue([{ ...report, dedupe_key: 'f' }]);
    expect(await isAhead()).toBe('t');
    await brain.script("update codered.follow_ups set status = 'running' where dedupe_key = 'f'");
    expect(await isAhead()).toBe('t');
  });

  it('queue_protections asks once for each deployment and environment that GitHub holds back, again when it was given up', async () => {
    const held = {
      repository_id: REPOSITORY,
      deployment_id: '6001',
      environment_name: 'production',
      commit_sha: HEAD,
      protection_run_id: 7001,
    };
    const ask = async (...deployments: readonly object[]) =>
      (await brain.sql('select codered.queue_protections($1::json) as queued', [JSON.stringify(deployments)]))[0]
        ?.queued;
    expect(await ask({ ...held, protection_run_id: null })).toBe('0');
    expect(await ask(held, { ...held, repository_id: NEIGHBOUR }, { ...held, environment_name: 'staging' })).toBe('3');
    expect(await ask(held)).toBe('0');
    expect(await ask({ ...held, deployment_id: '6002' })).toBe('1');
    await brain.script(`update codered.follow_ups set status = 'failed' where repository_id = ${NEIGHBOUR}`);
    expect(await ask(held, { ...held, repository_id: NEIGHBOUR })).toBe('1');
  });

  it('queue_spec_reports is of open pull requests into the branch, or from it in the same repository', async () => {
    const pull = (number: number, more: Partial<PullRequestFact>) =>
      pullRequestFact({ number, head_sha: String(number).repeat(40), ...more });
    await tell(brain, {
      pull_requests: [
        pull(2, { base_ref: 'specs' }),
        pull(3, { head_ref: 'specs' }),
        pull(4, { head_ref: 'specs', head_repository_id: 4711 }),
        pull(5, { base_ref: 'specs', state: 'closed' }),
      ],
    });
    await brain.script('delete from codered.follow_ups');
    await brain.sql(`select codered.queue_spec_reports(${REPOSITORY}, 'specs')`);
    const queued = await brain.sql('select repository_id, commit_sha from codered.follow_ups order by 2');
    expect(queued).toEqual(['2', '3'].map((digit) => ({ repository_id: '900', commit_sha: digit.repeat(40) })));
  });
});
