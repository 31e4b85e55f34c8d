// Evaluates a job, check or status that ended without a verdict, and one that passed without having done its work. Pure.
//
// 1. A conclusion that is no verdict counts as passed only where the policy accepts it.
// 2. GitHub skips a job also because one that it needs did not end well. So `skipped` is accepted only where nothing of that run
//    failed or was cancelled, and nothing of it is still to end; any other conclusion where nothing failed.
// 3. A job that is found by its name and passed says nothing where the step that does the work was skipped.

import type { Criterion } from '../policy/schema/criteria.ts';
import type { NoVerdict } from '../policy/schema/policy.ts';
import type { EvidenceModel, Signal } from './model/evidence-model.ts';
import { REMEDY } from './model/remedies.ts';
import type { FailCode } from './model/verdict.ts';
import { skippedStep } from './names/step-names.ts';
import { workOf } from './names/work-names.ts';

/** GitHub's conclusion when it says neither passed nor failed; null for a verdict, and for what has not ended. */
export function noVerdictOf({ status, conclusion }: Signal): NoVerdict | null {
  if (conclusion === 'skipped' || conclusion === 'neutral' || conclusion === 'cancelled' || conclusion === 'stale')
    return conclusion;
  return status === 'canceled' ? 'cancelled' : null;
}

/** Whether the policy lets this conclusion count as passed. */
export function accepts({ source }: Criterion, conclusion: NoVerdict): boolean {
  return source !== null && 'accept' in source && source.accept?.includes(conclusion) === true;
}

interface Accepted {
  readonly state: 'pass' | 'pending' | 'missing';
  readonly reason: string;
  readonly fail_codes: readonly FailCode[];
  readonly remedy?: string;
}

/** Evaluates a conclusion that the policy accepts: passed, unless something of the same run failed or still runs. */
export function evaluateAccepted(
  signal: Signal,
  conclusion: NoVerdict,
  { signals }: Pick<EvidenceModel, 'signals'>,
): Accepted {
  const what = `${signal.kind} ${signal.name} was ${conclusion}`;
  const others = signal.kind === 'job' ? signals.filter((other) => isOfSameRun(other, signal)) : [];
  const bad = others.find((other) => hasFailed(other) || (conclusion === 'skipped' && isCancelled(other)));
  if (bad !== undefined) {
    const ended = hasFailed(bad) ? 'failed' : 'was cancelled';
    const reason = `${what}, and job ${bad.name} of its run ${ended}: ${conclusion} is accepted only where nothing did`;
    return { state: 'missing', reason, fail_codes: ['NO_VERDICT'], remedy: REMEDY.otherFailed };
  }
  const running = others.find(({ status }) => status === 'queued' || status === 'running');
  if (running !== undefined) {
    const reason = `${what}, which is accepted once its run has ended well; job ${running.name} has not`;
    return { state: 'pending', reason, fail_codes: [] };
  }
  return { state: 'pass', reason: `${what} (accepted)`, fail_codes: [] };
}

/** Whether both are of one run: the brain returns one run for each workflow and event. */
function isOfSameRun(other: Signal, { origin, foreign_event }: Signal): boolean {
  return other.kind === 'job' && other.origin === origin && (other.foreign_event ?? null) === (foreign_event ?? null);
}

function hasFailed(signal: Signal): boolean {
  if (signal.status === 'queued' || signal.status === 'running' || noVerdictOf(signal) !== null) return false;
  return signal.status === 'failed' || signal.conclusion !== 'success';
}

function isCancelled(signal: Signal): boolean {
  return noVerdictOf(signal) === 'cancelled' || noVerdictOf(signal) === 'stale';
}

/** Why a job that passed and was found by its name proves nothing, in words; null when it does. */
export function saysNothing({ key, source }: Criterion, { kind, name, conclusion, steps }: Signal): string | null {
  const work = workOf(key);
  if (source !== null || work === null || conclusion !== 'success') return null;
  const step = skippedStep(steps ?? [], work);
  return step === null ? null : `${kind} ${name} passed, but its step ${step} was skipped`;
}
