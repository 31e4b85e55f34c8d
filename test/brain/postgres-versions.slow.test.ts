// Each Postgres that is supported: the migrations run on it, and the schema comes out the same on all.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgres } from '../../src/brain/backends/postgres.ts';
import type { SqlBackend } from '../../src/brain/backends/sql-backend.ts';
import { migrateBackend } from '../../src/brain/migrate.ts';
import { type MigrationFiles, readMigrationFiles } from '../../src/brain/migration-files.ts';
import { catalogueOf, historyOf, rowsOf } from '../support/catalogue.ts';
import { type LentDatabase, lendDatabase } from '../support/postgres-server.ts';
import { postgresVersions } from '../support/start-postgres.ts';

let files: MigrationFiles;
const catalogues = new Map<number, readonly string[]>();
beforeAll(async () => {
  files = await readMigrationFiles();
});

describe.each(postgresVersions)('Postgres %i', (version) => {
  let database: LentDatabase;
  let backend: SqlBackend;
  beforeAll(async () => {
    database = await lendDatabase(null, version);
    backend = openPostgres({ url: database.url, onIdleError: () => {} });
  });
  afterAll(async () => {
    await backend?.close();
    await database?.giveBack();
  });
  const state = async () => [
    await catalogueOf(backend),
    await rowsOf(backend, { exact: true }),
    await historyOf(backend),
  ];

  it('is migrated from empty', async () => {
    const [row] = await backend.session((session) => session.query('show server_version_num'));
    expect(row?.server_version_num).toMatch(new RegExp(`^${version}`));
    const names = files.migrations.map((migration) => `${migration.version}_${migration.name}`);
    expect(await migrateBackend(backend, files)).toEqual({ bootstrapped: true, applied: names, seeded: true });
    expect(await historyOf(backend)).toEqual(names);
    catalogues.set(version, await catalogueOf(backend));
  });

  it('is left alone by the second migration, rows and their times included', async () => {
    const before = await state();
    expect(await migrateBackend(backend, files)).toEqual({ bootstrapped: true, applied: [], seeded: false });
    expect(await state()).toEqual(before);
  });
});

it('has the same schema on every version', () => {
  // Versions spell the query of a view differently; its columns, which are compared, are the same.
  const all = new Set([...catalogues.values()].flat().filter((line) => !line.startsWith('view ')));
  expect(all.size).toBeGreaterThan(500);
  const lacking = postgresVersions.map((version) => {
    const own = new Set(catalogues.get(version));
    return { version, lines: [...all].filter((line) => !own.has(line)) };
  });
  expect(lacking).toEqual(postgresVersions.map((version) => ({ version, lines: [] })));
});
