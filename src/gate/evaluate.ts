// Evaluates each criterion by what is known of a commit. Pure, and the clock is an argument.
//
// 1. Only what was measured on this commit counts; of what ran several times, the newest attempt.
// 2. What a criterion rests on is running again, or may still bring what it rests on: pending.
// 3. Pending past the deadline is missing. Missing is never passed.
// 4. A conclusion that is no verdict (skipped, neutral, cancelled, stale) is missing, unless the policy accepts it.
// 5. Of several things that a criterion rests on the worst counts: error, fail, missing, pending, pass.
// 6. When a criterion would rest on something that cannot be trusted, it is an error, whatever else there is: a person has to look. The
//    same holds for a criterion that GitHub Actions, or the workflow that the policy names, may measure, when none of it can be trusted.
// 7. Something whose workflow GitHub has not named yet is waited for, whatever it says.
// 8. What was measured by a job that has run again since, without being measured anew, is missing.
// 9. What is measured in parts is missing until all of them are there (whole-suite.ts), and is no coverage before.
// 10. An override turns what is not passed into overridden, whatever it is; a pass stays a pass.

import type { GateSource } from '../model/gate.ts';
import type { Criterion } from '../policy/schema/criteria.ts';
import { tells } from './collect/found-report.ts';
import { distrustedPlace, type Evidence, findEvidence } from './find-evidence.ts';
import { measure } from './measure.ts';
import { type Evaluation, expire, override } from './model/evaluation.ts';
import type { EvidenceModel, Report, Signal } from './model/evidence-model.ts';
import { REMEDY, remedyOfUnreadable } from './model/remedies.ts';
import { mayBring, underWay } from './model/under-way.ts';
import { type FailCode, type GateVerdict, gateVerdict } from './model/verdict.ts';
import { accepts, evaluateAccepted, noVerdictOf, saysNothing } from './no-verdict.ts';
import { remedyFor, waitingFor } from './nothing-found.ts';
import { mayBeReplaced, withoutReplaced } from './parts/replaced-attempts.ts';
import { missingPart } from './parts/whole-suite.ts';

/** By what a commit is evaluated. */
export interface EvaluationTerms {
  readonly criteria: readonly Criterion[];
  readonly deadline_minutes: number;
  /** The time at which the commit is evaluated, ISO 8601. */
  readonly now: string;
}

/** Evaluates each criterion by what is known of the commit, by the rules at the head of this file. */
export function evaluate(model: EvidenceModel, { criteria, deadline_minutes, now }: EvaluationTerms): GateVerdict {
  return gateVerdict(
    criteria.map((criterion) => {
      const evaluation = evaluateCriterion(criterion, model);
      return override(
        expire(criterion, evaluation, { model, deadlineMs: deadline_minutes * 60_000, now }),
        model.overrides,
        now,
      );
    }),
  );
}

function evaluateCriterion(criterion: Criterion, model: EvidenceModel): Evaluation {
  const found = findEvidence(criterion, model);
  const distrusted = evaluateTrust(criterion, found, model);
  if (distrusted !== null) return distrusted;
  const evaluations = [
    ...found.signals.map((signal) => evaluateSignal(criterion, signal, model)),
    ...evaluateReports(criterion, found, model),
  ];
  const worst = evaluations.toSorted((one, other) => SEVERITY.indexOf(one.state) - SEVERITY.indexOf(other.state))[0];
  if (worst === undefined) return nothingFound(criterion, found, model);
  const sources = evaluations.filter(({ state }) => state === worst.state).flatMap((one) => one.sources);
  return { ...worst, sources: sources.slice(0, 10) };
}

const SEVERITY = ['error', 'fail', 'missing', 'pending', 'pass'] as const;

/** Null when all of it is to be trusted. */
function evaluateTrust(criterion: Criterion, { signals, reports }: Evidence, model: EvidenceModel): Evaluation | null {
  const found = [
    ...signals.map((signal) => ({ distrust: signal.distrust, source: sourceOf(signal) })),
    ...reports.map((report) => ({ distrust: report.distrust, source: sourceOfReport(report) })),
  ];
  const distrusted = found.filter(({ distrust }) => distrust !== null);
  const [first] = distrusted;
  const place = distrustedPlace(criterion, model);
  const why = first?.distrust ?? place?.why ?? null;
  if (why === null) return null;
  const what =
    first === undefined ? `nothing that ${place?.what} says counts` : `${nameOf(first.source)} does not count`;
  return {
    state: 'error',
    measured: null,
    sources: distrusted.map((one) => one.source).slice(0, 10),
    reason: `${what}: ${why}; a maintainer has to look`,
    fail_codes: ['EVIDENCE_NOT_TRUSTED'],
    began: null,
  };
}

function nameOf({ kind, name }: GateSource): string {
  return `${kind} ${name}`;
}

/** What a job, check or status says by itself. */
function evaluateSignal(criterion: Criterion, signal: Signal, model: EvidenceModel): Evaluation {
  const base = { measured: null, sources: [sourceOf(signal)], began: signal.at };
  const what = nameOf(signal);
  if (signal.is_unknown === true)
    return {
      ...base,
      state: 'pending',
      reason: `GitHub has not told yet which workflow ${what} is of`,
      fail_codes: [],
      remedy: REMEDY.unknownWorkflow,
    };
  if (signal.status === 'queued' || signal.status === 'running') {
    const word = signal.status === 'queued' ? 'is queued' : 'is running';
    const remedy = signal.status === 'queued' ? REMEDY.waits : REMEDY.slow;
    return { ...base, state: 'pending', reason: `${what} ${word}`, fail_codes: [], remedy };
  }
  const noVerdict = noVerdictOf(signal);
  if (noVerdict !== null && accepts(criterion, noVerdict))
    return { ...base, ...evaluateAccepted(signal, noVerdict, model) };
  if (noVerdict !== null)
    return {
      ...base,
      state: 'missing',
      reason: `${what} was ${noVerdict}, which is no verdict`,
      fail_codes: ['NO_VERDICT'],
    };
  const nothing = saysNothing(criterion, signal);
  if (nothing !== null)
    return { ...base, state: 'missing', reason: nothing, fail_codes: ['NO_VERDICT'], remedy: REMEDY.skippedStep };
  if (signal.status === 'succeeded' && signal.conclusion === 'success')
    return { ...base, state: 'pass', reason: `${what} passed`, fail_codes: [] };
  const how = signal.conclusion === 'action_required' ? 'asks for something: open it' : 'failed';
  return { ...base, state: 'fail', reason: `${what} ${how}`, fail_codes: [FAILED_SIGNAL[criterion.key]] };
}

const FAILED_SIGNAL: Readonly<Record<Criterion['key'], FailCode>> = {
  lint_pass: 'LINT_FAILED',
  type_check: 'TYPE_ERRORS',
  e2e_pass: 'TESTS_FAILED',
  coverage_min: 'COVERAGE_BELOW_MIN',
  coverage_diff_min: 'COVERAGE_BELOW_MIN',
  lighthouse_min: 'LIGHTHOUSE_BELOW_MIN',
};

/** Evaluates all reports together: the counts of parts are added, so they are one evaluation. Empty when no report counts. */
function evaluateReports(criterion: Criterion, found: Evidence, model: EvidenceModel): Evaluation[] {
  const reports = withoutReplaced(found.reports, model);
  if (reports.length === 0) return [];
  const sources = reports.map(sourceOfReport);
  const began = reports.map(({ at }) => at).toSorted()[0] ?? null;
  const base = { measured: null, sources, began, fail_codes: [] };
  const unknown = reports.find((report) => report.is_unknown === true);
  if (unknown !== undefined) {
    const reason = `GitHub has not told yet which workflow artifact ${unknown.artifact} is of`;
    return [{ ...base, state: 'pending', reason, remedy: REMEDY.unknownWorkflow }];
  }
  const again = evaluateRepeat(reports, model);
  if (again !== null) return [{ ...base, ...again }];
  const stale = reports.find((report) => report.is_stale);
  if (stale !== undefined) {
    const reason = `artifact ${stale.artifact} is of attempt ${stale.attempt}, and what made it has run again without making another`;
    return [{ ...base, state: 'missing', reason: withAdvice(reason, reports), fail_codes: ['EVIDENCE_STALE'] }];
  }
  const unreadable = reports.find((report) => report.unreadable !== null);
  if (unreadable !== undefined) {
    const reason = `artifact ${unreadable.artifact} can't be read: ${unreadable.unreadable}`;
    const remedy = remedyOfUnreadable(unreadable.unreadable);
    return [{ ...base, state: 'error', reason, fail_codes: ['ARTIFACT_UNREADABLE'], remedy }];
  }
  const relevant = reports.filter(({ measured }) => measured.some((one) => tells(criterion, one)));
  if (relevant.length === 0) {
    const names = reports.map(({ artifact }) => artifact).join(', ');
    return [
      {
        ...base,
        state: 'error',
        reason: `artifact ${names} holds no report of this kind`,
        fail_codes: ['ARTIFACT_UNREADABLE'],
        remedy: criterion.key === 'e2e_pass' ? REMEDY.endToEnd : REMEDY.otherKind,
      },
    ];
  }
  const part = missingPart(criterion, reports, model);
  const held = part?.state === 'pending' ? underWay(model.runs, model) : null;
  const missing =
    part === null ? [] : [{ ...base, ...part, held, fail_codes: PART_CODES[part.state], remedy: REMEDY.part }];
  // A share of half a suite is no share, while a test that failed has failed.
  if (part !== null && COVERAGE.includes(criterion.key)) return missing;
  const figure = measure(criterion, relevant, model.changed_lines);
  const reason = figure.state === 'pass' ? figure.reason : withAdvice(figure.reason, reports);
  return [{ ...figure, reason, sources, began }, ...missing];
}

const COVERAGE: readonly Criterion['key'][] = ['coverage_min', 'coverage_diff_min'];
const PART_CODES: Readonly<Record<'pending' | 'missing', readonly FailCode[]>> = {
  pending: [],
  missing: ['EVIDENCE_MISSING'],
};

/** Adds advice to the reason where one of the reports may come from an attempt that no longer counts. */
function withAdvice(reason: string, reports: readonly Report[]): string {
  const advice = mayBeReplaced(reports);
  return advice === null ? reason : `${reason}; ${advice}`;
}

/** Pending while a run goes on that may replace one of these artifacts by another of its name; null when none may be replaced. */
function evaluateRepeat(
  reports: readonly Report[],
  model: EvidenceModel,
): Pick<Evaluation, 'state' | 'reason' | 'held'> | null {
  const open = model.runs.filter(
    ({ run_id, is_over, is_held }) =>
      !is_over && is_held !== true && reports.some((report) => report.run_id === run_id),
  );
  const again = reports.find((report) => open.some(({ run_id }) => run_id === report.run_id));
  if (again === undefined) return null;
  const reason = `the run that makes artifact ${again.artifact} is not over`;
  return { state: 'pending', reason, held: underWay(open, model) };
}

/** Pending: there is no evidence that counts, and it may still come. */
function nothingFound(criterion: Criterion, found: Evidence, model: EvidenceModel): Evaluation {
  const newest = model.runs
    .map(({ at }) => at)
    .toSorted()
    .at(-1);
  return {
    state: 'pending',
    measured: null,
    sources: [],
    reason: waitingFor(criterion, found, model),
    fail_codes: [],
    remedy: remedyFor(criterion, model),
    began: newest ?? null,
    held: underWay(mayBring(criterion, model.runs), model),
  };
}

function sourceOf({ kind, name, url, attempt }: GateSource): GateSource {
  return { kind, name, url, attempt };
}

function sourceOfReport({ artifact, url, attempt }: Report): GateSource {
  return { kind: 'artifact', name: artifact, url, attempt };
}
