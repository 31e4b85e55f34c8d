// Reads what a repository holds: one text file of a branch or a commit, and the hash of all files of a commit.
import type { ProbotOctokit } from 'probot';
import { z } from 'zod';
import { Rejected, Transient } from '../model/errors.ts';
import { asking } from './github-error.ts';

export interface FilePlace {
  readonly owner: string;
  readonly repo: string;
  readonly path: string;
  /** A branch's full name, `refs/heads/main`, or a commit's SHA: of a short name GitHub may find a tag, or a commit. */
  readonly ref: string;
  /** Whether it is a SHA: what lies there never changes. */
  readonly is_commit?: boolean;
  /** Of a file on a branch: that it is not there is believed for half a minute as long as this is the same. */
  readonly version?: string;
}

export interface RepositoryFile {
  readonly text: string;
  /** Of the blob. */
  readonly sha: string;
}

/** Null when there is no such file at `ref`. */
export type ReadFile = (octokit: ProbotOctokit, place: FilePlace) => Promise<RepositoryFile | null>;

const textFile = z.object({
  type: z.literal('file'),
  content: z.string(),
  encoding: z.literal('base64'),
  sha: z.string(),
});

/**
 * The file's text and blob SHA; null when there is no such file at `ref`. Throws `Rejected` (`not_a_file`) for a folder, a
 * link or a file of more than 1 MB, else what `githubError` says.
 * docs/github.md#contents-of-a-repository
 */
export const readRepositoryFile: ReadFile = async (octokit, place) => (await askForFile(octokit, place, null)).file;

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
/** What is not there yet may come: GitHub may know a commit a moment later than it tells of it. */
const ABSENT_MS = 60_000;
/** Of a file that is looked for at each judgement of all of an organisation's repositories. */
const ABSENT_ON_BRANCH_MS = 30_000;

/**
 * Like `readRepositoryFile`, but it keeps the newest 500 files: one at a commit never changes and is asked for once (when it
 * is not there, once a minute), of one on a branch GitHub is asked whether it has changed, which costs nothing of the rate
 * limit when it has not; that one with a `version` is not there is believed for half a minute. `now` in ms.
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
 * The SHA of the commit's tree: two commits with the same one hold the same files. Null when GitHub doesn't tell, because it
 * does not know the commit (yet) or does not let us read it. Throws `Transient` while GitHub fails.
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
