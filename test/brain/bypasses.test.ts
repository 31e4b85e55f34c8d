// Merges past the gate in SQL: who it was, and that each is recorded once, in whatever order it is told.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PullRequestFact } from '../../src/model/facts.ts';
import { asJson } from '../../src/model/json.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import {
  commitFact,
  forgetEverything,
  HEAD,
  installationFact,
  minute,
  pullRequestFact,
  REPOSITORY,
  tell,
} from '../support/fact-rows.ts';
import { type Neighbour, tellNeighbour } from '../support/neighbour.ts';
import { refusalOf, refused } from '../support/run-scene.ts';

const MERGE_COMMIT = 'b'.repeat(40);
const LONG_AGO = '2020-11-20T13:00:00.000Z';
const PROFILE = '00000000-0000-4000-8000-00000000cafe';

describe.each(testBackends)('merges past the gate (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    await brain.script(`
      insert into auth.users (id, email) values ('${PROFILE}', 'octo@example.test');
      update codered.profiles set github_login = 'OctoCat' where id = '${PROFILE}'`);
  });
  afterAll(() => brain.close());
  let neighbour: Neighbour;
  beforeEach(async () => {
    await forgetEverything(brain);
    neighbour = await tellNeighbour(brain);
    await tell(brain, { pull_requests: [pullRequestFact()] });
  });

  afterEach(() => neighbour.expectUntouched());

  /** Writes the verdict on the head down. */
  const recordVerdict = async (
    state: 'pass' | 'fail' | 'pending',
    which = { pull_request_number: 1, commit_sha: HEAD },
    validation_results: { observed: boolean }[] = [],
  ) => {
    const sha = which.commit_sha;
    const version = await brain.call('read_evidence_version', { repository_id: REPOSITORY, sha });
    const status = { pass: 'passed', fail: 'failed', pending: 'pending' }[state];
    const criterion = { gate_id: 'lint_pass', gate_name: 'lint', gate_order: 0, status, attempt_number: 1 };
    const verdict = {
      repository_id: REPOSITORY,
      ...which,
      state,
      version,
      ci_event_ids: [],
      criteria: [{ ...criterion, validation_results, fail_codes: [] }],
    };
    expect(await brain.call('record_gate_verdict', { verdict })).toMatchObject({ stale: false });
  };
  const merged = (found: Partial<PullRequestFact> = {}): PullRequestFact =>
    pullRequestFact({
      state: 'merged',
      merged_at: minute(30),
      merge_commit_sha: MERGE_COMMIT,
      merged_by: 'octocat',
      source_updated_at: minute(30),
      ...found,
    });
  const merge = (found: Partial<PullRequestFact> = {}, guid = '') =>
    tell(brain, { pull_requests: [merged(found)] }, guid);
  /** As a list of GitHub's tells it: later, and without who it was. */
  const listed = { merged_by: null, source_updated_at: minute(40) };
  const mergedBy = async () =>
    (await brain.sql(`select merged_by from codered.pull_requests where repository_id = ${REPOSITORY}`))[0]?.merged_by;
  const recorded = () =>
    brain.sql(
      `select "user", user_id, override_type, reason from codered.user_overrides
       where repository_id = ${REPOSITORY} order by created_at`,
    );
  const byOctocat = { user: 'octocat', user_id: PROFILE, override_type: 'deploy_anyway' };

  describe('of which CodeRed was told late, because it was down', () => {
    const hourAgo = () => new Date(Date.now() - 3_600_000).toISOString();
    const late = () => ({ merged_at: hourAgo(), source_updated_at: hourAgo() });
    const reasons = async () => (await recorded()).map(({ reason }) => reason);
    const said = expect.stringMatching(/; CodeRed was told of it \d+ minutes later$/);

    it('say so, and are recorded too when the verdict came after them and is a pass', async () => {
      await recordVerdict('pass');
      await merge(late());
      expect(await reasons()).toEqual([said]);
      expect(String((await reasons())[0])).toContain('merged before there was a verdict');
      await merge(late());
      expect(await reasons()).toHaveLength(1);
    });

    it('say so when the verdict is told after the merge', async () => {
      await merge(late());
      await recordVerdict('fail');
      expect(await reasons()).toEqual([said]);
      expect(String((await reasons())[0])).toContain('merged while the gate was fail');
    });

    it('are none where the verdict was there before, and none that is known from a list of old ones', async () => {
      await recordVerdict('pass');
      await brain.script(
        `update codered.runs set finished_at = now() - interval '2 hours' where repository_id = ${REPOSITORY}`,
      );
      await merge(late());
      expect(await reasons()).toEqual([]);
    });
  });

  it('are none where the policy only observes', async () => {
    await recordVerdict('fail', { pull_request_number: 1, commit_sha: HEAD }, [{ observed: true }]);
    await merge();
    expect(await recorded()).toEqual([]);
  });

  it('are recorded with who merged, by their profile too where they have one', async () => {
    await recordVerdict('fail');
    await merge();
    expect(await recorded()).toEqual([{ ...byOctocat, reason: 'merged while the gate was fail' }]);
  });

  it('of a merge queue are its bot’s', async () => {
    await recordVerdict('pending');
    await merge({ merged_by: 'github-merge-queue[bot]' });
    expect(await recorded()).toMatchObject([{ user: 'github-merge-queue[bot]', user_id: null }]);
  });

  it('are set right once it is known who merged', async () => {
    await recordVerdict('fail');
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
    await recordVerdict('fail');
    expect(await recorded()).toEqual([{ ...byOctocat, reason: 'merged while the gate was fail' }]);
  });

  it('are none where the gate passed, as it does when somebody overrode a criterion', async () => {
    await recordVerdict('pass');
    await merge();
    expect(await recorded()).toEqual([]);
  });

  it('leave the name of an override alone that somebody wrote themselves', async () => {
    await recordVerdict('fail');
    await brain.script(`
      insert into codered.user_overrides (project_id, user_id, "user", override_type, repository_id, pull_request_number, commit_sha, reason)
      select project_id, '${PROFILE}', 'unknown', 'deploy_anyway', id, 1, '${HEAD}', 'mine' from codered.repositories where id = ${REPOSITORY}`);
    await merge({ merged_by: 'hubot' });
    expect((await recorded()).map(({ user, reason }) => [user, reason])).toEqual([
      ['unknown', 'mine'],
      ['hubot', 'merged while the gate was fail'],
    ]);
  });

  describe('that GitHub’s rule suites tell of', () => {
    const suite = (found: object = {}) => ({
      id: 71,
      actor: 'octocat',
      after_sha: MERGE_COMMIT,
      ref: 'refs/heads/main',
      pushed_at: new Date(Date.now() + 60_000).toISOString(),
      ...found,
    });
    const record = (suites: object[] = [suite()], looked_at = [71]) =>
      brain.call('record_bypasses', { repository_id: REPOSITORY, suites: asJson(suites), looked_at });
    const rows = () =>
      brain.sql(
        `select "user", user_id, pull_request_number, commit_sha, reason, github_rule_suite_id
         from codered.user_overrides where repository_id = ${REPOSITORY} order by created_at`,
      );
    /** History outlives what it is of: of the runs that there are. */
    const phases = async () => {
      const found = await brain.sql(
        `select phase from codered.status_events
         where run_id in (select id from codered.runs where repository_id = ${REPOSITORY}) order by id`,
      );
      return found.map(({ phase }) => phase);
    };
    const ofMerge = {
      user: 'octocat',
      user_id: PROFILE,
      pull_request_number: '1',
      commit_sha: HEAD,
      reason: 'merged while the gate was fail',
      github_rule_suite_id: '71',
    };
    const ofPush = { ...ofMerge, commit_sha: MERGE_COMMIT, reason: 'pushed to main past the rules' };

    it('get the row that the merge has left, with the actor', async () => {
      await recordVerdict('fail');
      await merge(listed);
      expect(await record()).toBe(1);
      expect(await rows()).toEqual([ofMerge]);
    });

    it.each([
      ['the merge first', true],
      ['the rule suite first', false],
    ])('are one row whoever tells it, %s', async (_, mergeFirst) => {
      await recordVerdict('fail');
      if (mergeFirst) await merge();
      expect(await record()).toBe(1);
      await merge();
      await merge(listed);
      expect(await record()).toBe(0);
      expect(await rows()).toEqual([mergeFirst ? ofMerge : ofPush]);
      expect((await phases()).filter((phase) => phase === 'MERGED')).toHaveLength(1);
    });

    it('get their name from the merge when the push had none', async () => {
      await recordVerdict('fail');
      await record([suite({ actor: null })]);
      expect(await rows()).toMatchObject([{ user: 'unknown', pull_request_number: null }]);
      await merge();
      expect(await rows()).toEqual([ofPush]);
    });

    it('are rows of their own for a push that belongs to no pull request', async () => {
      await recordVerdict('fail');
      expect(await record([suite(), suite({ id: 72, after_sha: 'c'.repeat(40), actor: 'hubot' })], [71, 72])).toBe(2);
      expect(await rows()).toMatchObject([
        { ...ofPush, pull_request_number: null },
        {
          user: 'hubot',
          user_id: null,
          pull_request_number: null,
          commit_sha: 'c'.repeat(40),
          github_rule_suite_id: '72',
        },
      ]);
      expect(await phases()).not.toContain('OVERRIDDEN');
    });

    it('are told of as OVERRIDDEN where the commit was judged', async () => {
      await recordVerdict('fail');
      await record([suite({ after_sha: HEAD })]);
      expect(await rows()).toMatchObject([{ commit_sha: HEAD, github_rule_suite_id: '71' }]);
      expect((await phases()).filter((phase) => phase === 'OVERRIDDEN')).toHaveLength(1);
    });

    it('are recorded of a merge that was never judged, and the first verdict after that adds none', async () => {
      await tell(brain, { pull_requests: [pullRequestFact({ number: 2, head_sha: 'd'.repeat(40) })] });
      await recordVerdict('pass');
      await merge({ number: 2, head_sha: 'd'.repeat(40) });
      expect(await record()).toBe(1);
      await recordVerdict('fail', { pull_request_number: 2, commit_sha: 'd'.repeat(40) });
      expect(await rows()).toEqual([{ ...ofPush, pull_request_number: '2' }]);
    });

    it('are none where the gate had passed: another check was bypassed', async () => {
      await recordVerdict('pass');
      await merge();
      expect(await record()).toBe(0);
      await recordVerdict('fail');
      expect(await record()).toBe(0);
      expect(await rows()).toEqual([]);
    });

    it('are none for a push of a commit on which the gate had passed', async () => {
      await recordVerdict('pass');
      expect(await record([suite({ after_sha: HEAD })])).toBe(0);
      expect(await rows()).toEqual([]);
    });

    it('are none of before there was a gate', async () => {
      expect(await record()).toBe(0);
      await recordVerdict('fail');
      expect(await record([suite({ pushed_at: LONG_AGO })])).toBe(0);
      expect(await rows()).toEqual([]);
    });

    it('are remembered as looked at, recorded or not', async () => {
      await record([], [71, 72]);
      expect(await brain.call('read_bypass_subject', { repository_id: REPOSITORY })).toEqual({
        installation_id: 700,
        owner: 'octo-org',
        name: 'web-shop',
        looked_at: [71, 72],
      });
    });

    it('are refused with fields that nobody knows, and for a repository that nobody knows', async () => {
      expect(await refusalOf(record([suite({ colour: 'red' })]))).toMatchObject(refused('CR002', 'colour'));
      const unknown = { repository_id: 1, suites: [], looked_at: [] };
      expect(await refusalOf(brain.call('record_bypasses', unknown))).toMatchObject(refused('CR004', '1'));
    });
  });

  describe('are asked of GitHub', () => {
    const now = () => new Date().toISOString();
    const looks = () =>
      brain.sql(
        `select input, run_after between now() + interval '29 seconds' and now() + interval '91 seconds' as soon
         from codered.follow_ups where is_scheduled and kind = 'bypasses'`,
      );
    const once = [{ input: expect.stringContaining(`"repository_id": ${REPOSITORY}`), soon: 't' }];
    const permit = (...names: string[]) => {
      const permissions = Object.fromEntries(names.map((name) => [name, 'read']));
      return tell(brain, { installations: [installationFact({ permissions, source_updated_at: minute(2) })] });
    };
    const push = (found: object = {}) =>
      tell(brain, {
        commits: [commitFact({ sha: MERGE_COMMIT, ref: 'refs/heads/main', pushed_at: now(), ...found })],
      });
    /** A minute may end between two that are told. */
    const untilMinuteIsYoung = async () => {
      const left = 60 - new Date().getSeconds();
      if (left < 5) await new Promise((resolve) => setTimeout(resolve, left * 1000));
    };

    it('once when a merge and its push are told, and not again when they are told again', async () => {
      await recordVerdict('fail');
      await permit('administration');
      await untilMinuteIsYoung();
      await merge({ merged_at: now() });
      await push();
      await merge({ merged_at: now() });
      expect(await looks()).toEqual(once);
    }, 600_000);

    it('when a commit is pushed to the default branch that is no merge that we know of', async () => {
      await recordVerdict('fail');
      await permit('administration');
      await push();
      expect(await looks()).toEqual(once);
    });

    it.each([
      ['a push to another branch', { ref: 'refs/heads/release' }],
      ['an old push', { pushed_at: LONG_AGO }],
    ])('not for %s', async (_, found) => {
      await recordVerdict('fail');
      await permit('administration');
      await push(found);
      expect(await looks()).toEqual([]);
    });

    it('not for the push of a merge that is known', async () => {
      await recordVerdict('fail');
      await permit('administration');
      await merge({ merged_at: LONG_AGO });
      await push();
      expect(await looks()).toEqual([]);
    });

    it('not where the App may not ask', async () => {
      await recordVerdict('fail');
      await permit('checks');
      await push();
      expect(await looks()).toEqual([]);
    });

    it('not where there is no gate', async () => {
      await permit('administration');
      await push();
      await merge({ merged_at: now() });
      expect(await looks()).toEqual([]);
    });

    it('by the app’s own workers', async () => {
      await recordVerdict('fail');
      await permit('administration');
      await push();
      await brain.script("update codered.follow_ups set run_after = now() where is_scheduled and kind = 'bypasses'");
      const claimed = await brain.call('claim_follow_ups', { worker: 'w', batch: 10, lease_seconds: 60 });
      expect(claimed.map(({ input }) => input)).toContainEqual({ kind: 'bypasses', repository_id: REPOSITORY });
    });
  });
});
