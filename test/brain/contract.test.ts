// One contract for every backend that is reached with SQL: a direct call answers what a client of PostgREST would be answered.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbeddedThread } from '../../src/brain/backends/embedded-thread.ts';
import { openPostgres } from '../../src/brain/backends/postgres.ts';
import { sqlBrain } from '../../src/brain/client.ts';
import { openEmbeddedCopy } from '../../src/brain/embedded-copy.ts';
import { type MigrationFiles, readMigrationFiles } from '../../src/brain/migration-files.ts';
import { Misconfigured, Rejected, Transient } from '../../src/model/errors.ts';
import { bothBackends, openTestBrain, type TestBrain, testBrain } from '../support/brain.ts';
import type { Claims } from '../support/postgrest/bearer-token.ts';

/** The functions under test stand here, so that the contract does not depend on those of the app. */
const functions = `
  create schema codered;
  grant usage on schema codered to anon, authenticated, service_role;
  alter default privileges in schema codered grant execute on functions to anon, authenticated, service_role;
  create table codered.notes (id bigint generated always as identity primary key, body text not null unique, owner uuid);
  alter table codered.notes enable row level security;
  create policy own on codered.notes to authenticated using (owner = (select auth.uid()));
  grant select, insert on codered.notes to service_role, authenticated;
  create table codered.tags (note bigint references codered.notes (id) deferrable initially deferred);
  grant select, insert on codered.tags to service_role;
  create type codered.pair as (a integer, b text);

  create function codered.echo_uuid(v uuid) returns uuid language sql as 'select v';
  create function codered.echo_jsonb(v jsonb) returns jsonb language sql as 'select v';
  create function codered.echo_json(v json) returns json language sql as 'select v';
  create function codered.echo_time(v timestamptz) returns timestamptz language sql as 'select v';
  create function codered.echo_texts(v text[]) returns text[] language sql as 'select v';
  create function codered.echo_int(v integer) returns integer language sql as 'select v';
  create function codered.echo_numeric(v numeric) returns numeric language sql as 'select v';
  create function codered.echo_bool(v boolean) returns boolean language sql as 'select v';
  create function codered.echo_text(v text) returns text language sql as 'select v';
  create function codered.echo_bytes(v bytea) returns bytea language sql as 'select v';
  create function codered.echo_bigint(v bigint) returns bigint language sql as 'select v';
  create function codered.echo_bigints(v bigint[]) returns bigint[] language sql as 'select v';
  create function codered.echo_pairs(v codered.pair[]) returns codered.pair[] language sql as 'select v';
  create function codered.text_of_bigint(v bigint) returns text language sql as 'select v::text';
  create function codered.set_of_jsonb(v jsonb) returns setof jsonb language sql as 'select jsonb_array_elements(v)';
  create function codered.type_of(v jsonb) returns text language sql as 'select coalesce(jsonb_typeof(v), ''SQL null'')';
  create function codered.echo_pair(v codered.pair) returns codered.pair language sql as 'select v';
  create function codered.no_pair() returns codered.pair language sql as 'select null::codered.pair';
  create function codered.out_one(v integer, out twice integer) language sql as 'select v * 2';
  create function codered.out_two(v integer, out twice integer, out thrice integer) language sql as 'select v * 2, v * 3';
  create function codered.set_of_int(n integer) returns setof integer language sql as 'select generate_series(1, n)';
  create function codered.set_of_pair(n integer) returns setof codered.pair language sql as 'select g, g::text from generate_series(1, n) g';
  create function codered.one_column(n integer) returns table (x integer) language sql as 'select generate_series(1, n)';
  create function codered.rows_named_like_ours(n integer) returns table (rpc_row integer, rpc_value text, body text) language sql
    as 'select g, g::text, ''b'' from generate_series(1, n) g';
  create function codered.nothing(v text default null) returns void language plpgsql as 'begin end';
  create function codered.no_arguments() returns text language sql as $$ select 'here' $$;
  create function codered.with_defaults(a integer, b integer default 10, "Odd ""name" text default 'x') returns text
    language sql as $$ select a || ' ' || coalesce(b::text, 'null') || ' ' || "Odd ""name" $$;
  create function codered.add_note(body text) returns bigint language sql as 'insert into codered.notes (body) values (body) returning id';
  create function codered.add_then_fail(body text, state text) returns void language plpgsql as $$
    begin
      insert into codered.notes (body) values (add_then_fail.body);
      raise exception 'refused %', body using errcode = state, detail = 'a detail', hint = 'a hint';
    end $$;
  create function codered.tag_note(note bigint) returns void language sql as 'insert into codered.tags values (note)';
  create function codered.count_notes() returns integer language sql stable as 'select count(*) from codered.notes';
  create function codered.write_in_stable() returns bigint language sql stable as $$ select codered.add_note('never') $$;
  create function codered.who() returns json language sql stable as $$
    select json_build_object('user', current_user, 'uid', auth.uid(), 'role', auth.role(), 'path', current_setting('search_path')) $$;
  create function codered.calls_missing() returns void language plpgsql as 'begin perform codered.not_there(); end';
  create function codered.owner_only() returns integer language sql as 'select 1';
  revoke execute on function codered.owner_only() from public, anon, authenticated, service_role;
  create function codered.twin(a integer) returns integer language sql as 'select 1';
  create function codered.twin(a text) returns integer language sql as 'select 2';
  create function codered.slow(seconds double precision) returns void language sql as 'select pg_sleep(seconds)';
  create function codered.inbox_status() returns json language sql stable as $$ select '{}'::json $$;
`;

const user = '7d3f0a52-3b5e-4a4e-9a55-0f2a7d0c1b11';
const url = 'http://codered.invalid/rest/v1/rpc';

async function contractFiles(): Promise<MigrationFiles> {
  const { bootstrap } = await readMigrationFiles();
  return { bootstrap, migrations: [{ version: '20260101000000', name: 'contract', sql: functions }], seed: '' };
}

/** The embedded database as `codered serve` runs it, and as most tests do. */
const KINDS = [...bothBackends, 'threaded embedded'] as const;

async function openContractBrain(kind: (typeof KINDS)[number]): Promise<TestBrain> {
  const files = await contractFiles();
  if (kind !== 'threaded embedded') return openTestBrain(kind, { files });
  return testBrain(await openEmbeddedCopy(files, openEmbeddedThread), null);
}

describe.each(KINDS)('a call to the %s backend', (kind) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openContractBrain(kind);
  });
  afterAll(() => brain?.close());

  // The generated types know the functions of the app, not those of this file.
  function call(name: string, args: object, options?: { signal: AbortSignal }): Promise<unknown> {
    const untyped: { call(name: string, args: object, options?: { signal: AbortSignal }): Promise<unknown> } = brain;
    return untyped.call(name, args, options);
  }
  async function callAs(claims: Claims, name: string, args: object): Promise<unknown> {
    const untyped: { rpc(name: string, args: object): PromiseLike<{ data: unknown }> } = brain.clientFor(claims);
    return (await untyped.rpc(name, args)).data;
  }

  /** The request as supabase-js makes it, but with any part of it changed. */
  async function post(name: string, body: string, headers: Record<string, string> = {}) {
    const authorization = `Bearer ${brain.tokenFor({ role: 'service_role' })}`;
    const response = await brain.fetch(`${url}/${name}`, {
      method: 'POST',
      body,
      headers: { authorization, 'content-profile': 'codered', 'content-type': 'application/json', ...headers },
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  }

  it.each([
    ['echo_uuid', user, user],
    ['echo_jsonb', { b: [1, null, { c: '\u00e9' }], a: false }, { b: [1, null, { c: '\u00e9' }], a: false }],
    ['echo_json', [1, 'two', null], [1, 'two', null]],
    ['echo_time', '2026-03-01T12:00:00+02:00', '2026-03-01T10:00:00+00:00'],
    ['echo_texts', ['a', 'b,"c', '{}', '\\', ''], ['a', 'b,"c', '{}', '\\', '']],
    ['echo_texts', [], []],
    ['echo_int', -2147483648, -2147483648],
    ['echo_int', '42', 42],
    ['echo_numeric', 12.5, 12.5],
    ['echo_bool', true, true],
    ['echo_text', 'line\none\ttab "quoted" \\ back', 'line\none\ttab "quoted" \\ back'],
    ['echo_text', '✅ Ünïcödé 漢字 👩‍🚀 \u2028 end', '✅ Ünïcödé 漢字 👩‍🚀 \u2028 end'],
    ['echo_text', "'; drop table codered.notes; --", "'; drop table codered.notes; --"],
    ['echo_text', '', ''],
    ['echo_text', 'null', 'null'],
    ['echo_text', { a: [1] }, '{"a":[1]}'],
    ['echo_text', 7, '7'],
    ['echo_jsonb', 'a "text"', 'a "text"'],
    ['echo_jsonb', '{"not":"parsed"}', '{"not":"parsed"}'],
    ['echo_jsonb', [], []],
    ['echo_jsonb', 0, 0],
    ['echo_jsonb', false, false],
    ['echo_bytes', '\\x00ff10', '\\x00ff10'],
    ['echo_bigint', Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    ['text_of_bigint', '9223372036854775807', '9223372036854775807'],
    ['echo_bigints', [1, '2', null], [1, 2, null]],
    [
      'echo_pairs',
      [
        { a: 1, b: 'x' },
        { a: null, b: '' },
      ],
      [
        { a: 1, b: 'x' },
        { a: null, b: '' },
      ],
    ],
    ['echo_time', new Date(0), '1970-01-01T00:00:00+00:00'],
    ['echo_texts', ['NULL', null], ['NULL', null]],
    ['set_of_jsonb', ['a', 1, null, { b: 2 }], ['a', 1, null, { b: 2 }]],
    ['echo_text', null, null],
    ['echo_int', null, null],
    ['echo_texts', null, null],
    ['echo_jsonb', null, null],
    ['echo_pair', { a: 1, b: 'x' }, { a: 1, b: 'x' }],
    ['out_one', 4, { twice: 8 }],
    ['out_two', 4, { twice: 8, thrice: 12 }],
  ])('%s casts %j and gives %j', async (name, v, expected) => {
    expect(await call(name, { v })).toEqual(expected);
    expect(await callAs({ role: 'service_role' }, name, { v })).toEqual(expected);
  });

  it('rounds integers that JSON can not hold just as a client of PostgREST would', async () => {
    const large = '9007199254740993';
    expect(await call('echo_bigint', { v: large })).toBe(9007199254740992);
    expect(await callAs({ role: 'service_role' }, 'echo_bigint', { v: large })).toBe(9007199254740992);
  });

  it.each([
    ['a text with a NUL', 'echo_text', 'a\0b', '22P05'],
    ['JSON with a NUL', 'echo_jsonb', { a: '\0' }, '22P05'],
    ['half a surrogate pair', 'echo_text', 'a\ud800', '22P02'],
    ['no number', 'echo_int', 'nonsense', '22P02'],
    ['too large a number', 'echo_int', 3_000_000_000, '22003'],
    ['no uuid', 'echo_uuid', 'x', '22P02'],
    ['no time', 'echo_time', 'soon', '22007'],
    ['no array', 'echo_texts', 'x', '22P02'],
  ])('refuses %s with the code that PostgREST would give', async (_, name, v, code) => {
    const thrown = await call(name, { v }).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(Rejected);
    expect(thrown).toMatchObject({ code });
    expect((await post(name, JSON.stringify({ v }))).body).toMatchObject({ code });
  });

  it('leaves out what is undefined', async () => {
    expect(await call('with_defaults', { a: 1, b: undefined })).toBe('1 10 x');
  });

  it('gives a JSON null to the function as SQL null', async () => {
    expect(await call('type_of', { v: null })).toBe('SQL null');
  });

  it('gives a set of scalars as an array of them', async () => {
    expect(await call('set_of_int', { n: 3 })).toEqual([1, 2, 3]);
    expect(await call('set_of_int', { n: 0 })).toEqual([]);
  });

  it('gives a set of composites and a table as an array of objects', async () => {
    expect(await call('set_of_pair', { n: 2 })).toEqual([
      { a: 1, b: '1' },
      { a: 2, b: '2' },
    ]);
    expect(await call('set_of_pair', { n: 0 })).toEqual([]);
    expect(await call('one_column', { n: 2 })).toEqual([{ x: 1 }, { x: 2 }]);
  });

  it('is not confused by columns that are named like its own aliases', async () => {
    expect(await call('rows_named_like_ours', { n: 1 })).toEqual([{ rpc_row: 1, rpc_value: '1', body: 'b' }]);
  });

  it('gives a composite that is null as an object of nulls', async () => {
    expect(await call('no_pair', {})).toEqual({ a: null, b: null });
  });

  it('answers 204 without a body for void', async () => {
    expect(await post('nothing', '{}')).toEqual({ status: 204, body: null });
    expect(await post('nothing', '{"v":"x"}')).toEqual({ status: 204, body: null });
    expect(await call('nothing', {})).toBeNull();
  });

  it('calls a function without arguments with an empty object or an empty body', async () => {
    expect(await post('no_arguments', '{}')).toEqual({ status: 200, body: 'here' });
    expect(await post('no_arguments', '')).toEqual({ status: 200, body: 'here' });
  });

  it('leaves arguments that are not given to their defaults, but not those given as null', async () => {
    expect(await call('with_defaults', { a: 1 })).toBe('1 10 x');
    expect(await call('with_defaults', { a: 1, b: null })).toBe('1 null x');
    expect(await call('with_defaults', { 'Odd "name': 'y', a: 1 })).toBe('1 10 y');
    expect(await post('with_defaults', '{"\\u0061": 1}')).toEqual({ status: 200, body: '1 10 x' });
  });

  it('passes a body of 5 MB through unharmed', async () => {
    const v = 'aé"\\'.repeat(1_000_000);
    expect(await call('echo_text', { v })).toBe(v);
  });

  it('answers in the words of PostgREST when it refuses', async () => {
    const refusal = (status: number, code: string) =>
      expect.objectContaining({ status, body: expect.objectContaining({ code }) });
    expect(await post('no_such', '{"a":1}')).toEqual(refusal(404, 'PGRST202'));
    expect(await post('with_defaults', '{"b":1}')).toEqual(refusal(404, 'PGRST202'));
    expect(await post('with_defaults', '{"a":1,"c":1}')).toEqual(refusal(404, 'PGRST202'));
    expect(await post('twin', '{"a":1}')).toEqual(refusal(300, 'PGRST203'));
    expect(await post('no_arguments', '[]')).toEqual(refusal(400, 'PGRST102'));
    expect(await post('echo_text', '{"v":')).toEqual(refusal(400, 'PGRST102'));
    expect(await post('echo_text', '{"v": nonsense}')).toEqual(refusal(400, 'PGRST102'));
    expect(await post('no_arguments', '{}', { 'content-profile': 'public' })).toEqual(refusal(406, 'PGRST106'));
    expect(await post('no_arguments', '{}', { accept: 'text/csv' })).toEqual(refusal(406, 'PGRST107'));
    expect(await post('no_arguments?select=a', '{}')).toEqual(refusal(400, 'PGRST100'));
  });

  it('serves nothing but POST to a function', async () => {
    const table = await brain.fetch('http://codered.invalid/rest/v1/notes', { method: 'POST', body: '{}' });
    expect(table.status).toBe(404);
    expect(await table.json()).toMatchObject({ hint: expect.stringContaining('/rest/v1/rpc/') });
    const read = await brain.fetch(`${url}/no_arguments`, { headers: { 'accept-profile': 'codered' } });
    expect(read.status).toBe(405);
    expect(await read.json()).toMatchObject({ code: 'PGRST101' });
  });

  it.each([
    ['P0001', 400],
    ['P0002', 500],
    ['23505', 409],
    ['40001', 500],
    ['53300', 503],
    ['PT418', 418],
    ['PT4ZZ', 500],
    ['CR001', 400],
  ])(
    'gives an error raised as %s the status %i, with its message, detail and hint, and keeps nothing',
    async (state, status) => {
      const before = await brain.sql('select count(*) from codered.notes');
      const body = { code: state, message: `refused ${state}`, details: 'a detail', hint: 'a hint' };
      expect(await post('add_then_fail', JSON.stringify({ body: state, state }))).toEqual({ status, body });
      expect(await brain.sql('select count(*) from codered.notes')).toEqual(before);
    },
  );

  it('rolls back and says 409 when a constraint that waits for the commit is violated', async () => {
    const answer = await post('tag_note', '{"note": 999999}');
    expect([answer.status, answer.body.code]).toEqual([409, '23503']);
    expect(await brain.sql('select * from codered.tags')).toEqual([]);
  });

  it('throws Rejected with the code, Transient for what passes, Misconfigured with the fix', async () => {
    const fail = (state: string) => call('add_then_fail', { body: state, state }).catch((error: unknown) => error);
    expect(await fail('CR001')).toBeInstanceOf(Rejected);
    expect(await fail('CR001')).toMatchObject({
      code: 'CR001',
      message: expect.stringContaining('refused CR001'),
      cause: { code: 'CR001' },
    });
    for (const state of ['40001', '40P01', '53300', '08006', '57P01', '55P03'])
      expect(await fail(state)).toBeInstanceOf(Transient);
    const missing = await call('no_such', {}).catch((error: unknown) => error);
    expect(missing).toBeInstanceOf(Misconfigured);
    expect(missing).toMatchObject({ message: expect.stringContaining('codered migrate') });
  });

  it('refuses a call that several functions could take', async () => {
    await expect(call('twin', { a: 1 })).rejects.toBeInstanceOf(Rejected);
  });

  it('refuses what the service role may not do', async () => {
    await expect(call('owner_only', {})).rejects.toMatchObject({ code: '42501' });
  });

  it('refuses a write inside a function that is declared stable', async () => {
    await expect(call('write_in_stable', {})).rejects.toMatchObject({ code: '25006' });
    const answer = await post('write_in_stable', '{}');
    expect([answer.status, answer.body.code]).toEqual([405, '25006']);
  });

  it('calls as the role of the token, with its claims', async () => {
    expect(await call('who', {})).toEqual(await callAs({ role: 'service_role' }, 'who', {}));
    expect(await call('who', {})).toMatchObject({
      user: 'service_role',
      uid: null,
      role: 'service_role',
      path: '"codered", public, extensions',
    });
    const data = await callAs({ role: 'authenticated', sub: user }, 'who', {});
    expect(data).toMatchObject({ user: 'authenticated', uid: user, role: 'authenticated' });
    const { body } = await post('who', '{}', { authorization: '' });
    expect(body).toMatchObject({ user: 'anon', uid: null, role: 'anon' });
  });

  it('leaves nothing of the role behind for the next call', async () => {
    await callAs({ role: 'authenticated', sub: user }, 'who', {});
    await callAs({ role: 'authenticated', sub: user }, 'calls_missing', {});
    expect(
      await brain.sql(
        `select current_user <> 'authenticated' as back, coalesce(current_setting('request.jwt.claims', true), '') as claims`,
      ),
    ).toEqual([{ back: 't', claims: '' }]);
  });

  it('applies row level security to a signed-in user and not to the service role', async () => {
    await brain.sql('insert into codered.notes (body, owner) values ($1, $2) on conflict do nothing', ['mine', user]);
    await brain.sql('insert into codered.notes (body) values ($1) on conflict do nothing', ['not mine']);
    const data = await callAs({ role: 'authenticated', sub: user }, 'count_notes', {});
    expect(data).toBe(1);
    expect(await call('count_notes', {})).toBeGreaterThanOrEqual(2);
  });

  it('says 403 to a signed-in user and 401 to nobody when a privilege is missing', async () => {
    const authorization = `Bearer ${brain.tokenFor({ role: 'authenticated', sub: user })}`;
    expect(await post('owner_only', '{}', { authorization })).toMatchObject({ status: 403, body: { code: '42501' } });
    expect(await post('owner_only', '{}', { authorization: '' })).toMatchObject({
      status: 401,
      body: { code: '42501' },
    });
  });

  it('says 401 to a token that is forged, expired, not yet valid, unsigned or no token', async () => {
    const [header, , signature] = brain.tokenFor({ role: 'anon' }).split('.');
    const claims = Buffer.from('{"role":"service_role"}').toString('base64url');
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.`;
    const refused = async (token: string) => {
      const answer = await post('who', '{}', { authorization: `Bearer ${token}` });
      return [answer.status, answer.body.code, answer.body.message];
    };
    expect(await refused(`${header}.${claims}.${signature}`)).toEqual([
      401,
      'PGRST301',
      'JWT cryptographic operation failed',
    ]);
    expect(await refused(unsigned)).toEqual([401, 'PGRST301', 'Wrong or unsupported encoding algorithm']);
    expect(await refused('nonsense')).toEqual([401, 'PGRST301', 'Expected 3 parts in JWT; got 1']);
    expect(await refused(brain.tokenFor({ role: 'anon', exp: 1 }))).toEqual([401, 'PGRST303', 'JWT expired']);
    expect(await refused(brain.tokenFor({ role: 'anon', nbf: 9e9 }))).toEqual([401, 'PGRST303', 'JWT not yet valid']);
  });

  it('keeps a hundred calls at once apart', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, async (_, n) => {
        if (n % 5 === 0)
          return call('add_then_fail', { body: `p${n}`, state: 'CR001' }).catch((error: Rejected) => error.code);
        if (n % 5 === 1) return callAs({ role: 'authenticated', sub: user }, 'echo_int', { v: n });
        return call('echo_int', { v: n });
      }),
    );
    expect(answers).toEqual(Array.from({ length: 100 }, (_, n) => (n % 5 === 0 ? 'CR001' : n)));
    expect(await brain.sql(`select * from codered.notes where body like 'p%'`)).toEqual([]);
  });

  it('notices that a function was replaced by one with other arguments, types or none at all', async () => {
    await brain.script(`create function codered.changing(a integer) returns text language sql as $$ select 'old' $$`);
    expect(await call('changing', { a: 1 })).toBe('old');
    await brain.script(
      `drop function codered.changing(integer); create function codered.changing(a uuid, b integer default 1) returns text language sql as $$ select 'new' $$`,
    );
    expect(await call('changing', { a: user })).toBe('new');
    expect(await call('changing', { a: user, b: 2 })).toBe('new');
    await brain.script('drop function codered.changing(uuid, integer)');
    expect(await post('changing', `{"a":"${user}"}`)).toMatchObject({ status: 404, body: { code: 'PGRST202' } });
  });

  it('passes on that a function which is there calls one that is not', async () => {
    expect(await post('calls_missing', '{}')).toMatchObject({ status: 404, body: { code: '42883' } });
  });

  it('makes no call when the signal has aborted', async () => {
    const aborted = call('add_note', { body: 'aborted' }, { signal: AbortSignal.abort() });
    await expect(aborted).rejects.toBeInstanceOf(Transient);
    expect(await brain.sql(`select * from codered.notes where body = 'aborted'`)).toEqual([]);
  });

  // Where the embedded database works in our own thread no timer can fire meanwhile.
  it.runIf(kind !== 'embedded')('gives up waiting for the database when the signal aborts', async () => {
    const aborted = call('slow', { seconds: 0.5 }, { signal: AbortSignal.timeout(20) });
    await expect(aborted).rejects.toBeInstanceOf(Transient);
  });

  it.runIf(kind === 'postgres')('throws Transient when the server drops a connection, and works on', async () => {
    const running = `from pg_stat_activity where query like '%"slow"%' and state = 'active' and pid <> pg_backend_pid()`;
    // That of a test before, which nobody waited for, would be taken for ours.
    await expect.poll(() => brain.sql(`select pid ${running}`)).toEqual([]);
    const dropped = call('slow', { seconds: 20 }).catch((error: unknown) => error);
    await expect.poll(() => brain.sql(`select pid ${running}`)).toHaveLength(1);
    await brain.sql(`select pg_terminate_backend(pid) ${running}`);
    expect(await dropped).toBeInstanceOf(Transient);
    await brain.sql(
      'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()',
    );
    // Each connection of the pool may have to find out for itself that it is gone.
    await expect.poll(() => call('echo_int', { v: 1 }).catch(() => null)).toBe(1);
  });

  it.runIf(kind === 'postgres')(
    'throws Transient of a server that takes no writes, and then connects anew',
    async () => {
      const name = new URL(brain.databaseUrl ?? '').pathname.slice(1);
      await brain.script(`alter database ${name} set default_transaction_read_only = on`);
      // Whoever connects now is where a pool is after a failover: on a server that was the primary.
      const demoted = openPostgres({ url: brain.databaseUrl ?? '', poolSize: 1, onIdleError: () => {} });
      const afterFailover: { call(name: string, args: object): Promise<unknown> } = sqlBrain(demoted);
      const note = { body: 'written after the failover' };
      await expect(afterFailover.call('add_note', note)).rejects.toBeInstanceOf(Transient);
      await brain.script(`begin read write; alter database ${name} reset default_transaction_read_only; commit`);
      await expect(afterFailover.call('add_note', note)).resolves.toEqual(expect.any(Number));
      await demoted.close();
    },
  );

  it.runIf(kind === 'postgres')('throws Transient when the server ends a transaction that took too long', async () => {
    const name = new URL(brain.databaseUrl ?? '').pathname.slice(1);
    await brain.script(`alter database ${name} set transaction_timeout = '100ms'`);
    const backend = openPostgres({ url: brain.databaseUrl ?? '', poolSize: 1, onIdleError: () => {} });
    const limited: { call(name: string, args: object): Promise<unknown> } = sqlBrain(backend);
    await expect(limited.call('slow', { seconds: 20 })).rejects.toBeInstanceOf(Transient);
    await brain.script(`alter database ${name} reset transaction_timeout`);
    await expect(limited.call('echo_int', { v: 1 })).resolves.toBe(1);
    await backend.close();
  });

  it('takes one statement at a time where rows are wanted', async () => {
    await expect(brain.sql('select 1; select 2')).rejects.toMatchObject({ code: '42601' });
    await expect(brain.script('select 1; select 2')).resolves.toBeUndefined();
  });

  it('checks that it can be reached', async () => {
    await expect(brain.check()).resolves.toBeUndefined();
  });
});
