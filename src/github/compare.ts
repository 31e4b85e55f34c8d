// Reads where a commit left a branch, what it changes against it, and what a merge commit is made of.
import type { ProbotOctokit } from 'probot';
import { asking } from './github-error.ts';

interface Place {
  readonly owner: string;
  readonly repo: string;
}

/** GitHub lists at most so many files of a comparison, on its first page: docs/github.md#pull-requests */
const MOST_COMPARED_FILES = 300;

/** How a commit stands to a branch. */
export interface Comparison {
  /** The newest commit that both have. */
  readonly merge_base_sha: string;
  /** Paths that differ, former names of renamed files among them; null when GitHub does not list all. */
  readonly files: readonly string[] | null;
}

/** Compares a commit with a branch of the same repository; a fork's head counts as one of it. Throws what `githubError` returns. */
export async function compareWithBranch(
  octokit: ProbotOctokit,
  { owner, repo, branch, sha }: Place & { readonly branch: string; readonly sha: string },
): Promise<Comparison> {
  const { data } = await asking(`compare ${sha.slice(0, 7)} with ${branch} of ${owner}/${repo}`, () =>
    octokit.rest.repos.compareCommitsWithBasehead({ owner, repo, basehead: `${branch}...${sha}`, per_page: 1 }),
  );
  const files = data.files ?? [];
  const paths = files.flatMap(({ filename, previous_filename: former }) =>
    former === undefined ? [filename] : [filename, former],
  );
  const isWhole = data.files !== undefined && files.length < MOST_COMPARED_FILES;
  return { merge_base_sha: data.merge_base_commit.sha, files: isWhole ? [...new Set(paths)] : null };
}

/** A commit's parents in git's order, and when it was made. */
export interface Parents {
  readonly parents: readonly string[];
  readonly made_at: string;
}

/** Reads the parents of a commit. Throws what `githubError` returns: `Rejected` with code 404 where there is no such commit. */
export async function readParents(
  octokit: ProbotOctokit,
  { owner, repo, commit_sha }: Place & { readonly commit_sha: string },
): Promise<Parents> {
  const { data } = await asking(`read commit ${commit_sha.slice(0, 7)} of ${owner}/${repo}`, () =>
    octokit.rest.git.getCommit({ owner, repo, commit_sha }),
  );
  return { parents: data.parents.map(({ sha }) => sha), made_at: data.committer.date };
}
