// Renders the comment of a pull request, and the marker by which it is found again. Pure.

import type { RequestedComment } from '../model/publication.ts';
import type { PullRequestReport } from '../model/pull-request.ts';
import { plain } from '../text/markdown.ts';
import { renderBody } from './body.ts';
import { type Budget, spend } from './budget.ts';
import { commitLink } from './failures/commit-link.ts';
import { deploymentsLine } from './failures/deployments.ts';
import { earlierClauses } from './failures/earlier.ts';
import { type Standing, standingOf } from './failures/standing.ts';
import { isOverridden } from './gate-rows/gate-section.ts';
import { SIGNS } from './headline.ts';
import { mergeQueueLine } from './next-step.ts';
import { isGreen, spokenLine, topSign } from './top-line.ts';

// GitHub refuses a body of more than 65,536 characters, and some of its clients count bytes.
const LIMIT: Budget = { characters: 60_000, bytes: 65_535 };
const EARLIER_CLAUSES = 3;
const STAMP = '\\d{4}-\\d{2}-\\d{2}T[\\d:.]{5,20}(?:Z|[+-]\\d{2}:\\d{2})';
const STAMP_LINE = new RegExp(`^${STAMP}$`);
const MARKER_LINE = new RegExp(`^<!-- codered:comment v1 pull_request=(\\d{1,15}) as_of=(-|${STAMP}) -->\\r?$`);

/** What the marker of a comment says. */
export interface CommentMarker {
  readonly pull_request_number: number;
  /** `as_of` of the report that the comment was rendered from; null when that had none. */
  readonly as_of: string | null;
}

/**
 * The comment that should stand on the pull request. The first line is the headline, the second the marker. `appName` is
 * the name it speaks under. Not to be created while every failure's log is still being read: the mail that GitHub sends
 * when a comment is made should say what broke.
 */
export function renderComment(
  report: PullRequestReport,
  { appName = 'CodeRed' }: { readonly appName?: string } = {},
): RequestedComment {
  const standing = standingOf(report);
  return {
    kind: 'comment',
    pull_request_number: report.pull_request.number,
    head_sha: report.pull_request.head_sha,
    body: isGreen(report, standing) ? renderPassed(report, standing, appName) : renderOpen(report, standing, appName),
    may_create:
      [...standing.entries, ...standing.notYours].some((entry) => entry.knowledge !== 'reading') ||
      report.gate?.state === 'fail' ||
      report.gate?.state === 'error' ||
      isOverridden(report.gate) ||
      report.proposed_problems.length > 0 ||
      (report.merge_queue ?? null) !== null,
    as_of: report.as_of,
  };
}

/** What the marker on the second line of a comment's body says; null when there is none that we write. */
export function readCommentMarker(body: string): CommentMarker | null {
  const begin = body.indexOf('\n') + 1;
  if (begin === 0) return null;
  const end = body.indexOf('\n', begin);
  const [, number, stamp] = MARKER_LINE.exec(body.slice(begin, end === -1 ? undefined : end)) ?? [];
  if (number === undefined || stamp === undefined) return null;
  return { pull_request_number: Number(number), as_of: stamp === '-' ? null : stamp };
}

/** The marker line; a stamp that is no ISO 8601 time with its zone is left out as if there were none. */
export function commentMarker(marker: CommentMarker): string {
  const stamp = marker.as_of !== null && STAMP_LINE.test(marker.as_of) ? marker.as_of : '-';
  return `<!-- codered:comment v1 pull_request=${marker.pull_request_number} as_of=${stamp} -->`;
}

function renderOpen(report: PullRequestReport, standing: Standing, appName: string): string {
  const top = `### ${topSign(report, standing)} ${spokenLine(report, standing, plain(appName))}\n${markerOf(report)}\n`;
  return top + renderBody(report, standing, { budget: spend(LIMIT, top), lineBreak: '\n' });
}

// One line says it all: nobody is kept from their work by what is green.
function renderPassed(report: PullRequestReport, standing: Standing, appName: string): string {
  const { head_sha } = report.pull_request;
  const first = `${SIGNS.passed} **${spokenLine(report, standing, plain(appName))}** · ${commitLink(report, head_sha)}`;
  const line = [first, ...earlierClauses(report, EARLIER_CLAUSES)].join(' · ');
  return [line, markerOf(report), ...mergeQueueLine(report), ...deploymentsLine(report)].join('\n');
}

function markerOf({ pull_request, as_of }: PullRequestReport): string {
  return commentMarker({ pull_request_number: pull_request.number, as_of });
}
