// The figures of a criterion in words: what was measured, what is needed, since when it waits, whether it is met. Pure.

import type { GateCriterion } from '../../model/gate.ts';

/** More is a sentence, which has a place of its own. */
const FIGURE_CHARACTERS = 60;

/** What was measured: `79.0 %`, a score, what was counted, `passed`, or a dash for nothing. */
export function measuredText(criterion: GateCriterion): string {
  const { state, measured, unit, reason } = criterion;
  if (measured !== null) return inUnit(measured, unit);
  if (isFigure(criterion)) return reason;
  return state === 'pass' ? 'passed' : '–';
}

/**
 * Whether the reason is what was counted ("12 passed, 1 flaky"): of what has no unit, a report tells that, and a job does not.
 * It may hold text from outside.
 */
export function isFigure({ state, measured, reason, sources }: GateCriterion): boolean {
  return state === 'pass' && measured === null && sources[0]?.kind === 'artifact' && reason.length <= FIGURE_CHARACTERS;
}

/** What is needed: `80.0 %`, a score, or `pass`. */
export function neededText({ threshold, unit }: Pick<GateCriterion, 'threshold' | 'unit'>): string {
  return threshold === null ? 'pass' : inUnit(threshold, unit);
}

/** Since when it waits and until when; null when it does not. */
export function waitingText({ waits }: Pick<GateCriterion, 'waits'>): string | null {
  if (waits === null) return null;
  const [since, until] = [clock(waits.since), clock(waits.until)];
  return since.date === until.date
    ? `since ${since.date} ${since.time}, until ${until.time} UTC`
    : `since ${since.date} ${since.time}, until ${until.date} ${until.time} UTC`;
}

function inUnit(value: number, unit: GateCriterion['unit']): string {
  // Cut, not rounded: 79.96 % must not be shown as the 80.0 % that it is not.
  return unit === 'share'
    ? `${(Math.floor(value * 1000 + 1e-9) / 10).toFixed(1)} %`
    : String(Math.floor(value * 10 + 1e-9) / 10);
}

/** UTC with the date, as a comment may be read on another day. */
function clock(time: string): { readonly date: string; readonly time: string } {
  return { date: time.slice(0, 10), time: time.slice(11, 16) };
}

/** Whether nothing is left to do for a criterion: passed, or somebody answers for it. */
export function isMet({ state }: Pick<GateCriterion, 'state'>): boolean {
  return state === 'pass' || state === 'overridden';
}
