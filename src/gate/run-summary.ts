// Sums up what was measured on a commit, in the shape of `runs.summary_json`: null, and never 0, for what nobody measured. Pure.

import { parseKept } from '../evidence/kept-artifact.ts';
import type { Measurement, SummaryMeasurement } from '../evidence/reading/measurement.ts';
import { collect, type GateSubject } from './collect/collect.ts';
import { evaluate } from './evaluate.ts';
import type { Circumstances } from './evaluate-head.ts';
import { unlimited } from './information.ts';
import type { EvidenceModel, Measured } from './model/evidence-model.ts';
import type { GateVerdict } from './model/verdict.ts';

/** One suite; a key is null when no report holds it. */
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

/** Makes the summary from the reports that count for the commit. Coverage and Lighthouse are those of the verdict, where it has them. */
export function runSummary(subject: GateSubject, verdict: GateVerdict, circumstances: Circumstances): RunSummary {
  const { change, now, untrusted_apps } = circumstances;
  const model = collect(subject, change, untrusted_apps);
  const counting = countingReports(subject, model);
  const usual = evaluate(model, { criteria: USUAL, deadline_minutes: 1, now });
  const figures = [...usual.criteria, ...verdict.criteria].flatMap(({ criterion, measured }) =>
    measured === null ? [] : [[criterion.id, measured] as const],
  );
  const byKey = new Map(figures);
  const coverage = byKey.get('coverage_min') ?? null;
  const score = byKey.get('lighthouse_min') ?? null;
  const suites = new Map<string, SuiteSummary>();
  for (const report of counting) addTests(suites, report);
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

/** The reports that count: what is stale, of another event's run, not trusted or not readable was not measured on the commit. */
function countingReports(subject: GateSubject, { reports }: EvidenceModel) {
  return reports.flatMap((report, index) => {
    const { is_stale, is_unknown, foreign_event, distrust, unreadable, artifact, measured } = report;
    const isOut = is_stale || is_unknown === true || (foreign_event ?? null) !== null;
    if (isOut || distrust !== null || unreadable !== null) return [];
    const kept = parseKept(subject.reports[index]?.content ?? null);
    const summaries = 'refused' in kept ? [] : kept.reports.map((one) => one.measurement).filter(isSummary);
    return [{ artifact, measured, summaries }];
  });
}

const isSummary = (one: Measurement): one is SummaryMeasurement => one.kind === 'summary';

/** A summary names its suites itself, and its measurements hold nothing more. */
function addTests(
  suites: Map<string, SuiteSummary>,
  { measured, summaries }: { measured: readonly Measured[]; summaries: readonly SummaryMeasurement[] },
): void {
  for (const { suite, passed, failed, coverage_ratio } of summaries.flatMap(({ tests }) => tests)) {
    add(suites, storable(suite), { passed, failed, skipped: null, coverage: coverage_ratio });
  }
  if (summaries.length > 0) return;
  for (const one of measured) {
    if (one.kind !== 'tests') continue;
    const { passed, failed, skipped, is_e2e } = one;
    add(suites, is_e2e ? 'e2e' : 'unit', { passed, failed, skipped, coverage: null });
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
