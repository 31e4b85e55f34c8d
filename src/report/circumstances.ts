// What stands around a pull request's report: whose the checks of other systems are and whether they are waited for, whether
// anything ran, and what a merge queue dropped. Pure.

import { z } from 'zod';
import type { PullRequestReport, ReportJob, Silence } from '../model/pull-request.ts';
import { isMergeApp, type WaitSettings } from '../model/waits.ts';

const text = z.string();

/** What `read_circumstances` answers. */
export const circumstancesSchema = z.object({
  /** The brain's clock, by which the other times are. */
  now: text,
  others: z.array(
    z.object({
      provider: text,
      name: text,
      url: text.nullable(),
      author: text.nullable(),
      told_at: text,
      says: text.nullable(),
    }),
  ),
  silence: z
    .object({
      since: text,
      cause: z.enum(['merge_conflict', 'approval', 'unknown']).nullable(),
      is_unusual: z.boolean(),
    })
    .nullable(),
  merge_queue: z
    .object({
      commit_sha: text,
      end: text.nullable(),
      is_refused: z.boolean(),
      failed: z.array(z.object({ name: text, url: text.nullable() })),
    })
    .nullable(),
});
export type Circumstances = z.infer<typeof circumstancesSchema>;

/** A report that knows its circumstances, and when a wait in it is over next, ISO 8601; null: none is. */
export interface ReportInPlace {
  readonly report: PullRequestReport;
  readonly until: string | null;
}

/**
 * Of other systems' checks that have not ended, those of Apps that merge are not waited for, and no other one longer than the
 * settings say since its last event: each may wait for ours. GitHub's own jobs are always waited for.
 */
export function inPlace(report: PullRequestReport, around: Circumstances, waits: WaitSettings): ReportInPlace {
  const now = Date.parse(around.now);
  const known = report.jobs.map((job) => withOther(job, around, waits));
  const jobs = known.map(({ job }) => job);
  const left = jobs.filter(({ not_awaited }) => not_awaited !== undefined).length;
  const silence = silenceOf({ ...report, jobs }, around, waits);
  const ends = [...known.map(({ until }) => until), silence === null ? null : endOf(silence)];
  const next = Math.min(...ends.flatMap((end) => (end !== null && end > now ? [end] : [])));
  return {
    report: {
      ...report,
      jobs,
      unfinished_runs: Math.max(0, report.unfinished_runs - left),
      silence,
      merge_queue: around.merge_queue,
    },
    until: Number.isFinite(next) ? new Date(next).toISOString() : null,
  };
}

/** Whether GitHub is to be asked why nothing ran: once, when the wait for it is over. */
export function wantsCause({ silence }: PullRequestReport, around: Circumstances): boolean {
  return silence?.is_over === true && around.silence?.cause === null;
}

function withOther(
  job: ReportJob,
  { others, now }: Circumstances,
  { mergeApps, checkMinutes }: WaitSettings,
): { readonly job: ReportJob; readonly until: number | null } {
  const other = others.find(
    ({ provider, name, url }) => provider === job.provider && name === job.workflow_name && url === job.html_url,
  );
  if (job.provider === 'github-actions' || other === undefined) return { job, until: null };
  const shown: ReportJob = { ...job, author: other.author, says: other.says };
  if (job.status !== 'queued' && job.status !== 'running') return { job: shown, until: null };
  if (isMergeApp(other.author, mergeApps)) return { job: { ...shown, not_awaited: 'merge_app' }, until: null };
  const until = Date.parse(other.told_at) + checkMinutes * 60_000;
  return until > Date.parse(now) ? { job: shown, until } : { job: { ...shown, not_awaited: 'overdue' }, until: null };
}

/**
 * Without a policy only where CodeRed has spoken of another commit: a repository that has no CI gets no report that none ran.
 */
function silenceOf(
  { gate, jobs }: PullRequestReport,
  { silence, now }: Circumstances,
  { mergeApps, silenceMinutes }: WaitSettings,
): Silence | null {
  if (silence === null || !jobs.every(({ author }) => isMergeApp(author ?? null, mergeApps))) return null;
  if (gate === null && !silence.is_unusual) return null;
  const noRuns = gate === null || gate.state === 'error' ? undefined : gate.no_runs;
  const minutes = noRuns?.after_minutes ?? silenceMinutes;
  const cause = silence.cause === 'unknown' ? null : silence.cause;
  const conclusion = noRuns?.conclusion ?? 'action_required';
  const one = { since: silence.since, minutes, conclusion, cause, is_over: false };
  return { ...one, is_over: endOf(one) <= Date.parse(now) };
}

function endOf({ since, minutes }: Pick<Silence, 'since' | 'minutes'>): number {
  return Date.parse(since) + minutes * 60_000;
}
