// The stand-in's routes about the App and its installations, asked with the App's JSON web token.

import { type Json, type JsonObject, merge, objectAt } from '../contract/json-value.ts';
import type { GithubContract } from '../contract/openapi-contract.ts';
import { githubTime, type RepositoryState } from '../state/github-state.ts';
import type { Installation } from '../state/records.ts';
import { ACCOUNTS, accountJson, nodeId, retell } from '../state/retell.ts';
import type { GrantedTokens } from './app-token.ts';
import { type Answer, type AppIdentity, type Call, notFound, numberParameter, refuse } from './route.ts';

/** Routes that want the App's own token; `tokens` keeps what they grant. */
export function appRoutes(tokens: GrantedTokens): Record<string, (call: Call) => Answer> {
  return {
    'GET /app': (call) => ({ status: 200, body: appJson(call.contract, call.app) }),
    'GET /app/installations/{installation_id}': (call) => {
      const installation = call.state.installations.get(numberParameter(call, 'installation_id'));
      return installation ? { status: 200, body: installationJson(call, installation) } : notFound();
    },
    'GET /repos/{owner}/{repo}/installation': (call) => {
      const inside = call.state.findRepository(String(call.parameters.owner), String(call.parameters.repo));
      const installation = call.state.installations.get(inside?.installationId ?? -1);
      return installation ? { status: 200, body: installationJson(call, installation) } : notFound();
    },
    'POST /app/installations/{installation_id}/access_tokens': (call) => grantToken(call, tokens),
  };
}

/** The App as GitHub shows it, in `GET /app` and wherever something was made by it. */
export function appJson(contract: GithubContract, app: AppIdentity): JsonObject {
  return merge(contract.example('integration'), {
    id: app.id,
    slug: app.slug,
    name: app.slug,
    node_id: nodeId('Integration', app.id),
    owner: accountJson(ACCOUNTS.octoOrg),
    html_url: `https://github.com/apps/${app.slug}`,
  });
}

/** The installation as GitHub shows it. */
export function installationJson(
  { contract, app }: Call,
  { id, account, permissions, createdAt, suspendedAt }: Installation,
): JsonObject {
  return merge(contract.example('installation'), {
    id,
    account: accountJson(account),
    app_id: app.id,
    app_slug: app.slug,
    target_id: account.id,
    target_type: account.type,
    permissions,
    access_tokens_url: `https://api.github.com/app/installations/${id}/access_tokens`,
    html_url: `https://github.com/organizations/${account.login}/settings/installations/${id}`,
    created_at: createdAt,
    updated_at: createdAt,
    suspended_at: suspendedAt,
  });
}

function grantToken(call: Call, tokens: GrantedTokens): Answer {
  const installation = call.state.installations.get(numberParameter(call, 'installation_id'));
  if (!installation) return notFound();
  if (installation.suspendedAt !== null) return refuse(403, 'This installation has been suspended');
  const own = [...call.state.repositories.values()].filter(({ installationId }) => installationId === installation.id);
  const chosen = chosenRepositories(own, call.body);
  if (chosen === 'unknown') {
    return refuse(
      422,
      'There is at least one repository that does not exist or is not accessible to the parent installation.',
    );
  }
  const permissions = grantedPermissions(installation, call.body.permissions);
  if (permissions === null) return refuse(422, 'The permissions requested are not granted to this installation.');
  const repositoryIds = chosen?.map(({ repository }) => repository.id) ?? null;
  const { token, expiresAtMs } = tokens.grant({ installationId: installation.id, repositoryIds, permissions });
  const body: JsonObject = {
    token,
    expires_at: githubTime(expiresAtMs),
    permissions,
    repository_selection: chosen ? 'selected' : 'all',
  };
  if (chosen) body.repositories = chosen.map(({ repository }) => retell(repositoryExample(call.contract), repository));
  return { status: 201, body };
}

function repositoryExample(contract: GithubContract): JsonObject {
  const { repositories } = contract.example('installation-token');
  return objectAt(Array.isArray(repositories) ? repositories[0] : undefined);
}

/** Null when the body asks for no repository in particular. */
function chosenRepositories(own: RepositoryState[], body: JsonObject): RepositoryState[] | 'unknown' | null {
  const ids = Array.isArray(body.repository_ids) ? body.repository_ids : [];
  const names = Array.isArray(body.repositories) ? body.repositories : [];
  if (ids.length + names.length === 0) return null;
  const chosen = own.filter(({ repository }) => ids.includes(repository.id) || names.includes(repository.name));
  return chosen.length === ids.length + names.length ? chosen : 'unknown';
}

function grantedPermissions({ permissions }: Installation, asked: Json | undefined): Record<string, string> | null {
  if (asked === undefined) return permissions;
  const wanted = Object.entries(objectAt(asked)).map(([name, level]) => [name, String(level)] as const);
  const granted = wanted.every(([name, level]) => permissions[name] === 'write' || permissions[name] === level);
  return granted ? Object.fromEntries(wanted) : null;
}
