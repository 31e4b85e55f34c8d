// `npm run schema:migration <name>`: writes the migration that makes of what supabase/migrations give what supabase/schemas say, tries it,
// and lists at its head what has to be written by hand. `--version <14 digits>` instead of the next one. `--freeze` alone adds the
// checksums of the migrations that have none yet: from then on they don't change.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { openEmbeddedCopy } from '../src/brain/embedded-copy.ts';
import { readMigrationFiles } from '../src/brain/migration-files.ts';
import {
  compareCatalogues,
  readCatalogue,
  type SchemaDifference,
  type SchemaObject,
} from '../src/brain/schema-catalogue.ts';
import { freezeMigrations } from './frozen-migrations.ts';
import { statementsForChange } from './schema-change.ts';
import { readSchemaFiles, schemasAsMigration } from './schema-files.ts';
import { splitStatements } from './sql-statements.ts';

/** Stands in the first line until somebody writes what the migration is for. */
const unsaid = '-- What it is for. Old workers survive it.';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { version: { type: 'string' }, freeze: { type: 'boolean', default: false } },
});

if (values.freeze) {
  console.log((await freezeMigrations(unsaid)).join('\n') || 'All migrations have their checksums.');
} else {
  await writeMigration(positionals[0] ?? '', values.version ?? (await nextVersion()));
}

async function writeMigration(name: string, version: string): Promise<void> {
  if (!/^[a-z0-9_]+$/.test(name))
    throw new Error('npm run schema:migration <name>, in lower case with _ between words');
  const planned = await openEmbeddedCopy(await schemasAsMigration());
  const wanted = await planned.session(readCatalogue).finally(() => planned.close());
  const { text, left } = await migrationFor(wanted);
  if (text === '') {
    console.log('supabase/migrations give what supabase/schemas say: there is nothing to migrate.');
    return;
  }
  const byHand = left.map((line) => `-- By hand: ${line}`).join('\n');
  const file = `supabase/migrations/${version}_${name}.sql`;
  await writeFile(file, `${[unsaid, byHand].filter(Boolean).join('\n')}\n\n${text}`, { flag: 'wx' });
  console.log(`${file} is written. Say in its first line what it is for, and whether old workers survive it.`);
  for (const line of left) console.log(`by hand: ${line}`);
  console.log('Then: npm run -s schema:freeze && npm run -s schema:dump && npm run -s types:generate');
}

/** The statements, and what still differs when they have run; both are empty when nothing differs. */
async function migrationFor(wanted: readonly SchemaObject[]): Promise<{ text: string; left: readonly string[] }> {
  const files = await readMigrationFiles();
  const backend = await openEmbeddedCopy({ ...files, seed: '' });
  try {
    const found = await backend.session(readCatalogue);
    const difference = compareCatalogues(wanted, found);
    const schemas = readSchemaFiles().flatMap(({ sql }) => splitStatements(sql));
    const statements = statementsForChange({ wanted, found, schemas });
    const failure = await backend.session((session) =>
      session.script(`set check_function_bodies = off; ${statements.join('\n')}`).then(
        () => null,
        (error: unknown) => `${error}`,
      ),
    );
    const rest = compareCatalogues(wanted, await backend.session(readCatalogue));
    const left = failure === null ? linesOf(rest) : [`it does not run as it is: ${failure}`, ...linesOf(difference)];
    const text = statements.map((statement) => `${statement}\n`).join('\n');
    return { text: text === '' && left.length > 0 ? '\n' : text, left };
  } finally {
    await backend.close();
  }
}

function linesOf({ missing, additional, changed }: SchemaDifference): readonly string[] {
  return [
    ...missing.map((name) => `${name} is to be made`),
    ...changed.map((name) => `${name} is to be changed`),
    ...additional.map((name) => `${name} is to be dropped`),
  ];
}

/** Now, or an hour after the newest migration where that is later: versions only rise. */
async function nextVersion(): Promise<string> {
  const newest = (await readMigrationFiles()).migrations.at(-1)?.version ?? '';
  const [, day, hour, rest] = /^(\d{8})(\d\d)(\d{4})$/.exec(newest) ?? [];
  const now = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  if (now > newest) return now;
  return Number(hour) < 23 ? `${day}${String(Number(hour) + 1).padStart(2, '0')}${rest}` : String(BigInt(newest) + 1n);
}
