// Istanbul's `coverage-final.json` and `coverage-summary.json`, as nyc, c8, Jest and Vitest write them. Pure.
// Formats: https://github.com/gotwarlost/istanbul/blob/master/coverage.json.md and
// https://github.com/istanbuljs/istanbuljs/tree/main/packages/istanbul-reports/lib/json-summary

import type { CoverageMeasurement } from '../reading/measurement.ts';
import { entriesOf, objectOf, readJson } from '../reading/report-json.ts';
import { holdsBefore } from '../reading/report-names.ts';
import { type ReportFormat, Unreadable } from '../reading/report-reader.ts';
import { countedOf, countOf, shown } from '../reading/report-values.ts';
import { type CountName, createCoverage, type FileCollector } from './coverage-report.ts';

const SUMMARY_COUNTS: readonly CountName[] = ['lines', 'statements', 'branches', 'functions'];

function measureFinal(value: unknown): CoverageMeasurement {
  const coverage = createCoverage('istanbul-final');
  for (const [key, entry] of entriesOf(value, 'the report')) {
    const outer = objectOf(entry, key);
    // Old versions of nyc wrap what they keep of a file.
    const file = outer.data === undefined ? outer : objectOf(outer.data, `${key}.data`);
    const collector = coverage.file(typeof file.path === 'string' ? file.path : key);
    countStatements(collector, file, key);
    collector.count('functions', countHits(file.f, `${key}.f`));
    collector.count('branches', countHits(file.b, `${key}.b`));
  }
  return coverage.measurement();
}

/** A line ran when a statement that begins in it did: Istanbul's own rule. */
function countStatements(collector: FileCollector, file: Readonly<Record<string, unknown>>, key: string): void {
  const places = new Map(entriesOf(file.statementMap, `${key}.statementMap`));
  const hits = entriesOf(file.s, `${key}.s`);
  if (hits.length !== places.size) {
    throw new Unreadable(`${key} has ${places.size} statements and counts of ${hits.length}`);
  }
  let covered = 0;
  for (const [id, count] of hits) {
    const start = objectOf(objectOf(places.get(id), 'a statement').start, 'the start of a statement');
    const ran = countOf(count, 'a count of statements', key) > 0;
    if (ran) covered++;
    collector.lines.add(countOf(start.line, 'a line number'), ran);
  }
  collector.count('statements', { covered, total: hits.length });
}

/** Functions have one count each, branches a list of them. */
function countHits(value: unknown, what: string) {
  let [covered, total] = [0, 0];
  for (const [, count] of entriesOf(value, what)) {
    for (const hits of Array.isArray(count) ? count : [count]) {
      total++;
      if (countOf(hits, what) > 0) covered++;
    }
  }
  return { covered, total };
}

function measureSummary(value: unknown): CoverageMeasurement {
  const coverage = createCoverage('istanbul-summary', { hasLines: false });
  for (const [path, entry] of entriesOf(value, 'the report')) {
    const counts = objectOf(entry, path);
    const file = path === 'total' ? null : coverage.file(path);
    for (const name of SUMMARY_COUNTS) {
      const { total, covered, pct } = objectOf(counts[name], name);
      checkPercentage(pct, path);
      const count = countedOf(covered, total, name, path);
      if (file === null) coverage.claim(name, count.covered, count.total);
      else file.count(name, count);
    }
  }
  return coverage.measurement();
}

/** The percentage is not used; one that can't be true says that the counts can't be trusted either. */
function checkPercentage(value: unknown, path: string): void {
  if (value === 'Unknown' || value === undefined) return;
  if (typeof value === 'number' && value >= 0 && value <= 100) return;
  throw new Unreadable(`${path}, pct is ${shown(value)}; 0 to 100 is allowed`);
}

export const istanbulFinal: ReportFormat = {
  name: 'istanbul-final',
  looksLike: ({ text }) => /^\s*\{\s*"(?:[^"\\]|\\.)*"\s*:\s*\{/.test(text) && text.includes('"statementMap"'),
  isNamed: ({ name }) => holdsBefore(name, 'coverage-final', '.json'),
  open: () => readJson(measureFinal),
};

export const istanbulSummary: ReportFormat = {
  name: 'istanbul-summary',
  looksLike: ({ text }) => /^\s*\{\s*"total"\s*:\s*\{\s*"(?:lines|statements|branches|functions)"\s*:\s*\{/.test(text),
  isNamed: ({ name }) => holdsBefore(name, 'coverage-summary', '.json'),
  open: () => readJson(measureSummary),
};
