// `supabase db push` and `codered migrate`: the same schema, the same rows, the same books, whoever did what.
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openPostgres } from '../../src/brain/backends/postgres.ts';
import type { SqlBackend } from '../../src/brain/backends/sql-backend.ts';
import { migrateBackend } from '../../src/brain/migrate.ts';
import { type MigrationFiles, readMigrationFiles } from '../../src/brain/migration-files.ts';
import { catalogueOf, historyOf, rowsOf } from '../support/catalogue.ts';
import { readOldMigrations } from '../support/old-migrations.ts';
import { type LentDatabase, lendDatabase } from '../support/postgres-server.ts';
import { postgresVersions } from '../support/start-postgres.ts';
import { runSupabase } from '../support/supabase-cli.ts';

const ours = fileURLToPath(new URL('../../supabase', import.meta.url));
const nothingDone = { bootstrapped: true, applied: [], seeded: false };
const later = {
  version: '29991231235958',
  name: 'later',
  sql: `-- What comes after ours.\ncreate table codered.later (id int);\ncomment on table codered.later is 'With a ; in it; $$ too.';`,
};
const broken = {
  version: '29991231235959',
  name: 'broken',
  sql: `create table codered.half (id int); insert into codered.half values (1); do $$ begin raise exception 'halfway'; end $$;`,
};
let all: MigrationFiles;
let half: MigrationFiles;
beforeAll(async () => {
  const files = await readMigrationFiles();
  all = { ...files, migrations: [...files.migrations, later] };
  half = { ...files, seed: '' };
});

/** A folder as the CLI wants it, with these migrations and this seed. */
async function projectOf({ migrations, seed }: MigrationFiles): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'codered-cli-'));
  await cp(join(ours, 'config.toml'), join(folder, 'supabase/config.toml'));
  for (const { version, name, sql } of migrations) {
    await cp(join(ours, 'bootstrap.sql'), join(folder, 'supabase/migrations', `${version}_${name}.sql`));
    await writeFile(join(folder, 'supabase/migrations', `${version}_${name}.sql`), sql);
  }
  await writeFile(join(folder, 'supabase/seed.sql'), seed);
  return folder;
}

describe.each(postgresVersions)('on Postgres %i', (version) => {
  let server: LentDatabase;
  let database: LentDatabase;
  let backend: SqlBackend;
  /** What `codered migrate` makes of an empty database. */
  let expected: readonly (readonly string[])[];
  const state = async () => [await catalogueOf(backend), await rowsOf(backend), await historyOf(backend)];

  beforeAll(async () => {
    server = await lendDatabase(null, version);
  });
  afterAll(() => server?.giveBack());
  beforeEach(async () => {
    database = await lendDatabase(null, version);
    backend = openPostgres({ url: database.url, onIdleError: () => {} });
    if (expected === undefined) {
      await migrateBackend(backend, all);
      expected = await state();
      await again();
    }
    await backend.session((session) => session.script(all.bootstrap));
  });
  afterEach(async () => {
    await backend?.close();
    await database?.giveBack();
  });
  async function again() {
    await backend.close();
    await database.giveBack();
    database = await lendDatabase(null, version);
    backend = openPostgres({ url: database.url, onIdleError: () => {} });
  }

  async function push(files: MigrationFiles) {
    const workdir = await projectOf(files);
    try {
      return await runSupabase(
        'db',
        'push',
        `--remote=${database.url}`,
        '--include-seed',
        '--yes',
        `--workdir=${workdir}`,
      );
    } finally {
      await rm(workdir, { recursive: true });
    }
  }

  /** Whoever comes now has nothing to do, and does nothing. The CLI takes seconds to say so. */
  async function expectDone({ askCli = version === 18 } = {}) {
    expect(await state()).toEqual(expected);
    const before = await rowsOf(backend, { exact: true });
    if (askCli) {
      const result = { code: 0, output: expect.stringContaining('Remote database is up to date') };
      expect(await push(all)).toMatchObject(result);
    }
    expect(await migrateBackend(backend, all)).toEqual(nothingDone);
    expect(await rowsOf(backend, { exact: true })).toEqual(before);
  }

  it('db push makes the same of an empty database as codered migrate', async () => {
    const { code, output } = await push(all);
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('Seeding data') });
    // So it would tell of a key in config.toml that it does not know.
    expect(output).not.toContain('WARN');
    await expectDone({ askCli: true });
  });

  it('codered migrate goes on where db push has stopped', async () => {
    expect(await push(half)).toMatchObject({ code: 0 });
    expect((await migrateBackend(backend, all)).applied).toHaveLength(all.migrations.length - half.migrations.length);
    await expectDone();
  });

  it('db push goes on where codered migrate has stopped', async () => {
    await migrateBackend(backend, half);
    expect(await push(all)).toMatchObject({ code: 0 });
    await expectDone();
  });

  // What follows is the tools' doing, not the server's: once is enough.
  if (version !== 18) return;

  it('codered migrate leaves nothing to db push', async () => {
    await migrateBackend(backend, all);
    await expectDone();
  });

  it('codered migrate takes over what db push made of the old migrations', async () => {
    expect(await push(await readOldMigrations())).toMatchObject({ code: 0 });
    expect(await migrateBackend(backend, all)).toMatchObject({ adopted: true, seeded: true });
    await expectDone();
  });

  it('a migration that breaks halfway leaves nothing, with either', async () => {
    await migrateBackend(backend, all);
    const files = { ...all, migrations: [...all.migrations, broken] };
    expect(await push(files)).toMatchObject({ code: 1, output: expect.stringContaining('halfway') });
    await expect(migrateBackend(backend, files)).rejects.toThrow(
      '29991231235959_broken failed and left nothing behind: halfway',
    );
    expect(await state()).toEqual(expected);
  });

  it('a seed that breaks halfway leaves nothing, with either', async () => {
    const files = { ...all, seed: `${all.seed.replaceAll('on conflict (path)', 'on conflict (nothing)')}` };
    expect(await push(files)).toMatchObject({ code: 1 });
    await expect(migrateBackend(backend, files)).rejects.toThrow('supabase/seed.sql failed and left nothing behind');
    expect(await rowsOf(backend)).toEqual(expected[1]?.filter((line) => !/^(bug_patterns|models) /.test(line)));
  });

  it('both at once apply each migration once, and whoever comes second finds it done', async () => {
    const sql = 'create schema codered; create table codered.a (id int); select pg_advisory_xact_lock(7);';
    const files = { ...all, migrations: [{ version: '20260101000001', name: 'slow', sql }], seed: '' };
    /** Holds up whoever is first in the middle of the migration, until the other waits for it too. */
    const meet = async <T, U>(first: () => Promise<T>, second: () => Promise<U>) => {
      const waiting = `select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
      return backend.session(async (session) => {
        const waitFor = (count: number) =>
          expect.poll(() => session.query(waiting), { timeout: 120_000, interval: 100 }).toHaveLength(count);
        await session.script('select pg_advisory_lock(7)');
        const one = first();
        await waitFor(1);
        const other = second();
        await waitFor(2);
        await session.script('select pg_advisory_unlock(7)');
        return Promise.all([one, other]);
      });
    };
    const [pushed, found] = await meet(
      () => push(files),
      () => migrateBackend(backend, files),
    );
    expect({ code: pushed.code, found }).toEqual({ code: 0, found: nothingDone });

    await again();
    await backend.session((session) => session.script(all.bootstrap));
    const [migrated, refused] = await meet(
      () => migrateBackend(backend, files),
      () => push(files),
    );
    expect(migrated).toMatchObject({ applied: ['20260101000001_slow'] });
    // The CLI does not try again by itself, but it can be run again.
    expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('already exists') });
    expect(await push(files)).toMatchObject({ code: 0, output: expect.stringContaining('up to date') });
  }, 600_000);

  it('a seed that db push has noted without running it is run by codered migrate', async () => {
    const older = { ...all, seed: all.seed.replace(/'[0-9a-f]{64}'/, `'${'0'.repeat(64)}'`) };
    await push(older);
    await backend.session((session) => session.script(`delete from codered.models where id = 'o3'`));
    expect(await push(all)).toMatchObject({ code: 0, output: expect.stringContaining('Updating seed hash') });
    expect(await rowsOf(backend)).not.toEqual(expected[1]);
    expect(await migrateBackend(backend, all)).toEqual({ ...nothingDone, seeded: true });
    await expectDone();
  });
});
