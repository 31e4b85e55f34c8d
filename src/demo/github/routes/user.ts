// The stand-in's routes that are asked with a person's token: who they are, and what the App and they both may see.

import { type JsonObject, merge, objectAt } from '../contract/json-value.ts';
import type { RepositoryState } from '../state/github-state.ts';
import type { Account, Installation } from '../state/records.ts';
import { accountJson, retell } from '../state/retell.ts';
import { installationJson } from './app.ts';
import { type Answer, type Call, notFound, numberParameter, page, refuse } from './route.ts';

/** A call with a person's token. */
export interface UserCall extends Call {
  user: Account;
  /** What the token says that it may; null: it does not say. */
  scopes: readonly string[] | null;
}

/** Routes by the operation's name in GitHub's description. */
export const userRoutes: Record<string, (call: UserCall) => Answer> = {
  'GET /user': ({ contract, user, scopes }) => ({
    status: 200,
    ...(scopes === null ? {} : { headers: { 'x-oauth-scopes': scopes.join(', ') } }),
    body: merge(contract.example('private-user-response-with-public-profile-information'), {
      ...accountJson(user),
      name: user.login,
    }),
  }),
  'GET /user/installations': (call) => {
    const shown = installationsOf(call);
    const { items, headers } = page(call, shown);
    const installations = items.map((installation) => installationJson(call, installation));
    return {
      status: 200,
      body: { total_count: shown.length, installations },
      headers: { ...headers, ...partial(call) },
    };
  },
  'GET /user/installations/{installation_id}/repositories': (call) => {
    const id = numberParameter(call, 'installation_id');
    const installation = [...call.state.installations.values()].find((one) => one.id === id);
    if (installation === undefined || !isSeen(call, installation)) return notFound();
    if (call.state.signIn.singleSignOn.get(installation.account.id) === 'required') return singleSignOn();
    if (installation.suspendedAt !== null) return refuse(403, 'This installation has been suspended');
    const own = [...call.state.repositories.values()].filter(
      ({ installationId, repository }) => installationId === id && levelOf(call, repository.id) > 0,
    );
    const { items, headers } = page(call, own);
    const repositories = items.map((inside) => repositoryJson(call, inside));
    return { status: 200, body: { total_count: own.length, repositories }, headers };
  },
  'GET /user/memberships/orgs/{org}': (call) => {
    const { state, user, contract, origin } = call;
    const login = String(call.parameters.org);
    const org = [...state.installations.values()].find(({ account }) => account.login === login)?.account;
    if (org !== undefined && state.signIn.singleSignOn.get(org.id) === 'required') return singleSignOn();
    const found = state.signIn.memberships.get(`${login}/${user.login}`);
    if (found === undefined || org === undefined) return notFound();
    const more = { ...found, url: `${origin}/orgs/${login}/memberships/${user.login}`, user: accountJson(user) };
    return { status: 200, body: merge(contract.example('org-membership'), more) };
  },
};

function partial({ state, user }: UserCall): Record<string, string> {
  const kept = [...state.signIn.singleSignOn].filter(([, how]) => how === 'partial').map(([id]) => id);
  return kept.length === 0 || user.type !== 'User'
    ? {}
    : { 'x-github-sso': `partial-results; organizations=${kept.join(',')}` };
}

function singleSignOn(): Answer {
  const url = 'https://github.com/orgs/octo-org/sso?authorization_request=stand-in';
  const refusal = refuse(
    403,
    'Resource protected by organization SAML enforcement. You must grant your OAuth token access to this organization.',
  );
  return { ...refusal, headers: { 'x-github-sso': `required; url=${url}` } };
}

function installationsOf(call: UserCall): Installation[] {
  const { singleSignOn: kept } = call.state.signIn;
  return [...call.state.installations.values()].filter(
    (installation) => isSeen(call, installation) && kept.get(installation.account.id) !== 'partial',
  );
}

/** GitHub shows an installation to who has explicit access to one of its repositories, or belongs to its account. */
function isSeen(call: UserCall, { id, account }: Installation): boolean {
  const { state, user } = call;
  const own = [...state.repositories.values()].filter(({ installationId }) => installationId === id);
  const belongs = account.id === user.id || state.signIn.memberships.has(`${account.login}/${user.login}`);
  return belongs || own.some(({ repository }) => levelOf(call, repository.id) > 0);
}

const LEVELS = ['none', 'read', 'triage', 'write', 'maintain', 'admin'];

/** 0 without explicit access. */
function levelOf({ state, user }: UserCall, repositoryId: number): number {
  const inside = state.repositories.get(repositoryId);
  if (inside === undefined) return 0;
  if (inside.repository.owner.id === user.id) return LEVELS.indexOf('admin');
  return Math.max(0, LEVELS.indexOf(inside.roles.get(user.login) ?? 'none'));
}

function repositoryJson(call: UserCall, { repository }: RepositoryState): JsonObject {
  const { repositories } = call.contract.example('repository-paginated');
  const example = objectAt(Array.isArray(repositories) ? repositories[0] : undefined);
  const level = levelOf(call, repository.id);
  const may = (word: string) => level >= LEVELS.indexOf(word);
  const permissions = {
    admin: may('admin'),
    maintain: may('maintain'),
    push: may('write'),
    triage: may('triage'),
    pull: may('read'),
  };
  return merge(retell(example, repository), { private: repository.private, permissions });
}
