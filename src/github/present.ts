// Reads how things stand now that no webhook told of: a repository by its id, runs, jobs, deployments, pull requests.
import type { RestEndpointMethodTypes } from '@octokit/rest';
import type { ProbotOctokit } from 'probot';
import { Rejected } from '../model/errors.ts';
import { asking } from './github-error.ts';

type Actions = RestEndpointMethodTypes['actions'];
type Repository = RestEndpointMethodTypes['repos']['get']['response']['data'];
type Run = Actions['getWorkflowRun']['response']['data'];
type Job = Actions['listJobsForWorkflowRunAttempt']['response']['data']['jobs'][number];
type Deployment = RestEndpointMethodTypes['repos']['getDeployment']['response']['data'];
type DeploymentStatus = RestEndpointMethodTypes['repos']['listDeploymentStatuses']['response']['data'][number];
type Pull = RestEndpointMethodTypes['pulls']['list']['response']['data'][number];

/** Owner and name as GitHub has them now. */
export interface Named {
  readonly owner: string;
  readonly repo: string;
}

const PER_PAGE = 100;
/** GitHub gives no more than 1,000 runs of a list. docs/github.md#runs-jobs-and-attempts */
const MAX_PAGES = 10;

/** The repository, by its id, so that a new name is no trouble. Throws what `githubError` returns: `Rejected` with code 404 for one that is not seen. */
export async function readRepositoryById(octokit: ProbotOctokit, repository_id: number): Promise<Repository> {
  return (await readRepositoryNow(octokit, repository_id)).repository;
}

/** The same, with GitHub's own time of the answer in milliseconds since 1970, so that our clock may be wrong. */
export async function readRepositoryNow(
  octokit: ProbotOctokit,
  repository_id: number,
): Promise<{ readonly repository: Repository; readonly nowMs: number }> {
  return asking(`read repository ${repository_id}`, async () => {
    const { data, headers } = await octokit.request('GET /repositories/{repository_id}', { repository_id });
    return { repository: data as Repository, nowMs: Date.parse(String(headers.date)) || Date.now() };
  });
}

/** A run's newest attempt with the word for this answer; null when nothing has changed since the answer with the word `etag`. Throws what `githubError` returns. */
export async function readRunUnlessSame(
  octokit: ProbotOctokit,
  { owner, repo, run_id, etag }: Named & { readonly run_id: number; readonly etag: string | null },
): Promise<{ readonly run: Run; readonly etag: string | null } | null> {
  try {
    return await asking(`read run ${run_id} in ${owner}/${repo}`, async () => {
      const headers = etag === null ? {} : { 'if-none-match': etag };
      const answer = await octokit.rest.actions.getWorkflowRun({ owner, repo, run_id, headers });
      return { run: answer.data, etag: answer.headers.etag ?? null };
    });
  } catch (error) {
    if (error instanceof Rejected && error.code === '304') return null;
    throw error;
  }
}

/** The jobs of an attempt, at most 1,000. Throws what `githubError` returns. */
export async function listJobs(
  octokit: ProbotOctokit,
  query: Named & { readonly run_id: number; readonly attempt_number: number },
): Promise<readonly Job[]> {
  return asking(`list the jobs of run ${query.run_id} in ${query.owner}/${query.repo}`, () =>
    pages(async (page) => {
      const { data } = await octokit.rest.actions.listJobsForWorkflowRunAttempt({ ...query, ...page });
      return data.jobs;
    }),
  );
}

/** Runs, newest first, at most 1,000: of a commit, or created in a span (`2026-01-01T00:00:00Z..*`). Throws what `githubError` returns. */
export async function listRuns(
  octokit: ProbotOctokit,
  query: Named & ({ readonly head_sha: string } | { readonly created: string }),
): Promise<readonly Run[]> {
  return asking(`list the runs in ${query.owner}/${query.repo}`, () =>
    pages(async (page) => {
      const { data } = await octokit.rest.actions.listWorkflowRunsForRepo({ ...query, ...page });
      return data.workflow_runs;
    }),
  );
}

/** How many runs were made on a day (UTC, `2026-11-30`), by GitHub's count. Throws what `githubError` returns. */
export async function countRuns(
  octokit: ProbotOctokit,
  { owner, repo, day }: Named & { readonly day: string },
): Promise<number> {
  return asking(`count the runs of ${day} in ${owner}/${repo}`, async () => {
    const created = `${day}T00:00:00Z..${day}T23:59:59Z`;
    const { data } = await octokit.rest.actions.listWorkflowRunsForRepo({ owner, repo, created, per_page: 1 });
    return data.total_count;
  });
}

/** A deployment and its newest hundred statuses. Throws what `githubError` returns. */
export async function readDeployment(
  octokit: ProbotOctokit,
  { owner, repo, deployment_id }: Named & { readonly deployment_id: number },
): Promise<{ readonly deployment: Deployment; readonly statuses: readonly DeploymentStatus[] }> {
  return asking(`read deployment ${deployment_id} in ${owner}/${repo}`, async () => {
    const query = { owner, repo, deployment_id };
    const { data: deployment } = await octokit.rest.repos.getDeployment(query);
    const { data: statuses } = await octokit.rest.repos.listDeploymentStatuses({ ...query, per_page: PER_PAGE });
    return { deployment, statuses };
  });
}

/** Pull requests of any state that changed since a time (ISO 8601), the newest change first, at most 1,000. Throws what `githubError` returns. */
export async function listChangedPulls(
  octokit: ProbotOctokit,
  { owner, repo, since }: Named & { readonly since: string },
): Promise<readonly Pull[]> {
  const order = { state: 'all', sort: 'updated', direction: 'desc' } as const;
  const isNew = ({ updated_at }: Pull) => Date.parse(updated_at) >= Date.parse(since);
  return asking(`list the pull requests of ${owner}/${repo}`, async () => {
    const listed = await pages(async (page) => {
      const { data } = await octokit.rest.pulls.list({ owner, repo, ...order, ...page });
      return data.every(isNew) ? data : data.filter(isNew);
    });
    return listed;
  });
}

/** Page after page, until one is not full. */
async function pages<Item>(
  read: (page: { readonly per_page: number; readonly page: number }) => Promise<readonly Item[]>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const next = await read({ per_page: PER_PAGE, page });
    items.push(...next);
    if (next.length < PER_PAGE) break;
  }
  return items;
}
