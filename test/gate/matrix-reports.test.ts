// What one matrix left stands in for no part of another: by the words of the names, and by the pattern that they are made of.
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/gate/evaluate.ts';
import type { Signal } from '../../src/gate/model/evidence-model.ts';
import { artifact, commit, coverage, criterion, FAILED, file, job, NOW, tests } from './evidence-cases.ts';

const CANCELLED = { status: 'canceled', conclusion: 'cancelled' } as const;
const covers = (name: string) => artifact(name, [coverage(file(`src/${name}.ts`, 9, 10))]);
const matrix = (name: string, values: readonly (string | number)[], bad: Record<string, Partial<Signal>> = {}) =>
  values.map((value) => job(`${name} (${value})`, bad[String(value)] ?? {}));

function verdictFor(
  names: readonly string[],
  signals: readonly Signal[],
  key: 'coverage_min' | 'e2e_pass' = 'coverage_min',
) {
  const reports = names.map((name) => (key === 'e2e_pass' ? artifact(name, [tests(3)]) : covers(name)));
  const [verdict] = evaluate(commit({ reports, signals }), {
    criteria: [criterion(key, key === 'e2e_pass' ? { source: { artifact: '*' } } : {})],
    deadline_minutes: 60,
    now: NOW,
  }).criteria;
  if (verdict === undefined) throw new Error('no verdict');
  return verdict;
}

const E2E = ['coverage-e2e-1', 'coverage-e2e-2', 'coverage-e2e-3'];
const left = (said: string) => ({
  state: 'missing',
  reason: `a part of the suite is missing: job ${said} and left no report`,
});

describe('a part that died is missing', () => {
  it('though another matrix left one of its number', () => {
    const signals = [...matrix('test', [1, 2, 3], { 3: FAILED }), ...matrix('e2e', [1, 2, 3])];
    const names = ['coverage-1', 'coverage-2', ...E2E];
    expect(verdictFor(names, signals)).toMatchObject(left('test (3) failed'));
    expect(verdictFor(names.toReversed(), signals.toReversed())).toMatchObject(left('test (3) failed'));
    expect(verdictFor([...names, 'coverage-3'], signals).state).toBe('pass');
  });

  it('though the other matrix is the one whose words are in no name', () => {
    const signals = [...matrix('test', [1, 2, 3]), ...matrix('e2e', [1, 2, 3], { 3: FAILED })];
    const names = ['coverage-1', 'coverage-2', 'coverage-3', 'coverage-e2e-1', 'coverage-e2e-2'];
    expect(verdictFor(names, signals)).toMatchObject(left('e2e (3) failed'));
    expect(verdictFor([...names, 'coverage-e2e-3'], signals).state).toBe('pass');
  });

  it('though another matrix left all of its own, and the names say nothing of this one', () => {
    const signals = [
      ...matrix('test', ['ubuntu, 18', 'ubuntu, 20'], { 'ubuntu, 20': CANCELLED }),
      ...matrix('integration', [18, 20]),
    ];
    const names = ['coverage-unit-18', 'coverage-integration-18', 'coverage-integration-20'];
    expect(verdictFor(names, signals)).toMatchObject(left('test (ubuntu, 20) was cancelled'));
    expect(verdictFor([...names, 'coverage-unit-20'], signals).state).toBe('pass');
  });

  it('though a job of another kind left one with its value', () => {
    for (const [names, values] of [
      [
        ['coverage-unit-1', 'coverage-2'],
        [1, 2],
      ],
      [
        ['coverage-18', 'coverage-lint-20'],
        [18, 20],
      ],
      [
        ['coverage-18-a', 'coverage-20-b'],
        [18, 20],
      ],
    ] as const) {
      const last = String(values[1]);
      expect(verdictFor(names, matrix('unit', values, { [last]: FAILED })).state).toBe('missing');
      expect(verdictFor(names, matrix('unit', values)).state).toBe('pass');
    }
  });

  it('where the names of both matrices count from nought', () => {
    const signals = [...matrix('test', [1, 2, 3], { 3: FAILED }), ...matrix('e2e', [1, 2, 3])];
    const names = ['coverage-0', 'coverage-1', 'coverage-e2e-0', 'coverage-e2e-1', 'coverage-e2e-2'];
    expect(verdictFor(names, signals)).toMatchObject(left('test (3) failed'));
    expect(verdictFor([...names, 'coverage-2'], signals).state).toBe('pass');
  });

  it('where a matrix is called as any report is, or names more words than the reports have', () => {
    for (const other of ['coverage', 'build test report'])
      expect(
        verdictFor(
          ['coverage-test-1', 'coverage-test-2'],
          [...matrix('test', [1, 2, 3], { 3: FAILED }), ...matrix(other, [1, 2])],
        ).state,
      ).toBe('missing');
    const signals = [...matrix('test', [1, 2, 3], { 3: FAILED }), ...matrix('coverage', [1, 2])];
    expect(verdictFor(['coverage-1', 'coverage-2'], signals).state).toBe('missing');
  });

  it('where another kind of test took its place among end-to-end tests', () => {
    const signals = [...matrix('e2e', [1, 2], { 2: FAILED }), ...matrix('component', [1, 2])];
    expect(verdictFor(['playwright-component-1', 'playwright-component-2'], signals, 'e2e_pass').state).toBe('missing');
  });
});

describe('a part that failed elsewhere is no matter', () => {
  it.each([
    ['e2e tests', 'unit tests', 'e2e-tests'],
    ['ci / e2e tests', 'ci / unit tests', 'coverage-e2e-tests'],
    ['web', 'api', 'coverage-web'],
  ])('%s is not %s', (whole, other, name) => {
    const signals = [...matrix(whole, [1, 2]), ...matrix(other, [1, 2, 3], { 3: FAILED })];
    expect(verdictFor([`${name}-1`, `${name}-2`], signals).state).toBe('pass');
  });

  it('where a part that failed left its report, and single jobs left theirs', () => {
    const signals = [...matrix('test', [1, 2], { 2: FAILED }), job('integration')];
    expect(verdictFor(['coverage-1', 'coverage-2', 'coverage-integration'], signals).state).toBe('pass');
    expect(verdictFor(['coverage-1-4fe2a1c', 'coverage-2-9be3a2d'], signals).state).toBe('pass');
  });
});
