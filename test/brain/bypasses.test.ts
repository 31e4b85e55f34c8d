// Merges past the gate in SQL: who it was, and that each is recorded once, in whatever order it is told.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PullRequestFact } from '../../src/facts.ts';
import { openTestBrain, type TestBrain, testHomes } from '../support/brain.ts';
import { forgetEverything, HEAD, minute, pullRequestFact, REPOSITORY, tell } from '../support/fact-rows.ts';

const MERGE_COMMIT = 'b'.repeat(40);
const PROFILE = '00000000-0000-4000-8000-00000000cafe';

describe.each(testHomes)('merges past the gate (%s)', (home) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(home);
    await brain.script(`
      insert into auth.users (id, email) values ('${PROFILE}', 'octo@example.test');
      update codered.profiles set github_login = 'OctoCat' where id = '${PROFILE}'`);
  });
  afterAll(() => brain.close());
  beforeEach(async () => {
    await forgetEverything(brain);
    await tell(brain, { pull_requests: [pullRequestFact()] });
  });

  /** Writes the verdict on the head down. */
  const judge = async (state: 'pass' | 'fail' | 'pending') => {
    const version = await brain.call('read_evidence_version', { repository_id: REPOSITORY, sha: HEAD });
    const status = { pass: 'passed', fail: 'failed', pending: 'pending' }[state];
    const criterion = { gate_id: 'lint_pass', gate_name: 'lint', gate_order: 0, status, attempt_number: 1 };
    const verdict = {
      repository_id: REPOSITORY,
      pull_request_number: 1,
      commit_sha: HEAD,
      state,
      version,
      ci_event_ids: [],
      criteria: [{ ...criterion, validation_results: [], fail_codes: [] }],
    };
    expect(await brain.call('record_gate_verdict', { verdict })).toMatchObject({ stale: false });
  };
  const merged = (told: Partial<PullRequestFact> = {}): PullRequestFact =>
    pullRequestFact({
      state: 'merged',
      merged_at: minute(30),
      merge_commit_sha: MERGE_COMMIT,
      merged_by: 'octocat',
      source_updated_at: minute(30),
      ...told,
    });
  const merge = (told: Partial<PullRequestFact> = {}, guid = '') =>
    tell(brain, { pull_requests: [merged(told)] }, guid);
  /** As a list of GitHub's tells it: later, and without who it was. */
  const listed = { merged_by: null, source_updated_at: minute(40) };
  const mergedBy = async () => (await brain.sql('select merged_by from codered.pull_requests'))[0]?.merged_by;
  const recorded = () =>
    brain.sql('select "user", user_id, override_type, reason from codered.user_overrides order by created_at');
  const byOctocat = { user: 'octocat', user_id: PROFILE, override_type: 'deploy_anyway' };

  it('are recorded with who merged, by their profile too where they have one', async () => {
    await judge('fail');
    await merge();
    expect(await recorded()).toEqual([{ ...byOctocat, reason: 'merged while the gate was fail' }]);
  });

  it('of a merge queue are its bot’s', async () => {
    await judge('pending');
    await merge({ merged_by: 'github-merge-queue[bot]' });
    expect(await recorded()).toMatchObject([{ user: 'github-merge-queue[bot]', user_id: null }]);
  });

  it('are set right once it is known who merged', async () => {
    await judge('fail');
    await merge(listed);
    expect(await recorded()).toMatchObject([{ user: 'unknown', user_id: null }]);
    await merge();
    await merge();
    expect(await recorded()).toEqual([{ ...byOctocat, reason: 'merged while the gate was fail' }]);
  });

  it.each([
    ['before', [{}, listed]],
    ['after', [listed, {}]],
    ['between', [listed, {}, { ...listed, source_updated_at: minute(50) }]],
  ] as const)('keep who it was when payloads that do not say so are told %s', async (_, payloads) => {
    for (const payload of payloads) await merge(payload);
    expect(await mergedBy()).toBe('octocat');
    await judge('fail');
    expect(await recorded()).toEqual([{ ...byOctocat, reason: 'merged while the gate was fail' }]);
  });

  it('are none where the gate passed, as it does when somebody overrode a criterion', async () => {
    await judge('pass');
    await merge();
    expect(await recorded()).toEqual([]);
  });

  it('leave the name of an override alone that somebody wrote themselves', async () => {
    await judge('fail');
    await brain.script(`
      insert into codered.user_overrides (project_id, user_id, "user", override_type, repository_id, pull_request_number, commit_sha, reason)
      select project_id, '${PROFILE}', 'unknown', 'deploy_anyway', id, 1, '${HEAD}', 'mine' from codered.repositories`);
    await merge({ merged_by: 'hubot' });
    expect((await recorded()).map(({ user, reason }) => [user, reason])).toEqual([
      ['unknown', 'mine'],
      ['hubot', 'merged while the gate was fail'],
    ]);
  });
});
