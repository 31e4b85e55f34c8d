// The figures of a criterion in words: what was measured, what is needed, since when it waits. Pure; report/ and commands/ use it.

import type { GateCriterion } from '../gate-report.ts';

/** What was measured: `79.0 %`, a score, `passed`, or a dash for nothing. */
export function measuredText({ state, measured, unit }: Pick<GateCriterion, 'state' | 'measured' | 'unit'>): string {
  if (measured !== null) return inUnit(measured, unit);
  return state === 'pass' ? 'passed' : '–';
}

/** What is needed: `80.0 %`, a score, or `pass`. */
export function neededText({ threshold, unit }: Pick<GateCriterion, 'threshold' | 'unit'>): string {
  return threshold === null ? 'pass' : inUnit(threshold, unit);
}

/** Since when it waits and until when; null when it does not. */
export function waitingText({ waits }: Pick<GateCriterion, 'waits'>): string | null {
  return waits === null ? null : `since ${clock(waits.since)}, until ${clock(waits.until)}`;
}

function inUnit(value: number, unit: GateCriterion['unit']): string {
  // Cut, not rounded: 79.96 % must not be shown as the 80.0 % that it is not.
  return unit === 'share'
    ? `${(Math.floor(value * 1000 + 1e-9) / 10).toFixed(1)} %`
    : String(Math.floor(value * 10 + 1e-9) / 10);
}

/** UTC with the date, as a comment may be read on another day. */
function clock(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;
}
