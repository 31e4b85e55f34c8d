// Changes GitHub's published examples so that they are about another repository and other people.
// Pure.

import { isJsonObject, type Json, type JsonObject, mapObjectStrings, mapValues } from '../contract/json-value.ts';
import type { Account, Repository } from './records.ts';

/** The people and the organisation of the story: those of GitHub's own examples, each with one of the ids it has there. */
export const ACCOUNTS = {
  codertocat: { login: 'Codertocat', id: 21_031_067, type: 'User' },
  octocat: { login: 'octocat', id: 583_231, type: 'User' },
  hacktocat: { login: 'hacktocat', id: 39_652_351, type: 'User' },
  octoOrg: { login: 'octo-org', id: 6_811_672, type: 'Organization' },
} as const satisfies Record<string, Account>;

const API = 'https://api.github.com';
const WEB = 'https://github.com';
const EXAMPLE_REPOSITORIES =
  /\b(?:Codertocat\/Hello-World|Octocoders\/Hello-World|octocat\/Hello-World|github\/hello-world|octo-org\/octo-repo|octokit\/octokit\.rb|octocat\/octorepo)/g;

/** `owner/name`. */
export const fullName = ({ owner, name }: Repository): string => `${owner.login}/${name}`;
/** The repository in GitHub's API. */
export const apiUrl = (repository: Repository): string => `${API}/repos/${fullName(repository)}`;
/** The repository in a browser. */
export const webUrl = (repository: Repository): string => `${WEB}/${fullName(repository)}`;

/** GitHub's older global ids: the kind's length, the kind and the number, in base64. */
export function nodeId(kind: string, id: number): string {
  return btoa(`${String(kind.length).padStart(3, '0')}:${kind}${id}`);
}

/** The account as GitHub writes a user into other objects. */
export function accountJson({ login, id, type }: Account): JsonObject {
  const user = `${API}/users/${encodeURIComponent(login)}`;
  const lists = ['followers', 'subscriptions', 'organizations:orgs', 'repos', 'received_events'].map((list) => {
    const [key, path = key] = list.split(':');
    return [`${key}_url`, `${user}/${path}`];
  });
  return {
    login,
    id,
    node_id: nodeId(type, id),
    avatar_url: `https://avatars.githubusercontent.com/u/${id}?v=4`,
    gravatar_id: '',
    url: user,
    html_url: type === 'Bot' ? `${WEB}/apps/${login.replace('[bot]', '')}` : `${WEB}/${login}`,
    following_url: `${user}/following{/other_user}`,
    gists_url: `${user}/gists{/gist_id}`,
    starred_url: `${user}/starred{/owner}{/repo}`,
    events_url: `${user}/events{/privacy}`,
    ...Object.fromEntries(lists),
    type,
    site_admin: false,
  };
}

/** Returns a copy of an example in which every repository is the given one and every person of `ACCOUNTS` has the id that stands there. */
export function retell(example: JsonObject, repository: Repository): JsonObject {
  const renamed = mapObjectStrings(example, (text) => text.replace(EXAMPLE_REPOSITORIES, fullName(repository)));
  return identify(renamed, repository);
}

function identify(object: JsonObject, repository: Repository): JsonObject {
  const identified = mapValues(object, (item) => identifyAny(item, repository));
  if (typeof identified.full_name === 'string') return { ...identified, ...repositoryIdentity(identified, repository) };
  const person = Object.values(ACCOUNTS).find(({ login }) => login === identified.login);
  return person && identified.node_id !== undefined
    ? { ...identified, id: person.id, node_id: nodeId(person.type, person.id) }
    : identified;
}

function identifyAny(value: Json, repository: Repository): Json {
  if (Array.isArray(value)) return value.map((item) => identifyAny(item, repository));
  return isJsonObject(value) ? identify(value, repository) : value;
}

/** What makes a repository object this repository; keys the example does not have are not added, but for the first few. */
function repositoryIdentity(example: JsonObject, repository: Repository): JsonObject {
  const owner = isJsonObject(example.owner) ? { ...example.owner, ...accountJson(repository.owner) } : example.owner;
  const identity: JsonObject = {
    id: repository.id,
    node_id: nodeId('Repository', repository.id),
    name: repository.name,
    full_name: fullName(repository),
    private: repository.private,
    fork: repository.fork,
  };
  const optional: JsonObject = {
    owner,
    default_branch: repository.defaultBranch,
    master_branch: repository.defaultBranch,
    organization: repository.owner.login,
    visibility: repository.private ? 'private' : 'public',
    updated_at: repository.updatedAt,
  };
  for (const [key, value] of Object.entries(optional)) if (example[key] !== undefined) identity[key] = value;
  // GitHub's description asks for these two in every whole repository; some of the published examples are older.
  return example.has_issues === undefined ? identity : { has_discussions: false, topics: [], ...identity };
}
