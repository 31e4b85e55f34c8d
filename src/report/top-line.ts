// The one line that says where a pull request stands: the gate's verdict first, then what failed. Pure.

import type { GateCriterion, GateCriterionState, GateReport } from '../model/gate.ts';
import type { PullRequestReport } from '../model/pull-request.ts';
import { counted } from '../text/markdown.ts';
import { shorten } from '../text/outside-text.ts';
import type { Standing } from './failures/standing.ts';
import { isMet } from './gate-rows/gate-figures.ts';
import { isOverridden } from './gate-rows/gate-section.ts';
import { OBSERVING_SIGN, observedGate, observingHeadline } from './gate-rows/observing.ts';
import { failureParts, headline, headlineParts, SIGNS, unfinishedParts } from './headline.ts';

const LINE_BYTES = 100;
const NOTHING_RAN = 'no workflow ran on this commit';
const GATE_SIGNS: Readonly<Record<GateReport['state'], string>> = {
  pass: SIGNS.passed,
  fail: SIGNS.failing,
  pending: SIGNS.waiting,
  error: '⛔',
};
/** What keeps a gate from passing, gravest first, and its word. */
const UNMET = [
  ['error', 'error'],
  ['fail', 'failed'],
  ['missing', 'missing'],
  ['pending', 'waiting for'],
] as const satisfies readonly (readonly [GateCriterionState, string])[];

/** The line without a sign, at most 100 bytes, starting in upper case: it is also the check run's title. */
export function topLine({ gate, silence }: PullRequestReport, standing: Standing): string {
  if (gate !== null) return shorten(gateLineParts(gate, standing, isSilent(silence)).join(' · '), LINE_BYTES);
  const line = isSilent(silence) ? NOTHING_RAN : headline(standing);
  return line.charAt(0).toUpperCase() + line.slice(1);
}

/** The line of a comment, which names CodeRed when there is no gate. */
export function spokenLine(report: PullRequestReport, standing: Standing, speaker: string): string {
  if (report.gate !== null) return topLine(report, standing);
  return `${speaker}: ${isSilent(report.silence) ? NOTHING_RAN : headline(standing)}`;
}

/** The sign that goes before it: the gate's, where there is one, so that none contradicts the check run. */
export function topSign({ gate }: PullRequestReport, standing: Standing): string {
  if (gate === null) return SIGNS[standing.state];
  return observedGate(gate) === null ? GATE_SIGNS[gate.state] : OBSERVING_SIGN;
}

/** Whether all is well, by itself: one line says it. */
export function isGreen({ gate, proposed_problems }: PullRequestReport, standing: Standing): boolean {
  if (proposed_problems.length > 0 || observedGate(gate) !== null) return false;
  return standing.state === 'passed' && (gate === null || gate.state === 'pass') && !isOverridden(gate);
}

function isSilent(silence: PullRequestReport['silence']): boolean {
  return silence?.is_over === true;
}

function gateLineParts(gate: GateReport, standing: Standing, nothingRan: boolean): string[] {
  const observed = observedGate(gate);
  if (observed !== null)
    return [observingHeadline(observed), ...failureParts(standing, 'does not block'), ...unfinishedParts(standing)];
  const meaning = gate.state === 'pass' ? 'does not block' : 'needs you';
  const silent = nothingRan && gate.state !== 'pass' && gate.state !== 'error' ? [NOTHING_RAN] : [];
  return [...verdictParts(gate, standing), ...silent, ...failureParts(standing, meaning), ...jobParts(gate, standing)];
}

function verdictParts(gate: GateReport, standing: Standing): string[] {
  if (gate.state === 'error') return [`Gate error: the policy is broken, ${counted(gate.problems.length, 'problem')}`];
  const { criteria } = gate;
  if (gate.state === 'pass')
    return criteria.length === 0 ? ['Gate passed', 'nothing is asked for'] : [passed(criteria)];
  const verdict = `Gate ${gate.state === 'fail' ? 'failed' : 'waiting'} (${criteria.filter(isMet).length} of ${criteria.length})`;
  // Where a failure is shown, it says what is to be done; the table below has every criterion.
  return standing.state === 'failing' ? [verdict] : [verdict, ...unmetParts(criteria)];
}

function passed(criteria: readonly GateCriterion[]): string {
  const overridden = criteria.filter(({ state }) => state === 'overridden').length;
  return overridden === 0 ? 'Gate passed' : `Gate passed, ${overridden} overridden`;
}

/** By name alone: what a criterion is narrowed to may come from outside, and a headline is our words. */
function unmetParts(criteria: readonly GateCriterion[]): string[] {
  return UNMET.flatMap(([state, word]) => {
    const names = new Set(criteria.filter((one) => one.state === state).map(({ name }) => name));
    return names.size === 0 ? [] : [`${word}${state === 'pending' ? '' : ':'} ${[...names].join(', ')}`];
  });
}

function jobParts(gate: GateReport, standing: Standing): string[] {
  const unfinished = unfinishedParts(standing);
  if (standing.state === 'failing' && gate.state === 'pending' && unfinished.length === 0)
    return unmetParts(gate.criteria.filter(({ state }) => state === 'pending'));
  if (standing.state === 'failing' || standing.state === 'waiting') return unfinished;
  return gate.state === 'pass' && standing.state !== 'none' ? headlineParts(standing) : [];
}
