// From the reports of an artifact to what a criterion asks for. Pure; gather.ts uses it.

import type { KeptContent } from '../evidence/kept-artifact.ts';
import { pagesOf } from '../evidence/lighthouse-runs.ts';
import type { CoverageFile, CoverageMeasurement, Measurement, TestsMeasurement } from '../evidence/measurement.ts';
import { tellsOfSameTests } from '../evidence/test-names.ts';
import type { CoveredLines, Measured } from './gathered.ts';

/** What an artifact measures, and why it could not be read; null when it could. */
export interface ReadArtifact {
  readonly measured: readonly Measured[];
  readonly unreadable: string | null;
}

const E2E = /(?:^|[^a-z0-9])(?:e2e|end-to-end|playwright|cypress|mochawesome)(?:[^a-z0-9]|$)/i;

/**
 * 1. Each coverage report counts; tools write one run in several formats, and merge-coverage.ts puts together what tells of the same.
 * 2. So does each report of tests, but for those that tell once more of the same tests.
 * 3. One report that can't be read makes the artifact unreadable: it may be the one that tells of the failure.
 */
export function measuredOf(name: string, content: KeptContent): ReadArtifact {
  if ('refused' in content) return { measured: [], unreadable: content.refused };
  const broken = content.reports.find(({ measurement }) => measurement.kind === 'unreadable');
  if (broken?.measurement.kind === 'unreadable') {
    const { line, reason } = broken.measurement;
    return { measured: [], unreadable: `${broken.path}${line === undefined ? '' : `:${line}`}: ${reason}` };
  }
  const pathOf = new Map(content.reports.map(({ path, measurement }) => [measurement, path]));
  const coverage = content.reports.flatMap(({ path, measurement }) =>
    measurement.kind === 'coverage' ? [coverageOf(path, measurement)] : [],
  );
  const others = withoutRetold(content.reports.map(({ measurement }) => measurement));
  return {
    measured: [
      ...coverage,
      ...lighthouseOf(content.reports),
      ...others.flatMap((one) => measured(name, one, pathOf.get(one) ?? '')),
    ],
    unreadable: null,
  };
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
 * Playwright and Cypress write JUnit beside their own report. It is left out where all its tests are among those of the other, and it
 * tells of no more failures.
 */
function withoutRetold(reports: readonly Measurement[]): Measurement[] {
  const ownFormats = reports.filter((one) => one.kind === 'tests').filter(({ format }) => format !== 'junit');
  return reports.filter(
    (one) =>
      !(one.kind === 'tests' && one.format === 'junit') ||
      !ownFormats.some((own) => brokenIn(one) <= brokenIn(own) && tellsOfSameTests(one.names, own.names)),
  );
}

function brokenIn({ failed, errored }: TestsMeasurement): number {
  return failed + errored;
}

function measured(name: string, one: Measurement, path: string): Measured[] {
  switch (one.kind) {
    case 'tests':
      return [fromTests(name, one, path)];
    case 'findings':
      return (one.tools ?? [one]).map(({ tool, errors, warnings }) => ({
        kind: 'findings',
        about: /^(?:tsc|typescript|mypy|pyright)/i.test(tool) ? 'types' : 'lint',
        errors,
        ...(warnings > 0 ? { warnings } : {}),
      }));
    case 'summary':
      return fromSummary(name, one);
    default:
      return [];
  }
}

function fromTests(name: string, one: TestsMeasurement, path: string): Measured {
  return {
    kind: 'tests',
    passed: one.passed,
    failed: one.failed + one.errored,
    skipped: one.skipped,
    is_e2e: E2E.test(name) || E2E.test(one.format),
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
  const e2e = tests.filter(({ suite }) => E2E.test(suite));
  const ratios = tests.flatMap(({ coverage_ratio }) => coverage_ratio ?? []);
  // What failed is not among what it counts, and may be any of it.
  const isUntold = status === 'FAILED' && tests.every(({ failed }) => failed === 0);
  const one = { kind: 'tests', passed: 0, failed: 1, skipped: 0, unshown: 1 } as const;
  return [
    ...(isUntold ? [{ ...one, is_e2e: e2e.length > 0 || E2E.test(name) }] : []),
    ...e2e.map(({ passed, failed }): Measured => ({ kind: 'tests', passed, failed, skipped: 0, is_e2e: true })),
    ...(lighthouse_score === null
      ? []
      : [{ kind: 'lighthouse', page: null, scores: { performance: lighthouse_score } } as const]),
    ...(ratios.length === 0 ? [] : [{ kind: 'coverage share', share: Math.min(...ratios) } as const]),
  ];
}
