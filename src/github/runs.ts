// Reads the jobs of one attempt of a workflow run, for when their webhooks never came. The diagnose step imports it.

import type { ProbotOctokit } from 'probot';
import { asking } from './github-error.ts';

type AttemptQuery = { owner: string; repo: string; run_id: number; attempt_number: number };
type Run = Awaited<ReturnType<ProbotOctokit['rest']['actions']['getWorkflowRunAttempt']>>['data'];
type Job = Awaited<
  ReturnType<ProbotOctokit['rest']['actions']['listJobsForWorkflowRunAttempt']>
>['data']['jobs'][number];

/** A run has at most 256 jobs of one matrix and 1,000 in all. https://docs.github.com/en/actions/reference/limits */
const MAX_PAGES = 10;

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
      const listed = await octokit.rest.actions.listJobsForWorkflowRunAttempt({ ...query, per_page: 100, page });
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
