// Reads, page by page, what a repository has of the past: runs, their attempts and jobs, deployments, pull requests, commits.
import type { RestEndpointMethodTypes } from '@octokit/rest';
import type { ProbotOctokit } from 'probot';
import { asking } from '../github-error.ts';

type Actions = RestEndpointMethodTypes['actions'];
type Repos = RestEndpointMethodTypes['repos'];
/** The newest attempt of a run. */
export type ListedRun = Actions['listWorkflowRunsForRepo']['response']['data']['workflow_runs'][number];
export type ListedJob = Actions['listJobsForWorkflowRun']['response']['data']['jobs'][number];
export type ListedDeployment = Repos['listDeployments']['response']['data'][number];
export type ListedStatus = Repos['listDeploymentStatuses']['response']['data'][number];
export type ListedPull = RestEndpointMethodTypes['pulls']['list']['response']['data'][number];
export type ListedCommit = Repos['listCommits']['response']['data'][number];

/** Where to read: the repository under its present name. */
export interface Place {
  readonly owner: string;
  readonly repo: string;
}

/** So many a page, GitHub's most. */
const PER_PAGE = 100;

/** A page of a list that GitHub does not count. */
export interface ListPage<Item> {
  readonly items: readonly Item[];
  /** The number of the last page; null on it. */
  readonly lastPage: number | null;
}

/**
 * Returns a page of the runs that a filter leaves, newest first, and how many there are in all. With `created` or `head_sha` GitHub
 * lists 1,000 at most: docs/github.md#runs-jobs-and-attempts. Throws what `githubError` returns, as all here do.
 */
export function listRuns(
  octokit: ProbotOctokit,
  { owner, repo }: Place,
  filter: { readonly created?: string; readonly head_sha?: string; readonly page: number; readonly per_page?: number },
): Promise<{ readonly runs: readonly ListedRun[]; readonly total: number }> {
  return asking(`list the runs of ${owner}/${repo}`, async () => {
    const { data } = await octokit.rest.actions.listWorkflowRunsForRepo({ owner, repo, per_page: PER_PAGE, ...filter });
    return { runs: data.workflow_runs, total: data.total_count };
  });
}

/** Returns one attempt of a run. */
export function readAttempt(
  octokit: ProbotOctokit,
  { owner, repo }: Place,
  { run_id, attempt_number }: { readonly run_id: number; readonly attempt_number: number },
): Promise<ListedRun> {
  return asking(`read attempt ${attempt_number} of run ${run_id} in ${owner}/${repo}`, async () => {
    const { data } = await octokit.rest.actions.getWorkflowRunAttempt({ owner, repo, run_id, attempt_number });
    return data;
  });
}

/** A matrix has at most 256 jobs and a run 50 attempts, so that no list ends here. */
const MOST_PAGES = 200;

/** Returns the jobs of all attempts of a run. */
export function listRunJobs(
  octokit: ProbotOctokit,
  { owner, repo }: Place,
  run_id: number,
): Promise<readonly ListedJob[]> {
  return asking(`list the jobs of run ${run_id} in ${owner}/${repo}`, async () => {
    const jobs: ListedJob[] = [];
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      const asked = { owner, repo, run_id, filter: 'all' as const, per_page: PER_PAGE, page };
      const { data } = await octokit.rest.actions.listJobsForWorkflowRun(asked);
      jobs.push(...data.jobs);
      if (jobs.length >= data.total_count || data.jobs.length === 0) break;
    }
    return jobs;
  });
}

/** Returns a page of the deployments, newest first. */
export function listDeployments(
  octokit: ProbotOctokit,
  { owner, repo }: Place,
  { page, per_page = PER_PAGE }: { readonly page: number; readonly per_page?: number },
): Promise<ListPage<ListedDeployment>> {
  return asking(`list the deployments of ${owner}/${repo}`, async () => {
    const { data, headers } = await octokit.rest.repos.listDeployments({ owner, repo, per_page, page });
    return { items: data, lastPage: lastPageOf(headers.link) };
  });
}

/** Returns the statuses of a deployment, newest first; at most 1,000. */
export function listDeploymentStatuses(
  octokit: ProbotOctokit,
  { owner, repo }: Place,
  deployment_id: number,
): Promise<readonly ListedStatus[]> {
  return asking(`list the statuses of deployment ${deployment_id} in ${owner}/${repo}`, async () => {
    const statuses: ListedStatus[] = [];
    for (let page = 1; page <= 10; page += 1) {
      const asked = { owner, repo, deployment_id, per_page: PER_PAGE, page };
      const { data, headers } = await octokit.rest.repos.listDeploymentStatuses(asked);
      statuses.push(...data);
      if (lastPageOf(headers.link) === null) break;
    }
    return statuses;
  });
}

/** Returns a page of the pull requests, the one that changed last first. */
export function listPulls(
  octokit: ProbotOctokit,
  { owner, repo }: Place,
  {
    state,
    page,
    per_page = PER_PAGE,
  }: { readonly state: 'open' | 'all'; readonly page: number; readonly per_page?: number },
): Promise<ListPage<ListedPull>> {
  return asking(`list the pull requests of ${owner}/${repo}`, async () => {
    const order = { sort: 'updated', direction: 'desc' } as const;
    const { data, headers } = await octokit.rest.pulls.list({ owner, repo, state, ...order, per_page, page });
    return { items: data, lastPage: lastPageOf(headers.link) };
  });
}

/** Returns a page of the commits that a branch has of a span of time (ISO 8601, by the committer's clock), newest first. */
export function listCommits(
  octokit: ProbotOctokit,
  { owner, repo }: Place,
  asked: { readonly branch: string; readonly since: string; readonly page: number; readonly per_page?: number },
): Promise<ListPage<ListedCommit>> {
  const { branch: sha, since, page, per_page = PER_PAGE } = asked;
  return asking(`list the commits of ${owner}/${repo}`, async () => {
    const { data, headers } = await octokit.rest.repos.listCommits({ owner, repo, sha, since, per_page, page });
    return { items: data, lastPage: lastPageOf(headers.link) };
  });
}

/** The page that the link `rel="last"` names; null where there is none, as on the last page. */
function lastPageOf(link: string | undefined): number | null {
  for (const part of (link ?? '').split(',')) {
    const [target = '', ...parameters] = part.split(';').map((piece) => piece.trim());
    if (!parameters.includes('rel="last"') || !target.startsWith('<') || !target.endsWith('>')) continue;
    const page = Number(URL.parse(target.slice(1, -1), 'https://api.github.com')?.searchParams.get('page'));
    if (Number.isSafeInteger(page) && page > 0) return page;
  }
  return null;
}
