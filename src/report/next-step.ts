// What nobody would find out from a list of jobs: that nothing ran and why, that what was cancelled is no result, what a merge
// queue dropped. Pure.

import type { PullRequestReport, Silence } from '../model/pull-request.ts';
import { codeSpan, counted, link, nameCode } from '../text/markdown.ts';
import { commitLink } from './failures/commit-link.ts';
import { inWords } from './failures/job-names.ts';
import type { Standing } from './failures/standing.ts';

const NAMES_SHOWN = 3;
const WORD_BYTES = 50;

const CAUSES: Readonly<Record<NonNullable<Silence['cause']>, string>> = {
  merge_conflict: 'merge conflict with the base branch: GitHub starts no workflow for it. Mend it and push.',
  approval: 'its workflows may wait for a maintainer to let them run.',
};
const NO_CAUSE =
  'path filters, a skip instruction in the commit message, or no workflow that runs for pull requests. Push, or run one.';

/** The lines that say what is to be done, none where nothing is. */
export function nextSteps(report: PullRequestReport, standing: Standing): string[] {
  const { silence = null, gate } = report;
  const silent = silence?.is_over === true && gate?.state !== 'pass' ? [silenceLine(silence)] : [];
  const isCancelled = gate === null && standing.state === 'incomplete' && standing.counts.cancelled > 0;
  const cancelled = isCancelled ? ['⚠️ What was cancelled is no result: re-run it, or push.'] : [];
  return [...silent, ...cancelled, ...mergeQueueLine(report)];
}

/** One line, or none: what failed on the commit that a merge queue made of the pull request, or that it was dropped. */
export function mergeQueueLine(report: PullRequestReport): string[] {
  const { merge_queue: drop = null } = report;
  if (drop === null) return [];
  const shown = drop.failed.slice(0, NAMES_SHOWN).map(({ name, url }) => link(nameCode(name), url));
  const more = drop.failed.length - shown.length;
  const own = drop.is_refused && shown.length === 0 ? ['the check of CodeRed'] : [];
  const names = [...shown, ...own, ...(more > 0 ? [counted(more, 'more')] : [])];
  const what = names.length === 0 ? 'no run failed there' : `${inWords(names)} failed there`;
  const end = drop.end === null ? 'failed on' : `dropped it (${codeSpan(drop.end, WORD_BYTES)}) with`;
  return [`🚫 The merge queue ${end} ${commitLink(report, drop.commit_sha)}: ${what}.`];
}

function silenceLine({ minutes, cause }: Silence): string {
  const why = cause === null ? `likely ${NO_CAUSE}` : CAUSES[cause];
  return `⚠️ No workflow ran on this commit within ${counted(minutes, 'minute')}: ${why}`;
}
