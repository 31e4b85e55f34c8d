// The states of tests: each turned on and off by what reports say, and by none of a fork's.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { forgetEverything, HEAD, pullRequestFact, REPOSITORY, runFact, tell } from '../support/fact-rows.ts';

type Status = 'passed' | 'failed' | 'skipped' | 'flaky';

interface Told {
  readonly run?: number;
  readonly attempt?: number;
  readonly sha?: string;
  readonly daysAgo?: number;
  /** Where the branch is not the default one. */
  readonly branch?: string;
  readonly fork?: boolean;
  readonly artifact?: string;
}

const shaOf = (number: number): string => number.toString(16).padStart(40, 'b');

describe.each(testBackends)('the states of tests (%s)', (backend) => {
  let brain: TestBrain;
  let artifacts = 0;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());
  beforeEach(async () => {
    await forgetEverything(brain);
    await brain.script('delete from codered.tests');
    await tell(brain, { pull_requests: [pullRequestFact()] });
  });

  /** A run on the default branch, unless a branch is named, whose one artifact says this. */
  const report = async (cases: Readonly<Record<string, Status>>, of: Told = {}) => {
    const { run = 1, attempt: run_attempt = 1, sha = shaOf(run), daysAgo = 0, branch, fork = false } = of;
    const at = (minutes: number) =>
      new Date(Date.now() - daysAgo * 86_400_000 - (900 - run * 10 - run_attempt - minutes) * 1_000).toISOString();
    await tell(brain, {
      ci_events: [
        runFact({
          run_id: String(run),
          run_attempt,
          commit_sha: sha,
          branch: branch ?? 'main',
          trigger: branch === undefined ? 'push' : 'pull_request',
          head_repository_id: fork ? 4711 : REPOSITORY,
          start_time: at(0),
          source_updated_at: at(1),
        }),
      ],
    });
    const [event] = await brain.sql('select id from codered.ci_events where run_id = $1 and run_attempt = $2', [
      String(run),
      String(run_attempt),
    ]);
    const place = { repository_id: REPOSITORY, ci_event_id: event?.id ?? '' };
    const name = of.artifact ?? 'report';
    const row = { github_artifact_id: ++artifacts, kind: 'junit', name, url: null, ref: null, content: '{}' };
    await brain.call('record_evidence', { ...place, artifacts: [{ ...row, summary: '', made_at: at(1) }] });
    const found = Object.entries(cases).map(([title, status]) => {
      const isFlaky = status === 'flaky';
      return ['suite', title, 'a.test.ts', isFlaky ? 'passed' : status, 1, null, isFlaky];
    });
    await brain.call('record_test_results', {
      ...place,
      artifacts: [{ github_artifact_id: artifacts, name, ref: null, omitted: 0, cases: found }],
    });
  };
  /** So many results of a test on a day, that nobody has to report one by one. */
  const ran = (passed: number, daysAgo = 0, isDefault = true) =>
    brain.sql(
      `insert into codered.test_days as d (test_id, day, on_default_branch, passed)
      select id, (now() at time zone 'utc')::date - $1::integer, $2, $3 from codered.tests
      on conflict (test_id, day, on_default_branch) do update set passed = d.passed + excluded.passed`,
      [String(daysAgo), String(isDefault), String(passed)],
    );
  const histories = () =>
    brain.sql(
      `select h.*, h.since_sha as sha from codered.tests t
      cross join lateral codered.test_histories(t.repository_id, array[t.id]) h order by t.name`,
    );
  const state = async () => (await histories())[0]?.state;
  const nextDay = () => brain.call('turn_quiet_tests', { after_test: 0, batch: 100 });
  const mixed = async (run: number, of: Told = {}) => {
    await report({ a: 'failed' }, { run, ...of });
    await report({ a: 'passed' }, { run, attempt: 2, ...of });
  };

  it('are new until a test passes on the default branch, wherever else it did', async () => {
    await report({ a: 'passed' }, { run: 1, branch: 'one' });
    expect(await state()).toBe('new');
    for (const run of [2, 3, 4]) await report({ a: 'failed' }, { run });
    expect(await state()).toBe('new');
    await report({ a: 'passed' }, { run: 5 });
    expect(await histories()).toMatchObject([
      { state: 'unknown', first_seen_sha: shaOf(1), runs: '4', failed: '3', since_sha: null },
    ]);
  });

  it('are broken when a test failed in three runs in a row, which says since when, until it passes', async () => {
    await report({ a: 'passed' }, { run: 1 });
    for (const run of [2, 3]) await report({ a: 'failed' }, { run });
    expect(await state()).toBe('unknown');
    await report({ a: 'failed' }, { run: 4 });
    expect(await histories()).toMatchObject([
      { state: 'broken', since_sha: shaOf(2), since_run: '2', failed: '3', runs: '4' },
    ]);
    expect(await brain.sql('select state_evidence from codered.test_states')).toEqual([
      { state_evidence: expect.stringContaining(`"failed_in_a_row": 3`) },
    ]);
    await report({ a: 'passed' }, { run: 5 });
    expect(await histories()).toMatchObject([{ state: 'unknown', since_sha: null, failing_since: null }]);
  });

  it('are not broken by attempts of one run, nor by one pull request', async () => {
    await report({ a: 'passed' }, { run: 1 });
    for (const attempt of [1, 2, 3]) await report({ a: 'failed' }, { run: 2, attempt });
    for (const run of [3, 4, 5]) await report({ a: 'failed' }, { run, branch: 'one' });
    expect(await brain.sql('select state from codered.test_states')).toEqual([
      { state: 'unknown' },
      { state: 'unknown' },
    ]);
  });

  it('are flaky when two commits had mixed results that are a percent of a hundred', async () => {
    await report({ a: 'passed' }, { run: 1 });
    await ran(195);
    await mixed(2);
    expect(await state()).toBe('unknown');
    await mixed(3);
    expect(await histories()).toMatchObject([
      { state: 'flaky', base_flakes: '2', base_mixed: 't', window_days: '7', runs: '200', failed: '2' },
    ]);
  });

  it('are not flaky below a percent, nor below a hundred results', async () => {
    await report({ a: 'passed' }, { run: 1 });
    await mixed(2);
    await mixed(3);
    expect(await state()).toBe('unknown');
    await ran(500);
    await nextDay();
    expect(await state()).toBe('unknown');
  });

  it('look at two weeks where one has not a hundred results', async () => {
    await report({ a: 'passed' }, { run: 1, daysAgo: 10 });
    await ran(120, 9);
    await mixed(2, { daysAgo: 9 });
    await mixed(3, { daysAgo: 8 });
    expect(await histories()).toMatchObject([{ state: 'flaky', window_days: '14' }]);
    await ran(120, 1);
    await nextDay();
    expect(await state()).toBe('flaky');
  });

  it('do not take two jobs that differ, two runs of a pull request, or a pull request twice for a flake', async () => {
    await report({ a: 'passed' }, { run: 1 });
    await ran(150);
    await ran(150, 0, false);
    for (const run of [2, 3]) {
      await report({ a: 'failed' }, { run, artifact: 'windows' });
      await report({ a: 'passed' }, { run, artifact: 'ubuntu' });
    }
    // The base may have moved between the two.
    await report({ a: 'failed' }, { run: 4, branch: 'one', sha: HEAD });
    await report({ a: 'passed' }, { run: 5, branch: 'one', sha: HEAD });
    await mixed(6, { branch: 'two' });
    await mixed(7, { branch: 'two' });
    expect(await histories()).toMatchObject([{ state: 'unknown', base_flakes: '0' }]);
    await mixed(8, { branch: 'three' });
    expect(await histories()).toMatchObject([{ state: 'flaky', base_flakes: '0', base_mixed: 'f' }]);
  });

  it('say broken before flaky, and new before both', async () => {
    await report({ a: 'passed' }, { run: 1 });
    await ran(150);
    await mixed(2);
    await mixed(3);
    expect(await state()).toBe('flaky');
    for (const run of [4, 5, 6]) await report({ a: 'failed' }, { run });
    expect(await state()).toBe('broken');
    await brain.script('update codered.test_states set first_passed_at = null');
    expect(await state()).toBe('new');
  });

  it('are moved by nothing that a fork says, which counts for no day either', async () => {
    await report({ a: 'passed' }, { run: 1 });
    await ran(100, 0, false);
    await report({ a: 'passed' }, { run: 2, branch: 'own' });
    const before = [await histories(), await brain.sql('select * from codered.test_states order by on_default_branch')];
    for (const run of [3, 4, 5, 6]) {
      await mixed(run, { branch: `fork-${run}`, fork: true });
      await report({ a: 'flaky' }, { run: run + 10, branch: `fork-${run}`, fork: true });
      // A fork's default branch is called like ours.
      await report({ a: 'failed' }, { run: run + 20, branch: 'main', fork: true });
    }
    await nextDay();
    const after = [await histories(), await brain.sql('select * from codered.test_states order by on_default_branch')];
    expect(after).toEqual(before);
  });

  it('are healthy after seven quiet days with runs, unknown once a test fails, and once it does not run', async () => {
    await report({ a: 'passed' }, { run: 1 });
    for (const daysAgo of [1, 2, 3, 6, 7]) await ran(1, daysAgo);
    await nextDay();
    expect(await state()).toBe('unknown');
    await ran(1, 8);
    await nextDay();
    expect(await state()).toBe('healthy');
    await report({ a: 'failed' }, { run: 2 });
    expect(await state()).toBe('unknown');
    await brain.script(
      "delete from codered.test_days; delete from codered.test_today; delete from codered.test_results; update codered.test_states set state = 'flaky'",
    );
    await nextDay();
    expect(await state()).toBe('unknown');
  });

  it('are judged in batches, and of another repository’s tests nothing is told', async () => {
    await report({ a: 'passed', b: 'passed', c: 'passed' }, { run: 1 });
    const ids = (await brain.sql('select id from codered.tests order by id')).map(({ id }) => Number(id));
    expect(await brain.call('turn_quiet_tests', { after_test: 0, batch: 2 })).toBe(ids[1]);
    expect(await brain.call('turn_quiet_tests', { after_test: ids[1] ?? 0, batch: 2 })).toBe(ids[2]);
    expect(await brain.call('turn_quiet_tests', { after_test: ids[2] ?? 0, batch: 2 })).toBeNull();
    expect(await brain.sql('select * from codered.test_histories($1, $2)', ['1', `{${ids}}`])).toEqual([]);
  });
});
