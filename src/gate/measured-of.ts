// From the reports of an artifact to what a criterion asks for. Pure; gather.ts uses it.

import type { KeptContent } from '../evidence/kept-artifact.ts';
import { pagesOf } from '../evidence/lighthouse-runs.ts';
import type { CoverageMeasurement, Measurement, TestsMeasurement } from '../evidence/measurement.ts';
import type { Measured } from './gathered.ts';

/** What an artifact measures, and why it could not be read; null when it could. */
export interface ReadArtifact {
  readonly measured: readonly Measured[];
  readonly unreadable: string | null;
}

const E2E = /(?:^|[^a-z0-9])(?:e2e|end-to-end|playwright|cypress|mochawesome)(?:[^a-z0-9]|$)/i;

/**
 * 1. Of several coverage reports in one artifact the one that tells most counts: tools write one run in several formats.
 * 2. Of the test reports of one artifact likewise.
 * 3. One report that can't be read makes the artifact unreadable: it may be the one that tells of the failure.
 */
export function measuredOf(name: string, content: KeptContent): ReadArtifact {
  if ('refused' in content) return { measured: [], unreadable: content.refused };
  const broken = content.reports.find(({ measurement }) => measurement.kind === 'unreadable');
  if (broken?.measurement.kind === 'unreadable') {
    const { line, reason } = broken.measurement;
    return { measured: [], unreadable: `${broken.path}${line === undefined ? '' : `:${line}`}: ${reason}` };
  }
  const reports = content.reports.map(({ measurement }) => measurement);
  const pathOf = new Map(content.reports.map(({ path, measurement }) => [measurement, path]));
  const coverage = mostTelling(reports.filter((one) => one.kind === 'coverage'));
  const others = withoutRetold(reports.filter((one) => one.kind !== 'coverage'));
  return {
    measured: [
      ...coverage,
      ...lighthouseOf(content.reports),
      ...others.flatMap((one) => measured(name, one, pathOf.get(one) ?? '')),
    ],
    unreadable: null,
  };
}

/** The formats that retell what another says, best first. */
const COVERAGE_ORDER = [
  'istanbul-final',
  'coverage-py',
  'jacoco',
  'cobertura',
  'lcov',
  'clover',
  'go-cover',
  'istanbul-summary',
];

function mostTelling(reports: readonly CoverageMeasurement[]): Measured[] {
  const rank = ({ format }: CoverageMeasurement) => {
    const place = COVERAGE_ORDER.indexOf(format);
    return place === -1 ? COVERAGE_ORDER.length : place;
  };
  const best = Math.min(...reports.map(rank));
  return reports
    .filter((one) => rank(one) === best)
    .map(({ files }) => ({
      kind: 'coverage',
      files: files.map(({ path, covered, total, line_hits }) => ({
        path,
        covered,
        total,
        lines: line_hits === null ? null : { run: line_hits.covered, missed: line_hits.uncovered },
      })),
    }));
}

/** Playwright and Cypress write JUnit beside their own report; both tell of the same tests. */
function withoutRetold(reports: readonly Measurement[]): Measurement[] {
  const hasOwn = reports.some((one) => one.kind === 'tests' && one.format !== 'junit');
  return reports.filter((one) => !(hasOwn && one.kind === 'tests' && one.format === 'junit'));
}

function measured(name: string, one: Measurement, path: string): Measured[] {
  switch (one.kind) {
    case 'tests':
      return [fromTests(name, one, path)];
    case 'findings':
      return [
        {
          kind: 'findings',
          about: /^(?:tsc|typescript|mypy|pyright)/i.test(one.tool) ? 'types' : 'lint',
          errors: one.errors,
          ...(one.warnings > 0 ? { warnings: one.warnings } : {}),
        },
      ];
    case 'summary':
      return fromSummary(one);
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
    ...(one.flaky > 0 ? { flaky: one.flaky } : {}),
    ...(one.shard ? { shard: one.shard, path } : {}),
  };
}

/** Runs of one page are put together over all reports of the artifact. */
function lighthouseOf(reports: readonly { readonly path: string; readonly measurement: Measurement }[]): Measured[] {
  const runs = reports.flatMap(({ path, measurement }) =>
    measurement.kind === 'lighthouse' ? [{ path, measurement }] : [],
  );
  return pagesOf(runs).map(({ scores, runs: count }) => ({
    kind: 'lighthouse',
    // A score that Lighthouse could not work out is none; of the lowest it is the worst.
    scores: Object.fromEntries(scores.map(({ category, score }) => [category, score ?? 0])),
    ...(count > 1 ? { runs: count } : {}),
  }));
}

function fromSummary({ tests, lighthouse_score }: Extract<Measurement, { kind: 'summary' }>): Measured[] {
  const e2e = tests.filter(({ suite }) => E2E.test(suite));
  const ratios = tests.flatMap(({ coverage_ratio }) => coverage_ratio ?? []);
  return [
    ...e2e.map(({ passed, failed }): Measured => ({ kind: 'tests', passed, failed, skipped: 0, is_e2e: true })),
    ...(lighthouse_score === null ? [] : [{ kind: 'lighthouse', scores: { performance: lighthouse_score } } as const]),
    ...(ratios.length === 0 ? [] : [{ kind: 'coverage share', share: Math.min(...ratios) } as const]),
  ];
}
