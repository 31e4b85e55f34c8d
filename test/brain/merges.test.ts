// Merges in SQL, among rows that differ in one key each: only the one that is meant is changed.

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
import { recordVerdict } from '../support/neighbour.ts';

const MERGE_COMMIT = 'b'.repeat(40);
const OTHER = 'c'.repeat(40);
const BESIDE = REPOSITORY + 1;

describe.each(testBackends)('merges among others (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());
  beforeEach(async () => {
    await forgetEverything(brain);
    await tell(brain, {
      repositories: [repositoryFact(), repositoryFact({ id: BESIDE, name: 'web-shop-2' })],
      pull_requests: [pullRequestFact(), pullRequestFact({ number: 2, head_sha: OTHER })],
    });
    await recordVerdict(brain, { repository_id: REPOSITORY });
  });
  const merged = (given: Partial<PullRequestFact> = {}) =>
    pullRequestFact({
      state: 'merged',
      merged_at: minute(30),
      merge_commit_sha: MERGE_COMMIT,
      merged_by: 'octocat',
      source_updated_at: minute(30),
      ...given,
    });

  describe('merge_pull_requests', () => {
    const pulls = () => brain.sql('select repository_id, number, merged_by from codered.pull_requests order by 1, 2');

    it('says who merged of that pull request alone, and never of another that is merged too', async () => {
      const beside = { repository_id: BESIDE, merged_by: null };
      await tell(brain, {
        repositories: [repositoryFact({ id: BESIDE, name: 'web-shop-2' })],
        pull_requests: [merged({ merged_by: null }), merged({ number: 2, merged_by: null }), merged(beside)],
      });
      await tell(brain, { pull_requests: [merged()] });
      expect(await pulls()).toEqual([
        { repository_id: '900', number: '1', merged_by: 'octocat' },
        { repository_id: '900', number: '2', merged_by: null },
        { repository_id: '901', number: '1', merged_by: null },
      ]);
      await tell(brain, { pull_requests: [merged({ merged_by: 'hubot', source_updated_at: minute(1) })] });
      expect((await pulls())[0]).toMatchObject({ merged_by: 'octocat' });
    });

    it('says since when it has its base of that pull request alone', async () => {
      const based = () =>
        brain.sql(
          'select number, based_at is not null as known from codered.pull_requests order by repository_id, number',
        );
      await tell(brain, { pull_requests: [pullRequestFact({ base_ref: 'release', source_updated_at: minute(5) })] });
      expect(await based()).toEqual([
        { number: '1', known: 't' },
        { number: '2', known: 'f' },
      ]);
    });
  });

  /** Rows that differ in one key from the one that the merge has left, which has `mark` ours and comes last. */
  const leave = async () => {
    const rows: [
      mark: string,
      repository: number,
      pull: number | null,
      sha: string,
      criterion: string | null,
      user: string,
    ][] = [
      ['of another repository', BESIDE, 1, HEAD, null, 'unknown'],
      ['of another pull request', REPOSITORY, 2, HEAD, null, 'unknown'],
      ['of another commit', REPOSITORY, 1, OTHER, null, 'unknown'],
      ['of one criterion', REPOSITORY, 1, HEAD, 'lint', 'unknown'],
      ['of somebody else', REPOSITORY, 1, HEAD, null, 'hubot'],
      ['ours', REPOSITORY, 1, HEAD, null, 'unknown'],
    ];
    for (const [place, [mark, repository, pull, sha, criterion, user]] of rows.entries()) {
      await brain.sql(
        `insert into codered.user_overrides
           (project_id, "user", override_type, repository_id, pull_request_number, commit_sha, criterion, reason, created_at)
         select project_id, $1, 'deploy_anyway', id, $2::integer, $3, $4, $5, now() - interval '1 hour' + $6::integer * interval '1 second'
         from codered.repositories where id = $7::bigint`,
        [user, pull === null ? null : String(pull), sha, criterion, mark, String(place), String(repository)],
      );
    }
  };
  const left = () =>
    brain.sql('select reason, "user", github_rule_suite_id as suite from codered.user_overrides order by created_at');
  const suite = (given: object = {}) => ({
    ...{ id: 71, actor: 'hubot', after_sha: MERGE_COMMIT, ref: 'refs/heads/main' },
    pushed_at: new Date(Date.now() + 60_000).toISOString(),
    ...given,
  });
  const record = (given: object = {}) =>
    brain.call('record_bypasses', { repository_id: REPOSITORY, suites: [suite(given)], looked_at: [] });

  describe('record_bypass', () => {
    it('takes the row that the merge has left, and none that differs in a key', async () => {
      await leave();
      await tell(brain, { pull_requests: [merged({ merged_by: null })] });
      expect(await record()).toBe(1);
      expect((await left()).slice(0, 6)).toEqual([
        { reason: 'of another repository', user: 'unknown', suite: null },
        { reason: 'of another pull request', user: 'unknown', suite: null },
        { reason: 'of another commit', user: 'unknown', suite: null },
        { reason: 'of one criterion', user: 'unknown', suite: null },
        { reason: 'of somebody else', user: 'hubot', suite: null },
        { reason: 'ours', user: 'hubot', suite: '71' },
      ]);
      expect(await record()).toBe(0);
    });

    it('is the same suite only in its own repository', async () => {
      await leave();
      await brain.script(
        "update codered.user_overrides set github_rule_suite_id = 71 where reason = 'of another repository'",
      );
      expect(await record({ after_sha: HEAD })).toBe(1);
    });

    it('is none where the gate had passed on the pushed commit, though it failed on another', async () => {
      await recordVerdict(brain, {
        repository_id: REPOSITORY,
        pull_request_number: 2,
        commit_sha: OTHER,
        state: 'pass',
      });
      expect(await record({ after_sha: OTHER })).toBe(0);
      expect(await record({ id: 72, after_sha: HEAD })).toBe(1);
    });

    it('is none before the first verdict of its own repository, whatever others have', async () => {
      const beside = { repository_id: BESIDE, suites: [suite()], looked_at: [] };
      expect(await brain.call('record_bypasses', beside)).toBe(0);
    });
  });

  describe('settle_merge', () => {
    it('names who merged in the row of that merge alone', async () => {
      await leave();
      await tell(brain, { pull_requests: [merged()] });
      const rows = (await left()).map(({ reason, user }) => [reason, user]);
      expect(rows.slice(0, 6)).toEqual([
        ['of another repository', 'unknown'],
        ['of another pull request', 'unknown'],
        ['of another commit', 'unknown'],
        // Whatever stands on that pull request and head, by the same person.
        ['of one criterion', 'octocat'],
        ['of somebody else', 'hubot'],
        ['ours', 'octocat'],
      ]);
    });

    it('reads the verdict on its own head, not a younger one on another', async () => {
      await recordVerdict(brain, {
        repository_id: REPOSITORY,
        pull_request_number: 2,
        commit_sha: OTHER,
        state: 'pass',
      });
      await tell(brain, { pull_requests: [merged()] });
      expect(await left()).toEqual([{ reason: 'merged while the gate was fail', user: 'octocat', suite: null }]);
      await tell(brain, { pull_requests: [merged({ number: 2, head_sha: OTHER, merge_commit_sha: 'd'.repeat(40) })] });
      expect(await left()).toHaveLength(1);
    });
  });
});
