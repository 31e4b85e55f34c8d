// Turns the reports of an artifact into the values that criteria ask for. Pure.

import { pagesOf } from '../../evidence/findings/lighthouse-runs.ts';
import type { KeptContent } from '../../evidence/kept-artifact.ts';
import type {
  CoverageFile,
  CoverageMeasurement,
  FindingsMeasurement,
  Measurement,
  TestsMeasurement,
} from '../../evidence/reading/measurement.ts';
import { tellsOfSameTests } from '../../evidence/tests/test-names.ts';
import type { BrokenReport, CoveredLines, Measured } from '../model/evidence-model.ts';
import { aboutOf, heldBackBy } from './finding-tools.ts';
import { withoutRawData } from './raw-coverage.ts';
import { brokenByName, brokenReport, isOfEndToEnd } from './unreadable-reports.ts';

/** What an artifact measures, and why it could not be read whole; null when it could. */
export interface ReadArtifact {
  readonly measured: readonly Measured[];
  readonly unreadable: string | null;
  readonly broken?: readonly BrokenReport[];
}

/**
 * Returns what the reports of an artifact measure. `name` is the artifact's.
 * 1. Each coverage report counts. Tools write one run in several formats; merge-coverage.ts puts those together.
 * 2. Each report of tests counts, but not a second one of the same tests.
 * 3. A report that cannot be read makes the artifact unreadable for everything that it may be evidence of: it may be the one with the
 *    failure. What the other reports measure counts for other criteria.
 */
export function criterionValues(name: string, content: KeptContent): ReadArtifact {
  if ('refused' in content) {
    return { measured: [], unreadable: content.refused, broken: [brokenByName(name, content.refused)] };
  }
  const reports = withoutRawData(content.reports);
  const broken = brokenOf(name, reports);
  const pathOf = new Map(reports.map(({ path, measurement }) => [measurement, path]));
  const coverage = reports.flatMap(({ path, measurement }) =>
    measurement.kind === 'coverage' ? [coverageOf(path, measurement)] : [],
  );
  const others = withoutDuplicates(reports);
  return {
    measured: [
      ...coverage,
      ...lighthouseOf(reports),
      ...others.flatMap((one) => measured(name, one, pathOf.get(one) ?? '')),
    ],
    unreadable: broken[0]?.reason ?? null,
    ...(broken.length === 0 ? {} : { broken }),
  };
}

type KeptReport = Extract<KeptContent, { reports: unknown }>['reports'][number];

function brokenOf(name: string, reports: readonly KeptReport[]): BrokenReport[] {
  const besideE2e = reports.some(
    ({ measurement: one }) => one.kind === 'tests' && (isOfEndToEnd(name) || isOfEndToEnd(one.format)),
  );
  return reports.flatMap(({ path, measurement }) =>
    measurement.kind === 'unreadable' ? [brokenReport(name, { path, beside_e2e: besideE2e }, measurement)] : [],
  );
}

function coverageOf(report: string, one: CoverageMeasurement): Measured {
  const { format, counted, files, unlisted = [], doubts = [] } = one;
  return {
    kind: 'coverage',
    files: files.map((file) => coveredLines(file, counted)),
    report,
    format,
    ...(unlisted.length === 0 ? {} : { unlisted }),
    ...(doubts.length === 0 ? {} : { doubts }),
  };
}

function coveredLines(
  { path, place, covered, total, line_hits, blocks }: CoverageFile,
  counted: CoverageMeasurement['counted'],
): CoveredLines {
  const lines = line_hits === null ? null : { run: line_hits.covered, missed: line_hits.uncovered };
  const [run, all] = [lines?.run.length ?? 0, (lines?.run.length ?? 0) + (lines?.missed.length ?? 0)];
  const isBeyond = lines !== null && counted === 'lines' && (covered !== run || total !== all);
  return {
    path,
    ...(place === undefined ? {} : { place }),
    covered,
    total,
    lines,
    ...(isBeyond ? { beyond: { covered: covered - run, total: total - all } } : {}),
    ...(blocks === undefined ? {} : { blocks }),
  };
}

/**
 * Playwright and Cypress write JUnit or CTRF beside their own report, and Playwright its blob. Such a report is left out when all its tests are
 * among those of the other one, and it has no more failures.
 */
function withoutDuplicates(reports: readonly KeptReport[]): Measurement[] {
  const own = reports.filter((report) => report.measurement.kind === 'tests' && !mayRetell(report));
  return reports
    .filter((report) => !mayRetell(report) || !own.some(({ measurement }) => retells(report.measurement, measurement)))
    .map(({ measurement }) => measurement);
}

function mayRetell({ path, measurement }: KeptReport): boolean {
  return (
    measurement.kind === 'tests' &&
    (measurement.format === 'junit' || measurement.format === 'ctrf' || (path.endsWith('.zip') && !measurement.shard))
  );
}

function retells(one: Measurement, own: Measurement): boolean {
  if (one.kind !== 'tests' || own.kind !== 'tests') return false;
  return brokenIn(one) <= brokenIn(own) && tellsOfSameTests(one.names, own.names);
}

function brokenIn({ failed, errored }: TestsMeasurement): number {
  return failed + errored;
}

function measured(name: string, one: Measurement, path: string): Measured[] {
  switch (one.kind) {
    case 'tests':
      return [fromTests(name, one, path)];
    case 'findings':
      return (one.tools ?? [one]).flatMap((tool) => fromFindings(name, tool));
    case 'summary':
      return fromSummary(name, one);
    default:
      return [];
  }
}

/** Of several tools in one report nobody knows whose the errors are: they count for each. */
function fromFindings(
  name: string,
  { tool, errors, warnings }: Pick<FindingsMeasurement, 'tool' | 'errors' | 'warnings'>,
): Measured[] {
  const abouts = aboutOf(tool);
  const held = errors > 0 && abouts.includes('other') ? heldBackBy(name, tool) : [];
  return (held.length > 0 ? held : abouts).map((about) => ({
    kind: 'findings',
    about,
    errors,
    ...(about === 'other' ? { tool } : {}),
    ...(warnings > 0 ? { warnings } : {}),
  }));
}

function fromTests(name: string, one: TestsMeasurement, path: string): Measured {
  return {
    kind: 'tests',
    passed: one.passed,
    failed: one.failed + one.errored,
    skipped: one.skipped,
    is_e2e: isOfEndToEnd(name) || isOfEndToEnd(one.format),
    ...(one.unshown ? { unshown: one.unshown } : {}),
    ...(one.maybe_tried ? { maybe_tried: one.maybe_tried } : {}),
    ...(one.flaky > 0 ? { flaky: one.flaky } : {}),
    ...(one.shard ? { shard: one.shard, path } : {}),
  };
}

/** Runs of one page are put together over all reports of the artifact. */
function lighthouseOf(reports: readonly { readonly path: string; readonly measurement: Measurement }[]): Measured[] {
  const runs = reports.flatMap(({ path, measurement }) =>
    measurement.kind === 'lighthouse' ? [{ path, measurement }] : [],
  );
  return pagesOf(runs).map(({ url, scores, runs: count }) => ({
    kind: 'lighthouse',
    page: url,
    // A score that Lighthouse could not work out is none; of the lowest it is the worst.
    scores: Object.fromEntries(scores.map(({ category, score }) => [category, score ?? 0])),
    ...(count > 1 ? { runs: count } : {}),
  }));
}

function fromSummary(
  name: string,
  { status, tests, lighthouse_score }: Extract<Measurement, { kind: 'summary' }>,
): Measured[] {
  const e2e = tests.filter(({ suite }) => isOfEndToEnd(suite));
  const ratios = tests.flatMap(({ coverage_ratio }) => coverage_ratio ?? []);
  // What failed is not among what it counts, and may be any of it.
  const hasNoNames = status === 'FAILED' && tests.every(({ failed }) => failed === 0);
  const one = { kind: 'tests', passed: 0, failed: 1, skipped: 0, unshown: 1 } as const;
  return [
    ...(hasNoNames ? [{ ...one, is_e2e: e2e.length > 0 || isOfEndToEnd(name) }] : []),
    ...e2e.map(({ passed, failed }): Measured => ({ kind: 'tests', passed, failed, skipped: 0, is_e2e: true })),
    ...(lighthouse_score === null
      ? []
      : [{ kind: 'lighthouse', page: null, scores: { performance: lighthouse_score } } as const]),
    ...(ratios.length === 0 ? [] : [{ kind: 'coverage share', share: Math.min(...ratios) } as const]),
  ];
}
