// Reads supabase/schemas: the schema as it is meant to be today, which is what people read and edit.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type MigrationFiles, readMigrationFiles } from '../src/brain/migration-files.ts';

const folder = fileURLToPath(new URL('../supabase/schemas', import.meta.url));

/** One file: name and text. */
export interface SchemaFile {
  readonly name: string;
  readonly sql: string;
}

/** All of them, in the order of their names, which is the order to apply them in. */
export function readSchemaFiles(): readonly SchemaFile[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  return names.sort().map((name) => ({ name, sql: readFileSync(`${folder}/${name}`, 'utf8') }));
}

/** What makes the schema of an empty database in one go, as if supabase/schemas were the only migration. No seed. */
export async function schemasAsMigration(): Promise<MigrationFiles> {
  const { bootstrap } = await readMigrationFiles();
  const sql = readSchemaFiles()
    .map((file) => file.sql)
    .join('\n');
  return { bootstrap, migrations: [{ version: '00000000000000', name: 'schemas', sql }], seed: '' };
}
