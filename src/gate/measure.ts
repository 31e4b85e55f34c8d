// Turns the reports of one criterion into a figure and holds it against the threshold. Pure; evaluate.ts uses it.

import { changedFiles } from './changed-coverage.ts';
import type { Criterion } from './criteria.ts';
import type { CoveredLines, Gathered, Measured, Report } from './gathered.ts';
import { globMatcher } from './glob.ts';
import { type MergedFile, rememberLines, startMerge } from './merge-lines.ts';
import type { FailCode } from './verdict.ts';

/** What reports that could be read come to. `measured` is in the unit of the threshold. */
export interface Figure {
  readonly state: 'pass' | 'fail' | 'error';
  readonly measured: number | null;
  readonly reason: string;
  readonly fail_codes: readonly FailCode[];
}

/** The figure for a criterion over the readable reports on it, at least one. */
export function measure(criterion: Criterion, reports: readonly Report[], changed: Gathered['changed_lines']): Figure {
  const measured = reports.flatMap((report) => report.measured);
  switch (criterion.key) {
    case 'coverage_min':
      return measureCoverage(criterion, reports);
    case 'coverage_diff_min':
      return measureChangedLines(criterion, reports, changed);
    case 'lighthouse_min':
      return measureLighthouse(criterion, measured);
    case 'e2e_pass':
      return measureTests(measured);
    case 'lint_pass':
    case 'type_check':
      return measureFindings(criterion, measured);
    default:
      throw new Error(`criterion ${criterion.key satisfies never} is not known`);
  }
}

const failed = (code: FailCode, reason: string, measured: number | null = null): Figure => ({
  state: 'fail',
  measured,
  reason,
  fail_codes: [code],
});
const passed = (reason: string, measured: number | null = null): Figure => ({
  state: 'pass',
  measured,
  reason,
  fail_codes: [],
});
const broken = (code: FailCode, reason: string): Figure => ({
  state: 'error',
  measured: null,
  reason,
  fail_codes: [code],
});

function measureCoverage({ scope, threshold }: Criterion, reports: readonly Report[]): Figure {
  const merged = mergeFiles(reports);
  if (typeof merged === 'string') return broken('ARTIFACTS_DISAGREE', merged);
  const shares = reports.flatMap(({ measured }) =>
    measured.flatMap((one) => (one.kind === 'coverage share' ? one.share : [])),
  );
  if (merged.length === 0 && shares.length > 0) return atLeast(Math.min(...shares), threshold ?? 0);
  const work = { left: scope.kind === 'path' ? scope.work : 0 };
  const fits = scope.kind === 'path' ? globMatcher(scope.glob, work) : () => true;
  const files = merged.filter(({ path }) => fits(path));
  if (work.left < 0) {
    return broken('NOTHING_MEASURED', 'the globs of the policy and the files of the report are too many to be matched');
  }
  return shareOf(sum(files, 'covered'), sum(files, 'total'), threshold ?? 0);
}

function atLeast(share: number, threshold: number): Figure {
  const told = 'as the summary tells it';
  return share >= threshold ? passed(told, share) : failed('COVERAGE_BELOW_MIN', told, share);
}

/** A share of zero lines is no measurement: an empty report must not be a green one. */
function shareOf(covered: number, total: number, threshold: number): Figure {
  if (total === 0) return broken('NOTHING_MEASURED', 'the report counts no lines');
  const share = covered / total;
  const counted = `${covered} of ${total} lines`;
  // Held against each other as counts: no rounding lifts 79.96 % over 80 %.
  return covered >= threshold * total ? passed(counted, share) : failed('COVERAGE_BELOW_MIN', counted, share);
}

/**
 * Each file once, over all reports; a sentence when two reports contradict each other.
 *
 * 1. A file that only one report knows counts as that one has it.
 * 2. Of a file that several know by lines, a line counts as run when any of them ran it: they are parts of one test suite.
 * 3. Without lines they have to agree, because counts can't be joined.
 */
export function mergeFiles(reports: readonly Report[]): readonly CoveredLines[] | string {
  const [first] = reports;
  const known = first && mergedBefore.get(first);
  if (known?.reports.length === reports.length && known.reports.every((one, index) => one === reports[index]))
    return known.files;
  const files = mergeAnew(reports);
  if (first !== undefined) mergedBefore.set(first, { reports, files });
  return files;
}

/** A policy may have hundreds of criteria that rest on the same reports: they are put together once, for as long as they are kept. */
const mergedBefore = new WeakMap<
  Report,
  { readonly reports: readonly Report[]; readonly files: readonly CoveredLines[] | string }
>();

function mergeAnew(reports: readonly Report[]): readonly CoveredLines[] | string {
  const merged = new Map<string, MergedFile>();
  for (const { artifact, measured } of reports) {
    for (const file of measured.flatMap((one) => (one.kind === 'coverage' ? one.files : []))) {
      const known = merged.get(file.path);
      if (known === undefined) merged.set(file.path, startMerge(file));
      else if (!known.add(file)) {
        const { covered, total } = known.file();
        return `artifact ${artifact} counts ${file.covered} of ${file.total} lines of ${file.path}, another report ${covered} of ${total}`;
      }
    }
  }
  return Array.from(merged.values(), (one) => one.file());
}

function measureChangedLines(
  { threshold }: Criterion,
  reports: readonly Report[],
  changed: Gathered['changed_lines'],
): Figure {
  if (changed === null) return broken('EVIDENCE_MISSING', 'GitHub does not tell which lines changed');
  const merged = mergeFiles(reports);
  if (typeof merged === 'string') return broken('ARTIFACTS_DISAGREE', merged);
  const touched = changedFiles(merged, changed);
  if (touched === null) {
    return broken(
      'NOTHING_MEASURED',
      'the coverage report knows none of the changed files; its paths have to be those of the repository',
    );
  }
  if (touched.some(({ file }) => file.lines === null)) {
    return broken(
      'NOTHING_MEASURED',
      'the coverage report does not name lines; lcov, Cobertura, Clover, JaCoCo and Istanbul’s coverage-final do',
    );
  }
  // Many changed files may mean one file of the report: its lines are looked through once, the changed ones each time.
  const linesOf = rememberLines();
  const of = (which: 'run' | 'missed') =>
    touched.reduce((count, { file, changed: lines }) => {
      const there = linesOf(file, which);
      return count + lines.reduce((found, line) => found + (there.has(line) ? 1 : 0), 0);
    }, 0);
  const run = of('run');
  const total = run + of('missed');
  return total === 0 ? passed('no changed line is one that tests can run') : shareOf(run, total, threshold ?? 0);
}

function measureLighthouse({ scope, threshold }: Criterion, measured: readonly Measured[]): Figure {
  const category = scope.kind === 'category' ? scope.category : 'performance';
  const pages = measured.flatMap((one) => {
    const score = one.kind === 'lighthouse' ? one.scores[category] : undefined;
    return one.kind !== 'lighthouse' || score === undefined ? [] : [{ score, runs: one.runs ?? 1 }];
  });
  const [first] = pages;
  if (first === undefined) return broken('NOTHING_MEASURED', `the report has no score for ${category}`);
  const lowest = Math.min(...pages.map(({ score }) => score));
  const told = `${category}${ofRuns(pages.length, Math.max(...pages.map(({ runs }) => runs)))}`;
  return lowest >= (threshold ?? 0) ? passed(told, lowest) : failed('LIGHTHOUSE_BELOW_MIN', told, lowest);
}

function ofRuns(pages: number, runs: number): string {
  if (pages === 1) return runs === 1 ? '' : `, the median of ${runs} runs`;
  return `, the lowest of ${pages} pages${runs === 1 ? '' : ', each by its median run'}`;
}

function measureTests(measured: readonly Measured[]): Figure {
  const tests = measured.filter((one) => one.kind === 'tests');
  const count = { passed: sum(tests, 'passed'), failed: sum(tests, 'failed'), skipped: sum(tests, 'skipped') };
  const flaky = tests.reduce((total, one) => total + (one.flaky ?? 0), 0);
  const unshown = tests.reduce((total, one) => total + (one.unshown ?? 0), 0);
  const unlisted = unshown > 0 ? ` (${unshown} of them counted but not listed: the run may have broken off)` : '';
  const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : '';
  if (count.failed > 0)
    return failed('TESTS_FAILED', `${count.failed} failed${unlisted}, ${count.passed} passed${skipped}`);
  if (count.passed === 0)
    return failed('NO_TESTS_RUN', count.skipped > 0 ? `all ${count.skipped} tests were skipped` : 'no test ran');
  return passed(`${count.passed} passed${flaky > 0 ? `, ${flaky} flaky` : ''}${skipped}`);
}

function measureFindings({ key }: Criterion, measured: readonly Measured[]): Figure {
  const findings = measured.filter((one) => one.kind === 'findings');
  const errors = sum(findings, 'errors');
  const warnings = findings.reduce((total, one) => total + (one.warnings ?? 0), 0);
  if (errors === 0) {
    const told = warnings === 0 ? '' : `, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`;
    return passed(`no error found${told}`);
  }
  return failed(
    key === 'lint_pass' ? 'LINT_FAILED' : 'TYPE_ERRORS',
    `${errors} ${errors === 1 ? 'error' : 'errors'} found`,
  );
}

function sum<Key extends string>(rows: readonly Readonly<Record<Key, number>>[], key: Key): number {
  return rows.reduce((total, row) => total + row[key], 0);
}
