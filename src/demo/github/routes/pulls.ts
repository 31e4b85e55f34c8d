// The stand-in's pull requests, and the files and commits of its repositories.

import { createHash } from 'node:crypto';
import type { JsonObject } from '../contract/json-value.ts';
import type { RepositoryState } from '../state/github-state.ts';
import { pullRequestJson } from '../state/record-json.ts';
import type { PullRequest } from '../state/records.ts';
import { accountJson, apiUrl, fullName, retell, webUrl } from '../state/retell.ts';
import { type Answer, notFound, numberParameter, page, type RepositoryCall, type RepositoryRoutes } from './route.ts';

const CONTENTS = ['contents:read', 'single_file:read'];

/** The routes of pull requests and contents. */
export const pullRoutes: RepositoryRoutes = {
  'GET /repos/{owner}/{repo}/pulls/{pull_number}': { needs: ['pull_requests:read'], answer: getPull },
  'GET /repos/{owner}/{repo}/pulls': { needs: ['pull_requests:read'], answer: listPulls },
  'GET /repos/{owner}/{repo}/pulls/{pull_number}/files': { needs: ['pull_requests:read'], answer: listFiles },
  'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls': { needs: ['pull_requests:read'], answer: pullsOfCommit },
  'GET /repos/{owner}/{repo}/contents/{path}': { needs: CONTENTS, answer: getContent },
  'GET /repos/{owner}/{repo}/git/commits/{commit_sha}': { needs: ['contents:read'], answer: getCommit },
  'GET /repos/{owner}/{repo}': { needs: [], answer: getRepository },
};

/** What any token may read of a public repository, and what it is no fault to ask for where nothing is. */
export const PUBLIC_READS: readonly string[] = [
  'GET /repos/{owner}/{repo}/contents/{path}',
  'GET /repos/{owner}/{repo}',
];

function getPull(call: RepositoryCall): Answer {
  const { inside, contract } = call;
  const pull = inside.pulls.get(numberParameter(call, 'pull_number'));
  if (!pull) return notFound();
  const changed_files = inside.pullFiles.get(pull.number)?.length ?? 0;
  const mergeable = !inside.conflicts.has(pull.number);
  const own = { merged: pull.mergedAt !== null, mergeable, requested_teams: [], changed_files };
  const example = contract.example('pull-request');
  return { status: 200, body: { ...pullRequestJson(example, pull, inside.repository), ...own } };
}

function listPulls(call: RepositoryCall): Answer {
  const { state, head, base, sort } = call.parameters;
  const isNewer = (one: PullRequest, other: PullRequest) =>
    sort === 'updated' ? other.updatedAt.localeCompare(one.updatedAt) : other.number - one.number;
  const pulls = [...call.inside.pulls.values()]
    .filter((pull) => state === 'all' || pull.state === (state ?? 'open'))
    .filter((pull) => head === undefined || head === `${pull.head.repository?.owner.login}:${pull.head.ref}`)
    .filter((pull) => base === undefined || base === pull.base.ref)
    .sort(isNewer);
  return listed(call, pulls);
}

function pullsOfCommit(call: RepositoryCall): Answer {
  const numbers = call.inside.pullsOfCommit.get(String(call.parameters.commit_sha)) ?? new Set();
  return listed(
    call,
    [...numbers].flatMap((number) => call.inside.pulls.get(number) ?? []),
  );
}

function listed(call: RepositoryCall, pulls: PullRequest[]): Answer {
  const { items, headers } = page(call, pulls);
  const example = call.contract.example('pull-request-simple-items');
  return { status: 200, body: items.map((pull) => pullRequestJson(example, pull, call.inside.repository)), headers };
}

function listFiles(call: RepositoryCall): Answer {
  const number = numberParameter(call, 'pull_number');
  const pull = call.inside.pulls.get(number);
  if (!pull) return notFound();
  const { items, headers } = page(call, call.inside.pullFiles.get(number) ?? []);
  const { repository } = call.inside;
  const body = items.map(({ filename, previousFilename, status, additions, deletions, patch }): JsonObject => {
    const at = `${repository.defaultBranch}/${filename}`;
    return {
      sha: createHash('sha1').update(filename).digest('hex'),
      filename,
      status,
      additions,
      deletions,
      changes: additions + deletions,
      blob_url: `${webUrl(repository)}/blob/${at}`,
      raw_url: `${webUrl(repository)}/raw/${at}`,
      contents_url: `${apiUrl(repository)}/contents/${encodeURIComponent(filename)}?ref=${pull.head.sha}`,
      ...(previousFilename === undefined ? {} : { previous_filename: previousFilename }),
      ...(patch === null ? {} : { patch }),
    };
  });
  return { status: 200, body, headers };
}

function getRepository({ inside, contract }: RepositoryCall): Answer {
  const { repository } = inside;
  const known = retell(contract.example('full-repository'), repository);
  return { status: 200, body: { ...known, organization: accountJson(repository.owner) } };
}

/** To ask whether a file is there is no fault of the client's. */
export function absent(): Answer {
  const { refused: _, ...answer } = notFound();
  return answer;
}

/** The example with the commit's own SHA and tree; what else a commit says is not kept. */
function getCommit({ inside, contract, parameters }: RepositoryCall): Answer {
  const sha = String(parameters.commit_sha);
  const tree = inside.trees.get(sha);
  if (tree === undefined) return absent();
  const git = `${apiUrl(inside.repository)}/git`;
  const links = { url: `${git}/commits/${sha}`, html_url: `${webUrl(inside.repository)}/commit/${sha}` };
  const own = { sha, ...links, tree: { sha: tree, url: `${git}/trees/${tree}` }, parents: [] };
  return { status: 200, body: { ...contract.example('git-commit-2'), ...own } };
}

/** Files of the default branch, and those of a ref that `filesAt` knows; everything else is a 404. */
function getContent(call: RepositoryCall): Answer {
  const { inside, parameters } = call;
  const { repository } = inside;
  const path = String(parameters.path);
  const ref = typeof parameters.ref === 'string' ? parameters.ref : `refs/heads/${repository.defaultBranch}`;
  const text = filesOf(inside, ref)?.get(path);
  if (text === undefined) return getFolder(call, ref, path);
  if (call.accept.includes('raw'))
    return { status: 200, body: text, headers: { 'content-type': 'application/vnd.github.raw+json; charset=utf-8' } };
  const content = Buffer.from(text).toString('base64').replace(/.{60}/g, '$&\n');
  return { status: 200, body: { ...fileOf(repository, { path, ref, text }), encoding: 'base64', content } };
}

/** The files right in a folder; a 404 when it has none, and never its folders. */
function getFolder({ inside }: RepositoryCall, ref: string, folder: string): Answer {
  const files = [...(filesOf(inside, ref) ?? [])].filter(
    ([path]) => path.startsWith(`${folder}/`) && !path.slice(folder.length + 1).includes('/'),
  );
  if (files.length === 0) return absent();
  return { status: 200, body: files.map(([path, text]) => fileOf(inside.repository, { path, ref, text })) };
}

function fileOf(
  repository: RepositoryState['repository'],
  { path, ref, text }: { readonly path: string; readonly ref: string; readonly text: string },
): JsonObject {
  const bytes = Buffer.from(text);
  const sha = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
  const at = encodeURIComponent(ref);
  const links = {
    self: `${apiUrl(repository)}/contents/${path}?ref=${at}`,
    git: `${apiUrl(repository)}/git/blobs/${sha}`,
    html: `${webUrl(repository)}/blob/${at}/${path}`,
  };
  return {
    type: 'file',
    size: bytes.length,
    name: path.split('/').at(-1),
    path,
    sha,
    url: links.self,
    git_url: links.git,
    html_url: links.html,
    download_url: `https://raw.githubusercontent.com/${fullName(repository)}/${at}/${path}`,
    _links: links,
  };
}

/** As git finds a name: a commit by its SHA, else what has the full name, else a tag before a branch. */
function filesOf(inside: RepositoryState, ref: string): ReadonlyMap<string, string> | undefined {
  const { filesAt, repository } = inside;
  if (SHA.test(ref)) return filesAt.get(ref);
  const full = ref.startsWith('heads/') || ref.startsWith('tags/') ? `refs/${ref}` : ref;
  if (full.startsWith('refs/tags/')) return filesAt.get(full);
  if (!full.startsWith('refs/heads/'))
    return (
      filesAt.get(`refs/tags/${ref}`) ??
      filesOf(inside, `refs/heads/${ref === 'HEAD' ? repository.defaultBranch : ref}`)
    );
  const branch = full.slice('refs/heads/'.length);
  if (branch === repository.defaultBranch) return inside.files;
  return filesAt.get(full) ?? (SHA.test(branch) ? undefined : filesAt.get(branch));
}

const SHA = /^[0-9a-f]{40}$/;
