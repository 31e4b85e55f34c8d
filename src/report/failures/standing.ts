// Where a pull request stands: what passed, failed, runs, and the one state that follows. Comment and check run both render
// this. Pure.

import type { PullRequestReport, ReportJob } from '../../model/pull-request.ts';
import { type FailureEntry, groupFailures, isNotYours } from './failures.ts';

/** How one job ended or what it waits for; `approval` is a run that a maintainer has to let go. */
export type JobOutcome = 'passed' | 'neutral' | 'skipped' | 'cancelled' | 'failed' | 'running' | 'queued' | 'approval';

/**
 * `failing`: something failed, whatever still runs. `waiting`: nothing failed yet. `passed`: all is done, at least one job
 * passed, the others were skipped or neutral. `incomplete`: all is done and nothing failed, but not all passed. `none`: no CI seen.
 * What is not waited for decides nothing, but that alone passes nothing either.
 */
export type State = 'failing' | 'waiting' | 'passed' | 'incomplete' | 'none';

export interface Standing {
  readonly state: State;
  /** What failed, but for what stands in `notYours`. */
  readonly entries: readonly FailureEntry[];
  /** What failed and asks nothing of the pull request's author. */
  readonly notYours: readonly FailureEntry[];
  readonly total: number;
  readonly counts: Readonly<Record<JobOutcome, number>>;
  /** Whether a job or a run of the head SHA has not finished, of those that are waited for. */
  readonly unfinished: boolean;
  /** Other systems' checks that are waited for no longer; in neither `counts` nor `total`. */
  readonly overdue: number;
}

/** Judges a report; the order of its jobs does not matter. */
export function standingOf(report: PullRequestReport): Standing {
  const failures = groupFailures(report);
  const entries = failures.filter((entry) => !isNotYours(entry));
  const notYours = failures.filter(isNotYours);
  const jobs = report.jobs.filter(({ not_awaited }) => not_awaited === undefined);
  const overdue = report.jobs.filter(({ not_awaited }) => not_awaited === 'overdue').length;
  const counts = countOutcomes(jobs);
  const unfinished = counts.running + counts.queued + counts.approval + report.unfinished_runs > 0;
  const total = jobs.length;
  const state = stateOf({ entries, notYours, counts, unfinished, total, overdue });
  return { state, entries, notYours, counts, unfinished, total, overdue };
}

/** What became of one job. */
export function outcomeOf(job: ReportJob): JobOutcome {
  switch (job.status) {
    case 'failed':
    case 'running':
      return job.status;
    case 'canceled':
      return 'cancelled';
    case 'queued':
      return job.conclusion === 'action_required' ? 'approval' : 'queued';
    case 'succeeded':
      return job.conclusion === 'skipped' || job.conclusion === 'neutral' ? job.conclusion : 'passed';
    default:
      throw new Error(`job status ${job.status satisfies never} is not known`);
  }
}

function countOutcomes(jobs: readonly ReportJob[]): Record<JobOutcome, number> {
  const counts = { passed: 0, neutral: 0, skipped: 0, cancelled: 0, failed: 0, running: 0, queued: 0, approval: 0 };
  for (const job of jobs) counts[outcomeOf(job)] += 1;
  return counts;
}

function stateOf({ entries, notYours, counts, unfinished, total, overdue }: Omit<Standing, 'state'>): State {
  if (entries.length + notYours.length > 0) return 'failing';
  if (unfinished) return 'waiting';
  if (total === 0) return overdue > 0 ? 'incomplete' : 'none';
  return counts.passed > 0 && counts.cancelled === 0 ? 'passed' : 'incomplete';
}
