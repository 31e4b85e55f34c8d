// Lists the files that a pull request changes.
import type { RestEndpointMethodTypes } from '@octokit/rest';
import type { ProbotOctokit } from 'probot';
import { Rejected, Transient } from '../model/errors.ts';
import { asking } from './github-error.ts';
import { readHead } from './pulls.ts';

type DiffEntry = RestEndpointMethodTypes['pulls']['listFiles']['response']['data'][number];

/** One file as GitHub lists it; `status` is GitHub's word (added, modified, removed, renamed …), `additions` counts lines. */
export interface ListedFile extends Readonly<Pick<DiffEntry, 'filename' | 'status' | 'additions'>> {
  /** The path before a rename; null for a file that was not renamed. */
  readonly previous_filename: string | null;
  /** The hunks of the unified diff; null for binary files and for patches that GitHub finds too large. */
  readonly patch: string | null;
}

/** The most files that GitHub lists of one pull request: docs/github.md#pull-requests */
const MOST_FILES = 3_000;

/** The files that GitHub lists; `complete` is false when there are, or may be, more than these. */
export interface FileList {
  readonly files: readonly ListedFile[];
  readonly complete: boolean;
}

/** Returns the files of a pull request as it is now, and whether that is all of them. Throws what `githubError` returns. */
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

/** One state of a pull request: its head commit and the branch it is to be merged into. */
export interface HeadOfPull {
  readonly owner: string;
  readonly repo: string;
  readonly pull_number: number;
  /** The list has to be of the changes from the base branch to this commit. */
  readonly head_sha: string;
  readonly base_ref: string;
}

/**
 * Returns the files that this head changes against this base. GitHub's list does not say which head and base it is of, and a push
 * changes it: so head and base are read before and after the list. Throws `Transient` when they are not the ones asked for.
 */
export async function listFilesAtHead(octokit: ProbotOctokit, head: HeadOfPull): Promise<FileList> {
  const { owner, repo, pull_number } = head;
  await checkHead(octokit, head);
  const listed = await listChangedFiles(octokit, { owner, repo, pull_number });
  const changed_files = await checkHead(octokit, head);
  return { ...listed, complete: listed.complete && listed.files.length >= changed_files };
}

/**
 * Like `listFilesAtHead`, for a verdict on `commit_sha`. Returns an empty list with `complete` false when GitHub refuses the list,
 * and when the commit is not the head, because GitHub lists no other commit's files. An incomplete list makes the gate stricter,
 * never laxer. Throws `Transient` as `listFilesAtHead` does.
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

/** Returns how many files the pull request changes; throws `Transient` when its head or base is not the one asked for. */
async function checkHead(octokit: ProbotOctokit, { head_sha, base_ref, ...place }: HeadOfPull): Promise<number> {
  const found = await readHead(octokit, place);
  if (found.head_sha === head_sha && found.base_ref === base_ref) return found.changed_files;
  const { owner, repo, pull_number } = place;
  throw new Transient(
    `the files of ${owner}/${repo}#${pull_number} are not those of ${head_sha.slice(0, 7)} into ${base_ref}: it has moved, or GitHub is about to tell`,
  );
}
