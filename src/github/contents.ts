// Reads what a repository holds: one text file of a branch or a commit, and the hash of all files of a commit.
import type { ProbotOctokit } from 'probot';
import { z } from 'zod';
import { Rejected, Transient } from '../model/errors.ts';
import { asking } from './github-error.ts';

/** A path in a repository, at a branch or at a commit. */
export interface FilePlace {
  readonly owner: string;
  readonly repo: string;
  readonly path: string;
  /** The full name of a branch (`refs/heads/main`) or the SHA of a commit. A short name could also be that of a tag. */
  readonly ref: string;
  /** True when `ref` is a SHA: the file at a commit never changes. */
  readonly is_commit?: boolean;
  /** For a file on a branch: while this stays the same, GitHub is not asked again for half a minute for a file that is absent. */
  readonly version?: string;
}

/** A text file. */
export interface RepositoryFile {
  /** Decoded as UTF-8. */
  readonly text: string;
  /** The SHA of the file's blob, which changes with its content. */
  readonly sha: string;
}

/** Returns the file, or null when it does not exist at `ref`. */
export type ReadFile = (octokit: ProbotOctokit, place: FilePlace) => Promise<RepositoryFile | null>;

const textFile = z.object({
  type: z.literal('file'),
  content: z.string(),
  encoding: z.literal('base64'),
  sha: z.string(),
});

/**
 * Reads a file. Returns null when it does not exist at `ref` (HTTP 404). Throws `Rejected` with code `not_a_file` for a folder, a
 * link or a file of more than 1 MB, else what `githubError` returns.
 * docs/github.md#contents-of-a-repository
 */
export const readRepositoryFile: ReadFile = async (octokit, place) => (await askForFile(octokit, place, null)).file;

/** One file of a folder; `size` in bytes. */
export interface FolderFile {
  readonly name: string;
  readonly path: string;
  readonly size: number;
}

const folder = z.array(z.object({ type: z.string(), name: z.string(), path: z.string(), size: z.number() }));

/**
 * Returns the files of a folder in the order of their names, without its folders, links and submodules: at most the 1,000 that GitHub
 * lists. None when there is no such folder at `ref`. Throws what `githubError` returns.
 * docs/github.md#contents-of-a-repository
 */
export async function readRepositoryFolder(
  octokit: ProbotOctokit,
  { is_commit: _, version: __, ...place }: FilePlace,
): Promise<readonly FolderFile[]> {
  const asked = `list ${place.path} of ${place.owner}/${place.repo} at ${place.ref}`;
  try {
    const answer = await asking(asked, () => octokit.rest.repos.getContent(place));
    const found = folder.safeParse(answer.data).data ?? [];
    return found.filter(({ type }) => type === 'file').sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (error instanceof Rejected && error.code === '404') return [];
    throw error;
  }
}

/** What GitHub answers; `etag` null: there is none to ask by the next time. */
type Answer = { readonly file: RepositoryFile | null; readonly etag: string | null };

/** Throws `Rejected` with code 304 when the file is still the one that GitHub gave this `etag`. */
async function askForFile(
  octokit: ProbotOctokit,
  { is_commit: _, version: __, ...place }: FilePlace,
  etag: string | null,
): Promise<Answer> {
  const asked = `read ${place.path} of ${place.owner}/${place.repo} at ${place.ref}`;
  const headers = etag === null ? {} : { 'if-none-match': etag };
  try {
    const answer = await asking(asked, () => octokit.rest.repos.getContent({ ...place, headers }));
    const file = textFile.safeParse(answer.data);
    if (!file.success) throw new Rejected(`${asked}: it is no file of at most 1 MB`, { code: 'not_a_file' });
    const text = Buffer.from(file.data.content, 'base64').toString('utf8');
    return { file: { text, sha: file.data.sha }, etag: answer.headers.etag ?? null };
  } catch (error) {
    if (error instanceof Rejected && error.code === '404') return { file: null, etag: null };
    throw error;
  }
}

const MOST_KEPT = 500;
/** Longer ones are rare, and would let a stranger fill the memory. */
const LONGEST_KEPT = 65_536;
/** For so long an absent file at a commit is not asked for again. It may appear: GitHub's API can lag behind its webhook. */
const ABSENT_MS = 60_000;
/** The same for a file on a branch, which each evaluation of all repositories of an organisation asks for. */
const ABSENT_ON_BRANCH_MS = 30_000;

/**
 * Like `readRepositoryFile`, with a cache of the 500 files that were read last:
 *
 * - a file at a commit is asked for once; an absent one again after a minute
 * - a file on a branch is asked for each time with its `ETag`, which costs nothing of the rate limit when it has not changed
 * - an absent file on a branch, with a `version`, is asked for again after half a minute or with another version
 *
 * `now` returns milliseconds that only rise.
 * docs/github.md#contents-of-a-repository
 */
export function keepFiles(now: () => number = () => performance.now()): ReadFile {
  const kept = new Map<string, Answer & { readonly at: number; readonly version: string | undefined }>();
  return async (octokit, place) => {
    const key = JSON.stringify([place.owner, place.repo, place.path, place.ref]);
    const isCommit = place.is_commit === true;
    const known = kept.get(key);
    if (known !== undefined && isCommit && (known.file !== null || now() - known.at < ABSENT_MS)) return known.file;
    const isSame = place.version !== undefined && known?.version === place.version;
    if (known?.file === null && isSame && now() - known.at < ABSENT_ON_BRANCH_MS) return null;
    const answer = await askForFile(octokit, place, known?.etag ?? null).catch((error: unknown) => {
      if (known !== undefined && error instanceof Rejected && error.code === '304') return known;
      throw error;
    });
    kept.delete(key);
    const isShort = answer.file !== null && answer.file.text.length <= LONGEST_KEPT;
    const mayBeAbsent = isCommit || place.version !== undefined;
    if (isShort || (answer.file === null && mayBeAbsent))
      kept.set(key, { ...answer, at: now(), version: place.version });
    const [oldest] = kept.keys();
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    return answer.file;
  };
}

const commitObject = z.object({ tree: z.object({ sha: z.string().regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/) }) });

/**
 * Returns the SHA of the commit's tree. Two commits with the same tree hold the same files. Null when GitHub does not know the
 * commit (yet) or does not let us read it. Throws `Transient` when GitHub fails.
 * docs/github.md#pull-requests
 */
export async function readCommitTree(
  octokit: ProbotOctokit,
  { owner, repo, commit_sha }: { owner: string; repo: string; commit_sha: string },
): Promise<string | null> {
  try {
    const { data } = await asking(`read the tree of ${commit_sha.slice(0, 7)} in ${owner}/${repo}`, () =>
      octokit.rest.git.getCommit({ owner, repo, commit_sha }),
    );
    return commitObject.safeParse(data).data?.tree.sha ?? null;
  } catch (error) {
    if (error instanceof Transient) throw error;
    return null;
  }
}
