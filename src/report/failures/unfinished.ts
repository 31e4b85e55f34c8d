// Says which jobs have not finished, folded when they are many. Pure; body.ts may import it.

import type { PullRequestReport, ReportJob } from '../../model/pull-request.ts';
import { counted, details, fence, nameCode } from '../../text/markdown.ts';
import { nameLine } from '../../text/outside-text.ts';
import { compareNames } from './failures.ts';
import { inWords, type JobLabel } from './job-names.ts';
import { type JobOutcome, outcomeOf } from './standing.ts';

const NAMES_IN_LINE = 5;
const NAMES_FOLDED = 20;
const WAITING = [
  { outcome: 'running', title: 'Running' },
  { outcome: 'queued', title: 'Queued' },
  { outcome: 'approval', title: 'Waiting for a maintainer to approve' },
] as const satisfies readonly { outcome: JobOutcome; title: string }[];

/** One Markdown section, or none when every job has finished; jobs of which the page tells elsewhere are left out. */
export function unfinishedSection(
  report: PullRequestReport,
  label: JobLabel,
  isShown: (job: ReportJob) => boolean,
): string[] {
  const jobs = report.jobs.filter((job) => !isShown(job));
  const groups = WAITING.map(({ outcome, title }) => ({ title, names: namesOf(jobs, outcome, label) }));
  const waiting = groups.filter(({ names }) => names.length > 0);
  const total = waiting.reduce((sum, { names }) => sum + names.length, 0);
  return [...waitingSection(waiting, total), ...unawaitedSection(report.jobs, label)];
}

/** What has not ended and is not waited for: named, so that nobody takes it for passed. */
function unawaitedSection(jobs: readonly ReportJob[], label: JobLabel): string[] {
  const left = jobs.filter(({ not_awaited }) => not_awaited !== undefined);
  if (left.length === 0) return [];
  const named = left
    .toSorted((a, b) => compareNames(label(a), label(b)))
    .slice(0, NAMES_FOLDED)
    .map((job) => `${nameCode(label(job))} (${job.not_awaited === 'overdue' ? 'no result in time' : 'merges'})`);
  const more = left.length - named.length;
  const names = more > 0 ? [...named, `${more.toLocaleString('en-US')} more`] : named;
  return [`Not waited for: ${inWords(names)}`];
}

function waitingSection(waiting: readonly { title: string; names: readonly string[] }[], total: number): string[] {
  if (total === 0) return [];
  if (total > NAMES_IN_LINE)
    return [details(`⏳ Waiting for ${counted(total, 'job')}`, fence(waiting.flatMap(listed)))];
  const sentences = waiting.map(({ title, names }) => `${title}: ${inWords(names.map(nameCode))}`);
  return [`⏳ ${sentences.join(' · ')}`];
}

function namesOf(jobs: readonly ReportJob[], outcome: JobOutcome, label: JobLabel): string[] {
  return jobs
    .filter((job) => job.not_awaited === undefined && outcomeOf(job) === outcome)
    .map(label)
    .toSorted(compareNames);
}

function listed({ title, names }: { title: string; names: readonly string[] }): string[] {
  const shown = names.slice(0, NAMES_FOLDED).map((name) => `${title.toLowerCase()}: ${nameLine(name)}`);
  const more = names.length - shown.length;
  return more > 0 ? [...shown, `${title.toLowerCase()}: ${more.toLocaleString('en-US')} more`] : shown;
}
