// What was measured on a commit, in the shape of `runs.summary_json`: null is what nobody measured, never zero. Pure;
// verdict-record.ts uses it.

import { parseKept } from '../evidence/kept-artifact.ts';
import type { Measurement } from '../evidence/measurement.ts';
import { evaluate } from './evaluate.ts';
import { type GateSubject, gather } from './gather.ts';
import type { Gathered } from './gathered.ts';
import { unlimited } from './information.ts';
import type { Circumstances } from './judge-subject.ts';
import { isEndToEnd } from './measured-of.ts';
import type { GateVerdict } from './verdict.ts';

/** One suite; a key is null when no report tells it. */
export interface SuiteSummary {
  readonly passed: number | null;
  readonly failed: number | null;
  readonly skipped: number | null;
  /** A share from 0 to 1 of the lines. */
  readonly coverage: number | null;
}

/** Without `status` and `duration_seconds`, which the brain knows. */
export interface RunSummary {
  /** By suite: `e2e`, `unit` for all other tests and the coverage, and those that a summary of document 001's shape names. */
  readonly tests: Readonly<Record<string, SuiteSummary>> | null;
  readonly lighthouse: { readonly score: number } | null;
  /** Names of the artifacts that counted; null while some run's were not read. */
  readonly artifacts: readonly string[] | null;
}

/** From the reports that count for the commit; of coverage and Lighthouse what the verdict says, where it was asked for. */
export function runSummary(subject: GateSubject, verdict: GateVerdict, circumstances: Circumstances): RunSummary {
  const { change, now, untrusted_apps } = circumstances;
  const gathered = gather(subject, change, untrusted_apps);
  const counting = countingReports(subject, gathered);
  const usual = evaluate(gathered, { criteria: USUAL, deadline_minutes: 1, now });
  const figures = [...usual.criteria, ...verdict.criteria].flatMap(({ criterion, measured }) =>
    measured === null ? [] : [[criterion.id, measured] as const],
  );
  const told = new Map(figures);
  const coverage = told.get('coverage_min') ?? null;
  const score = told.get('lighthouse_min') ?? null;
  const suites = new Map<string, SuiteSummary>();
  for (const { artifact, measurements } of counting) {
    for (const one of measurements) addTests(suites, artifact, one);
  }
  const namesCoverage = [...suites.values()].some((suite) => suite.coverage !== null);
  if (coverage !== null && !namesCoverage) suites.set('unit', { ...(suites.get('unit') ?? NOTHING), coverage });
  const isRead = subject.runs.every(({ is_over, is_read }) => is_over && is_read);
  const artifacts = [...new Set(counting.map(({ artifact }) => artifact))].toSorted();
  return {
    tests: suites.size === 0 ? null : Object.fromEntries(suites),
    lighthouse: score === null ? null : { score },
    artifacts: artifacts.length === 0 && !isRead ? null : artifacts,
  };
}

const USUAL = [unlimited('coverage_min'), unlimited('lighthouse_min')];
const NOTHING: SuiteSummary = { passed: null, failed: null, skipped: null, coverage: null };
const MOST_SUITES = 100;

/** What is stale, of another workflow's, not to be trusted or not readable was not measured on the commit. */
function countingReports(subject: GateSubject, { reports }: Gathered) {
  return reports.flatMap((report, index) => {
    const { is_stale, is_unknown, foreign_event, distrust, unreadable, artifact } = report;
    const isOut = is_stale || is_unknown === true || (foreign_event ?? null) !== null;
    if (isOut || distrust !== null || unreadable !== null) return [];
    const kept = parseKept(subject.reports[index]?.content ?? null);
    return 'refused' in kept ? [] : [{ artifact, measurements: telling(kept.reports.map((one) => one.measurement)) }];
  });
}

/** Of the test reports of one artifact, JUnit beside a tool's own report tells of the same tests. */
function telling(measurements: readonly Measurement[]): readonly Measurement[] {
  const hasOwn = measurements.some((one) => one.kind === 'tests' && one.format !== 'junit');
  return measurements.filter((one) => !(hasOwn && one.kind === 'tests' && one.format === 'junit'));
}

function addTests(suites: Map<string, SuiteSummary>, artifact: string, one: Measurement): void {
  if (one.kind === 'tests') {
    const failed = one.failed + one.errored;
    const suite = isEndToEnd(artifact) || isEndToEnd(one.format) ? 'e2e' : 'unit';
    add(suites, suite, { passed: one.passed, failed, skipped: one.skipped, coverage: null });
  }
  if (one.kind !== 'summary') return;
  for (const { suite, passed, failed, coverage_ratio } of one.tests) {
    add(suites, storable(suite), { passed, failed, skipped: null, coverage: coverage_ratio });
  }
}

/** Postgres keeps neither NUL nor half of a surrogate pair. */
const storable = (name: string): string =>
  name
    .slice(0, 200)
    .toWellFormed()
    .replace(/\p{Cc}/gu, ' ');

/** The lower of two shares, as they can't be added. */
function add(suites: Map<string, SuiteSummary>, name: string, more: SuiteSummary): void {
  const known = suites.get(name);
  if (known === undefined) {
    if (suites.size < MOST_SUITES) suites.set(name, more);
    return;
  }
  const sum = (one: number | null, other: number | null) =>
    one === null && other === null ? null : (one ?? 0) + (other ?? 0);
  const shares = [known.coverage, more.coverage].filter((share) => share !== null);
  suites.set(name, {
    passed: sum(known.passed, more.passed),
    failed: sum(known.failed, more.failed),
    skipped: sum(known.skipped, more.skipped),
    coverage: shares.length === 0 ? null : Math.min(...shares),
  });
}
