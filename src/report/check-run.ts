// Renders the check run of a pull request's head commit. Pure; the step files may import it.

import type { DesiredCheckRun } from '../model.ts';
import type { PullRequestReport } from '../pull-request-report.ts';
import { annotationsOf } from './annotations.ts';
import { renderBody } from './body.ts';
import type { Budget } from './budget.ts';
import { headline } from './headline.ts';
import { type State, standingOf } from './standing.ts';

// GitHub cuts off at 65,535 bytes, though its page speaks of characters: https://github.com/github/docs/issues/35252
const LIMIT: Budget = { characters: 65_535, bytes: 65_535 };
const CONCLUSIONS = {
  failing: 'failure',
  passed: 'success',
  incomplete: 'neutral',
} as const satisfies Partial<Record<State, DesiredCheckRun['conclusion']>>;

/**
 * The check run that should stand on the head commit; null while no CI has been seen there. It is in progress until every
 * run has finished, even when failures are known, and completed from then on, even while logs are being read.
 */
export function renderCheckRun(report: PullRequestReport, { name }: { readonly name: string }): DesiredCheckRun | null {
  const standing = standingOf(report);
  if (standing.state === 'none') return null;
  const title = headline(standing);
  const done = !standing.unfinished && standing.state !== 'waiting';
  return {
    kind: 'check_run',
    name,
    head_sha: report.pull_request.head_sha,
    status: done ? 'completed' : 'in_progress',
    conclusion: done ? CONCLUSIONS[standing.state] : null,
    title: title.charAt(0).toUpperCase() + title.slice(1),
    summary: renderBody(report, standing, { budget: LIMIT, lineBreak: '\n\n' }),
    annotations: annotationsOf(report),
    as_of: report.as_of,
  };
}
