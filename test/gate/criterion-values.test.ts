import { describe, expect, it } from 'vitest';
import {
  type CoverageMeasurement,
  type Measurement,
  type TestsMeasurement,
  unreadable,
} from '../../src/evidence/reading/measurement.ts';
import { criterionValues } from '../../src/gate/collect/criterion-values.ts';

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
  criterionValues(name, { reports: reports.map((measurement, index) => ({ path: `r${index}`, measurement })) });

describe('an artifact', () => {
  it('that could not be read measures nothing and says why', () => {
    expect(criterionValues('e2e', { refused: 'it has expired' })).toEqual({
      measured: [],
      unreadable: 'it has expired',
      broken: [{ reason: 'it has expired', kinds: ['e2e'] }],
    });
  });

  it('of which one report can’t be read says what that may be evidence of, and what the others measure', () => {
    const broken = unreadable('playwright', 'the file ends early');
    expect(read('x', coverage('lcov', 10), broken)).toEqual({
      measured: [expect.objectContaining({ kind: 'coverage', format: 'lcov' })],
      unreadable: 'r1: the file ends early',
      broken: [{ reason: 'r1: the file ends early', kinds: ['e2e'] }],
    });
  });

  it.each([
    ['e2e-2', 'junit', ['e2e']],
    ['unit', 'junit', []],
    ['test-results', 'junit', []],
    ['build', 'playwright', ['e2e']],
    ['e2e-coverage', 'lcov', ['coverage']],
    ['e2e', 'eslint', ['lint']],
    ['e2e', 'tsc', ['types']],
    ['x', 'lighthouse-manifest', ['lighthouse']],
    ['x', 'summary', ['coverage', 'e2e', 'lighthouse']],
    ['eslint', 'sarif', ['lint']],
    ['trivy-results', 'sarif', []],
    ['results', 'sarif', ['lint', 'types']],
    ['cypress-web', null, ['e2e']],
    ['dist', null, []],
  ])('%s with %s cut off may be evidence of %j', (name, format, kinds) => {
    expect(read(name, unreadable(format, 'cut off')).broken).toMatchObject([{ kinds }]);
  });

  it('with JUnit cut off beside a report of Playwright may be end-to-end tests', () => {
    expect(read('x', tests('playwright'), unreadable('junit', 'cut off')).broken).toMatchObject([{ kinds: ['e2e'] }]);
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

  it.each([
    ['lcov.info', '.nyc_output/1.json', 1],
    ['coverage/lcov.info', '.nyc_output/1.json', 1],
    ['packages/a/coverage/lcov.info', 'packages/a/.nyc_output/1.json', 1],
    ['packages/a/coverage/lcov.info', 'packages/b/.nyc_output/1.json', 2],
    ['.nyc_output/2.json', '.nyc_output/1.json', 2],
  ])('counts beside %s the raw data %s only where no report of it is there', (report, raw, count) => {
    const of = (second: Measurement) =>
      criterionValues('coverage', {
        reports: [
          { path: report, measurement: coverage('lcov', 9, true) },
          { path: raw, measurement: second },
        ],
      });
    expect(of(coverage('istanbul-final', 1, true)).measured).toHaveLength(count);
    expect(of(unreadable('istanbul-final', 'cut off')).unreadable === null).toBe(count === 1);
  });

  it('counts a blob of Playwright beside its report once, but where it is one of several shards', () => {
    const names = { whole: ['a'], own: ['a'] };
    const of = (blob: TestsMeasurement) =>
      criterionValues('e2e', {
        reports: [
          { path: 'results.json', measurement: tests('playwright', { names }) },
          { path: 'blob-report/report-1.zip', measurement: blob },
        ],
      }).measured.length;
    expect(of(tests('playwright', { names }))).toBe(1);
    expect(of(tests('playwright', { names, failed: 1 }))).toBe(2);
    expect(of(tests('playwright', { names, shard: { current: 1, total: 4 } }))).toBe(2);
  });

  it('with coverage of a format that has no rank still counts', () => {
    expect(read('x', coverage('new', 1)).measured).toHaveLength(1);
  });

  it('counts tests once where JUnit retells them, and errors as failures', () => {
    const names = { whole: ['a', 'b'], own: ['c'] };
    const own = tests('playwright', { passed: 4, failed: 1, errored: 2, names });
    const found = [{ kind: 'tests', passed: 4, failed: 3, skipped: 0, is_e2e: true }];
    expect(read('x', tests('junit', { failed: 3, names: { whole: ['b'], own: ['x'] } }), own).measured).toEqual(found);
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
    ['types', 'tsc | mypy | Pyright | vue-tsc'],
    [
      'lint',
      'ESLint | Biome | ruff | Flake8 | Pylint | RuboCop | golangci-lint | clippy | Checkstyle | stylelint | PMD | SwiftLint | ktlint | detekt | typescript-eslint | ESLint 9.1 | Android Lint | Trivy, ESLint',
    ],
  ])('findings about %s are those of %s', (about, tools) => {
    for (const tool of tools.split(' | '))
      expect([tool, read('x', findings(tool)).measured]).toEqual([
        tool,
        [{ kind: 'findings', about, errors: 2, warnings: 5 }],
      ]);
  });

  it.each(
    'CodeQL | Trivy | gitleaks | ZAP | Hadolint | Semgrep OSS | delinter | PMDX | Grype | MyTool | checkov | Snyk Code'.split(
      ' | ',
    ),
  )('findings of %s are neither about lint nor types', (tool) => {
    expect(read('x', findings(tool)).measured).toMatchObject([{ about: 'other', tool }]);
    expect(read('trivy-lint', findings(tool)).measured).toMatchObject([{ about: 'other', tool }]);
  });

  it('findings of a linter and a type checker in one report count for both', () => {
    expect(read('x', findings('ESLint, mypy')).measured).toMatchObject([{ about: 'lint' }, { about: 'types' }]);
  });

  it('what an unknown tool finds in an artifact named for lint may hold back, and can’t pass', () => {
    expect(read('lint-custom', findings('MyTool')).measured).toMatchObject([{ about: 'lint', errors: 2 }]);
    expect(read('lint-custom', findings('Trivy')).measured).toMatchObject([{ about: 'other' }]);
    const clean = { ...findings('MyTool'), errors: 0 } as Measurement;
    expect(read('lint-custom', clean).measured).toMatchObject([{ about: 'other' }]);
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
