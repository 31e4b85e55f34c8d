// The login of few rights under which people's calls run on a Postgres server: made where that can be, and people's calls refused in words
// where it can't, with everything else going on.

import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgres } from '../../src/brain/backends/postgres.ts';
import type { SqlBackend } from '../../src/brain/backends/sql-backend.ts';
import { migrateBrain, openBrain } from '../../src/brain/client.ts';
import { readMigrationFiles } from '../../src/brain/migration-files.ts';
import { peopleLogin } from '../../src/brain/person-calls/people-login.ts';
import { checkBrain } from '../../src/cli/doctor/check-brain.ts';
import { listen } from '../../src/http/listen.ts';
import { makeRest } from '../../src/http/rest/rest.ts';
import { serveRoutes } from '../../src/http/routing.ts';
import { asError, Misconfigured } from '../../src/model/errors.ts';
import { makeLogLines } from '../support/log-lines.ts';
import { type LentDatabase, lendDatabase } from '../support/postgres-server.ts';

const warnings: string[] = [];
const log = { info: () => {}, warn: (_: object, message: string) => warnings.push(message) };

describe('which login it is', () => {
  const url = 'postgresql://owner:s%40cret@db.example:5432/brain?sslmode=require';

  it('follows from the database, its owner and their password, the same in every process', () => {
    const login = peopleLogin({ url });
    expect(login).toEqual(peopleLogin({ url }));
    const { role, url: made = '' } = login ?? {};
    expect(role).toMatch(/^codered_people_[0-9a-f]{12}$/);
    const parsed = new URL(made);
    expect([parsed.username, parsed.host, parsed.pathname, parsed.searchParams.get('sslmode')]).toEqual([
      '',
      'db.example:5432',
      '/brain',
      'require',
    ]);
    expect(parsed.searchParams.get('user')).toBe(role);
    expect(parsed.searchParams.get('password')).toMatch(/^[\w-]{43}$/);
    expect(made).not.toContain('cret');
    for (const other of [url.replace('brain', 'other'), url.replace('owner', 'else')]) {
      expect(peopleLogin({ url: other })?.role).not.toBe(role);
    }
    expect(peopleLogin({ url: url.replace('s%40cret', 'new') })?.password).not.toBe(login?.password);
  });

  it('is read out of parameters as pg reads them, and names the project to Supabase’s pooler', () => {
    const socket = peopleLogin({ url: 'postgresql:///brain?host=/run/postgresql&user=owner&password=x' });
    expect(new URL(socket?.url ?? '').searchParams.get('user')).toBe(socket?.role);
    const pooled = peopleLogin({ url: 'postgresql://postgres.abcd:x@aws-0-eu.pooler.supabase.com:6543/postgres' });
    expect(new URL(pooled?.url ?? '').searchParams.get('user')).toBe(`${pooled?.role}.abcd`);
  });

  it('is that of DATABASE_URL_PEOPLE where it is set, and none where there is no password', () => {
    const peopleUrl = 'postgresql://readers:x@db/brain';
    expect(peopleLogin({ url, peopleUrl })).toEqual({ role: 'readers', url: peopleUrl, password: null });
    expect(peopleLogin({ url: 'postgresql://owner@db/brain' })).toBeNull();
  });
});

describe('on a server', () => {
  let database: LentDatabase;
  let owner: SqlBackend;
  let role = '';
  const settings = () => ({ kind: 'postgres', url: database.url }) as const;
  const script = (text: string) => owner.session((session) => session.script(text));
  beforeAll(async () => {
    database = await lendDatabase(await readMigrationFiles());
    owner = openPostgres({ url: database.url, poolSize: 1, onIdleError: () => {} });
    role = peopleLogin({ url: database.url })?.role ?? '';
  });
  afterAll(async () => {
    await script(`drop owned by "${role}"; drop role "${role}"`).catch(() => {});
    await owner.close();
    await database.giveBack();
  });

  async function refusal(more: { peopleUrl?: string; url?: string } = {}): Promise<string> {
    const brain = await openBrain({ ...settings(), ...more }, { log });
    try {
      await brain.call('inbox_status', {});
      const given = { userId: '00000000-0000-4000-8000-000000000001', name: 'my_profile', arguments: {} };
      const thrown = asError(await brain.callAs(given).catch((error: unknown) => error));
      expect(thrown).toBeInstanceOf(Misconfigured);
      await expect(brain.checkPeople()).rejects.toThrow(thrown.message);
      return thrown.message;
    } finally {
      await brain.close();
    }
  }
  const peopleFinding = async () => (await checkBrain(settings(), null)).find(({ check }) => check === 'people');

  it('people’s calls are refused until it is made, in words, over REST too', async () => {
    const words = await refusal();
    expect(words).toContain(`The login "${role}" of people's calls is not let in`);
    expect(words).toContain(`create role ${role} login noinherit password '…'; grant authenticated to ${role};`);
    expect(words).not.toContain(new URL(database.url).password);
    expect(await peopleFinding()).toMatchObject({ state: 'warning', fix: expect.stringContaining('codered migrate') });
    const brain = await openBrain(settings(), { log });
    const token = 'crd_few';
    const { log: rest } = makeLogLines();
    const user_id = '00000000-0000-4000-8000-000000000001';
    const call = async () => ({ state: 'live', user_id, scope: 'read', client_id: 'personal' });
    const resources = [makeRest({ brain: { ...brain, call: call as never }, log: rest })];
    const handlers = [serveRoutes({ resources, onError: () => {} })];
    const http = await listen({ host: '127.0.0.1', port: 0 }, { handlers, onError: () => {} });
    const answer = await fetch(`${http.url}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } });
    const body = await answer.text();
    expect([answer.status, answer.headers.get('retry-after'), JSON.parse(body).code]).toEqual([
      503,
      '60',
      'not_set_up',
    ]);
    expect(body).not.toContain(role);
    await http.close(1_000);
    await brain.close();
  });

  it('codered migrate makes it, and again when its password was changed', async () => {
    await migrateBrain(settings(), { log });
    expect(await peopleFinding()).toMatchObject({ state: 'ok' });
    const [row] = await owner.session((session) =>
      session.query(
        `select rolcanlogin, rolinherit, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication from pg_roles where rolname = $1`,
        [role],
      ),
    );
    expect(Object.values(row ?? {})).toEqual(['t', 'f', 'f', 'f', 'f', 'f', 'f']);
    await script(`alter role "${role}" password 'another'`);
    expect(await peopleFinding()).toMatchObject({ state: 'warning' });
    await migrateBrain(settings(), { log });
    expect(await peopleFinding()).toMatchObject({ state: 'ok' });
    expect(warnings).toEqual([]);
  });

  it('it reads nothing before it becomes a person’s role, and can become no other', async () => {
    const login = openPostgres({
      url: peopleLogin({ url: database.url })?.url ?? '',
      poolSize: 1,
      onIdleError: () => {},
    });
    const run = (text: string) => login.transact([{ text, values: [] }]);
    const tables = await run(`
      select string_agg(c.oid::regclass::text, ', ')
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname in ('codered', 'auth', 'supabase_migrations') and c.relkind in ('r', 'p', 'v')
        and (has_table_privilege(c.oid, 'select') or has_any_column_privilege(c.oid, 'select'))`);
    expect(tables).toBeNull();
    for (const text of [
      'select 1 from codered.projects',
      'select codered.my_profile()',
      'set role service_role',
      'set session authorization postgres',
      'create table public.mine (a integer)',
    ]) {
      await expect(run(text), text).rejects.toMatchObject({ code: '42501' });
    }
    await login.close();
  });

  it('is refused when it has more rights than that, also as another user whom a pooler puts in its place', async () => {
    await script(`grant service_role to "${role}"`);
    expect(await refusal()).toContain(`has more rights than authenticated: service_role. Take these away.`);
    await script(`revoke service_role from "${role}"`);
    expect(await refusal({ peopleUrl: database.url })).toContain('has more rights than authenticated');
    await script(`revoke authenticated from "${role}"`);
    expect(await refusal()).toContain('is no member of authenticated');
    await script(`grant authenticated to "${role}"`);
  });

  it('is asked for by DATABASE_URL_PEOPLE where DATABASE_URL has no password', async () => {
    const url = new URL(database.url);
    url.password = '';
    // Nothing is asked of the database itself: it lets nobody in without a password.
    const brain = await openBrain({ kind: 'postgres', url: url.href }, { log });
    await expect(brain.checkPeople()).rejects.toThrow(/DATABASE_URL has no password.*DATABASE_URL_PEOPLE/);
    await brain.close();
  });

  it('is refused in words by a pooler that knows some users only', async () => {
    const pooler = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        const body = Buffer.from('SFATAL\0VFATAL\0C08P01\0Mno such user: codered_people\0\0');
        const head = Buffer.alloc(5);
        head.write('E');
        head.writeInt32BE(body.length + 4, 1);
        socket.end(Buffer.concat([head, body]));
      });
    });
    await once(pooler.listen(0, '127.0.0.1'), 'listening');
    const address = pooler.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const words = await refusal({ peopleUrl: `postgresql://codered_people:x@127.0.0.1:${port}/brain` });
    expect(words).toMatch(/is not let in \(no such user.*let a pooler between know the user/);
    pooler.close();
  });
});
