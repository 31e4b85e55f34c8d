// Takes over a database of before the baseline: one that has exactly the migrations for which the baseline stands, and the schema
// that they give. Only its books change.

import { Misconfigured } from '../model/errors.ts';
import { openEmbedded } from './backends/embedded.ts';
import type { SqlSession } from './backends/sql-backend.ts';
import type { MigrationFile, MigrationFiles } from './migration-files.ts';
import { inTurn } from './migration-turn.ts';
import { compareCatalogues, readCatalogue, type SchemaDifference, type SchemaObject } from './schema-catalogue.ts';

/** How many differing things a message names. */
const mostNamed = 10;

const stepsBack = `check out the version before it (git checkout "$(git log --diff-filter=A --format=%h -1 -- 'supabase/migrations/*_baseline.sql')^")`;

/**
 * Enters the baseline for the old migrations; true when it did, false when the books know none of them. Throws Misconfigured,
 * and changes nothing, when the books hold other migrations than exactly those or the schema is another one. Safe beside other
 * migrators: whoever comes second finds it done.
 */
export async function adoptBaseline(session: SqlSession, files: MigrationFiles): Promise<boolean> {
  const { replaced = [], migrations } = files;
  const baseline = migrations[0];
  if (baseline === undefined || replaced.length === 0) return false;
  if (!(await holdsReplaced(session, baseline, replaced))) return false;
  const wanted = await catalogueOfBaseline(files.bootstrap, baseline);
  return inTurn(session, `adopting ${fileOf(baseline)}`, async () => {
    if (!(await holdsReplaced(session, baseline, replaced))) return false;
    refuseDifference(baseline, compareCatalogues(wanted, await readCatalogue(session)));
    await session.query('delete from supabase_migrations.schema_migrations');
    await session.query(
      'insert into supabase_migrations.schema_migrations (version, name, statements) values ($1, $2, array[$3])',
      [baseline.version, baseline.name, baseline.sql],
    );
    return true;
  });
}

/** False when none of `replaced` is in the books; throws unless the books hold all of them and nothing else. */
async function holdsReplaced(
  session: SqlSession,
  baseline: MigrationFile,
  replaced: readonly string[],
): Promise<boolean> {
  const rows = await session.query('select version, name from supabase_migrations.schema_migrations order by version');
  const versions = new Set(replaced.map((name) => name.slice(0, 14)));
  const held = rows.filter((row) => versions.has(row.version ?? ''));
  if (held.length === 0) return false;
  const others = rows.filter((row) => !versions.has(row.version ?? ''));
  if (others.length > 0) {
    const names = others.map((row) => [row.version, row.name].filter(Boolean).join('_')).join(', ');
    throw new Misconfigured(
      `The database has migrations that ${fileOf(baseline)} stands for, and others beside them: ${names}. Nothing was changed. ` +
        'If a newer version of CodeRed has migrated it, run that version or a later one. If these are your own, take them out of ' +
        'supabase_migrations.schema_migrations (npx supabase migration repair --status reverted <version>) and come back.',
    );
  }
  if (held.length < replaced.length) {
    throw new Misconfigured(
      `The database has ${held.length} of the ${replaced.length} migrations that ${fileOf(baseline)} stands for; the next one would be ` +
        `${replaced.find((name) => !held.some((row) => name.startsWith(row.version ?? '-')))}. Nothing was changed. ` +
        `To bring it up to the baseline, ${stepsBack}, run \`npm ci\` and \`codered migrate\` there, and come back to this version.`,
    );
  }
  return true;
}

/** What the baseline makes of an empty database: made anew in memory, as what it is must not depend on what is said of it elsewhere. */
async function catalogueOfBaseline(bootstrap: string, baseline: MigrationFile): Promise<readonly SchemaObject[]> {
  const backend = await openEmbedded({ directory: null });
  try {
    return await backend.session(async (session) => {
      await session.script(bootstrap);
      await session.script(baseline.sql);
      return readCatalogue(session);
    });
  } finally {
    await backend.close();
  }
}

function refuseDifference(baseline: MigrationFile, { missing, additional, changed }: SchemaDifference): void {
  const differences = [
    ...changed.map((name) => `${name} is another one`),
    ...missing.map((name) => `${name} is missing`),
    ...additional.map((name) => `${name} is not CodeRed's`),
  ];
  if (differences.length === 0) return;
  const more = differences.length > mostNamed ? `, and ${differences.length - mostNamed} more` : '';
  throw new Misconfigured(
    `The database has the migrations that ${fileOf(baseline)} stands for, but its schema codered is not what they give: ` +
      `${differences.slice(0, mostNamed).join('; ')}${more}. Nothing was changed. Drop what is not CodeRed's or move it to another schema, and make ` +
      `the others again as supabase/schemas has them (the version before the baseline has the old migrations: ${stepsBack}); then come back.`,
  );
}

function fileOf({ version, name }: MigrationFile): string {
  return `supabase/migrations/${version}_${name}.sql`;
}
