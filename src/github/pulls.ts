// Reads pull requests: one as it stands now, and those that a commit belongs to.
import type { RestEndpointMethodTypes } from '@octokit/rest';
import type { ProbotOctokit } from 'probot';
import { Rejected } from '../model/errors.ts';
import type { PullRequestFact } from '../model/facts.ts';
import { asking } from './github-error.ts';

/** What has to be known of a pull request just before a comment is written on it. */
export interface StandingPullRequest {
  readonly head_sha: string;
  readonly state: 'open' | 'closed' | 'merged';
}

/** Returns the pull request as it is now, or null when there is none of that number. Throws what `githubError` returns. */
export async function readPullRequest(
  octokit: ProbotOctokit,
  { owner, repo, pull_number }: { owner: string; repo: string; pull_number: number },
): Promise<StandingPullRequest | null> {
  try {
    const { data } = await asking(`read pull request ${owner}/${repo}#${pull_number}`, () =>
      octokit.rest.pulls.get({ owner, repo, pull_number }),
    );
    return { head_sha: data.head.sha, state: data.merged ? 'merged' : data.state };
  } catch (error) {
    if (error instanceof Rejected && error.code === '404') return null;
    throw error;
  }
}

/**
 * Returns the head commit of a pull request as it is now, its base branch (short name), and how many files it changes. Throws
 * `Rejected` with code 404 when there is none of that number.
 */
export async function readHead(
  octokit: ProbotOctokit,
  { owner, repo, pull_number }: { owner: string; repo: string; pull_number: number },
): Promise<{ readonly head_sha: string; readonly base_ref: string; readonly changed_files: number }> {
  const { data } = await asking(`read the head of ${owner}/${repo}#${pull_number}`, () =>
    octokit.rest.pulls.get({ owner, repo, pull_number }),
  );
  return { head_sha: data.head.sha, base_ref: data.base.ref, changed_files: data.changed_files };
}

type PullPlace = { readonly owner: string; readonly repo: string; readonly pull_number: number };

/**
 * Returns whether a pull request can be merged into its base without a conflict; null while GitHub has not tried yet (asking
 * makes it try). Throws `Rejected` with code 404 when there is none of that number. docs/github.md#pull-requests
 */
export async function readMergeable(
  octokit: ProbotOctokit,
  { owner, repo, pull_number }: PullPlace,
): Promise<boolean | null> {
  return (await readMerge(octokit, { owner, repo, pull_number })).mergeable;
}

const NEWCOMERS: ReadonlySet<string> = new Set(['FIRST_TIMER', 'FIRST_TIME_CONTRIBUTOR', 'NONE']);

/**
 * Returns why GitHub may have run no workflow on this head: it starts none for a pull request that conflicts with its base
 * (`merge_conflict`), and those of a fork's first-time author wait for a maintainer (`approval`). Null while GitHub does not know
 * whether there is a conflict, and when the pull request has another head by now. docs/github.md#runs-jobs-and-attempts
 */
export async function readSilenceCause(
  octokit: ProbotOctokit,
  { head_sha, ...place }: PullPlace & { readonly head_sha: string },
): Promise<'merge_conflict' | 'approval' | 'unknown' | null> {
  const data = await readMerge(octokit, place);
  if (data.head.sha !== head_sha || data.mergeable === null) return null;
  if (!data.mergeable) return 'merge_conflict';
  const headRepository: { id: number } | null = data.head.repo;
  const isFork = headRepository?.id !== data.base.repo.id;
  return isFork && NEWCOMERS.has(data.author_association) ? 'approval' : 'unknown';
}

async function readMerge(octokit: ProbotOctokit, { owner, repo, pull_number }: PullPlace) {
  const { data } = await asking(`read whether pull request ${owner}/${repo}#${pull_number} merges`, () =>
    octokit.rest.pulls.get({ owner, repo, pull_number }),
  );
  return data;
}

/**
 * Returns the pull requests of this repository that contain the commit, at most 300, as facts to be recorded. Needed for runs of
 * forks, whose webhooks name no pull request. Pull requests into other repositories, which GitHub may list too, are left out.
 * Empty for a commit that GitHub does not know (HTTP 404, 422). docs/github.md#pull-requests
 */
export async function readPullRequestsOfCommit(
  octokit: ProbotOctokit,
  {
    owner,
    repo,
    repository_id,
    commit_sha,
  }: { owner: string; repo: string; repository_id: number; commit_sha: string },
): Promise<PullRequestFact[]> {
  const facts: PullRequestFact[] = [];
  try {
    await asking(`list the pull requests of ${owner}/${repo}@${commit_sha}`, async () => {
      const pages = octokit.paginate.iterator(octokit.rest.repos.listPullRequestsAssociatedWithCommit, {
        owner,
        repo,
        commit_sha,
        per_page: 100,
      });
      let count = 0;
      for await (const { data } of pages) {
        facts.push(...data.filter((pull) => pull.base.repo.id === repository_id).map(factOf));
        count += 1;
        if (count === 3) break;
      }
    });
  } catch (error) {
    if (error instanceof Rejected && (error.code === '404' || error.code === '422')) return [];
    throw error;
  }
  return facts;
}

type ListedPull = RestEndpointMethodTypes['repos']['listPullRequestsAssociatedWithCommit']['response']['data'][number];

function factOf(pull: ListedPull): PullRequestFact {
  // GitHub's description says that a head always has a repository; of a deleted fork it has none.
  const headRepository: { id: number } | null = pull.head.repo;
  const closed = pull.state === 'closed' ? 'closed' : 'open';
  return {
    repository_id: pull.base.repo.id,
    number: pull.number,
    title: pull.title,
    html_url: pull.html_url,
    head_sha: pull.head.sha,
    head_ref: pull.head.ref,
    head_repository_id: headRepository?.id ?? null,
    base_ref: pull.base.ref,
    base_sha: pull.base.sha,
    state: pull.merged_at === null ? closed : 'merged',
    draft: pull.draft ?? false,
    author: pull.user?.login ?? null,
    merged_at: pull.merged_at,
    // Before the merge GitHub names the commit that tries it out.
    merge_commit_sha: pull.merged_at === null ? null : pull.merge_commit_sha,
    // Lists leave it out.
    merged_by: null,
    opened_at: pull.created_at,
    source_updated_at: pull.updated_at,
  };
}
