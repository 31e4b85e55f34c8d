// What GitHub gives for a person: sealed, refreshed once by however many processes, ended when it is gone, and used to read what they
// may see, all of it or nothing.

import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgres } from '../../src/brain/backends/postgres.ts';
import { sqlBrain } from '../../src/brain/client.ts';
import { ensurePerson } from '../../src/brain/people.ts';
import { readPersonAccess } from '../../src/github/people/person-access.ts';
import { personOctokit } from '../../src/github/people/person-octokit.ts';
import { normalise } from '../../src/normalise/normalise.ts';
import { checkDue } from '../../src/server/access-checks.ts';
import { makeGrants } from '../../src/sign-in/grants.ts';
import { makeRefreshAccess } from '../../src/sign-in/refresh-access.ts';
import { makeSealer } from '../../src/sign-in/sealing.ts';
import { ORG, openSignInServer, PEOPLE, type SignInServer } from '../support/sign-in-server.ts';

let server: SignInServer;
let person = '';
beforeAll(async () => {
  server = await openSignInServer();
  person = await ensurePerson(server.brain, { ...octocat, name: null, avatarUrl: null });
});
afterAll(() => server.close());

const { octocat } = PEOPLE;
const context = { appId: null };

describe('a sealed text', () => {
  const [key, other] = [randomBytes(32), randomBytes(32)];
  const sealer = makeSealer([key], 'grant');
  const sealed = sealer.seal('ghu_secret', 'access 1');

  it('opens for whom it was sealed, and shows nothing of itself', () => {
    expect(sealer.open(sealed, 'access 1')).toEqual({ text: 'ghu_secret', isOldKey: false });
    expect(sealed).not.toContain('ghu_secret');
    expect(sealer.seal('ghu_secret', 'access 1')).not.toBe(sealed);
  });

  it.each([
    ['for somebody else', sealer, sealed, 'access 2'],
    ['for another use', sealer, sealed, 'refresh 1'],
    ['for another purpose', makeSealer([key], 'way'), sealed, 'access 1'],
    ['with another key', makeSealer([other], 'grant'), sealed, 'access 1'],
    ['cut short', sealer, sealed.slice(0, -1), 'access 1'],
    [
      'with another letter',
      sealer,
      `${sealed.slice(0, -2)}${sealed.at(-2) === 'A' ? 'B' : 'A'}${sealed.at(-1)}`,
      'access 1',
    ],
    ['when it is none', sealer, 'v1.x.y', 'access 1'],
    ['when there is nothing', sealer, '', 'access 1'],
  ])('does not open %s', (_, opener, text, owner) => {
    expect(opener.open(text, owner)).toBeNull();
  });

  it('opens with the previous key, and says that it is old', () => {
    const rotated = makeSealer([other, key], 'grant');
    expect(rotated.open(sealed, 'access 1')).toEqual({ text: 'ghu_secret', isOldKey: true });
    expect(sealer.open(rotated.seal('x', 'access 1'), 'access 1')).toBeNull();
  });
});

/** What one process has, on a connection of its own. */
function processOf(keys = server.settings.keys) {
  const { github, log, settings } = server;
  const url = server.brain.databaseUrl;
  const brain = url === null ? server.brain : sqlBrain(openPostgres({ url, onIdleError: () => {} }));
  const client = { apiUrl: github.url, clientId: settings.clientId, clientSecret: settings.clientSecret };
  const grants = makeGrants({ brain, client, sealer: makeSealer(keys, 'grant of GitHub'), log, pollMs: 20 });
  const refreshAccess = makeRefreshAccess({ brain, grants, apiUrl: github.url, log, pauseMs: 0 });
  return { grants, refreshAccess, close: async () => (url === null ? undefined : brain.close()) };
}

const soon = () => new Date(Date.now() + 60_000).toISOString();
/** Gives the person a pair whose access token is about to end, as GitHub would. */
async function keepOld(grants = processOf().grants) {
  const { signIn } = server.github.state;
  const { access, refresh } = signIn.giveTokens(octocat.id);
  const pair = {
    accessToken: access,
    accessTokenExpiresAt: soon(),
    refreshToken: refresh,
    refreshTokenExpiresAt: null,
  };
  await grants.keep(person, pair);
  return pair;
}
const refreshes = () => server.github.requests.filter(({ path }) => path === '/login/oauth/access_token').length;

describe('a pair of tokens', () => {
  it('is refreshed once by two processes that want it at the same time', async () => {
    const [one, other] = [processOf(), processOf()];
    await keepOld();
    const before = refreshes();
    const held = await Promise.all([one, other, one, other].map(({ grants }) => grants.tokenOf(person)));
    expect(refreshes() - before).toBe(1);
    expect(new Set(held.map((each) => each?.token)).size).toBe(1);
    expect(server.github.state.signIn.userOf(held[0]?.token ?? '')).toEqual(octocat);
    await Promise.all([one.close(), other.close()]);
  });

  it('that came by a new sign-in is not ended by a late refusal of the one before', async () => {
    const { grants } = processOf();
    const old = await keepOld(grants);
    const [row] = await server.brain.sql('select version from codered.github_grants where user_id = $1::uuid', [
      person,
    ]);
    const fresh = { ...old, accessTokenExpiresAt: null, refreshToken: null };
    await grants.keep(person, fresh);
    const late = { user_id: person, version: row?.version ?? '', reason: 'refused' };
    expect(await server.brain.call('end_grant', late)).toBe(false);
    expect((await grants.tokenOf(person))?.token).toBe(fresh.accessToken);
  });

  it('that follows is kept though the one before was refused meanwhile, and not when the right is gone', async () => {
    const sealed = { user_id: person, sealed_access_token: 'next' };
    for (const [reason, isKept] of [
      ['refused', true],
      ['revoked', false],
    ] as const) {
      await keepOld();
      const { version } = (await server.brain.call('read_grant', { user_id: person })) as { version: string };
      expect(await server.brain.call('end_grant', { user_id: person, version, reason })).toBe(true);
      const kept: string | null = await server.brain.call('keep_grant', { ...sealed, former: version });
      expect(kept !== null, reason).toBe(isKept);
    }
  });

  it('whose refresh token GitHub takes no longer ends, and the person has to sign in again', async () => {
    const { grants } = processOf();
    const { refreshToken } = await keepOld(grants);
    server.github.state.signIn.refresh(refreshToken ?? '');
    expect(await grants.tokenOf(person)).toBeNull();
    expect(await server.brain.call('read_grant', { user_id: person })).toMatchObject({
      end_reason: 'refused',
      sealed_access_token: null,
      sealed_refresh_token: null,
    });
  });

  it('stays while GitHub does not answer', async () => {
    const { grants } = processOf();
    await keepOld(grants);
    server.github.failNext({ path: /access_token$/ }, { status: 502, body: {} });
    await expect(grants.tokenOf(person)).rejects.toThrow('GitHub does not answer');
    await server.brain.sql("update codered.github_grants set leased_until = '-infinity'");
    expect(await grants.tokenOf(person)).not.toBeNull();
  });

  it('that does not expire is used as it is', async () => {
    const { grants } = processOf();
    const before = refreshes();
    const pair = { accessToken: 'ghu_x', accessTokenExpiresAt: null, refreshToken: null, refreshTokenExpiresAt: null };
    await grants.keep(person, pair);
    expect(await grants.tokenOf(person)).toMatchObject({ token: 'ghu_x', githubId: octocat.id });
    expect(refreshes()).toBe(before);
  });

  it('is sealed anew with a new key when it is used, and left as it is where no key opens it', async () => {
    const [former, current] = [processOf().grants, [randomBytes(32), ...server.settings.keys]];
    await former.keep(person, {
      accessToken: 'ghu_y',
      accessTokenExpiresAt: null,
      refreshToken: null,
      refreshTokenExpiresAt: null,
    });
    expect((await processOf(current).grants.tokenOf(person))?.token).toBe('ghu_y');
    expect(await former.tokenOf(person)).toBeNull();
    expect((await processOf(current.slice(0, 1)).grants.tokenOf(person))?.token).toBe('ghu_y');
  });

  it('is in no row as it is', async () => {
    const { accessToken, refreshToken } = await keepOld();
    const rows = JSON.stringify(await server.brain.sql('select * from codered.github_grants'));
    expect(rows).not.toContain(accessToken);
    expect(rows).not.toContain(refreshToken);
  });

  it('ends with GitHub’s word that it was revoked, unless it came after that', async () => {
    const revoked = normalise(
      { event: 'github_app_authorization', payload: { action: 'revoked', sender: { id: octocat.id } } },
      context,
    );
    expect(revoked).toMatchObject({ kind: 'facts', facts: { revocations: [{ github_id: octocat.id }] } });
    await keepOld();
    const revocations = [{ github_id: octocat.id }];
    const before = { revocations, told_at: new Date(Date.now() - 3_600_000).toISOString() };
    expect(await server.brain.call('end_revoked_grants', before)).toBe(0);
    await server.brain.call('record_facts', { facts: { revocations } });
    expect(await server.brain.call('read_grant', { user_id: person })).toMatchObject({ end_reason: 'revoked' });
  });
});

describe('what a person may see', () => {
  const rights = () =>
    server.brain.sql(
      'select repository_id, permission from codered.repository_access where user_id = $1::uuid order by 1',
      [person],
    );
  const ALL = [
    { repository_id: '501', permission: 'maintain' },
    { repository_id: '502', permission: 'read' },
  ];

  it.each([
    ['a page', { path: /installations\/\d+\/repositories$/ }, { status: 502, body: { message: 'no' } }],
    ['the list', { path: /^\/user\/installations$/ }, { status: 500, body: { message: 'no' } }],
    ['the role', { path: /memberships/ }, { status: 503, body: { message: 'no' } }],
    [
      'a rate limit',
      { path: /repositories$/ },
      { status: 403, headers: { 'retry-after': '60' }, body: { message: 'secondary rate limit' } },
    ],
    ['an answer that is none', { path: /repositories$/ }, { status: 200, body: { total_count: 0 } }],
  ] as const)('is as it was when %s fails', async (_, match, failure) => {
    const { refreshAccess } = processOf();
    await keepOld();
    expect(await refreshAccess(person)).toBe(true);
    expect(await rights()).toEqual(ALL);
    const [before] = await server.brain.sql('select checked_at from codered.access_checks where user_id = $1::uuid', [
      person,
    ]);
    server.github.failNext(match, failure);
    expect(await refreshAccess(person)).toBe(false);
    expect(await rights()).toEqual(ALL);
    expect(
      await server.brain.sql('select checked_at from codered.access_checks where user_id = $1::uuid', [person]),
    ).toEqual([before]);
  });

  it('is nothing that is known when there are more pages than are read', async () => {
    const { access } = server.github.state.signIn.giveTokens(octocat.id);
    const octokit = personOctokit(server.github.url, access);
    await expect(readPersonAccess(octokit, octocat.id, { pages: 1, withinMs: 10_000 })).rejects.toThrow('more pages');
  });

  it.each([
    [{ role: 'admin', state: 'active' }, 'admin'],
    [{ role: 'member', state: 'active' }, 'member'],
    [{ role: 'member', state: 'pending' }, 'collaborator'],
    [{ role: 'billing_manager', state: 'active' }, 'collaborator'],
    [null, 'collaborator'],
  ] as const)('with the membership %j is that of a %s', async (membership, role) => {
    const { signIn } = server.github.state;
    const key = `${ORG.login}/${octocat.login}`;
    if (membership === null) signIn.memberships.delete(key);
    else signIn.memberships.set(key, membership);
    const octokit = personOctokit(server.github.url, signIn.giveTokens(octocat.id).access);
    const { accounts } = await readPersonAccess(octokit, octocat.id);
    expect(accounts).toMatchObject([{ account_id: ORG.id, role }]);
    signIn.memberships.set(key, { role: 'member', state: 'active' });
  });

  it('is asked hourly for who was here, by whatever process', async () => {
    await keepOld();
    await server.brain.call('start_sign_in', {
      user_id: person,
      token_hash: randomUUID().replaceAll('-', '').repeat(2),
    });
    const asked: string[] = [];
    const { refreshAccess } = processOf();
    await checkDue(
      {
        brain: server.brain,
        refreshAccess: (userId) => {
          asked.push(userId);
          return refreshAccess(userId);
        },
      },
      new AbortController().signal,
    );
    expect(asked).toEqual([person]);
    expect(await server.brain.call('list_access_due', { batch: 10 })).toEqual([]);
  });
});

it('what is over goes with retention: sign-ins, states, dead grants and dead tokens, and nothing else', async () => {
  const { brain } = server;
  const hash = (letter: string) => letter.repeat(64);
  await brain.script(`
    delete from codered.sign_ins;
    insert into codered.sign_in_states (state_hash, browser_hash, sealed_verifier, return_to, created_at) values
      ('${hash('a')}', '${hash('a')}', 'x', '/', now() - interval '11 minutes'), ('${hash('b')}', '${hash('b')}', 'x', '/', now());
    insert into codered.sign_ins (user_id, token_hash, created_at, last_seen_at, ended_at) values
      ('${person}', '${hash('a')}', now(), now(), now()),
      ('${person}', '${hash('b')}', now() - interval '31 days', now(), null),
      ('${person}', '${hash('c')}', now() - interval '8 days', now() - interval '8 days', null),
      ('${person}', '${hash('d')}', now() - interval '29 days', now() - interval '6 days', null);
    insert into codered.oauth_tokens (user_id, client_id, name, access_token_hash, scope, expires_at, revoked_at) values
      ('${person}', 'personal', 'expired', '${hash('a')}', 'read', now() - interval '91 days', null),
      ('${person}', 'personal', 'revoked', '${hash('b')}', 'read', now() + interval '9 days', now() - interval '91 days'),
      ('${person}', 'personal', 'lately', '${hash('c')}', 'read', now() - interval '89 days', null),
      ('${person}', 'personal', 'live', '${hash('d')}', 'read', now() + interval '9 days', null);
    update codered.github_grants set ended_at = now() - interval '31 days', end_reason = 'revoked', sealed_access_token = null,
      sealed_refresh_token = null;`);
  expect(await brain.call('prune_sign_ins', { batch: 1 })).toBe(4);
  expect(await brain.call('prune_sign_ins', { batch: 100 })).toBe(3);
  expect(await brain.call('prune_sign_ins', { batch: 100 })).toBe(0);
  const left = await brain.sql(`
    select 'state' as what, left(state_hash, 1) as letter from codered.sign_in_states
    union all select 'session', left(token_hash, 1) from codered.sign_ins
    union all select 'token', left(access_token_hash, 1) from codered.oauth_tokens
    union all select 'grant', '' from codered.github_grants order by 1, 2`);
  expect(left.map(({ what, letter }) => `${what} ${letter}`)).toEqual(['session d', 'state b', 'token c', 'token d']);
});
