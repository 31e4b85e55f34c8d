// Reads what workflow runs did: the jobs of an attempt, whether an environment holds a run, and the log of a job.
import type { RestEndpointMethodTypes } from '@octokit/rest';
import type { ProbotOctokit } from 'probot';
import { Rejected } from '../model/errors.ts';
import { type Download, IDLE_LIMIT_MS, openDownload } from './download.ts';
import { asking } from './github-error.ts';

type AttemptQuery = { owner: string; repo: string; run_id: number; attempt_number: number };
type Run = RestEndpointMethodTypes['actions']['getWorkflowRunAttempt']['response']['data'];
type Job = RestEndpointMethodTypes['actions']['listJobsForWorkflowRunAttempt']['response']['data']['jobs'][number];

/** So many pages of jobs are read. A matrix has at most 256 jobs: docs/github.md#runs-jobs-and-attempts */
const MAX_PAGES = 10;
const PER_PAGE = 100;

/** The jobs of an attempt. There are none at all when the workflow file is not valid. */
export interface AttemptJobs {
  readonly finished: readonly JobPayload[];
  /** How many jobs GitHub lists as not completed. The list may be behind the webhooks: docs/github.md#order-of-events */
  readonly unfinished: number;
}

/**
 * Returns the jobs of one attempt, at most 1,000; completed ones as payloads of `workflow_job` webhooks, for when those webhooks
 * never came. Throws what `githubError` returns.
 */
export async function readAttemptJobs(octokit: ProbotOctokit, query: AttemptQuery): Promise<AttemptJobs> {
  const { owner, repo, run_id, attempt_number } = query;
  return asking(`list the jobs of run ${run_id}, attempt ${attempt_number}, in ${owner}/${repo}`, async () => {
    const { data: run } = await octokit.rest.actions.getWorkflowRunAttempt(query);
    const jobs: Job[] = [];
    for (let page = 1; page <= MAX_PAGES; page += 1) {
      const listed = await octokit.rest.actions.listJobsForWorkflowRunAttempt({ ...query, per_page: PER_PAGE, page });
      jobs.push(...listed.data.jobs);
      if (jobs.length >= listed.data.total_count || listed.data.jobs.length === 0) break;
    }
    const finished = jobs
      .filter((job) => job.status === 'completed')
      .map((job): JobPayload => ({ action: 'completed', workflow_job: job, repository: run.repository }));
    return { finished, unfinished: jobs.length - finished.length };
  });
}

/** The payload that a `workflow_job` webhook would have had. */
export interface JobPayload {
  readonly action: 'completed';
  readonly workflow_job: Job;
  readonly repository: Run['repository'];
}

/**
 * Returns since when an environment holds a run: when its last job ended, in milliseconds since 1970; 0 when none has ended. A run is
 * held when all its jobs that are not completed wait for an environment. Null when it is not held, when it has more than 1,000
 * jobs, and when GitHub refuses the list. Throws `Transient` when GitHub fails.
 */
export async function readHeldSince(
  octokit: ProbotOctokit,
  { owner, repo, run_id }: { owner: string; repo: string; run_id: number },
): Promise<number | null> {
  try {
    return await asking(`list the jobs of run ${run_id} in ${owner}/${repo}`, async () => {
      let isWaiting = false;
      let last = 0;
      for (let page = 1, seen = 0; page <= MAX_PAGES; page += 1) {
        const { data } = await octokit.rest.actions.listJobsForWorkflowRun({
          owner,
          repo,
          run_id,
          per_page: PER_PAGE,
          page,
        });
        for (const { status, completed_at } of data.jobs) {
          if (status !== 'waiting' && status !== 'completed') return null;
          if (status === 'waiting') isWaiting = true;
          last = Math.max(last, completed_at === null ? 0 : Date.parse(completed_at));
        }
        seen += data.jobs.length;
        if (seen >= data.total_count) return isWaiting ? last : null;
        if (data.jobs.length === 0) return null;
      }
      return null;
    });
  } catch (error) {
    if (error instanceof Rejected) return null;
    throw error;
  }
}

/** The log of a job; `missing`: there is none, or none yet; `expired`: there is none any more. */
export type JobLog =
  | ({ readonly state: 'fetched' } & Download)
  | { readonly state: 'missing' }
  | { readonly state: 'expired' };

/** At most so many bytes of a log are read. */
const MAX_LOG_BYTES = 1_000_000_000;

/**
 * Opens the log of one job. `missing` (HTTP 404): the log appears some seconds after the job ends, so ask again later; some jobs
 * never have one. `expired` (HTTP 410): past the repository's retention. Throws `Transient` when the storage or the network fails
 * or no byte comes for `idleMs` milliseconds, else what `githubError` returns.
 * docs/github.md#job-logs
 */
export async function readJobLog(
  octokit: ProbotOctokit,
  {
    owner,
    repo,
    job_id,
    maxBytes = MAX_LOG_BYTES,
    idleMs = IDLE_LIMIT_MS,
  }: { owner: string; repo: string; job_id: number; maxBytes?: number; idleMs?: number },
): Promise<JobLog> {
  const asked = `read the log of job ${job_id} in ${owner}/${repo}`;
  const route = 'GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs';
  try {
    const limits = { maxBytes, idleMs };
    const download = await openDownload(octokit, { route, parameters: { owner, repo, job_id }, asked }, limits);
    return { state: 'fetched', ...download };
  } catch (error) {
    if (error instanceof Rejected && error.code === '404') return { state: 'missing' };
    if (error instanceof Rejected && error.code === '410') return { state: 'expired' };
    throw error;
  }
}
