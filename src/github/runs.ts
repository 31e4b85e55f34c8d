// Reads what workflow runs did: the jobs of an attempt, whether an environment holds a run, and the log of a job.
import type { RestEndpointMethodTypes } from '@octokit/rest';
import type { ProbotOctokit } from 'probot';
import { Rejected } from '../model/errors.ts';
import { type Download, IDLE_LIMIT_MS, openDownload } from './download.ts';
import { asking } from './github-error.ts';

type AttemptQuery = { owner: string; repo: string; run_id: number; attempt_number: number };
type Run = RestEndpointMethodTypes['actions']['getWorkflowRunAttempt']['response']['data'];
type Job = RestEndpointMethodTypes['actions']['listJobsForWorkflowRunAttempt']['response']['data']['jobs'][number];

/** A run has at most 256 jobs of one matrix and 1,000 in all. docs/github.md#runs-jobs-and-attempts */
const MAX_PAGES = 10;
const PER_PAGE = 100;

/** The jobs of an attempt; both empty for a run that never got as far as a job: its workflow file is not valid. */
export interface AttemptJobs {
  readonly finished: readonly JobPayload[];
  /** How many GitHub lists as not finished; its lists may lag behind its webhooks. */
  readonly unfinished: number;
}

/** The jobs of an attempt as GitHub lists them, finished ones in the form of a `workflow_job` webhook's payload. */
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

/** What a `workflow_job` webhook would have carried. */
export interface JobPayload {
  readonly action: 'completed';
  readonly workflow_job: Job;
  readonly repository: Run['repository'];
}

/** The newest end of a job of a held run, ms since 1970; null: it is not held, or GitHub does not tell. */
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

/** What there is to read: the log, none (yet), or none any more. */
export type JobLog =
  | ({ readonly state: 'fetched' } & Download)
  | { readonly state: 'missing' }
  | { readonly state: 'expired' };

/** The largest part of a log that is ever read. */
export const MAX_LOG_BYTES = 1_000_000_000;

/**
 * The log of one job. `missing`: GitHub has none, not yet or never (HTTP 404; it appears a few seconds after a job ends,
 * so ask again later); `expired`: past the repository's retention (HTTP 410). Throws `Transient` when storage or network
 * fail or nothing comes for `idleMs`, else what `githubError` says.
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
