// Makes a repository at GitHub with the token of a person, and puts files into it as one commit.
// docs/github.md#making-a-repository
import type { Octokit } from '@octokit/rest';
import { z } from 'zod';
import { Rejected, Transient } from '../../model/errors.ts';
import { rateLimitOf } from '../github-error.ts';

export interface RepositoryFile {
  readonly path: string;
  readonly content: string;
}

export interface NewRepository {
  readonly url: string;
  readonly commitSha: string;
}

/** One request for a part of the tree holds no more: GitHub answers within ten seconds or not at all. */
const PART = { files: 200, characters: 1_000_000 };
/** A repository that was just made may still be called empty. */
const AGAIN = { times: 5, afterMs: 500 };
const MESSAGE = 'Export from CodeRed';
const WORKFLOWS = '.github/workflows/';

/**
 * Makes the private repository `name` of the token's owner, whose one commit has these files. Throws `Rejected`: CR002 where a path can't be
 * there, CR003 where the repository exists or was left without the files, which it says, CR008 where the token may not; `Transient`
 * before anything was made. Nothing thrown holds the token, or what was sent.
 */
export async function makeRepository(
  octokit: Octokit,
  { name, files }: { readonly name: string; readonly files: readonly RepositoryFile[] },
): Promise<NewRepository> {
  refusePaths(files);
  const login = await readOwner(
    octokit,
    files.some(({ path }) => isWorkflow(path)),
  );
  const made = await make(octokit, { name, login });
  try {
    return { url: made.html_url, commitSha: await push(octokit, made, files) };
  } catch (thrown) {
    const workflow = files.some(({ path }) => isWorkflow(path))
      ? ` Where files lie in ${WORKFLOWS}, the token has to be good for workflows too.`
      : '';
    throw new Rejected(
      `The repository ${made.full_name} was made, but the files are not in it: ${reasonOf(thrown)}.${workflow} Delete it at GitHub, or export under another name.`,
      { code: 'CR003' },
    );
  }
}

const isWorkflow = (path: string) => path.toLowerCase().startsWith(WORKFLOWS);

/** Git keeps these names for itself, as file systems see them: https://git-scm.com/docs/git-check-ref-format, CVE-2014-9390. */
function isGitsOwn(name: string): boolean {
  let bare = name.toLowerCase().replaceAll(/\p{Cf}/gu, '');
  while (bare.endsWith('.') || bare.endsWith(' ')) bare = bare.slice(0, -1);
  return bare === '.git' || bare === 'git~1' || bare.startsWith('.git::');
}

/** Throws `Rejected` for what a commit can't hold, before anything is made. */
function refusePaths(files: readonly RepositoryFile[]): void {
  const paths = new Set(files.map(({ path }) => path));
  for (const path of paths) {
    const names = path.split('/');
    if (names.some((name) => name === '' || name === '.' || name === '..' || isGitsOwn(name))) {
      throw new Rejected(`The file "${path.slice(0, 200)}" has a name that a repository can not hold: rename it.`, {
        code: 'CR002',
      });
    }
    const folder = names.slice(0, -1).findIndex((_, at) => paths.has(names.slice(0, at + 1).join('/')));
    if (folder === -1) continue;
    const file = names.slice(0, folder + 1).join('/');
    throw new Rejected(`"${file.slice(0, 200)}" is a file and a folder of others: rename it.`, { code: 'CR002' });
  }
}

const owner = z.object({ login: z.string() });

/** Who has the token. Throws where it can be told that it is not good enough; tokens of finer grain do not say what they may. */
async function readOwner(octokit: Octokit, hasWorkflows: boolean): Promise<string> {
  const { data, headers } = await octokit.request('GET /user').catch((thrown: unknown) => {
    throw refusalOf(thrown, 'read whose token it is');
  });
  const said = headers['x-oauth-scopes'];
  const scopes = typeof said === 'string' ? said.split(',').map((scope) => scope.trim()) : null;
  for (const scope of ['repo', ...(hasWorkflows ? ['workflow'] : [])]) {
    if (scopes === null || scopes.includes(scope)) continue;
    throw new Rejected(`github_token lacks the scope "${scope}", which this export needs: make one that has it.`, {
      code: 'CR008',
    });
  }
  return parsed(owner, data).login;
}

const repository = z.object({
  name: z.string(),
  full_name: z.string(),
  html_url: z.string(),
  default_branch: z.string(),
  owner,
});
type Made = z.output<typeof repository>;

async function make(octokit: Octokit, { name, login }: { name: string; login: string }): Promise<Made> {
  const asked = `make the repository ${login}/${name}`;
  try {
    // GitHub makes trees and commits only where there is a first commit, which ours then takes the place of.
    const { data } = await octokit.request('POST /user/repos', { name, private: true, auto_init: true });
    return parsed(repository, data);
  } catch (thrown) {
    const { status, said } = answerOf(thrown);
    if (status === 422 && said.includes('already exists')) {
      throw new Rejected(`The repository ${login}/${name} exists already; take another name.`, { code: 'CR003' });
    }
    if (status === 422) {
      throw new Rejected(`GitHub can not ${asked}: ${said}. Take another repo_name.`, { code: 'CR002' });
    }
    if (status === 404) {
      throw new Rejected(`github_token may not ${asked}: it needs the scope repo, or Administration: write.`, {
        code: 'CR008',
      });
    }
    if (status !== 0 && status < 500) throw refusalOf(thrown, asked);
    throw new Rejected(
      `GitHub did not say whether it made the repository ${login}/${name}: look there, delete it where it is, and export again.`,
      { code: 'CR003' },
    );
  }
}

const withSha = z.object({ sha: z.string() });

/** The SHA of the one commit that the branch then has. */
async function push(
  octokit: Octokit,
  { name, owner: { login }, default_branch }: Made,
  files: readonly RepositoryFile[],
) {
  const place = { owner: login, repo: name };
  let tree: string | null = null;
  for (const part of partsOf(files)) {
    const entries = part.map(({ path, content }) => ({
      path,
      content,
      mode: '100644' as const,
      type: 'blob' as const,
    }));
    const base: { base_tree?: string } = tree === null ? {} : { base_tree: tree };
    const { data } = await onceReady(() =>
      octokit.request('POST /repos/{owner}/{repo}/git/trees', { ...place, ...base, tree: entries }),
    );
    tree = parsed(withSha, data).sha;
  }
  const commit = await octokit.request('POST /repos/{owner}/{repo}/git/commits', {
    ...place,
    message: MESSAGE,
    tree: tree ?? '',
    parents: [],
  });
  const { sha } = parsed(withSha, commit.data);
  const ref = `heads/${default_branch}`;
  await octokit.request('PATCH /repos/{owner}/{repo}/git/refs/{ref}', { ...place, ref, sha, force: true });
  return sha;
}

function partsOf(files: readonly RepositoryFile[]): RepositoryFile[][] {
  const parts: RepositoryFile[][] = [];
  let characters = 0;
  for (const file of files) {
    const last = parts.at(-1);
    const isFull =
      last === undefined || last.length >= PART.files || characters + file.content.length > PART.characters;
    if (isFull) parts.push([file]);
    else last.push(file);
    characters = (isFull ? 0 : characters) + file.content.length;
  }
  return parts;
}

async function onceReady<T>(ask: () => Promise<T>): Promise<T> {
  for (let left = AGAIN.times; ; left -= 1) {
    try {
      return await ask();
    } catch (thrown) {
      if (answerOf(thrown).status !== 409 || left === 0) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, AGAIN.afterMs));
    }
  }
}

const failed = z.object({
  status: z.int(),
  response: z.object({
    data: z.looseObject({ message: z.string().optional(), errors: z.array(z.unknown()).optional() }),
  }),
});
const namedError = z.object({ message: z.string() });

/** GitHub's status and words; status 0 when it did not answer. */
function answerOf(thrown: unknown): { readonly status: number; readonly said: string } {
  const read = failed.safeParse(thrown);
  if (!read.success) return { status: 0, said: '' };
  const { message = '', errors = [] } = read.data.response.data;
  const more = errors.flatMap((error) => namedError.safeParse(error).data?.message ?? []);
  return { status: read.data.status, said: [message, ...more].join('; ').slice(0, 300) };
}

/** Without `cause`: what the client throws holds the request. */
function refusalOf(thrown: unknown, asked: string): Error {
  const { status, said } = answerOf(thrown);
  const waitMs = rateLimitOf(thrown);
  if (waitMs !== null) return new Transient(`${asked}: GitHub's rate limit is reached`, { retryAfterMs: waitMs });
  if (status === 401)
    return new Rejected('GitHub does not take github_token: it is wrong, expired or revoked.', { code: 'CR008' });
  if (status === 403) return new Rejected(`github_token may not ${asked}: GitHub says "${said}".`, { code: 'CR008' });
  if (status === 0 || status >= 500) return new Transient(`${asked}: GitHub does not answer as it should (${status})`);
  return new Rejected(`GitHub can not ${asked} (HTTP ${status}): ${said}`, { code: 'CR003' });
}

function reasonOf(thrown: unknown): string {
  if (rateLimitOf(thrown) !== null) return "GitHub's rate limit was reached";
  const { status, said } = answerOf(thrown);
  return status === 0 ? 'GitHub does not answer' : `GitHub answered ${status} (${said})`;
}

function parsed<T>(shape: z.ZodType<T>, data: unknown): T {
  const read = shape.safeParse(data);
  if (read.success) return read.data;
  throw new Transient('GitHub answered something else than its description says');
}
