// Lists the files that a pull request changes. The steps of gate/ import it.
import type { RestEndpointMethodTypes } from '@octokit/rest';
import type { ProbotOctokit } from 'probot';
import { Rejected, Transient } from '../model/errors.ts';
import { asking } from './github-error.ts';
import { readHead } from './pulls.ts';

type DiffEntry = RestEndpointMethodTypes['pulls']['listFiles']['response']['data'][number];

/** One file as GitHub lists it. */
export interface ListedFile extends Readonly<Pick<DiffEntry, 'filename' | 'status' | 'additions'>> {
  /** The path before a rename; null for a file that was not renamed. */
  readonly previous_filename: string | null;
  /** The hunks of the unified diff; null for binary files and for patches that GitHub finds too large. */
  readonly patch: string | null;
}

/** GitHub lists no more: docs/github.md#pull-requests */
const MOST_FILES = 3_000;

/** `complete` false: there are more. */
export interface FileList {
  readonly files: readonly ListedFile[];
  readonly complete: boolean;
}

/** The files, and whether that is all of them. Throws what `githubError` says. */
export async function listChangedFiles(
  octokit: ProbotOctokit,
  { owner, repo, pull_number }: { owner: string; repo: string; pull_number: number },
): Promise<FileList> {
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

export interface HeadOfPull {
  readonly owner: string;
  readonly repo: string;
  readonly pull_number: number;
  /** What the list has to be of: from the base branch to this commit. */
  readonly head_sha: string;
  readonly base_ref: string;
}

/**
 * The files between this head and this base. GitHub's list names neither, and whoever pushes has another one listed: so they are
 * looked at before and after. Throws `Transient` when they are others than that.
 */
export async function listFilesAtHead(octokit: ProbotOctokit, head: HeadOfPull): Promise<FileList> {
  const { owner, repo, pull_number } = head;
  await checkHead(octokit, head);
  const listed = await listChangedFiles(octokit, { owner, repo, pull_number });
  const changed_files = await checkHead(octokit, head);
  return { ...listed, complete: listed.complete && listed.files.length >= changed_files };
}

/**
 * The same for what is judged by them: a list that can't be had is as good as one that is cut off, and nothing passes that all of
 * it might hold back. So is that of another commit than the head, for GitHub lists no other.
 */
export async function readFilesFor(octokit: ProbotOctokit, commit_sha: string, head: HeadOfPull): Promise<FileList> {
  if (commit_sha !== head.head_sha) return { files: [], complete: false };
  try {
    return await listFilesAtHead(octokit, head);
  } catch (error) {
    if (!(error instanceof Rejected)) throw error;
    return { files: [], complete: false };
  }
}

/** How many files there are. */
async function checkHead(octokit: ProbotOctokit, { head_sha, base_ref, ...place }: HeadOfPull): Promise<number> {
  const found = await readHead(octokit, place);
  if (found.head_sha === head_sha && found.base_ref === base_ref) return found.changed_files;
  const { owner, repo, pull_number } = place;
  throw new Transient(
    `the files of ${owner}/${repo}#${pull_number} are not those of ${head_sha.slice(0, 7)} into ${base_ref}: it has moved, or GitHub is about to tell`,
  );
}
