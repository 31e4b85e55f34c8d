// What is said of a gate whose policy only observes: what it would have said. Pure; top-line.ts and check-run.ts use it.

import type { GateReport } from '../../model/gate.ts';
import { isMet } from './gate-figures.ts';

/** The sign of what holds nothing back. */
export const OBSERVING_SIGN = 'ℹ️';

type EvaluatedGate = Exclude<GateReport, { state: 'error' }>;
const WOULD: Readonly<Record<EvaluatedGate['state'], string>> = {
  pass: 'would pass',
  fail: 'would fail',
  pending: 'would wait',
};

/** The gate where nothing is held back, whatever it says; else null. A policy that can't be read says no such thing. */
export function observedGate(gate: GateReport | null): EvaluatedGate | null {
  return gate !== null && gate.state !== 'error' && gate.observed !== undefined ? gate : null;
}

/** `Observing: would fail (2 of 5)`, with how many criteria are met. */
export function observingHeadline({ state, criteria }: EvaluatedGate): string {
  const met = criteria.filter(isMet).length;
  const what = `Observing: ${WOULD[state]}`;
  return criteria.length === 0 ? `${what}, nothing is asked for` : `${what} (${met} of ${criteria.length})`;
}
