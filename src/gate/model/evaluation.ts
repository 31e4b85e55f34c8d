// What becomes of a judgement by the clock, and by a person's word. Pure; evaluate.ts uses it.
//
// 1. Pending past the deadline is missing. The deadline counts from when that began which is waited for.
// 2. While a job of the run that may bring it goes on, it is late and not missing, for a day at most.

import type { GateSource } from '../../model/gate.ts';
import type { Criterion } from '../../policy/schema/criteria.ts';
import type { EvidenceModel, Override } from './evidence-model.ts';
import type { UnderWay } from './under-way.ts';
import type { CriterionVerdict, FailCode } from './verdict.ts';

/** A judgement before deadline and overrides. */
export interface Evaluation {
  readonly state: 'pass' | 'fail' | 'pending' | 'missing' | 'error';
  readonly measured: number | null;
  readonly sources: readonly GateSource[];
  readonly reason: string;
  readonly fail_codes: readonly FailCode[];
  /** What to do about it, where the cause is known better than its code tells; also of what is pending, for when it is missing. */
  readonly remedy?: string | undefined;
  /** When that began which is waited for, ISO 8601; null when nothing has. */
  readonly began: string | null;
  /** What goes on in the run that may bring it; left out or null: nothing that is known. */
  readonly held?: UnderWay | null;
}

/** How the reason of what nothing is there of begins. */
export const WAITING = 'waiting for ';

/** The judgement at a time of judging (ISO 8601). */
export function expire(
  criterion: Criterion,
  { began, held = null, remedy, ...evaluated }: Evaluation,
  { model, deadlineMs, now }: { model: EvidenceModel; deadlineMs: number; now: string },
): CriterionVerdict {
  const own = remedy === undefined ? {} : { remedy };
  if (evaluated.state !== 'pending') return { criterion, ...evaluated, ...own, waits: null };
  const since = began === null || began < model.since ? model.since : began;
  const lasts = Date.parse(since) + deadlineMs;
  const isHeld = held !== null && Date.parse(held.until) > lasts;
  const until = isHeld ? held.until : new Date(lasts).toISOString();
  const reason = held === null ? evaluated.reason : `${evaluated.reason}; ${held.description}`;
  if (Date.parse(now) < Date.parse(until)) return { criterion, ...evaluated, reason, waits: { since, until } };
  const waited = Math.round((Date.parse(until) - Date.parse(since)) / 60_000);
  return {
    criterion,
    ...evaluated,
    ...(held === null ? own : { remedy: held.remedy }),
    state: 'missing',
    reason: notReceived(reason, `within ${waited} minutes`),
    fail_codes: ['EVIDENCE_MISSING'],
    waits: null,
  };
}

/** The reason of what is waited for no more. */
export function notReceived(reason: string, within: string): string {
  return reason.startsWith(WAITING)
    ? `not received ${within}: ${reason.slice(WAITING.length)}`
    : `${reason}; not received ${within}`;
}

/** With what a person has said of it: whatever it is that is not passed, somebody may answer for it. */
export function override(verdict: CriterionVerdict, overrides: readonly Override[], now: string): CriterionVerdict {
  if (verdict.state === 'pass') return verdict;
  const { id } = verdict.criterion;
  const given = overrides.find(
    ({ criterion, expires_at }) =>
      (criterion === id || criterion === 'all') && (expires_at === null || Date.parse(expires_at) > Date.parse(now)),
  );
  if (given === undefined) return verdict;
  const until = given.expires_at === null ? '' : ` until ${given.expires_at.slice(0, 10)}`;
  return { ...verdict, state: 'overridden', reason: `${given.by}${until}: ${given.reason}`, waits: null };
}
