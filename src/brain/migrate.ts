// Brings a database up to the newest migration.
// Keeps the same books as the Supabase CLI, so either can go on where the other stopped.

import { createHash } from 'node:crypto';
import { Misconfigured } from '../model/errors.ts';
import { adoptBaseline } from './adopt-baseline.ts';
import { refuseChanged } from './applied-migrations.ts';
import { type SqlBackend, SqlError, type SqlSession } from './backends/sql-backend.ts';
import { type MigrationFile, type MigrationFiles, seedNote } from './migration-files.ts';
import { inTurn } from './migration-turn.ts';

/** What was done, in order. */
export interface MigrationReport {
  /** False on Supabase, which has all that already. */
  readonly bootstrapped: boolean;
  /** Whether the books named the migrations that the baseline stands for, and now name the baseline. Absent when not. */
  readonly adopted?: true;
  /** `<version>_<name>` of each migration applied now. */
  readonly applied: readonly string[];
  /** Whether the seed was new or had changed, and so was run. */
  readonly seeded: boolean;
}

/** Told, in words, what is being done. */
export type OnStep = (step: string) => void;

const books = `
  create schema if not exists supabase_migrations;
  create table if not exists supabase_migrations.schema_migrations (version text primary key);
  alter table supabase_migrations.schema_migrations add column if not exists statements text[];
  alter table supabase_migrations.schema_migrations add column if not exists name text;
  create table if not exists supabase_migrations.seed_files (path text primary key, hash text not null)`;

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: insufficient_privilege */
const NO_RIGHT = '42501';

/**
 * Applies the bootstrap, every migration that is not recorded yet, and the seed if it is not the one recorded; each in a
 * transaction of its own, together with its record. Safe beside other migrators, the Supabase CLI included. Throws Misconfigured when the database
 * is ahead of the files or a file fails (what was applied before it stays), SqlError when the database is lost. Whoever may change nothing but
 * read the books is done where nothing is left to do.
 */
export function migrateBackend(
  backend: SqlBackend,
  files: MigrationFiles,
  onStep: OnStep = () => {},
): Promise<MigrationReport> {
  return backend.session(async (session) => {
    let bootstrapped: boolean;
    try {
      bootstrapped = await bootstrap(session, files.bootstrap);
    } catch (error) {
      const isLimited =
        error instanceof Misconfigured && error.cause instanceof SqlError && error.cause.code === NO_RIGHT;
      if (!isLimited || !(await isUpToDate(session, files).catch(() => false))) throw error;
      return { bootstrapped: false, applied: [], seeded: false };
    }
    const adopted = await adoptBaseline(session, files);
    await refuseUnknown(session, files.migrations);
    await refuseChanged(session, files.migrations);
    const applied: string[] = [];
    for (const [index, migration] of files.migrations.entries()) {
      onStep(`migration ${index + 1} of ${files.migrations.length}: ${migration.version}_${migration.name}`);
      if (await applyOnce(session, migration)) applied.push(`${migration.version}_${migration.name}`);
    }
    onStep('supabase/seed.sql');
    const seeded = await seed(session, files.seed);
    return { bootstrapped, ...(adopted && { adopted }), applied, seeded };
  });
}

/** By the books alone. Throws SqlError where they are not there or may not be read. */
async function isUpToDate(session: SqlSession, { migrations, seed }: MigrationFiles): Promise<boolean> {
  await refuseUnknown(session, migrations);
  await refuseChanged(session, migrations);
  const rows = await session.query('select version from supabase_migrations.schema_migrations');
  const applied = new Set(rows.map((row) => row.version));
  if (!migrations.every(({ version }) => applied.has(version))) return false;
  return seed === '' || isSeeded(session, seedNoted(seed));
}

async function bootstrap(session: SqlSession, script: string): Promise<boolean> {
  const [row] = await session.query(`select 1 as there from pg_catalog.pg_roles where rolname = 'supabase_admin'`);
  const onSupabase = row !== undefined;
  await inTurn(session, 'supabase/bootstrap.sql', async () => {
    if (!onSupabase) await session.script(script);
    await session.script(books);
  });
  return !onSupabase;
}

/** Throws Misconfigured when the books, which have to be there, hold a migration that is none of these. */
export async function refuseUnknown(
  session: SqlSession,
  migrations: readonly Pick<MigrationFile, 'version'>[],
): Promise<void> {
  const known = new Set(migrations.map((migration) => migration.version));
  const rows = await session.query('select version, name from supabase_migrations.schema_migrations order by version');
  const unknown = rows.filter((row) => !known.has(row.version ?? ''));
  if (unknown.length === 0) return;
  const names = unknown.map((row) => [row.version, row.name].filter(Boolean).join('_')).join(', ');
  throw new Misconfigured(
    `The database has migrations that this version of CodeRed does not know: ${names}. ` +
      'A newer version has migrated it. Run that version or a later one; there is no way back.',
  );
}

async function applyOnce(session: SqlSession, { version, name, sql }: MigrationFile): Promise<boolean> {
  return inTurn(session, `migration ${version}_${name}`, async () => {
    const [done] = await session.query(
      `select 1 as there from supabase_migrations.schema_migrations where version = $1`,
      [version],
    );
    if (done !== undefined) return false;
    await session.script(sql);
    await session.query(
      'insert into supabase_migrations.schema_migrations (version, name, statements) values ($1, $2, array[$3])',
      [version, name, sql],
    );
    return true;
  });
}

async function seed(session: SqlSession, sql: string): Promise<boolean> {
  if (sql === '') return false;
  const path = 'supabase/seed.sql';
  return inTurn(session, path, async () => {
    if (await isSeeded(session, seedNoted(sql))) return false;
    await session.script(sql);
    await session.query(
      'insert into supabase_migrations.seed_files (path, hash) values ($1, $2) on conflict (path) do update set hash = excluded.hash',
      [path, hashOf(sql)],
    );
    return true;
  });
}

/** What the books say of a seed that has run: the note that it leaves itself, else the file and its hash. */
function seedNoted(sql: string): readonly [string, string] {
  const noted = new RegExp(`\\('${seedNote}', '([0-9a-f]{64})'\\)`).exec(sql)?.[1];
  return noted === undefined ? ['supabase/seed.sql', hashOf(sql)] : [seedNote, noted];
}

async function isSeeded(session: SqlSession, noted: readonly [string, string]): Promise<boolean> {
  const found = await session.query(
    'select 1 as there from supabase_migrations.seed_files where path = $1 and hash = $2',
    noted,
  );
  return found.length > 0;
}

function hashOf(sql: string): string {
  return createHash('sha256').update(sql).digest('hex');
}
