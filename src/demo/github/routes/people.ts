// The stand-in's people: what they may do in a repository, and which teams they are in.

import { type JsonObject, merge } from '../contract/json-value.ts';
import type { GithubState, RepositoryState } from '../state/github-state.ts';
import type { Account } from '../state/records.ts';
import { ACCOUNTS, accountJson } from '../state/retell.ts';
import {
  type Answer,
  type Call,
  notFound,
  numberParameter,
  type RepositoryCall,
  type RepositoryRoutes,
} from './route.ts';

/** The older word that GitHub says beside a role's name. */
const PERMISSIONS: Readonly<Record<string, string>> = { maintain: 'write', triage: 'read' };

/** The routes of collaborators. */
export const peopleRoutes: RepositoryRoutes = {
  'GET /repos/{owner}/{repo}/collaborators/{username}/permission': { needs: ['metadata:read'], answer: permission },
};

/** Routes of an organisation by name, and the permission that the installation needs on it. */
export const organisationRoutes: Record<string, { needs: string; answer: (call: Call) => Answer }> = {
  'GET /orgs/{org}/teams/{team_slug}/memberships/{username}': { needs: 'members', answer: membership },
};

/** What any token of an installation may ask, of anybody. */
export const publicRoutes: Record<string, (call: Call) => Answer> = { 'GET /user/{account_id}': account };

/** Everybody may read what is public: GitHub says so of strangers too. */
function permission({ state, inside, parameters, contract }: RepositoryCall): Answer {
  const login = String(parameters.username);
  const account = accountsOf(state, inside).find((one) => one.login === login) ?? null;
  if (account === null) return notFound();
  const role = inside.roles.get(account.login) ?? (inside.repository.private ? 'none' : 'read');
  const user: JsonObject = { ...accountJson(account), role_name: role };
  const body = merge(contract.example('repository-collaborator-permission-response-if-user-has-admin-permissions'), {
    permission: PERMISSIONS[role] ?? role,
    role_name: role,
    user,
  });
  return { status: 200, body };
}

/** Those who wrote something here, and those whom everybody knows; each with the login of now. */
function accountsOf({ people }: GithubState, ...places: readonly RepositoryState[]): Account[] {
  const authors = places.flatMap(({ pulls, comments }) =>
    [...pulls.values(), ...comments.values()].map(({ author }) => author),
  );
  const others = [...authors, ...Object.values(ACCOUNTS)].filter(({ id }) => !people.has(id));
  return [...people.values(), ...others];
}

function account(call: Call): Answer {
  const id = numberParameter(call, 'account_id');
  const found = accountsOf(call.state, ...call.state.repositories.values()).find((one) => one.id === id);
  if (found === undefined) return notFound();
  const body = merge(call.contract.example('public-user-default-response'), {
    ...accountJson(found),
    name: found.login,
  });
  return { status: 200, body };
}

function membership({ state, parameters, origin }: Call): Answer {
  const { org, team_slug, username } = parameters;
  const team = `${org}/${team_slug}`;
  if (!state.teams.get(team)?.has(String(username))) return { status: 404 };
  const url = `${origin}/orgs/${org}/teams/${team_slug}/memberships/${username}`;
  return { status: 200, body: { url, role: 'member', state: 'active' } };
}
