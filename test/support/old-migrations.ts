// The migrations for which the baseline stands, as they were when they were frozen. For tests of what becomes of older databases.

import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import { type MigrationFile, type MigrationFiles, readMigrationFiles } from '../../src/brain/migration-files.ts';

const file = 'fixtures/migrations/before-the-baseline.json.br';

/** What a database was migrated by that has exactly the old migrations, up to `last` (a version) where that is given. No seed. */
export async function readOldMigrations(last = '9'): Promise<MigrationFiles> {
  const all: MigrationFile[] = JSON.parse(brotliDecompressSync(readFileSync(file)).toString());
  const { bootstrap } = await readMigrationFiles();
  return { bootstrap, migrations: all.filter(({ version }) => version <= last), seed: '' };
}
