// Which artifacts are evidence of a criterion that the policy names none for: by what they measure, and by what in them can't
// be read. Pure.

import type { Criterion } from '../../policy/schema/criteria.ts';
import type { CriterionKey } from '../../policy/schema/policy.ts';
import type { Measured, Report, ReportKind } from '../model/evidence-model.ts';
import { brokenByName } from './unreadable-reports.ts';

const KIND_OF: Readonly<Record<CriterionKey, Measured['kind']>> = {
  lint_pass: 'findings',
  type_check: 'findings',
  coverage_min: 'coverage',
  coverage_diff_min: 'coverage',
  e2e_pass: 'tests',
  lighthouse_min: 'lighthouse',
};

const REPORT_KIND_OF: Readonly<Record<CriterionKey, ReportKind>> = {
  lint_pass: 'lint',
  type_check: 'types',
  coverage_min: 'coverage',
  coverage_diff_min: 'coverage',
  e2e_pass: 'e2e',
  lighthouse_min: 'lighthouse',
};

/** Whether a measurement is one that the criterion asks for. */
export function tells({ key, source, scope }: Criterion, measured: Measured): boolean {
  if (measured.kind === 'coverage share') return key === 'coverage_min' && scope.kind !== 'path';
  if (measured.kind !== KIND_OF[key]) return false;
  if (measured.kind === 'findings') {
    // What is not known to lint or to check types counts where the policy says that it does.
    if (measured.about === 'other') return source !== null;
    return measured.about === (key === 'lint_pass' ? 'lint' : 'types');
  }
  // An artifact that the policy names is believed to hold the end-to-end tests; others have to look like it.
  return measured.kind !== 'tests' || measured.is_e2e || source !== null;
}

/**
 * Returns the artifact as evidence of a criterion for which the policy names none, or an empty list. An unreadable report in it counts
 * against the criterion when it may be what is asked for; other unreadable reports do not. `speaks`: a job already says by its
 * conclusion whether the criterion is met.
 */
export function foundReport(criterion: Criterion, report: Report, speaks: boolean): Report[] {
  const kind = REPORT_KIND_OF[criterion.key];
  const all = report.unreadable === null ? [] : (report.broken ?? [brokenByName(report.artifact, report.unreadable)]);
  const broken = all.find(({ kinds, is_silent }) => kinds.includes(kind) && !(is_silent === true && speaks));
  if (broken !== undefined) {
    const advice = `; it may be what ${criterion.key} asks for: if it is not, name what is, evidence: { ${criterion.key}: … }`;
    return [{ ...report, unreadable: broken.is_guess === true ? `${broken.reason}${advice}` : broken.reason }];
  }
  if (!report.measured.some((one) => tells(criterion, one))) return [];
  return [report.unreadable === null ? report : readable(report)];
}

/** The same object each time: what reports come to is remembered by it. */
function readable(report: Report): Report {
  const known = readableBefore.get(report) ?? { ...report, unreadable: null };
  readableBefore.set(report, known);
  return known;
}

const readableBefore = new WeakMap<Report, Report>();
