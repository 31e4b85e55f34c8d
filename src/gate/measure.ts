// Turns the reports of one criterion into a figure and compares it with the threshold. Pure.

import type { Criterion } from '../policy/schema/criteria.ts';
import { measureChangedLines, measureCoverage } from './coverage/measure-coverage.ts';
import type { EvidenceModel, Measured, Report } from './model/evidence-model.ts';
import { broken, type Figure, failed, passed } from './model/figure.ts';
import { REMEDY } from './model/remedies.ts';

/** Measures a criterion by its readable reports, of which there must be at least one. */
export function measure(
  criterion: Criterion,
  reports: readonly Report[],
  changed: EvidenceModel['changed_lines'],
): Figure {
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

/** The most characters of an address that a row has room for. */
const LONGEST_ADDRESS = 200;

function measureLighthouse({ scope, threshold }: Criterion, measured: readonly Measured[]): Figure {
  const category = scope.kind === 'category' ? scope.category : 'performance';
  const pages = measured.flatMap((one) => {
    const score = one.kind === 'lighthouse' ? one.scores[category] : undefined;
    return one.kind !== 'lighthouse' || score === undefined ? [] : [{ score, runs: one.runs ?? 1 }];
  });
  const [first] = pages;
  if (first === undefined)
    return broken('NOTHING_MEASURED', `the report has no score for ${category}`, REMEDY.category);
  const lowest = Math.min(...pages.map(({ score }) => score));
  const summary = `${category}${ofRuns(pages.length, Math.max(...pages.map(({ runs }) => runs)))}`;
  if (lowest < (threshold ?? 0)) return failed('LIGHTHOUSE_BELOW_MIN', summary, lowest);
  const without = pageWithout(category, measured);
  return without === null ? passed(summary, lowest) : broken('NOTHING_MEASURED', without);
}

/** Says that a page has no score in any report, so that the others cannot pass for it; null when each has one. */
function pageWithout(category: string, measured: readonly Measured[]): string | null {
  const pages = measured.filter((one) => one.kind === 'lighthouse');
  const has = ({ scores }: (typeof pages)[number]) => Object.hasOwn(scores, category);
  const scored = new Set(pages.filter(has).flatMap(({ page }) => page ?? []));
  const without = pages.find((one) => one.page !== null && !has(one) && !scored.has(one.page ?? ''));
  if (without === undefined) return null;
  const which = without.page === undefined ? 'a page' : without.page?.slice(0, LONGEST_ADDRESS);
  return `no report has a score of ${which} for ${category}: measure it, or leave the page out`;
}

function ofRuns(pages: number, runs: number): string {
  if (pages === 1) return runs === 1 ? '' : `, the median of ${runs} runs`;
  return `, the lowest of ${pages} pages${runs === 1 ? '' : ', each by its median run'}`;
}

/** How to set up tools so that a test is listed once, with its tries inside. */
const MARKS = 'Gradle’s `mergeReruns`, `<flakyFailure>`';

function measureTests(measured: readonly Measured[]): Figure {
  const tests = measured.filter((one) => one.kind === 'tests');
  const count = { passed: sum(tests, 'passed'), failed: sum(tests, 'failed'), skipped: sum(tests, 'skipped') };
  const flaky = tests.reduce((total, one) => total + (one.flaky ?? 0), 0);
  const unshown = tests.reduce((total, one) => total + (one.unshown ?? 0), 0);
  const unlisted = unshown > 0 ? ` (${unshown} of them counted but not listed: the run may have broken off)` : '';
  const tried = tests.reduce((total, one) => total + (one.maybe_tried ?? 0), 0);
  const unmarked = tried > 0 ? `; ${tried} may be tries of tests that passed later: have tries marked (${MARKS})` : '';
  const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : '';
  if (count.failed > 0)
    return failed('TESTS_FAILED', `${count.failed} failed${unlisted}, ${count.passed} passed${skipped}${unmarked}`);
  if (count.passed === 0)
    return failed('NO_TESTS_RUN', count.skipped > 0 ? `all ${count.skipped} tests were skipped` : 'no test ran');
  return passed(`${count.passed} passed${flaky > 0 ? `, ${flaky} flaky` : ''}${skipped}`);
}

function measureFindings({ key }: Criterion, measured: readonly Measured[]): Figure {
  const findings = measured.filter((one) => one.kind === 'findings');
  const errors = sum(findings, 'errors');
  const warnings = findings.reduce((total, one) => total + (one.warnings ?? 0), 0);
  if (errors === 0) {
    const ofWarnings = warnings === 0 ? '' : `, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`;
    return passed(`no error found${ofWarnings}`);
  }
  return failed(
    key === 'lint_pass' ? 'LINT_FAILED' : 'TYPE_ERRORS',
    `${errors} ${errors === 1 ? 'error' : 'errors'} found`,
  );
}

function sum<Key extends string>(rows: readonly Readonly<Record<Key, number>>[], key: Key): number {
  return rows.reduce((total, row) => total + row[key], 0);
}
