// The stand-in's routes by which a person makes a repository and puts a commit into it, with a token of their own.

import { createHash } from 'node:crypto';
import { isJsonObject, type JsonObject } from '../contract/json-value.ts';
import type { RepositoryState } from '../state/github-state.ts';
import { githubTime } from '../state/github-state.ts';
import { accountJson, apiUrl, retell } from '../state/retell.ts';
import { type Answer, notFound, refuse, textInBody } from './route.ts';
import type { UserCall } from './user.ts';

/** Routes by the operation's name in GitHub's description. */
export const newRepositoryRoutes: Record<string, (call: UserCall) => Answer> = {
  'POST /user/repos': makeRepository,
  'POST /repos/{owner}/{repo}/git/trees': (call) => inOwn(call, makeTree),
  'POST /repos/{owner}/{repo}/git/commits': (call) => inOwn(call, makeCommit),
  'PATCH /repos/{owner}/{repo}/git/refs/{ref}': (call) => inOwn(call, moveBranch),
};

/** A token that says what it may, and not that. */
const lacks = ({ scopes }: UserCall, scope: string) => scopes !== null && !scopes.includes(scope);

function makeRepository(call: UserCall): Answer {
  const { state, user, body, contract } = call;
  const name = textInBody(body, 'name') ?? '';
  if (lacks(call, 'repo')) return notFound();
  if (state.findRepository(user.login, name) !== null) {
    const error = {
      resource: 'Repository',
      code: 'custom',
      field: 'name',
      message: 'name already exists on this account',
    };
    return refuse(422, 'Repository creation failed.', { errors: [error] });
  }
  const updatedAt = githubTime(Date.now());
  const about = { id: state.nextId(), owner: user, name, defaultBranch: 'main', updatedAt, fork: false };
  const inside = state.addRepository({ ...about, private: body.private === true }, null);
  if (body.auto_init === true) {
    inside.files.set('README.md', `# ${name}\n`);
    inside.trees.set(shaOf(`first ${about.id}`), shaOf(`first tree ${about.id}`));
  }
  const known = retell(contract.example('full-repository'), inside.repository);
  return { status: 201, body: { ...known, organization: accountJson(user) } };
}

/** Of what is another's nothing is said; an empty repository has no trees and commits yet. */
function inOwn(call: UserCall, route: (call: UserCall, inside: RepositoryState) => Answer): Answer {
  const { owner, repo } = call.parameters;
  const inside = call.state.findRepository(String(owner), String(repo));
  if (inside === null || inside.repository.owner.id !== call.user.id) return notFound();
  if (inside.trees.size === 0) return refuse(409, 'Git Repository is empty.');
  return route(call, inside);
}

function makeTree(call: UserCall, { madeTrees, repository }: RepositoryState): Answer {
  const { body, contract } = call;
  const base = textInBody(body, 'base_tree');
  const files = new Map(base === undefined ? [] : madeTrees.get(base));
  for (const entry of Array.isArray(body.tree) ? body.tree : []) {
    if (!isJsonObject(entry)) continue;
    const path = textInBody(entry, 'path') ?? '';
    if (path.split('/').some((name) => ['', '.', '..', '.git'].includes(name))) {
      return refuse(422, 'tree.path contains a malformed path component');
    }
    if (path.startsWith('.github/workflows/') && lacks(call, 'workflow')) return notFound();
    files.set(path, textInBody(entry, 'content') ?? '');
  }
  const sha = shaOf(JSON.stringify([...files].sort()));
  madeTrees.set(sha, files);
  const tree = [...files].map(([path, content]): JsonObject => {
    return { path, mode: '100644', type: 'blob', size: Buffer.byteLength(content), sha: shaOf(content) };
  });
  const url = `${apiUrl(repository)}/git/trees/${sha}`;
  return { status: 201, body: { ...contract.example('git-tree'), sha, url, tree, truncated: false } };
}

function makeCommit({ body, contract }: UserCall, { madeTrees, madeCommits, repository }: RepositoryState): Answer {
  const tree = textInBody(body, 'tree') ?? '';
  if (!madeTrees.has(tree)) return refuse(422, 'Tree SHA does not exist');
  const parents = Array.isArray(body.parents) ? body.parents.map(String) : [];
  const sha = shaOf(JSON.stringify([body.message ?? '', tree, parents]));
  madeCommits.set(sha, { tree, parents, message: textInBody(body, 'message') ?? '' });
  const git = `${apiUrl(repository)}/git`;
  const own = { sha, url: `${git}/commits/${sha}`, tree: { sha: tree, url: `${git}/trees/${tree}` }, parents: [] };
  return { status: 201, body: { ...contract.example('git-commit'), ...own } };
}

function moveBranch({ body, parameters, contract }: UserCall, inside: RepositoryState): Answer {
  const sha = textInBody(body, 'sha') ?? '';
  const commit = inside.madeCommits.get(sha);
  const isOther = String(parameters.ref) !== `heads/${inside.repository.defaultBranch}`;
  if (commit === undefined || isOther) return refuse(422, 'Reference does not exist');
  if (commit.parents.length === 0 && body.force !== true) return refuse(422, 'Update is not a fast forward');
  inside.files.clear();
  for (const [path, content] of inside.madeTrees.get(commit.tree) ?? []) inside.files.set(path, content);
  inside.trees.set(sha, commit.tree);
  const url = `${apiUrl(inside.repository)}/git`;
  const ref = `refs/${parameters.ref}`;
  const own = { ref, url: `${url}/${ref}`, object: { type: 'commit', sha, url: `${url}/commits/${sha}` } };
  return { status: 200, body: { ...contract.example('git-ref'), ...own } };
}

function shaOf(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
