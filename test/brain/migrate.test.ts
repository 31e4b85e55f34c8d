// Migrating a database: what is applied, what is recorded, and what a failure leaves behind.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openEmbedded } from '../../src/brain/backends/embedded.ts';
import { openPostgres } from '../../src/brain/backends/postgres.ts';
import type { SqlBackend } from '../../src/brain/backends/sql-backend.ts';
import { migrateBackend } from '../../src/brain/migrate.ts';
import { type MigrationFiles, readMigrationFiles } from '../../src/brain/migration-files.ts';
import { inTurn } from '../../src/brain/migration-turn.ts';
import { Misconfigured } from '../../src/model/errors.ts';
import { bothBackends } from '../support/brain.ts';
import { type LentDatabase, lendDatabase } from '../support/postgres-server.ts';

const first = {
  version: '20260101000001',
  name: 'first',
  sql: 'create schema codered; create table codered.a (id int); insert into codered.a values (1)',
};
const second = {
  version: '20260101000002',
  name: 'second',
  sql: 'alter table codered.a add column b text; set search_path = nowhere;',
};
const broken = {
  version: '20260101000003',
  name: 'broken',
  sql: 'create table codered.c (id int); insert into codered.a values (2); select 1/0;',
};

describe.each(bothBackends)('migrating the %s backend', (kind) => {
  let bootstrap: string;
  let keepServer: LentDatabase | null = null;
  let lent: LentDatabase | null = null;
  let emptyDump: Blob | null = null;
  let backends: SqlBackend[] = [];
  const files = (...migrations: MigrationFiles['migrations']): MigrationFiles => ({ bootstrap, migrations, seed: '' });

  beforeAll(async () => {
    bootstrap = (await readMigrationFiles()).bootstrap;
    if (kind === 'postgres') {
      keepServer = await lendDatabase(null);
    } else {
      const backend = await openEmbedded({ directory: null });
      emptyDump = await backend.dump();
      await backend.close();
    }
  });
  beforeEach(async () => {
    backends = [];
    lent = kind === 'postgres' ? await lendDatabase(null) : null;
  });
  afterEach(async () => {
    for (const backend of backends) await backend.close();
    await lent?.giveBack();
  });
  afterAll(() => keepServer?.giveBack());

  async function empty(): Promise<SqlBackend> {
    const backend = lent
      ? openPostgres({ url: lent.url, onIdleError: () => {} })
      : await openEmbedded({ directory: null, dump: emptyDump });
    backends.push(backend);
    return backend;
  }
  const rows = (backend: SqlBackend, text: string) => backend.session((session) => session.query(text));
  const recorded = (backend: SqlBackend) =>
    rows(backend, 'select version, name from supabase_migrations.schema_migrations order by version');

  it('applies what is missing, in order, and records it as the Supabase CLI does', async () => {
    const backend = await empty();
    expect(await migrateBackend(backend, files(first))).toEqual({
      bootstrapped: true,
      applied: ['20260101000001_first'],
      seeded: false,
    });
    expect(await migrateBackend(backend, files(first, second))).toEqual({
      bootstrapped: true,
      applied: ['20260101000002_second'],
      seeded: false,
    });
    expect(
      await rows(
        backend,
        'select version, name, statements from supabase_migrations.schema_migrations order by version',
      ),
    ).toEqual([
      { version: first.version, name: 'first', statements: expect.stringContaining('create schema codered') },
      { version: second.version, name: 'second', statements: expect.stringContaining('alter table') },
    ]);
    expect(await rows(backend, 'select * from codered.a')).toEqual([{ id: '1', b: null }]);
  });

  it('changes nothing the second time', async () => {
    const backend = await empty();
    const all = { ...files(first, second), seed: 'insert into codered.a values (7)' };
    await migrateBackend(backend, all);
    expect(await migrateBackend(backend, all)).toEqual({ bootstrapped: true, applied: [], seeded: false });
    expect(await rows(backend, 'select id from codered.a order by id')).toEqual([{ id: '1' }, { id: '7' }]);
  });

  it('runs the seed again when it has changed', async () => {
    const backend = await empty();
    await migrateBackend(backend, { ...files(first), seed: 'insert into codered.a values (7)' });
    expect(await migrateBackend(backend, { ...files(first), seed: 'insert into codered.a values (8)' })).toMatchObject({
      seeded: true,
    });
    expect(await rows(backend, 'select id from codered.a order by id')).toEqual([
      { id: '1' },
      { id: '7' },
      { id: '8' },
    ]);
  });

  it('gives each migration a session as new, whatever the one before has set', async () => {
    const backend = await empty();
    const sql = `create table codered.c as select current_setting('search_path') as path`;
    await migrateBackend(backend, files(first, second, { version: '20260101000003', name: 'third', sql }));
    expect(await rows(backend, `select path = 'nowhere' as same from codered.c`)).toEqual([{ same: 'f' }]);
  });

  it('leaves nothing of a migration that fails, keeps those before it, and goes on when it is mended', async () => {
    const backend = await empty();
    const failing = migrateBackend(backend, files(first, broken));
    await expect(failing).rejects.toThrow(Misconfigured);
    await expect(failing).rejects.toThrow(
      'migration 20260101000003_broken failed and left nothing behind: division by zero',
    );
    expect(await recorded(backend)).toEqual([{ version: first.version, name: 'first' }]);
    expect(await rows(backend, `select to_regclass('codered.c') as c, (select count(*) from codered.a) as n`)).toEqual([
      { c: null, n: '1' },
    ]);
    const mended = { ...broken, sql: broken.sql.replace('1/0', '1') };
    expect(await migrateBackend(backend, files(first, mended))).toMatchObject({ applied: ['20260101000003_broken'] });
  });

  it('leaves nothing of a seed that fails', async () => {
    const backend = await empty();
    const seed = 'insert into codered.a values (7); insert into codered.nowhere values (1)';
    await expect(migrateBackend(backend, { ...files(first), seed })).rejects.toThrow('supabase/seed.sql failed');
    expect(await rows(backend, 'select id from codered.a')).toEqual([{ id: '1' }]);
  });

  it('refuses a database that has migrations it does not know', async () => {
    const backend = await empty();
    await migrateBackend(backend, files(first, second));
    const migrating = migrateBackend(backend, files(first));
    await expect(migrating).rejects.toThrow(Misconfigured);
    await expect(migrating).rejects.toThrow('20260101000002_second');
  });

  it('refuses files that say another thing under a version than was applied, and changes nothing', async () => {
    const backend = await empty();
    await migrateBackend(backend, files(first));
    const rewritten = { ...first, sql: first.sql.replace('values (1)', 'values (2)') };
    const migrating = migrateBackend(backend, files(rewritten, second));
    await expect(migrating).rejects.toThrow(Misconfigured);
    await expect(migrating).rejects.toThrow('20260101000001_first. Nothing was changed');
    expect(await recorded(backend)).toEqual([{ version: first.version, name: 'first' }]);
    // So the Supabase CLI notes it; what was repaired by hand may have no statements at all.
    for (const statements of [
      `array['create schema codered', 'create table codered.a (id int)', '-- One.\ninsert into codered.a values (1)']`,
      'null',
    ]) {
      await rows(backend, `update supabase_migrations.schema_migrations set statements = ${statements}`);
      expect(await migrateBackend(backend, files(first))).toMatchObject({ applied: [] });
    }
  });

  it('applies each migration once when two migrate at the same time', async () => {
    const one = await empty();
    const other = kind === 'postgres' ? await empty() : one;
    const reports = await Promise.all([
      migrateBackend(one, files(first, second)),
      migrateBackend(other, files(first, second)),
    ]);
    expect(reports.flatMap((report) => report.applied).sort()).toEqual([
      '20260101000001_first',
      '20260101000002_second',
    ]);
    expect(await rows(one, 'select id from codered.a')).toEqual([{ id: '1' }]);
  });

  it('leaves the bootstrap out on Supabase, which has it', async () => {
    const backend = await empty();
    await rows(backend, 'create role supabase_admin').catch(() => []);
    try {
      const report = await migrateBackend(backend, { ...files(first), bootstrap: 'select 1/0' });
      expect(report).toMatchObject({ bootstrapped: false, applied: ['20260101000001_first'] });
    } finally {
      await rows(backend, 'drop role supabase_admin');
    }
  });

  it('brings what Supabase brings, and may do so again', async () => {
    const backend = await empty();
    await migrateBackend(backend, files());
    await migrateBackend(backend, files());
    expect(
      await rows(
        backend,
        `select rolname, rolbypassrls, rolcanlogin from pg_roles where rolname in ('anon', 'authenticated', 'service_role') order by 1`,
      ),
    ).toEqual([
      { rolname: 'anon', rolbypassrls: 'f', rolcanlogin: 'f' },
      { rolname: 'authenticated', rolbypassrls: 'f', rolcanlogin: 'f' },
      { rolname: 'service_role', rolbypassrls: 't', rolcanlogin: 'f' },
    ]);
    expect(await rows(backend, `select auth.uid() as uid, auth.role() as role, auth.jwt() as jwt`)).toEqual([
      { uid: null, role: null, jwt: '{}' },
    ]);
    expect(
      await rows(
        backend,
        `select extname from pg_extension where extnamespace = 'extensions'::regnamespace and extname <> 'vector' order by 1`,
      ),
    ).toEqual([{ extname: 'pg_trgm' }, { extname: 'pgcrypto' }]);
    expect(await rows(backend, 'select pubname from pg_publication')).toEqual([{ pubname: 'supabase_realtime' }]);
  });

  it('applies our own migrations and seed to an empty database', async () => {
    const backend = await empty();
    const own = await readMigrationFiles();
    const { applied } = await migrateBackend(backend, own);
    expect(applied).toEqual(own.migrations.map(({ version, name }) => `${version}_${name}`));
    expect(await migrateBackend(backend, own)).toEqual({ bootstrapped: true, applied: [], seeded: false });
  });
});

describe('a Postgres server on which others work', () => {
  let database: LentDatabase;
  let home: SqlBackend;
  beforeEach(async () => {
    database = await lendDatabase(null);
    home = openPostgres({ url: database.url, onIdleError: () => {} });
    await migrateBackend(home, { bootstrap: '', migrations: [first], seed: '' });
  });
  afterEach(async () => {
    await home.close();
    await database.giveBack();
  });
  /** Has read the table in a transaction that goes on until `end`, as a backup does. */
  async function readingOn(): Promise<{ end: () => Promise<void> }> {
    const backup = openPostgres({ url: database.url, poolSize: 1, onIdleError: () => {} });
    const reading = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    const session = backup.session(async ({ script }) => {
      await script("set application_name = 'a backup'; begin; select from codered.a");
      reading.resolve();
      await ended.promise;
    });
    await reading.promise;
    return {
      end: async () => {
        ended.resolve();
        await session;
        await backup.close();
      },
    };
  }
  const isWaiting = async () =>
    (await home.session(({ query }) => query('select 1 as one from pg_locks where not granted'))).length > 0;

  it('lets those pass who come while it waits for a table, and is done when it gets it', async () => {
    const backup = await readingOn();
    const migrating = migrateBackend(home, { bootstrap: '', migrations: [first, second], seed: '' });
    await expect.poll(isWaiting).toBe(true);
    // Behind a migration that waits for good nobody would get through.
    await home.session(({ query }) => query('select id from codered.a'));
    await backup.end();
    expect((await migrating).applied).toEqual(['20260101000002_second']);
  });

  it('says who has the table that it can not get', async () => {
    const backup = await readingOn();
    const impatient = { overtaken: 1, locked: 1, pauseMs: 0 };
    const refused = home.session((session) =>
      inTurn(session, 'migration second', () => session.script(second.sql), impatient),
    );
    await expect(refused).rejects.toThrow(
      /migration second failed and left nothing behind: .*lock timeout \(55P03\)\. .*: \d+ \(a backup, since .* UTC\)\. Wait for it, or end it/,
    );
    await expect(refused).rejects.toBeInstanceOf(Misconfigured);
    await backup.end();
  });

  it('is migrated whatever limits its everyday work has', async () => {
    const name = new URL(database.url).pathname.slice(1);
    const limits = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout'];
    await home.session(({ script }) =>
      script(limits.map((limit) => `alter database ${name} set ${limit} = '200ms'`).join(';')),
    );
    const limited = openPostgres({ url: database.url, onIdleError: () => {} });
    const slow = { version: '20260101000004', name: 'slow', sql: 'select pg_sleep(0.5)' };
    expect((await migrateBackend(limited, { bootstrap: '', migrations: [first, slow], seed: '' })).applied).toEqual([
      '20260101000004_slow',
    ]);
    await limited.close();
  });
});

describe('a Postgres server that belongs to somebody else', () => {
  let lent: LentDatabase;
  beforeAll(async () => {
    lent = await lendDatabase(null);
  });
  afterAll(() => lent?.giveBack());

  it('can be migrated and called by a user who may create roles but is no superuser', async () => {
    const { bootstrap } = await readMigrationFiles();
    const admin = openPostgres({ url: lent.url, poolSize: 1, onIdleError: () => {} });
    const database = new URL(lent.url).pathname.slice(1);
    await admin.session(async (session) => {
      await session.script(`create role plain login createrole bypassrls password 'plain'`);
      await session.script(`alter database ${database} owner to plain`);
    });
    await admin.close();
    const backend = openPostgres({ url: lent.url.replace(/\/\/.*@/, '//plain:plain@'), onIdleError: () => {} });
    try {
      await migrateBackend(backend, { bootstrap, migrations: [first], seed: '' });
      const who = { text: 'select current_user::text', values: [] };
      expect(
        await backend.transact([{ text: `select set_config('role', 'service_role', true)`, values: [] }, who]),
      ).toBe('service_role');
    } finally {
      await backend.close();
    }
  });

  it('is named, with the reason, but without the password, when it can not be reached or refuses us', async () => {
    const gone = openPostgres({ url: 'postgres://codered:hunter2@127.0.0.1:1/codered', onIdleError: () => {} });
    const error = await gone.transact([]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: '08001', message: expect.stringContaining('127.0.0.1:1') });
    expect(String(error)).not.toContain('hunter2');
    await gone.close();
    const refusing = openPostgres({ url: lent.url.replace(/\/\/.*@/, '//postgres:wrong@'), onIdleError: () => {} });
    await expect(refusing.transact([])).rejects.toMatchObject({ code: '28P01' });
    await refusing.close();
    expect(() => openPostgres({ url: 'mysql://x', onIdleError: () => {} })).toThrow('DATABASE_URL');
  });
});

describe('reading the migration files', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'codered-migrations-'));
    await mkdir(join(folder, 'migrations'));
    await writeFile(join(folder, 'bootstrap.sql'), '-- bootstrap');
  });
  afterEach(() => rm(folder, { recursive: true }));
  const put = (name: string, sql = 'select 1') => writeFile(join(folder, 'migrations', name), sql);

  it('sorts them by version and does without a seed', async () => {
    await put('20260102000000_b.sql', 'b');
    await put('20260101000000_a_long_name.sql', 'a');
    await put('README.md');
    expect(await readMigrationFiles(folder)).toEqual({
      bootstrap: '-- bootstrap',
      migrations: [
        { version: '20260101000000', name: 'a_long_name', sql: 'a' },
        { version: '20260102000000', name: 'b', sql: 'b' },
      ],
      seed: '',
    });
  });

  it('refuses a name without a version, and two of the same version', async () => {
    await put('20260101000000_a.sql');
    await put('20260101000000_b.sql');
    await expect(readMigrationFiles(folder)).rejects.toThrow('20260101000000');
    await put('notes.sql');
    await expect(readMigrationFiles(folder)).rejects.toThrow('notes.sql');
  });
});
