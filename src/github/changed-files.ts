// Lists the files that a pull request changes. The gate step imports it.
import type { ProbotOctokit } from 'probot';
import { asking } from './github-error.ts';

/** One file as GitHub lists it. */
export interface ListedFile {
  readonly filename: string;
  /** The name it had before a rename. */
  readonly previous_filename: string | null;
  readonly status: string;
  readonly additions: number;
  readonly patch: string | null;
}

/** GitHub lists no more: https://docs.github.com/rest/pulls/pulls#list-pull-requests-files */
const MOST_FILES = 3_000;

/** The files, and whether that is all of them. Throws what `githubError` says. */
export async function listChangedFiles(
  octokit: ProbotOctokit,
  { owner, repo, pull_number }: { owner: string; repo: string; pull_number: number },
): Promise<{ readonly files: readonly ListedFile[]; readonly complete: boolean }> {
  const listed = await asking(`list the files of ${owner}/${repo}#${pull_number}`, () =>
    octokit.paginate(octokit.rest.pulls.listFiles, { owner, repo, pull_number, per_page: 100 }),
  );
  const files = listed.map(({ filename, previous_filename, status, additions, patch }) => ({
    filename,
    previous_filename: previous_filename ?? null,
    status,
    additions,
    patch: patch ?? null,
  }));
  return { files, complete: files.length < MOST_FILES };
}
