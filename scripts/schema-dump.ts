// The schema as one SQL text, by pg_dump. dump-schema.ts writes it, test/schema.test.ts holds it against the file.
import type { PGlite } from '@electric-sql/pglite';
import { pgDump } from '@electric-sql/pglite-tools/pg_dump';

const heading = `-- The whole schema codered as it stands after all migrations, for reading; nothing runs it. Written by \`npm run schema:dump\`.
-- Left out: what supabase/bootstrap.sql brings, and the months of events, which are made by the date.
`;

/** What our migrations make outside of the schema, where pg_dump does not look. */
const outside = `
select pg_catalog.pg_get_triggerdef(t.oid) || ';' as line
from pg_catalog.pg_trigger t
join pg_catalog.pg_class c on c.oid = t.tgrelid
join pg_catalog.pg_proc p on p.oid = t.tgfoid
where p.pronamespace = 'codered'::regnamespace and c.relnamespace <> 'codered'::regnamespace and not t.tgisinternal
union all
select format('ALTER PUBLICATION %I ADD TABLE %s;', p.pubname, r.prrelid::regclass)
from pg_catalog.pg_publication_rel r
join pg_catalog.pg_publication p on p.oid = r.prpubid
order by line`;

/**
 * The schema of a migrated database. Owners, the versions of server and pg_dump, its settings and its headings are left
 * out: the first differ by machine, and each statement names what it makes.
 */
export async function dumpSchema(database: PGlite): Promise<string> {
  const args = ['--schema-only', '--schema=codered', '--no-owner'];
  const dump = await (await pgDump({ pg: database, args })).text();
  await database.exec(`set search_path = pg_catalog`);
  const { rows } = await database.query<{ line: string }>(outside);
  const body = dump
    .replace(/^\\(?:un)?restrict .*$/gm, '')
    .replace(/^--\n-- .*\n--$/gm, '')
    .replace(/^-- Dumped .*$/gm, '')
    .replace(/^SET .*;$/gm, '')
    .replace(/^SELECT pg_catalog\.set_config\(.*;$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
  return `${heading}\n${body}\n\n-- Outside of the schema.\n\n${rows.map(({ line }) => line).join('\n')}\n`;
}
