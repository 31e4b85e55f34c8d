// Renders the check run of a pull request's head commit. Pure; the step files may import it.

import type { RequestedCheckRun } from '../model/publication.ts';
import type { PullRequestReport } from '../model/pull-request.ts';
import { annotationsOf } from './annotations.ts';
import { renderBody } from './body.ts';
import type { Budget } from './budget.ts';
import { type Standing, standingOf } from './failures/standing.ts';
import { informationSection } from './gate-rows/information-section.ts';
import { observedGate } from './gate-rows/observing.ts';
import { topLine } from './top-line.ts';

// GitHub cuts off at 65,535 bytes, though its page speaks of characters: docs/github.md#check-runs
const LIMIT: Budget = { characters: 65_535, bytes: 65_535 };

/**
 * The check run that should stand on the head commit; null while no CI has been seen there, nobody misses any, and there is no
 * Definition of Done. With one it is the gate: in progress while a criterion waits, green only when every one is met, whatever else runs.
 * Where the policy only observes it is neutral from the start, and its title says what the gate would have said. Without a
 * Definition of Done it is in progress until every run has finished, even when failures are known, and completed from then on, even
 * while logs are being read.
 */
export function renderCheckRun(
  report: PullRequestReport,
  { name }: { readonly name: string },
): RequestedCheckRun | null {
  const standing = standingOf(report);
  const isMissed = report.silence?.is_over === true;
  if (standing.state === 'none' && report.gate === null && !isMissed) return null;
  const conclusion = conclusionOf(report, standing);
  return {
    kind: 'check_run',
    name,
    head_sha: report.pull_request.head_sha,
    status: conclusion === null ? 'in_progress' : 'completed',
    conclusion,
    title: topLine(report, standing),
    summary: renderBody(report, standing, {
      budget: LIMIT,
      lineBreak: '\n\n',
      last: informationSection(report.information),
    }),
    annotations: annotationsOf(report),
    as_of: report.as_of,
  };
}

function conclusionOf(report: PullRequestReport, standing: Standing): RequestedCheckRun['conclusion'] {
  const { gate } = report;
  // GitHub takes it for passed, and what waits holds nothing back either.
  if (observedGate(gate) !== null) return 'neutral';
  const silent = ofSilence(report);
  if (silent !== null) return silent;
  if (gate !== null) {
    if (gate.state === 'pending') return null;
    return gate.state === 'pass' ? 'success' : 'failure';
  }
  const { state, unfinished } = standing;
  if (unfinished || state === 'waiting' || state === 'none') return null;
  if (state === 'incomplete') return isHeld(standing) ? 'action_required' : 'neutral';
  return state === 'passed' ? 'success' : 'failure';
}

/**
 * GitHub lets neutral and skipped pass where a check is required. What was only skipped was skipped on purpose; what was
 * cancelled, or never came, is no result.
 */
function isHeld({ counts, overdue }: Standing): boolean {
  return counts.cancelled > 0 || overdue > 0;
}

/**
 * What follows from that nothing ran; null where that decides nothing. The gate has its say first: what a person overrode
 * passes, what can't be trusted or read does not, and only the gate lets something pass for that nothing ran.
 */
function ofSilence({ gate, silence = null }: PullRequestReport): RequestedCheckRun['conclusion'] {
  if (silence === null || !silence.is_over) return null;
  const { conclusion, cause } = silence;
  if (gate === null) return conclusion;
  if (gate.state === 'error' || gate.criteria.some(({ state }) => state === 'error')) return null;
  if (gate.state === 'pass')
    return conclusion === 'neutral' && gate.criteria.some(({ state }) => state === 'pass') ? 'neutral' : null;
  const isHolding = conclusion === 'action_required' || conclusion === 'failure';
  return isHolding ? conclusion : cause === 'merge_conflict' ? 'action_required' : null;
}
