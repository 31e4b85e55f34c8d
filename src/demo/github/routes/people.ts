// The stand-in's people: what they may do in a repository, and which teams they are in.

import { type JsonObject, merge } from '../contract/json-value.ts';
import type { RepositoryState } from '../state/github-state.ts';
import type { Account } from '../state/records.ts';
import { ACCOUNTS, accountJson } from '../state/retell.ts';
import { type Answer, type Call, notFound, type RepositoryCall, type RepositoryRoutes } from './route.ts';

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

/** Everybody may read what is public: GitHub says so of strangers too. */
function permission({ inside, parameters, contract }: RepositoryCall): Answer {
  const login = String(parameters.username);
  const account = personOf(inside, login);
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

/** Those who wrote something here, and those whom everybody knows. */
function personOf({ pulls, comments }: RepositoryState, login: string): Account | null {
  const authors = [...pulls.values(), ...comments.values()].map(({ author }) => author);
  return [...authors, ...Object.values(ACCOUNTS)].find((one) => one.login === login) ?? null;
}

function membership({ state, parameters, origin }: Call): Answer {
  const { org, team_slug, username } = parameters;
  const team = `${org}/${team_slug}`;
  if (!state.teams.get(team)?.has(String(username))) return { status: 404 };
  const url = `${origin}/orgs/${org}/teams/${team_slug}/memberships/${username}`;
  return { status: 200, body: { url, role: 'member', state: 'active' } };
}
