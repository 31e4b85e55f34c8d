// What a repository has besides runs: open pull requests with the runs of their heads, pull requests that changed, deployments, commits.
import {
  deploymentDelivery,
  deploymentStatusDelivery,
  pullRequestDelivery,
  pushDelivery,
} from '../asked/asked-delivery.ts';
import {
  type ListedPull,
  type ListPage,
  listCommits,
  listDeploymentStatuses,
  listDeployments,
  listPulls,
  listRuns,
} from '../github/history/lists.ts';
import { storeRun } from './runs.ts';
import type { Walk } from './walk.ts';

/** Of one list. */
const MOST_PAGES = 1_000;
/** The heads whose runs are asked for, those that changed last: each costs some requests. */
const MOST_HEADS = 300;

/** Open pull requests, and the runs of their heads with jobs: what a verdict may wait for. */
export async function walkHeads(walk: Walk): Promise<void> {
  const { octokit, place, until } = walk.deps;
  const { doneTo } = walk;
  // By whoever had it before; what changed since the backfill began is looked at again.
  const isDone = (changed: string) =>
    doneTo !== null && Date.parse(changed) > Date.parse(doneTo) && Date.parse(changed) <= Date.parse(until);
  const open: ListedPull[] = [];
  await eachPage(
    (page) => listPulls(octokit.present, walk.named, { state: 'open', page }),
    async (pulls) => {
      await walk.store(pulls.map((pull) => pullRequestDelivery(place, pull)));
      walk.count('pulls', pulls.length);
      open.push(...pulls);
      return true;
    },
  );
  for (const pull of open.slice(0, MOST_HEADS)) {
    if (isDone(pull.updated_at)) continue;
    const { runs } = await listRuns(octokit.present, walk.named, { head_sha: pull.head.sha, page: 1 });
    for (const run of runs) await storeRun(walk, run, true);
    await walk.note(pull.updated_at);
  }
}

/** Pull requests of any state that changed since. */
export async function walkPulls(walk: Walk): Promise<void> {
  const { octokit, place, taken } = walk.deps;
  const since = Date.parse(taken.since);
  await eachPage(
    (page) => listPulls(octokit.past, walk.named, { state: 'all', page }),
    async (pulls) => {
      const changed = pulls.filter(({ updated_at }) => Date.parse(updated_at) >= since);
      await walk.store(changed.map((pull) => pullRequestDelivery(place, pull)));
      walk.count('pulls', changed.length);
      await walk.note();
      return changed.length === pulls.length;
    },
  );
}

/** Deployments that were made since, with their statuses. */
export async function walkDeployments(walk: Walk): Promise<void> {
  const { octokit, place, taken } = walk.deps;
  const since = Date.parse(taken.since);
  const before = walk.doneTo === null ? Number.POSITIVE_INFINITY : Date.parse(walk.doneTo);
  await eachPage(
    (page) => listDeployments(octokit.past, walk.named, { page }),
    async (deployments) => {
      const made = deployments.filter(({ created_at }) => Date.parse(created_at) >= since);
      for (const deployment of made.filter(({ created_at }) => Date.parse(created_at) <= before)) {
        const statuses = await listDeploymentStatuses(octokit.past, walk.named, deployment.id);
        const told = statuses.map((status) => deploymentStatusDelivery(place, deployment, status));
        await walk.store([deploymentDelivery(place, deployment), ...told]);
        walk.count('deployments', 1);
        await walk.note(deployment.created_at);
      }
      return made.length === deployments.length;
    },
  );
}

/** Commits of the default branch, from which deployments have their lead time. */
export async function walkCommits(walk: Walk): Promise<void> {
  const { octokit, place, taken } = walk.deps;
  const { default_branch: branch } = place.repository;
  if (branch === undefined) return;
  await eachPage(
    (page) => listCommits(octokit.past, walk.named, { branch, since: taken.since, page }),
    async (commits) => {
      if (commits.length > 0) await walk.store([pushDelivery(place, branch, commits)]);
      walk.count('commits', commits.length);
      await walk.note();
      return true;
    },
  );
}

/** Page after page, until the last, or until `take` says that the rest is too old. */
async function eachPage<Item>(
  read: (page: number) => Promise<ListPage<Item>>,
  take: (items: readonly Item[]) => Promise<boolean>,
): Promise<void> {
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const { items, lastPage } = await read(page);
    if (!(await take(items)) || lastPage === null || lastPage <= page) return;
  }
}
