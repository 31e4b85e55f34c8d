// What the authorization server keeps, on each of the backends: used once, ended together, and bounded.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensurePerson } from '../../src/brain/people.ts';
import { hashOfToken } from '../../src/brain/tokens.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';

describe.each(testBackends)('on %s', (backend) => {
  let brain: TestBrain;
  let userId = '';
  let count = 0;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    userId = await ensurePerson(brain, { id: 51, login: 'somebody', name: null, avatarUrl: null });
  });
  afterAll(() => brain.close());

  const soon = () => new Date(Date.now() + 3_600_000).toISOString();
  const save = async (kind: string, grant?: string) => {
    count += 1;
    const id_hash = hashOfToken(`${kind} ${count}`);
    const family = grant === undefined ? {} : { grant_hash: grant };
    const row = {
      kind,
      id_hash,
      payload: { kind },
      expires_at: soon(),
      user_id: userId,
      client_id: 'c',
      scope: 'read',
    };
    await brain.call('save_oauth_record', { ...row, ...family, audience: 'https://codered.example/mcp' });
    return id_hash;
  };

  it.each(['AuthorizationCode', 'RefreshToken'])('of several who use a %s at once one does', async (kind) => {
    const id_hash = await save(kind, await save('Grant'));
    const used = await Promise.all([1, 2, 3, 4].map(() => brain.call('use_oauth_record', { kind, id_hash })));
    expect(used.filter(Boolean)).toHaveLength(1);
    expect(await brain.call('read_oauth_record', { kind, id_hash })).toMatchObject({
      payload: { kind },
      consumed_seconds: expect.any(Number),
    });
  });

  it('a family ends together, and takes nobody in afterwards', async () => {
    const grant = await save('Grant');
    const [access, refresh, code] = [
      await save('AccessToken', grant),
      await save('RefreshToken', grant),
      await save('AuthorizationCode', grant),
    ];
    const read = () => brain.call('read_token', { token_hash: access, audience: 'https://codered.example/mcp' });
    expect(await read()).toMatchObject({ state: 'live', client_id: 'c', user_id: userId });
    // For which resource it is has to be known.
    await brain.sql('update codered.oauth_tokens set audience = null where access_token_hash = $1', [access]);
    expect(await read()).toEqual({ state: 'for another audience' });
    await brain.sql(
      "update codered.oauth_tokens set audience = 'https://codered.example/mcp' where access_token_hash = $1",
      [access],
    );
    const listed = async () =>
      JSON.stringify(await brain.call('list_connected_apps', { user_id: userId })).split('client_id').length;
    const before = await listed();
    expect(await brain.call('revoke_oauth_grant', { grant_hash: grant })).toBe(2);
    expect(await listed()).toBe(before - 1);
    expect(await read()).toEqual({ state: 'revoked' });
    for (const [kind, id_hash] of [
      ['RefreshToken', refresh],
      ['AuthorizationCode', code],
      ['Grant', grant],
    ] as const) {
      expect(await brain.call('read_oauth_record', { kind, id_hash })).toBeNull();
    }
    await expect(save('AccessToken', grant)).rejects.toThrow('This grant is over');
    expect(await brain.call('use_oauth_record', { kind: 'RefreshToken', id_hash: refresh })).toBe(false);
  });

  it('a family that is refreshed without end keeps fifty tokens of each kind, the newest', async () => {
    const grant = await save('Grant');
    const first = await save('RefreshToken', grant);
    for (let n = 0; n < 51; n += 1) await save('RefreshToken', grant);
    const access = await save('AccessToken', grant);
    const kept = await brain.sql(
      'select token_type, count(*) as n from codered.oauth_tokens where grant_hash = $1 group by 1 order by 1',
      [grant],
    );
    expect(kept).toEqual([
      { token_type: 'bearer', n: '1' },
      { token_type: 'refresh', n: '50' },
    ]);
    expect(await brain.call('read_oauth_record', { kind: 'RefreshToken', id_hash: first })).toBeNull();
    expect(await brain.call('read_oauth_record', { kind: 'AccessToken', id_hash: access })).not.toBeNull();
  });

  it('more registrations than are kept push out the oldest that nobody was asked about, and refuse nobody', async () => {
    await brain.script(`
      insert into codered.oauth_clients (client_id, metadata, created_at, seen_at)
      select 'flood ' || n, '{}', now() - n * interval '1 second', case when n > 4990 then now() end from generate_series(1, 5000) n`);
    for (let n = 0; n < 3; n += 1) await brain.call('register_oauth_client', { client_id: `late ${n}`, metadata: {} });
    const left = await brain.sql(`select count(*) as all, count(*) filter (where seen_at is not null) as seen,
      count(*) filter (where client_id like 'late %') as late from codered.oauth_clients`);
    expect(left).toEqual([{ all: '4993', seen: '10', late: '3' }]);
  });

  it('of processes that find the same key due one makes the next', async () => {
    await brain.script('delete from codered.oauth_keys');
    const keep = (kid: string, former?: string) =>
      brain.call('keep_oauth_key', { kid, sealed_key: 'sealed', ...(former === undefined ? {} : { former }) });
    expect((await Promise.all([keep('a'), keep('b')])).filter(Boolean)).toHaveLength(1);
    const first = await brain.sql('select kid from codered.oauth_keys');
    expect(await keep('c', 'nobody')).toBe(false);
    expect(await keep('c', first[0]?.kid ?? '')).toBe(true);
    await brain.script(`update codered.oauth_keys set created_at = created_at - interval '31 days'`);
    await brain.call('prune_oauth', { batch: 10 });
    expect(await brain.sql('select kid from codered.oauth_keys')).toEqual([{ kid: 'c' }]);
  });

  it('requests of strangers fill nothing: they are small, and the oldest of 20000 gives way', async () => {
    const save = (payload: object) =>
      brain.call('save_oauth_record', {
        kind: 'Interaction',
        id_hash: hashOfToken(`asked ${++count}`),
        payload: payload as never,
        expires_at: soon(),
      });
    await expect(save({ state: 'x'.repeat(9_000) })).rejects.toMatchObject({ code: 'CR002' });
    await brain.script(`insert into codered.oauth_records (kind, id_hash, payload, expires_at)
      select 'Interaction', lpad(n::text, 64, '0'), '{}', now() + make_interval(secs => n) from generate_series(1, 20000) as n`);
    await save({ state: 'x'.repeat(7_000) });
    const [row] = await brain.sql(
      `select count(*)::int as total, count(*) filter (where id_hash <= lpad('10', 64, '0') and id_hash like '0%')::int as oldest
       from codered.oauth_records where kind = 'Interaction'`,
    );
    expect(row).toEqual({ total: '19991', oldest: '0' });
    await brain.script("delete from codered.oauth_records where kind = 'Interaction'");
  });
});
