import { describe, expect, it } from 'vitest';
import type { CoverageMeasurement, Measurement, TestsMeasurement } from '../../src/evidence/measurement.ts';
import { unreadable } from '../../src/evidence/measurement.ts';
import { measuredOf } from '../../src/gate/measured-of.ts';

const totals = { lines: null, statements: null, branches: null, functions: null, instructions: null };
const coverage = (format: string, covered: number, lines = false): CoverageMeasurement => ({
  kind: 'coverage',
  format,
  counted: 'lines',
  totals,
  files: [{ path: 'a.ts', covered, total: 10, line_hits: lines ? { covered: [1], uncovered: [2] } : null }],
  remarks: [],
});
const tests = (format: string, figures: Partial<TestsMeasurement> = {}): TestsMeasurement => ({
  kind: 'tests',
  format,
  passed: 1,
  failed: 0,
  skipped: 0,
  errored: 0,
  flaky: 0,
  duration_ms: null,
  cases: [],
  cases_omitted: 0,
  remarks: [],
  ...figures,
});
const findings = (tool: string): Measurement => ({
  kind: 'findings',
  format: 'sarif',
  tool,
  errors: 2,
  warnings: 5,
  notes: 0,
  findings: [],
  findings_omitted: 0,
  remarks: [],
});
const read = (name: string, ...reports: Measurement[]) =>
  measuredOf(name, { reports: reports.map((measurement, index) => ({ path: `r${index}`, measurement })) });

describe('an artifact', () => {
  it('that could not be read measures nothing and says why', () => {
    expect(measuredOf('x', { refused: 'it has expired' })).toEqual({ measured: [], unreadable: 'it has expired' });
  });

  it('of which one report can’t be read is unreadable as a whole, whatever the others say', () => {
    const broken = unreadable('junit', 'the file ends early');
    expect(read('x', coverage('lcov', 10), broken)).toEqual({ measured: [], unreadable: 'r1: the file ends early' });
  });

  it('without a report measures nothing', () => {
    expect(read('x')).toEqual({ measured: [], unreadable: null });
  });

  it('with several reports of coverage tells of each, in which format it is and where it was', () => {
    const { measured } = read('x', coverage('clover', 1), coverage('istanbul-final', 1, true));
    expect(measured).toEqual([
      {
        kind: 'coverage',
        format: 'clover',
        report: 'r0',
        files: [{ path: 'a.ts', covered: 1, total: 10, lines: null }],
      },
      {
        kind: 'coverage',
        format: 'istanbul-final',
        report: 'r1',
        files: [
          {
            path: 'a.ts',
            covered: 1,
            total: 10,
            lines: { run: [1], missed: [2] },
            beyond: { covered: 0, total: 8 },
          },
        ],
      },
    ]);
  });

  it('with coverage of a format that has no rank still counts', () => {
    expect(read('x', coverage('new', 1)).measured).toHaveLength(1);
  });

  it('counts tests once where JUnit retells them, and errors as failures', () => {
    const names = { whole: ['a', 'b'], own: ['c'] };
    const own = tests('playwright', { passed: 4, failed: 1, errored: 2, names });
    const told = [{ kind: 'tests', passed: 4, failed: 3, skipped: 0, is_e2e: true }];
    expect(read('x', tests('junit', { failed: 3, names: { whole: ['b'], own: ['x'] } }), own).measured).toEqual(told);
    expect(read('x', tests('junit')).measured).toHaveLength(1);
  });

  it('of a shard keeps which, and by which report', () => {
    const shard = { current: 2, total: 4 };
    const { measured } = read('e2e', tests('playwright', { shard }), tests('playwright', { shard: null, flaky: 1 }));
    expect(measured).toEqual([
      { kind: 'tests', passed: 1, failed: 0, skipped: 0, is_e2e: true, shard, path: 'r0' },
      { kind: 'tests', passed: 1, failed: 0, skipped: 0, is_e2e: true, flaky: 1 },
    ]);
  });

  it.each([
    ['tells of more failures', { failed: 4, names: { whole: ['b'], own: ['c'] } }],
    ['tells of another test', { names: { whole: ['d'], own: ['d'] } }],
    ['was kept without names', {}],
    ['names no test', { names: { whole: [], own: [] } }],
  ])('counts JUnit as well where it %s', (_, figures) => {
    const names = { whole: ['a', 'b'], own: ['c'] };
    expect(read('x', tests('junit', figures), tests('playwright', { failed: 3, names })).measured).toHaveLength(2);
  });

  it.each([
    ['e2e-results', 'junit', true],
    ['cypress', 'junit', true],
    ['unit', 'mochawesome', true],
    ['unit', 'junit', false],
    ['the2e', 'junit', false],
  ])('%s in %s is of end-to-end tests: %s', (name, format, is_e2e) => {
    expect(read(name, tests(format)).measured).toMatchObject([{ is_e2e }]);
  });

  it.each([
    ['tsc', 'types'],
    ['mypy', 'types'],
    ['Pyright', 'types'],
    ['ESLint', 'lint'],
    ['CodeQL', 'lint'],
  ])('findings of %s are about %s', (tool, about) => {
    expect(read('x', findings(tool)).measured).toEqual([{ kind: 'findings', about, errors: 2, warnings: 5 }]);
  });

  it('with a Lighthouse score that could not be worked out counts it as the worst', () => {
    const page = {
      url: '/',
      runs: 1,
      scores: [
        { category: 'performance', score: null },
        { category: 'seo', score: 90 },
      ],
    };
    const { measured } = read('x', {
      kind: 'lighthouse',
      format: 'lighthouse',
      pages: [page],
      lowest: [],
      remarks: [],
    });
    expect(measured).toEqual([{ kind: 'lighthouse', page: '/', scores: { performance: 0, seo: 90 } }]);
  });

  it('with a summary tells what it has: the lowest share, the suites of end-to-end tests, the score', () => {
    const suite = { passed: 3, failed: 1 };
    const summary: Measurement = {
      kind: 'summary',
      format: 'summary',
      status: 'PASSED',
      tests: [
        { suite: 'unit', ...suite, coverage_ratio: 0.9 },
        { suite: 'e2e', ...suite, coverage_ratio: null },
        { suite: 'api', ...suite, coverage_ratio: 0.7 },
      ],
      lighthouse_score: 88,
      artifacts: [],
      duration_ms: null,
      remarks: [],
    };
    expect(read('x', summary).measured).toEqual([
      { kind: 'tests', passed: 3, failed: 1, skipped: 0, is_e2e: true },
      { kind: 'lighthouse', page: null, scores: { performance: 88 } },
      { kind: 'coverage share', share: 0.7 },
    ]);
    expect(read('x', { ...summary, tests: [], lighthouse_score: null }).measured).toEqual([]);
  });
});
