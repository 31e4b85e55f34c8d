// Renders the check run of a pull request's head commit. Pure; the step files may import it.

import type { DesiredCheckRun } from '../model.ts';
import type { PullRequestReport } from '../pull-request-report.ts';
import { annotationsOf } from './annotations.ts';
import { renderBody } from './body.ts';
import type { Budget } from './budget.ts';
import { informationSection } from './information-section.ts';
import { observedGate } from './observing.ts';
import { type Standing, type State, standingOf } from './standing.ts';
import { topLine } from './top-line.ts';

// GitHub cuts off at 65,535 bytes, though its page speaks of characters: https://github.com/github/docs/issues/35252
const LIMIT: Budget = { characters: 65_535, bytes: 65_535 };
const CONCLUSIONS = {
  failing: 'failure',
  passed: 'success',
  incomplete: 'neutral',
} as const satisfies Partial<Record<State, DesiredCheckRun['conclusion']>>;

/**
 * The check run that should stand on the head commit; null while no CI has been seen there and there is no Definition of
 * Done. With one it is the gate: in progress while a criterion waits, green only when every one is met, whatever else runs.
 * Where the policy only observes it is neutral from the start, and its title says what the gate would have said. Without a
 * Definition of Done it is in progress until every run has finished, even when failures are known, and completed from then on, even
 * while logs are being read.
 */
export function renderCheckRun(report: PullRequestReport, { name }: { readonly name: string }): DesiredCheckRun | null {
  const standing = standingOf(report);
  if (standing.state === 'none' && report.gate === null) return null;
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

function conclusionOf({ gate }: PullRequestReport, standing: Standing): DesiredCheckRun['conclusion'] {
  // GitHub takes it for passed, and what waits holds nothing back either.
  if (observedGate(gate) !== null) return 'neutral';
  if (gate !== null) {
    if (gate.state === 'pending') return null;
    return gate.state === 'pass' ? 'success' : 'failure';
  }
  if (standing.unfinished || standing.state === 'waiting' || standing.state === 'none') return null;
  return CONCLUSIONS[standing.state];
}
