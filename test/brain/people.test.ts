// Who is who: people by GitHub's id, members by hand, and the tokens that let scripts in as a person.

import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensurePerson, findPerson } from '../../src/brain/people.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { callAs, makeOrg, signUp } from '../support/people.ts';

const user = (id: number, login: string) => ({ id, login, name: null, avatarUrl: null });
const hashOf = (token: string) => createHash('sha256').update(token).digest('hex');
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

describe.each(testBackends)('people (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());
  const profileOf = async (id: string) =>
    (await brain.sql('select github_id, github_login, display_name from codered.profiles where id = $1', [id]))[0];

  it('are known by the id at GitHub, under whichever login', async () => {
    const first = await ensurePerson(brain, { ...user(101, 'mona'), name: 'Mona Lisa' });
    expect(await ensurePerson(brain, user(101, 'mona-renamed'))).toBe(first);
    expect(await findPerson(brain, 101)).toBe(first);
    expect(await profileOf(first)).toEqual({
      github_id: '101',
      github_login: 'mona-renamed',
      display_name: 'Mona Lisa',
    });
  });

  it('are two where a login changed hands, and the login is then the second one’s alone', async () => {
    const former = await ensurePerson(brain, user(201, 'Hubot'));
    const present = await ensurePerson(brain, user(202, 'hubot'));
    expect(present).not.toBe(former);
    expect(await profileOf(former)).toMatchObject({ github_id: '201', github_login: null });
    expect(await brain.call('find_profile', { login: 'HUBOT' })).toBe(present);
  });

  it('are made once however often they come at once', async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, () => ensurePerson(brain, user(301, 'octocat'))));
    expect(new Set(ids).size).toBe(1);
  });

  it('keep their id: another one is refused', async () => {
    const person = await ensurePerson(brain, user(401, 'steady'));
    const changing = brain.call('record_person', { user_id: person, github_id: 402, login: 'steady' });
    await expect(changing).rejects.toMatchObject({ code: 'CR004' });
    expect(await profileOf(person)).toMatchObject({ github_id: '401' });
  });

  it('are found by what the app said of them alone, never by what they say themselves', async () => {
    const liar = await signUp(brain, { told: { github_id: 501, user_name: 'liar', provider_id: '501' } });
    expect(await findPerson(brain, 501)).toBeNull();
    const halfMade = await signUp(brain, { app: { provider: 'github', github_id: 502 } });
    expect(await findPerson(brain, 502)).toBe(halfMade);
    expect(await ensurePerson(brain, user(501, 'honest'))).not.toBe(liar);
  });

  it('are found when they signed up with GitHub through Supabase’s own sign-in before', async () => {
    const identity = (id: string, provider: string, person: string) =>
      brain.sql('insert into auth.identities (provider, provider_id, user_id) values ($1, $2, $3::uuid)', [
        ...[provider, id],
        person,
      ]);
    const early = await signUp(brain, { told: { user_name: 'early' }, app: { provider: 'github' } });
    await identity('511', 'github', early);
    expect(await findPerson(brain, 511)).toBe(early);
    expect(await ensurePerson(brain, user(511, 'early'))).toBe(early);
    // The same number elsewhere is somebody else, and who is known already stays who they are.
    await identity('512', 'gitlab', await signUp(brain, {}));
    expect(await findPerson(brain, 512)).toBeNull();
    await identity('513', 'github', early);
    expect(await findPerson(brain, 513)).toBeNull();
  });

  it.each([
    [{ id: 0, login: 'zero' }, 'github_id'],
    [{ id: 601, login: 'no login' }, 'login'],
  ])('refuses %o with the name of the field', async ({ id, login }, field) => {
    await expect(ensurePerson(brain, user(id, login))).rejects.toThrow(field);
  });

  it('can’t be made, found or let in by a person', async () => {
    const person = await ensurePerson(brain, user(701, 'curious'));
    const calls = [
      ['ensure_person', { github_id: 702, login: 'x' }],
      ['find_person', { github_id: 101 }],
      ['record_person', { user_id: person, github_id: 701, login: 'x' }],
      ['set_member', { org_login: 'x', user_id: person, role: 'admin' }],
      ['list_members', {}],
      ['create_token', { user_id: person, name: 'x', token_hash: hashOf('x'), scope: 'admin', expires_at: inDays(1) }],
      ['list_tokens', {}],
      ['read_token', { token_hash: hashOf('x') }],
      ['revoke_token', { token_id: randomUUID() }],
    ] as const;
    for (const [name, args] of calls) expect((await callAs(brain, person, name, args)).code, name).toBe('42501');
  });
});

describe.each(testBackends)('members by hand (%s)', (backend) => {
  let brain: TestBrain;
  let org = '';
  let person = '';
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    person = await ensurePerson(brain, user(1, 'mona'));
    const id = await makeOrg(brain);
    [org = ''] = (await brain.sql('select login from codered.orgs where id = $1', [id])).map(
      ({ login }) => login ?? '',
    );
  });
  afterAll(() => brain.close());

  it('are let in, changed, listed and taken out', async () => {
    const set = (role: string) => brain.call('set_member', { org_login: org.toUpperCase(), user_id: person, role });
    expect(await set('member')).toMatchObject({ org, role: 'member', former_role: null });
    expect(await set('admin')).toMatchObject({ role: 'admin', former_role: 'member' });
    expect((await callAs(brain, person, 'my_orgs', {})).data).toHaveLength(1);
    expect(await brain.call('list_members', { org_login: org })).toMatchObject([
      { org, github_id: 1, github_login: 'mona', role: 'admin', source: 'hand' },
    ]);
    expect(await brain.call('remove_member', { org_login: org, user_id: person })).toBe(true);
    expect(await brain.call('remove_member', { org_login: org, user_id: person })).toBe(false);
    expect((await callAs(brain, person, 'my_orgs', {})).data).toEqual([]);
  });

  it('are refused in an organisation that is not here, and as what there is not', async () => {
    const inNone = brain.call('set_member', { org_login: 'nobodys', user_id: person, role: 'member' });
    await expect(inNone).rejects.toMatchObject({ code: 'CR004' });
    const asNothing = brain.call('set_member', { org_login: org, user_id: person, role: 'owner' });
    await expect(asNothing).rejects.toMatchObject({ code: 'CR002' });
  });
});

describe.each(testBackends)('personal tokens (%s)', (backend) => {
  let brain: TestBrain;
  let person = '';
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    person = await ensurePerson(brain, user(1, 'mona'));
  });
  afterAll(() => brain.close());

  const create = (more: { token?: string; scope?: string; expires_at?: string; user_id?: string } = {}) =>
    brain.call('create_token', {
      user_id: more.user_id ?? person,
      name: 'nightly report',
      token_hash: hashOf(more.token ?? randomUUID()),
      scope: more.scope ?? 'read tasks',
      expires_at: more.expires_at ?? inDays(1),
    });

  it('let in whose they are, until they are taken back', async () => {
    const made = await create({ token: 'crd_one' });
    expect(made).toMatchObject({ user_id: person, name: 'nightly report', scope: 'read tasks' });
    const read = () => brain.call('read_token', { token_hash: hashOf('crd_one') });
    expect(await read()).toMatchObject({ state: 'live', user_id: person, scope: 'read tasks', client_id: 'personal' });
    const [listed] = (await brain.call('list_tokens', { user_id: person })) as { last_used_at: string | null }[];
    expect(listed?.last_used_at).not.toBeNull();
    expect(JSON.stringify(listed)).not.toContain(hashOf('crd_one'));
    const token_id = (made as { id: string }).id;
    const gone = await brain.call('revoke_token', { token_id });
    expect(await brain.call('revoke_token', { token_id })).toEqual(gone);
    expect(await read()).toEqual({ state: 'revoked' });
  });

  it('tell nothing of whose they were once their time is over, and unknown ones are none', async () => {
    await create({ token: 'crd_two' });
    await brain.sql('update codered.oauth_tokens set expires_at = now() where access_token_hash = $1', [
      hashOf('crd_two'),
    ]);
    expect(await brain.call('read_token', { token_hash: hashOf('crd_two') })).toEqual({ state: 'expired' });
    expect(await brain.call('read_token', { token_hash: hashOf('crd_three') })).toBeNull();
  });

  it.each([
    ['a scope that is none', { scope: 'read write' }, 'CR002'],
    ['a scope twice', { scope: 'read read' }, 'CR002'],
    ['no scope', { scope: '' }, 'CR002'],
    ['an end that is past', { expires_at: '2020-01-01T00:00:00Z' }, 'CR002'],
    ['nobody', { user_id: randomUUID() }, 'CR004'],
  ])('are refused for %s', async (_, given, code) => {
    await expect(create(given)).rejects.toMatchObject({ code });
  });

  it('are a hundred a person at the most', async () => {
    const other = await ensurePerson(brain, user(2, 'many'));
    const made = await Promise.allSettled(Array.from({ length: 104 }, () => create({ user_id: other })));
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(100);
  });

  it('go with the person', async () => {
    const gone = await ensurePerson(brain, user(3, 'leaver'));
    await create({ token: 'crd_leaver', user_id: gone });
    await brain.sql('delete from auth.users where id = $1', [gone]);
    expect(await brain.call('read_token', { token_hash: hashOf('crd_leaver') })).toBeNull();
  });
});
