// coverage.py's `coverage json`. Pure.
// Format: https://coverage.readthedocs.io/en/latest/commands/cmd_json.html

import type { CoverageMeasurement } from '../reading/measurement.ts';
import { entriesOf, type JsonObject, listOf, objectOf, readJson } from '../reading/report-json.ts';
import { type ReportFormat, Unreadable } from '../reading/report-reader.ts';
import { countedOf, countOf, shown } from '../reading/report-values.ts';
import { type CountName, createCoverage } from './coverage-report.ts';

const COUNTS: readonly [name: CountName, covered: string, total: string][] = [
  ['lines', 'covered_lines', 'num_statements'],
  ['branches', 'covered_branches', 'num_branches'],
];

/** Its statements are the lines that can run, each once: they are counted as lines. */
function measure(value: unknown): CoverageMeasurement {
  const report = objectOf(value, 'the report');
  const coverage = createCoverage('coverage-py');
  for (const [path, entry] of entriesOf(report.files, 'files')) {
    const file = objectOf(entry, path);
    const collector = coverage.file(path);
    // Before version 7 the lines that ran are also listed when they are excluded, though not counted.
    const excluded = new Set(listOf(file.excluded_lines ?? [], `${path}.excluded_lines`));
    for (const line of listOf(file.executed_lines, `${path}.executed_lines`)) {
      if (!excluded.has(line)) collector.lines.add(countOf(line, 'a line', path), true);
    }
    for (const line of listOf(file.missing_lines, `${path}.missing_lines`)) {
      collector.lines.add(countOf(line, 'a line', path), false);
    }
    const summary = objectOf(file.summary, `${path}.summary`);
    for (const [name, count] of countsOf(summary, path)) {
      if (name === 'lines') collector.claim(count);
      else collector.count(name, count);
    }
  }
  for (const [name, { covered, total }] of countsOf(objectOf(report.totals, 'totals'), 'totals')) {
    coverage.claim(name, covered, total);
  }
  return coverage.measurement();
}

/** The percentage counts branches too; it is not used, but one that can't be true spoils the rest. */
function countsOf(summary: JsonObject, what: string) {
  const { percent_covered: percent } = summary;
  if (!(typeof percent === 'number' && percent >= 0 && percent <= 100)) {
    throw new Unreadable(`${what}, percent_covered is ${shown(percent)}; 0 to 100 is allowed`);
  }
  return COUNTS.filter(([, , total]) => summary[total] !== undefined).map(
    ([name, covered, total]) => [name, countedOf(summary[covered], summary[total], name, what)] as const,
  );
}

export const coveragePy: ReportFormat = {
  name: 'coverage-py',
  looksLike: ({ text }) =>
    /^\s*\{\s*"meta"\s*:\s*\{/.test(text) && /"(?:branch_coverage|show_contexts)"\s*:/.test(text),
  isNamed: () => false,
  open: () => readJson(measure),
};
