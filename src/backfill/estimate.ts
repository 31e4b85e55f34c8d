// What a backfill would ask for, without storing anything: runs are only counted.
import type { ProbotOctokit } from 'probot';
import { listRuns, type Place } from '../github/history/lists.ts';
import { before, createdFilter, FIRST_SECONDS, MOST_LISTED, newestPart, type Window } from './windows.ts';

/** How many runs there are, and about how many requests a backfill of them takes. */
export interface Estimate {
  readonly runs: number;
  /** Whether GitHub counted a week with as many as it lists, so that there may be more. */
  readonly isAtLeast: boolean;
  readonly requests: number;
}

const PER_PAGE = 100;
/** Pull requests, deployments and commits: a page of each, and the open heads. */
const OTHER_REQUESTS = 10;

/** Counts the runs of a span week by week, one request each. Throws what `listRuns` throws. */
export async function estimate(
  octokit: ProbotOctokit,
  place: Place,
  { span, withJobs, stop }: { readonly span: Window; readonly withJobs: boolean; readonly stop: AbortSignal },
): Promise<Estimate> {
  let [runs, pages, isAtLeast] = [0, 0, false];
  for (let rest: Window | null = span; rest !== null; ) {
    stop.throwIfAborted();
    const week = newestPart(rest, FIRST_SECONDS);
    const { total } = await listRuns(octokit, place, { created: createdFilter(week), page: 1, per_page: 1 });
    runs += total;
    pages += Math.max(1, Math.ceil(total / PER_PAGE));
    isAtLeast ||= total >= MOST_LISTED;
    rest = before(rest, week);
  }
  return { runs, isAtLeast, requests: pages + OTHER_REQUESTS + (withJobs ? runs : 0) };
}
