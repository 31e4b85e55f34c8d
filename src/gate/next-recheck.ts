// When a verdict changes though no webhook comes. Pure.

import type { GateVerdict } from './model/verdict.ts';
import { askAgainAt, type EvaluatedSubject } from './trust-pull-request.ts';

/**
 * Returns when to recheck, in ms since 1970 (as `now` is): when a wait is over, an override expires, or one of the times in `untils`
 * (ISO 8601) has come, whichever is first. Infinity: never.
 */
export function nextLook(
  subject: EvaluatedSubject,
  verdict: GateVerdict,
  { untils, now }: { readonly untils: readonly (string | null | undefined)[]; readonly now: number },
): number {
  const ends = [
    ...verdict.criteria.map(({ waits }) => waits?.until),
    ...subject.overrides.map((one) => one.expires_at),
    askAgainAt(subject, verdict.state, now),
    ...untils,
  ];
  return Math.min(...ends.flatMap((end) => (end ? Date.parse(end) : [])).filter((end) => end > now));
}
