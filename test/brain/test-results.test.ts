// What reports say of tests: counted by the day, and single rows of what failed, flaked or changed.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { forgetEverything, jobFact, minute, pullRequestFact, REPOSITORY, runFact, tell } from '../support/fact-rows.ts';

type Status = 'passed' | 'failed' | 'errored' | 'skipped' | 'flaky';

describe.each(testBackends)('test results (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());
  beforeEach(async () => {
    await forgetEverything(brain);
    await brain.script('delete from codered.tests');
    await tell(brain, { pull_requests: [pullRequestFact()] });
    for (const run_attempt of [1, 2]) await attempt(run_attempt);
  });

  const attempt = (run_attempt: number, of: Partial<Parameters<typeof runFact>[0]> = {}) => {
    const from = run_attempt * 100;
    return tell(brain, {
      ci_events: [
        runFact({
          run_attempt,
          status: 'succeeded',
          conclusion: 'success',
          start_time: minute(from),
          source_updated_at: minute(from + 30),
          ...of,
        }),
      ],
      ci_jobs: [
        jobFact({
          run_attempt,
          job_id: run_attempt * 1000,
          name: 'test',
          status: 'succeeded',
          conclusion: 'success',
          started_at: minute(from + 1),
          completed_at: minute(from + 20),
          source_updated_at: minute(from + 20),
          ...(of.run_id === undefined ? {} : { run_id: of.run_id }),
        }),
      ],
    });
  };
  const record = async (
    run_attempt: number,
    artifact: { id: number; made?: number; ref?: string },
    cases: Readonly<Record<string, Status>>,
  ) => {
    const [event] = await brain.sql('select id from codered.ci_events where run_attempt = $1', [String(run_attempt)]);
    const at = { repository_id: REPOSITORY, ci_event_id: event?.id ?? '' };
    const { id: github_artifact_id, made = run_attempt * 100 + 10, ref = 'sha256:1' } = artifact;
    const row = {
      github_artifact_id,
      kind: 'junit',
      name: 'report',
      url: null,
      ref,
      content: '{"reports":[]}',
      summary: '',
    };
    await brain.call('record_evidence', { ...at, artifacts: [{ ...row, made_at: minute(made) }] });
    const found = Object.entries(cases).map(([name, status]) => {
      const isFlaky = status === 'flaky';
      return ['suite', name, null, isFlaky ? 'passed' : status, 1500, status === 'failed' ? 'no' : null, isFlaky];
    });
    return brain.call('record_test_results', {
      ...at,
      artifacts: [{ github_artifact_id, name: 'report', ref, omitted: 0, cases: found }],
    });
  };
  const days = () =>
    brain.sql(`
      select t.name, sum(d.passed) as passed, sum(d.failed) as failed, sum(d.flaky) as flaky, sum(d.skipped) as skipped, sum(d.seconds) as seconds
      from codered.test_day_counts d join codered.tests t on t.id = d.test_id group by t.name order by t.name`);
  const results = () =>
    brain.sql(
      'select name, status, is_flaky, run_attempt from codered.test_results order by name, run_attempt, status',
    );
  const flaky = () => brain.sql('select suite, name, commits, runs, failures from codered.flaky_tests order by name');

  it('are seen last on the day on which they were told of, each by itself', async () => {
    await record(1, { id: 1 }, { a: 'passed', b: 'passed' });
    await brain.script("update codered.tests set last_seen_on = '2020-01-01'");
    await record(2, { id: 2, ref: 'sha256:2' }, { a: 'passed' });
    expect(
      await brain.sql(
        "select name, last_seen_on = (now() at time zone 'utc')::date as today, last_seen_on = '2020-01-01' as before from codered.tests order by name",
      ),
    ).toEqual([
      { name: 'a', today: 't', before: 'f' },
      { name: 'b', today: 'f', before: 't' },
    ]);
  });

  it('count what passes by the day, and keep a row of what fails only', async () => {
    expect(await record(1, { id: 1 }, { a: 'passed', b: 'failed', c: 'skipped', d: 'flaky', e: 'errored' })).toBe(5);
    expect(await days()).toEqual([
      { name: 'a', passed: '1', failed: '0', flaky: '0', skipped: '0', seconds: '1.5' },
      { name: 'b', passed: '0', failed: '1', flaky: '0', skipped: '0', seconds: '1.5' },
      { name: 'c', passed: '0', failed: '0', flaky: '0', skipped: '1', seconds: '1.5' },
      { name: 'd', passed: '0', failed: '0', flaky: '1', skipped: '0', seconds: '1.5' },
      { name: 'e', passed: '0', failed: '1', flaky: '0', skipped: '0', seconds: '1.5' },
    ]);
    expect(await results()).toEqual([
      { name: 'b', status: 'failed', is_flaky: 'f', run_attempt: '1' },
      { name: 'd', status: 'passed', is_flaky: 't', run_attempt: '1' },
      { name: 'e', status: 'errored', is_flaky: 'f', run_attempt: '1' },
    ]);
    expect(await flaky()).toEqual([{ suite: 'suite', name: 'd', commits: '1', runs: '1', failures: '1' }]);
  });

  it('are counted once, however often their artifact is read', async () => {
    await record(1, { id: 1 }, { a: 'passed', b: 'failed' });
    const before = [await days(), await results()];
    expect(await record(1, { id: 1 }, { a: 'passed', b: 'failed' })).toBe(0);
    // GitHub lists the artifacts of all attempts again after the second.
    expect(await record(2, { id: 1, made: 110 }, { a: 'passed', b: 'failed' })).toBe(0);
    expect([await days(), await results()]).toEqual(before);
  });

  it('of an artifact that was replaced are taken back', async () => {
    await record(1, { id: 1 }, { a: 'passed', b: 'failed', c: 'skipped', d: 'flaky' });
    await record(1, { id: 1, ref: 'sha256:2' }, { a: 'failed', b: 'passed' });
    expect(await days()).toMatchObject([
      { name: 'a', passed: '0', failed: '1' },
      { name: 'b', passed: '1', failed: '0' },
      { name: 'c', skipped: '0' },
      { name: 'd', flaky: '0', passed: '0' },
    ]);
    expect(await results()).toMatchObject([
      { name: 'a', status: 'failed' },
      { name: 'b', status: 'passed' },
    ]);
  });

  it.each([
    ['fails and then passes', 'failed', 'passed'],
    ['passes and then fails', 'passed', 'failed'],
  ] as const)('show a test as flaky that %s on one commit', async (_, first, second) => {
    await record(1, { id: 1 }, { a: first, b: 'passed' });
    expect(await flaky()).toEqual([]);
    await record(2, { id: 2 }, { a: second, b: 'passed' });
    expect(await flaky()).toEqual([{ suite: 'suite', name: 'a', commits: '1', runs: '2', failures: '1' }]);
    expect(await results()).toMatchObject([
      { name: 'a', run_attempt: '1', status: first },
      { name: 'a', run_attempt: '2', status: second },
    ]);
  });

  it('belong to the attempt in whose time the artifact was made, and count for nothing when that is not known', async () => {
    await record(2, { id: 1, made: 110 }, { a: 'failed' });
    expect(await results()).toMatchObject([{ run_attempt: '1' }]);
    await brain.sql('update codered.artifacts set made_at = null');
    await brain.script('delete from codered.test_reports');
    const [event] = await brain.sql('select id from codered.ci_events where run_attempt = 2');
    const artifacts = [
      {
        github_artifact_id: 1,
        name: 'report',
        ref: null,
        omitted: 0,
        cases: [['s', 'z', null, 'failed', null, null, false]],
      },
    ];
    const asked = { repository_id: REPOSITORY, ci_event_id: event?.id ?? '', artifacts };
    expect(await brain.call('record_test_results', asked)).toBe(0);
    const found = await brain.sql('select not_counted, cases, omitted from codered.test_reports');
    expect(found).toEqual([{ not_counted: 'when it was made is not known', cases: '0', omitted: '1' }]);
  });

  it('of a fork count for tests that are known, make none, and prove no flake', async () => {
    await record(1, { id: 1 }, { a: 'passed' });
    await brain.script('update codered.ci_events set head_repository_id = 4711');
    expect(await record(2, { id: 2 }, { a: 'failed', 'made up': 'passed' })).toBe(1);
    expect(await brain.sql('select name from codered.tests')).toEqual([{ name: 'a' }]);
    expect(await brain.sql('select from_fork, cases, omitted from codered.test_reports order by id')).toEqual([
      { from_fork: 'f', cases: '1', omitted: '0' },
      { from_fork: 't', cases: '1', omitted: '1' },
    ]);
    expect(await flaky()).toEqual([]);
  });

  it('tell where a test stands, by the newest run', async () => {
    const states = () =>
      brain.sql(
        'select t.name, s.on_default_branch, s.last_status, s.first_passed_at is not null as has_passed from codered.test_states s join codered.tests t on t.id = s.test_id order by t.name',
      );
    await record(2, { id: 2 }, { a: 'failed', b: 'skipped' });
    await record(1, { id: 1 }, { a: 'passed', b: 'passed' });
    expect(await states()).toEqual([
      { name: 'a', on_default_branch: 'f', last_status: 'failed', has_passed: 't' },
      { name: 'b', on_default_branch: 'f', last_status: 'skipped', has_passed: 't' },
    ]);
  });

  it('move to the days that are over once a day is', async () => {
    await record(1, { id: 1 }, { a: 'passed' });
    await record(2, { id: 2 }, { a: 'passed' });
    const [there] = await brain.sql(
      'select (select count(*) from codered.test_days) as over, (select count(*) from codered.test_today) as open',
    );
    expect(there).toEqual({ over: '1', open: '1' });
    expect(await days()).toMatchObject([{ name: 'a', passed: '2' }]);
  });

  it('beyond 100,000 tests of a repository are said to be left out', { tags: ['slow'] }, async () => {
    await brain.sql(
      `insert into codered.tests (repository_id, number, key, suite, name)
      select $1, n, md5(n::text)::uuid, 's', 'old ' || n from generate_series(1, 99999) as n`,
      [String(REPOSITORY)],
    );
    expect(await record(1, { id: 1 }, { a: 'passed', b: 'passed', c: 'passed' })).toBe(1);
    expect(await brain.sql('select cases, omitted from codered.test_reports')).toEqual([{ cases: '1', omitted: '2' }]);
    await brain.script(`update codered.tests set last_seen_on = current_date - 40 where name like 'old %'`);
    expect(await record(2, { id: 2 }, { a: 'passed', b: 'passed', c: 'passed' })).toBe(3);
  });
});
