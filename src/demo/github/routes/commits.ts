// The stand-in's commits of the default branch.

import type { Json, JsonObject } from '../contract/json-value.ts';
import type { Commit, Repository } from '../state/records.ts';
import { webUrl } from '../state/retell.ts';
import { type Answer, page, type RepositoryCall, type RepositoryRoutes } from './route.ts';

/** The route that lists them. */
export const commitRoutes: RepositoryRoutes = {
  'GET /repos/{owner}/{repo}/commits': { needs: ['contents:read'], answer: listCommits },
};

/** Newest first; of another branch nothing is known. */
function listCommits(call: RepositoryCall): Answer {
  const { inside, parameters, contract } = call;
  const { sha = inside.repository.defaultBranch, since = '' } = parameters;
  const ofBranch = sha === inside.repository.defaultBranch ? inside.commits.toReversed() : [];
  const { items, headers } = page(
    call,
    ofBranch.filter(({ at }) => since === '' || Date.parse(at) >= Date.parse(String(since))),
  );
  const example = contract.example('commit-items');
  return { status: 200, body: items.map((commit) => commitJson(example, commit, inside.repository)), headers };
}

function commitJson(example: Json, { sha, message, author, at }: Commit, repository: Repository): Json {
  const like = (Array.isArray(example) ? example[0] : example) as {
    readonly commit: JsonObject;
    readonly author: JsonObject;
  };
  const by = { name: author.login, email: `${author.login}@users.noreply.github.com`, date: at };
  return {
    ...like,
    sha,
    html_url: `${webUrl(repository)}/commit/${sha}`,
    commit: { ...like.commit, message, author: by, committer: by },
    author: { ...like.author, login: author.login, id: author.id },
    committer: { ...like.author, login: author.login, id: author.id },
    parents: [],
  };
}
