// Fetches the log of one job as a stream of bytes, with limits on size and time. The diagnose step imports it.
import type { ProbotOctokit } from 'probot';
import { Rejected } from '../model/errors.ts';
import { type Download, IDLE_LIMIT_MS, openDownload } from './download.ts';

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
 * https://docs.github.com/en/rest/actions/workflow-jobs#download-job-logs-for-a-workflow-run
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
