// Everything that stands in a brain, for tests that compare before with after, or one brain with another.

import type { TestBrain } from './brain.ts';

/** The clock's columns: two brains that were told the same differ in them. */
const OUR_TIMES = [
  'created_at',
  'updated_at',
  'first_seen_at',
  'next_write_at',
  'available_at',
  'run_after',
  'gone_at',
  'told_at',
];

type Rows = Readonly<Record<string, readonly string[]>>;

/** Every row of every table of the schema as JSON, in a stable order; `withoutOurs`: leaves our ids and times out. */
export async function rowsOf(brain: Pick<TestBrain, 'sql'>, { withoutOurs = false } = {}): Promise<Rows> {
  const tables = await brain.sql(`
    select c.relname as name, coalesce(string_agg(a.attname, ',') filter (where a.atttypid = 'uuid'::regtype), '') as ids
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'codered'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    group by c.relname
    order by c.relname`);
  const found: Record<string, string[]> = {};
  for (const { name, ids } of tables) {
    // Counts how often something was worked on, and so differs between two brains that were told the same.
    if (withoutOurs && name === 'installation_usage') continue;
    const dropped = withoutOurs ? `{${[...OUR_TIMES, ...(ids ?? '').split(',').filter(Boolean)].join()}}` : '{}';
    const rows = await brain.sql(`select (to_jsonb(t) - $1::text[])::text as row from codered.${name} t order by 1`, [
      dropped,
    ]);
    found[name ?? ''] = rows.map(({ row }) => row ?? '');
  }
  return found;
}
