// Describes what was read of an artifact, for the output of `codered evidence`: as JSON and as lines. Pure.

import type { Measurement } from '../../evidence/reading/measurement.ts';
import { resultsOf } from '../../evidence/tests/tests-report.ts';
import { redact } from '../../text/redact.ts';
import type { NamedArtifact } from './read-artifact.ts';

/** A report: the path of its file, and what it measures, or why it cannot be read. */
export type ReportDescription = { readonly path: string } & Measurement;

/** An artifact in the JSON of `codered evidence`. */
export interface ArtifactDescription {
  readonly name: string;
  /** Why nothing of it is read; null when it was opened. */
  readonly refused: string | null;
  readonly reports: readonly ReportDescription[];
  /** Files that are no report, at most 100. */
  readonly others: readonly string[];
  readonly remarks: readonly string[];
}

/** Describes an artifact and all reports in it. */
export function describeArtifact({ name, artifact }: NamedArtifact): ArtifactDescription {
  if (artifact.state === 'refused') {
    return { name, refused: redact(artifact.measurement.reason), reports: [], others: [], remarks: [] };
  }
  const reports = artifact.files.map(({ path, measurement }) => ({ path, ...withEveryCase(measurement) }));
  return { name, refused: null, reports, others: artifact.others, remarks: artifact.remarks };
}

/** Nothing is stored here, so all test cases are listed, not only the failed ones. */
function withEveryCase(measurement: Measurement): Measurement {
  if (measurement.kind !== 'tests') return measurement;
  const cases = resultsOf(measurement);
  return cases.length < measurement.cases.length ? measurement : { ...measurement, cases };
}

/** The description as lines: one for each report, followed by its remarks and failed cases. `isBad` marks lines about what cannot be read. */
export function linesOf(description: ArtifactDescription): { readonly text: string; readonly isBad: boolean }[] {
  const { name, refused, reports, others, remarks } = description;
  if (refused !== null) return [bad(`${name}: can't be read: ${refused}`)];
  const lines = reports.flatMap((report) => [reportLine(name, report), ...detailLines(report)]);
  return [
    ...(reports.length === 0 ? [bad(`${name}: holds no report that CodeRed reads`)] : lines),
    ...remarks.map((remark) => good(`  remark: ${remark}`)),
    ...others.slice(0, SHOWN).map((path) => good(`  no report: ${path}`)),
    ...more(others.length, 'files that are no report'),
  ];
}

const SHOWN = 10;
const good = (text: string) => ({ text, isBad: false });
const bad = (text: string) => ({ text, isBad: true });
const more = (count: number, what: string) => (count > SHOWN ? [good(`  and ${count - SHOWN} more ${what}`)] : []);

function reportLine(name: string, report: ReportDescription) {
  const place = `${name}: ${report.path}`;
  if (report.kind === 'unreadable') {
    const line = report.line === undefined ? '' : `:${report.line}`;
    const format = report.format === null ? '' : ` as ${report.format}`;
    return bad(`${place}${line}: can't be read${format}: ${report.reason}`);
  }
  return good(`${place}: ${report.format}: ${figuresOf(report)}`);
}

function figuresOf(report: Exclude<Measurement, { kind: 'unreadable' }>): string {
  switch (report.kind) {
    case 'coverage': {
      const count = report.totals[report.counted];
      const files = `${report.files.length} ${report.files.length === 1 ? 'file' : 'files'}`;
      return count === null
        ? `no ${report.counted} counted in ${files}`
        : `${count.covered} of ${count.total} ${report.counted} in ${files}`;
    }
    case 'tests':
      return (['passed', 'failed', 'errored', 'skipped', 'flaky'] as const)
        .filter((status) => status === 'passed' || report[status] > 0)
        .map((status) => `${report[status]} ${status}`)
        .join(', ');
    case 'lighthouse':
      return report.pages
        .map(
          ({ url, scores }) =>
            `${url} ${scores.map(({ category, score }) => `${category} ${score ?? '–'}`).join(', ')}`,
        )
        .join('; ');
    case 'findings':
      return `${report.errors} errors, ${report.warnings} warnings, ${report.notes} notes of ${report.tool}`;
    case 'summary':
      return `${report.status}, ${report.tests.length} suites`;
    default:
      throw new Error(`kind ${String(report satisfies never)} is not known`);
  }
}

function detailLines(report: ReportDescription) {
  const remarks = 'remarks' in report ? report.remarks.map((remark) => good(`  remark: ${remark}`)) : [];
  if (report.kind === 'tests') {
    const bad = report.cases.filter(({ status }) => status === 'failed' || status === 'errored');
    const cases = bad.slice(0, SHOWN).map(({ suite, name, status, file_path, message }) => {
      const first = message === null ? '' : `: ${message.split('\n', 1)[0]}`;
      const where = file_path === null ? '' : ` (${file_path})`;
      return good(`  ${status}: ${suite === null ? '' : `${suite} › `}${name}${where}${first}`);
    });
    return [...remarks, ...cases, ...more(bad.length + report.cases_omitted, 'that failed')];
  }
  if (report.kind === 'findings') {
    const findings = report.findings
      .slice(0, SHOWN)
      .map(({ level, rule, file, line, message }) =>
        good(
          `  ${level}: ${[file, line].filter((part) => part !== null).join(':')} ${rule ?? ''} ${message.split('\n', 1)[0]}`,
        ),
      );
    return [...remarks, ...findings, ...more(report.findings.length + report.findings_omitted, 'findings')];
  }
  return remarks;
}
