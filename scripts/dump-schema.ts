// Writes fixtures/schema.sql from the migrations: `npm run schema:dump`. With --check nothing is written, and the exit
// code is 1 when the file is not what the migrations give.
import { readFile, writeFile } from 'node:fs/promises';
import { openMigratedPglite } from './migrated-pglite.ts';
import { dumpSchema } from './schema-dump.ts';

const file = new URL('../fixtures/schema.sql', import.meta.url);
const database = await openMigratedPglite();
const sql = await dumpSchema(database).finally(() => database.close());

if (!process.argv.includes('--check')) {
  await writeFile(file, sql);
  console.log('fixtures/schema.sql is written.');
} else if ((await readFile(file, 'utf8')) === sql) {
  console.log('fixtures/schema.sql is up to date.');
} else {
  console.error('fixtures/schema.sql is not what the migrations give: run `npm run schema:dump` and commit it.');
  process.exitCode = 1;
}
