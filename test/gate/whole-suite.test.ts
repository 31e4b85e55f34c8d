// A part of a suite that died before it could report is missed: by what reports say, by the artifacts' names, by the jobs.
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/gate/evaluate.ts';
import type { EvidenceModel, Measured } from '../../src/gate/model/evidence-model.ts';
import type { Criterion } from '../../src/policy/schema/criteria.ts';
import {
  artifact,
  commit,
  coverage,
  criterion,
  FAILED,
  file,
  job,
  NOW,
  RUNNING,
  run,
  tests,
} from './evidence-cases.ts';

const CANCELLED = { status: 'canceled', conclusion: 'cancelled' } as const;
const SKIPPED = { status: 'canceled', conclusion: 'skipped' } as const;
const TIMED_OUT = { status: 'failed', conclusion: 'timed_out' } as const;

function verdictFor(one: Criterion, model: EvidenceModel, now = NOW) {
  const [verdict] = evaluate(model, { criteria: [one], deadline_minutes: 60, now }).criteria;
  if (verdict === undefined) throw new Error('no verdict');
  return verdict;
}

function shard(current: number, total: number, failed = 0): Measured {
  return { ...tests(5, failed), shard: { current, total } } as Measured;
}

const e2e = criterion('e2e_pass', { source: { artifact: 'report' } });
const shards = (...numbers: number[]) => numbers.map((number) => artifact(`report-${number}`, [shard(number, 4)]));
const covers = (name: string) => artifact(name, [coverage(file(name, 9, 10))]);
const score = (name: string) => artifact(name, [{ kind: 'lighthouse', scores: { performance: 99 } }]);

describe('shards that say which they are', () => {
  it('make a whole suite together, in any order, by name or named', () => {
    for (const one of [e2e, criterion('e2e_pass')])
      for (const reports of [shards(1, 2, 3, 4), shards(4, 2, 1, 3)])
        expect(verdictFor(one, commit({ reports }))).toMatchObject({ state: 'pass', reason: '20 passed' });
  });

  it.each([
    [[1, 3, 4], 'shard 2 of 4 has not reported'],
    [[4], 'shards 1, 2, 3 of 4 have not reported'],
    [[1, 1, 3, 4], 'shard 2 of 4 has not reported'],
  ])('are missing where there are only %j', (numbers, said) => {
    expect(verdictFor(e2e, commit({ reports: shards(...numbers) }))).toMatchObject({
      state: 'missing',
      reason: `a part of the suite is missing: ${said}`,
      fail_codes: ['EVIDENCE_MISSING'],
    });
  });

  it('are waited for while any run may bring them, and have failed where one has', () => {
    const reports = shards(1, 3, 4);
    const runs = [run(), run({ run_id: '2', workflow: 'more.yml', is_over: false })];
    expect(verdictFor(e2e, commit({ reports, runs })).state).toBe('pending');
    const failing = [...reports, artifact('report-5', [shard(1, 4, 2)])];
    expect(verdictFor(e2e, commit({ reports: failing }))).toMatchObject({
      state: 'fail',
      fail_codes: ['TESTS_FAILED'],
    });
  });

  it('of two browsers are two suites, whatever else their names hold', () => {
    const of = (browser: string, ...numbers: number[]) =>
      numbers.map((number) => artifact(`report-${browser}-${number}-attempt-1`, [shard(number, 2)]));
    const whole = [...of('chromium', 1, 2), ...of('firefox', 1, 2)];
    expect(verdictFor(e2e, commit({ reports: whole })).state).toBe('pass');
    expect(verdictFor(e2e, commit({ reports: [...of('chromium', 1), ...of('firefox', 1, 2)] })).state).toBe('missing');
    expect(verdictFor(e2e, commit({ reports: [...of('chromium', 1), ...of('firefox', 2)] })).state).toBe('missing');
  });

  it('are told apart where names count from nought, count nothing, or several stand in one artifact', () => {
    const from = (names: string[], numbers: number[]) =>
      names.map((name, index) => artifact(name, [shard(numbers[index] ?? 0, 3)]));
    expect(verdictFor(e2e, commit({ reports: from(['report-0', 'report-1', 'report-2'], [1, 2, 3]) })).state).toBe(
      'pass',
    );
    expect(verdictFor(e2e, commit({ reports: from(['report-0', 'report-2'], [1, 3]) })).state).toBe('missing');
    expect(verdictFor(e2e, commit({ reports: from(['report-a1', 'report-b7', 'report-c9'], [2, 1, 3]) })).state).toBe(
      'pass',
    );
    expect(verdictFor(e2e, commit({ reports: from(['report-a1', 'report-c9'], [2, 3]) })).state).toBe('missing');
    const merged = (...numbers: number[]) => [
      artifact(
        'report-all',
        numbers.map((number) => shard(number, 3)),
      ),
    ];
    expect(verdictFor(e2e, commit({ reports: merged(1, 2, 3) })).state).toBe('pass');
    expect(verdictFor(e2e, commit({ reports: merged(1, 3) })).state).toBe('missing');
  });

  it('of two workflows make one suite, but none stands in for another workflow’s own', () => {
    const of = (workflow: string, ...numbers: number[]) =>
      numbers.map((number) => artifact(`report-${number}`, [shard(number, 2)], { workflow, run_id: workflow }));
    const runs = [run({ run_id: 'a', workflow: 'a' }), run({ run_id: 'b', workflow: 'b' })];
    const state = (reports: EvidenceModel['reports']) => verdictFor(e2e, commit({ reports, runs })).state;
    expect(state([...of('a', 1), ...of('b', 2)])).toBe('pass');
    expect(state([...of('a', 1, 2), ...of('b', 1, 2)])).toBe('pass');
    expect(state([...of('a', 1), ...of('b', 1, 2)])).toBe('missing');
  });
});

describe('artifacts that are named for their part', () => {
  it.each([
    ['e2e_pass', (name: string) => artifact(name, [tests(3)])],
    ['coverage_min', covers],
    ['lighthouse_min', score],
  ] as const)('of %s have to be all there', (key, report) => {
    for (const name of [
      (n: number) => `playwright-report-${n}-of-4`,
      (n: number) => `shard-${n}-4`,
      (n: number) => `lhci-${n}-4`,
    ]) {
      const all = [1, 2, 3, 4].map((number) => report(name(number)));
      expect(verdictFor(criterion(key), commit({ reports: all })).state).toBe('pass');
      for (const gone of [0, 1, 3]) {
        const verdict = verdictFor(criterion(key), commit({ reports: all.filter((_, index) => index !== gone) }));
        expect(verdict).toMatchObject({ state: 'missing', fail_codes: ['EVIDENCE_MISSING'], measured: null });
        expect(verdict.reason).toBe(`a part of the suite is missing: shard ${gone + 1} of 4 has not reported`);
      }
    }
  });

  it('may carry other numbers', () => {
    for (const names of [
      ['coverage-node-20', 'coverage-node-22'],
      ['coverage-3.9', 'coverage-3.12'],
      ['coverage-2026-11-30'],
      ['coverage-1'],
    ])
      expect(verdictFor(criterion('coverage_min'), commit({ reports: names.map(covers) })).state).toBe('pass');
  });
});

describe('a job of the matrix that did not end well and left no report', () => {
  const jobs = (end: Partial<Parameters<typeof job>[1]>, name = (n: number) => `test (${n}, 4)`) =>
    [1, 2, 3, 4].map((number) => job(name(number), number === 2 ? end : {}));

  it.each([
    ['failed', FAILED],
    ['was cancelled', CANCELLED],
    ['was skipped', SKIPPED],
    ['ran out of time', TIMED_OUT],
  ])('is told: it %s', (said, end) => {
    const reports = [1, 3, 4].map((number) => artifact(`report-${number}`, [tests(3)]));
    expect(verdictFor(e2e, commit({ reports, signals: jobs(end) }))).toMatchObject({
      state: 'missing',
      reason: `a part of the suite is missing: job test (2, 4) ${said} and left no report`,
      fail_codes: ['EVIDENCE_MISSING'],
    });
  });

  it.each([
    ['coverage_min', covers],
    ['coverage_diff_min', covers],
    ['lighthouse_min', score],
  ] as const)('holds %s as well, which is no figure then', (key, report) => {
    const reports = [1, 3, 4].map((number) => report(`coverage-${number}`));
    const verdict = verdictFor(
      criterion(key),
      commit({ reports, signals: jobs(FAILED), changed_lines: { 'coverage-1': [1] } }),
    );
    expect(verdict).toMatchObject({ state: 'missing', measured: null });
  });

  it('is waited for while the run is under way', () => {
    const reports = [1, 3, 4].map((number) => artifact(`report-${number}`, [tests(3)]));
    const runs = [run({ is_over: false })];
    expect(verdictFor(e2e, commit({ reports, runs, signals: jobs(RUNNING) })).state).toBe('pending');
  });

  it.each([
    ['e2e (shard 2/4)', (n: number) => `e2e (shard ${n}/4)`, (n: number) => `report-${n}`],
    ['E2E 2/4', (n: number) => `E2E ${n}/4`, (n: number) => `report-${n}`],
    ['ci / e2e (2)', (n: number) => `ci / e2e (${n})`, (n: number) => `report-shard${n}`],
    ['e2e-2', (n: number) => `e2e-${n}`, (n: number) => `report-e2e-${n}`],
    ['job-index', (n: number) => `test (${n}, 4)`, (n: number) => `report-${n - 1}`],
  ])('is found by %s', (_, name, report) => {
    const reports = [1, 3, 4].map((number) => artifact(report(number), [tests(3)]));
    expect(verdictFor(e2e, commit({ reports, signals: jobs(CANCELLED, name) })).state).toBe('missing');
    const all = [1, 2, 3, 4].map((number) => artifact(report(number), [tests(3)]));
    expect(verdictFor(e2e, commit({ reports: all, signals: jobs({}, name) })).state).toBe('pass');
  });

  it('is found by a browser, a version and a system', () => {
    for (const [one, other] of [
      ['chromium', 'firefox'],
      ['18', '20'],
      ['ubuntu-latest', 'windows-latest'],
    ]) {
      const signals = [job(`e2e (${one}, 1)`), job(`e2e (${other}, 1)`, FAILED)];
      const reports = [artifact(`report-${one}`, [tests(3)])];
      expect(verdictFor(e2e, commit({ reports, signals })).state).toBe('missing');
      expect(
        verdictFor(e2e, commit({ reports: [...reports, artifact(`report-${other}`, [tests(3)])], signals })).state,
      ).toBe('pass');
    }
  });

  it('counts as its own failures where it has left a report', () => {
    const reports = [1, 2, 3, 4].map((number) => artifact(`report-${number}`, [tests(3, number === 2 ? 1 : 0)]));
    expect(verdictFor(e2e, commit({ reports, signals: jobs(FAILED) }))).toMatchObject({
      state: 'fail',
      reason: '1 failed, 12 passed',
    });
  });

  it('is none of the suite’s where another matrix, another workflow or a single job is', () => {
    const reports = [1, 2].map((number) => artifact(`e2e-report-${number}`, [tests(3)]));
    const own = [job('e2e (1)'), job('e2e (2)')];
    const state = (...others: ReturnType<typeof job>[]) =>
      verdictFor(
        criterion('e2e_pass', { source: { artifact: 'e2e-report' } }),
        commit({ reports, signals: [...own, ...others] }),
      ).state;
    expect(state(job('unit (1)'), job('unit (2)'), job('unit (3)', FAILED))).toBe('pass');
    expect(state(job('unit (18)'), job('unit (20)', FAILED))).toBe('pass');
    expect(state(job('e2e (1)', { origin: 'b.yml' }), job('e2e (3)', { origin: 'b.yml', ...FAILED }))).toBe('pass');
    expect(state(job('build', FAILED))).toBe('pass');
  });

  it('holds end-to-end tests whose reports were put into one', () => {
    const signals = [job('e2e (1, 2)'), job('e2e (2, 2)', CANCELLED), job('merge-reports')];
    expect(verdictFor(e2e, commit({ reports: [artifact('report', [tests(3)])], signals })).state).toBe('missing');
    const good = [job('e2e (1, 2)'), job('e2e (2, 2)'), job('merge-reports')];
    expect(verdictFor(e2e, commit({ reports: [artifact('report', [tests(3)])], signals: good })).state).toBe('pass');
  });

  it('is found by Playwright’s blobs beside the report that they were put into', () => {
    const blobs = (...numbers: number[]) =>
      numbers.map((number) => artifact(`blob-report-${number}`, [shard(number, 3)]));
    const merged = artifact('report', [tests(9)]);
    expect(verdictFor(e2e, commit({ reports: [merged, ...blobs(1, 2, 3)] })).state).toBe('pass');
    expect(verdictFor(e2e, commit({ reports: [merged, ...blobs(1, 3)] })).state).toBe('missing');
    expect(verdictFor(criterion('coverage_min'), commit({ reports: [covers('coverage'), ...blobs(1, 3)] })).state).toBe(
      'pass',
    );
  });

  it('is no matter once it ran again and left its report', () => {
    const signals = jobs({ attempt: 2 });
    const reports = [1, 2, 3, 4].map((number) =>
      artifact(`report-${number}`, [shard(number, 4)], { attempt: number === 2 ? 2 : 1 }),
    );
    expect(verdictFor(e2e, commit({ reports, signals, runs: [run({ attempt: 2 })] })).state).toBe('pass');
  });
});
