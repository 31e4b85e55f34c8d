// Whether a workflow run is held by an environment: of its jobs only those are left that wait for one. The gate step imports it.

import type { ProbotOctokit } from 'probot';
import { Rejected } from '../model/errors.ts';
import { asking } from './github-error.ts';

/** A run has at most 256 jobs of one matrix; of a run of more pages nothing is said. */
const PER_PAGE = 100;
const MAX_PAGES = 10;

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
