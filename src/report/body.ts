// The sections that comment and check run share, in the reader's order and within a budget. Pure.

import type { PullRequestReport } from '../model/pull-request.ts';
import { counted, details, link, plain } from '../text/markdown.ts';
import { type Budget, fitEntries, spend } from './budget.ts';
import { commitLink } from './failures/commit-link.ts';
import { deploymentsLine } from './failures/deployments.ts';
import { earlierClauses } from './failures/earlier.ts';
import { renderFailure } from './failures/failure-section.ts';
import type { FailureEntry } from './failures/failures.ts';
import { jobLabels } from './failures/job-names.ts';
import { notYoursSection } from './failures/not-yours.ts';
import type { Standing } from './failures/standing.ts';
import { unfinishedSection } from './failures/unfinished.ts';
import { gateSection, proposedSection } from './gate-rows/gate-section.ts';
import { isShownIn, isWaitedFor } from './gate-rows/gate-sources.ts';
import { tally } from './headline.ts';
import { nextSteps } from './next-step.ts';

const TITLE_BYTES = 200;
const EARLIER_CLAUSES = 5;
const SEPARATOR = '\n\n';

export interface BodyOptions {
  readonly budget: Budget;
  /** What keeps two lines apart on the page it stands on. */
  readonly lineBreak: '\n' | '\n\n';
  /** Sections that stand at the end. */
  readonly last?: readonly string[];
}

/** Everything below the headline as Markdown, in at most `budget`. */
export function renderBody(
  report: PullRequestReport,
  standing: Standing,
  { budget, lineBreak, last = [] }: BodyOptions,
): string {
  const label = jobLabels(report);
  const { entries } = standing;
  const before = commitLine(report, standing);
  const running = [
    ...notYoursSection(standing, label, report),
    ...unfinishedSection(report, label, isWaitedFor(report)),
    ...nextSteps(report, standing),
  ];
  const others = [
    ...proposedSection(report.proposed_problems),
    ...deploymentsLine(report),
    ...earlierSection(report, standing),
    ...last,
  ];
  const after = (listed: readonly FailureEntry[]) => [
    ...running,
    ...gateSection(report.gate, isShownIn([...listed, ...standing.notYours].flatMap(({ failed }) => failed))),
    ...others,
  ];
  // With every failure shown it is longest.
  const rest = [before, moreLine(entries.length, report), ...after(entries)].join(SEPARATOR);
  const failures = fitEntries(
    entries.length,
    (index, form) => {
      const entry = entries[index];
      if (entry === undefined) throw new Error(`there is no failure ${index} among ${entries.length}`);
      return renderFailure(entry, form, { report, label, lineBreak, previous: entries[index - 1] ?? null });
    },
    spend(budget, rest),
    SEPARATOR,
  );
  const omitted = entries.length - failures.length;
  const more = omitted > 0 ? [moreLine(omitted, report)] : [];
  return [before, ...failures, ...more, ...after(entries.slice(0, failures.length))].join(SEPARATOR);
}

// Where the headline has already said how many passed, the line does not say it again.
function commitLine(report: PullRequestReport, standing: Standing): string {
  const { head_sha, title } = report.pull_request;
  const line = `${commitLink(report, head_sha)} ${plain(title, TITLE_BYTES)}`;
  if (standing.state === 'none') return line;
  const isSaid = standing.state !== 'failing' && standing.state !== 'waiting' && isSaidAbove(report);
  return isSaid ? line : `${line} · ${tally(standing)}`;
}

/** Of a gate that is not passed the headline says what it waits for or lacks, and nothing of jobs that passed. */
function isSaidAbove({ gate }: PullRequestReport): boolean {
  return gate === null || gate.state === 'pass';
}

function moreLine(omitted: number, report: PullRequestReport): string {
  const page = link('checks page', `${report.pull_request.html_url}/checks`);
  return `${counted(omitted, 'more failure')} ${omitted === 1 ? 'stands' : 'stand'} on the ${page}.`;
}

function earlierSection(report: PullRequestReport, standing: Standing): string[] {
  const lines = earlierClauses(report, EARLIER_CLAUSES).map((clause) => `- ${clause}`);
  if (lines.length === 0) return [];
  const list = lines.join('\n');
  return [standing.state === 'failing' ? details('What had failed before', `${list}\n`) : list];
}
