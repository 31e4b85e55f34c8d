// Reads the SQL that makes a database ours.

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Misconfigured } from '../model/errors.ts';

/** One file of supabase/migrations, named `<14-digit version>_<name>.sql`. */
export interface MigrationFile {
  readonly version: string;
  readonly name: string;
  readonly sql: string;
}

/** Everything that stands in supabase/, migrations in the order of their versions. */
export interface MigrationFiles {
  readonly bootstrap: string;
  readonly migrations: readonly MigrationFile[];
  /** `<version>_<name>` of each old migration for which the first of `migrations`, the baseline, stands. Absent when there is no baseline. */
  readonly replaced?: readonly string[];
  readonly seed: string;
}

/**
 * The name under which seed.sql itself notes in supabase_migrations.seed_files that it has run. The row under its path
 * doesn't say so: the Supabase CLI renews that for a seed that has changed, without running it.
 */
export const seedNote = 'supabase/seed.sql, as it ran';

const ourFolder = fileURLToPath(new URL('../../supabase', import.meta.url));

/** Reads `folder` (our own by default). Throws Misconfigured when a migration's name is not one or two share a version. */
export async function readMigrationFiles(folder: string = ourFolder): Promise<MigrationFiles> {
  const names = (await readdir(`${folder}/migrations`)).filter((name) => name.endsWith('.sql')).sort();
  const migrations = await Promise.all(
    names.map(async (file) => ({ ...parseName(file), sql: await readFile(`${folder}/migrations/${file}`, 'utf8') })),
  );
  const twice = migrations.find((migration, index) => migrations[index - 1]?.version === migration.version);
  if (twice) throw new Misconfigured(`Two files in supabase/migrations have the version ${twice.version}; rename one.`);
  const replaced = (await readFile(`${folder}/replaced-migrations.txt`, 'utf8').catch(emptyWhenMissing))
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  return {
    bootstrap: await readFile(`${folder}/bootstrap.sql`, 'utf8'),
    migrations,
    ...(replaced.length > 0 && { replaced }),
    seed: await readFile(`${folder}/seed.sql`, 'utf8').catch(emptyWhenMissing),
  };
}

/** The same for the same files: what a kept copy of a migrated database is known by. */
export function hashOfFiles(files: MigrationFiles): string {
  return createHash('sha256').update(JSON.stringify(files)).digest('hex');
}

function parseName(file: string): { version: string; name: string } {
  const [, version, name] = /^(\d{14})_(.+)\.sql$/.exec(file) ?? [];
  if (version === undefined || name === undefined) {
    throw new Misconfigured(`supabase/migrations/${file} is no migration's name; it should be <14 digits>_<name>.sql.`);
  }
  return { version, name };
}

function emptyWhenMissing(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
  throw error;
}
