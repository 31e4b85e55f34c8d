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

/** What counts work and requests, or says whose turn it is. */
const COUNTS = ['installation_usage', 'request_budgets', 'chores', 'delivery_lists', 'backfills'];

type Rows = Readonly<Record<string, readonly string[]>>;

/** Every row of every table of the schema as JSON, in a stable order; `withoutOurs`: leaves our ids and times out. */
export async function rowsOf(brain: Pick<TestBrain, 'sql'>, { withoutOurs = false } = {}): Promise<Rows> {
  const tables = await brain.sql(`
    select c.relname as name, coalesce(string_agg(a.attname, ',') filter (where a.atttypid = 'uuid'::regtype), '') as ids,
      string_agg(a.attname, ',' order by a.attnum) as columns
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'codered'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    group by c.relname
    order by c.relname`);
  const found: Record<string, string[]> = {};
  const asked = tables.flatMap(({ name, ids, columns }) => {
    // How often something was worked on differs between two brains that were told the same.
    if (withoutOurs && COUNTS.includes(name ?? '')) return [];
    found[name ?? ''] = [];
    const dropped = withoutOurs ? [...OUR_TIMES, ...(ids ?? '').split(',').filter(Boolean)].join() : '';
    const one = `select '${name}' as name, (to_jsonb(t) - '{${dropped}}'::text[])::text as row from codered.${name} t`;
    return name === 'bug_patterns' ? [`${one} where source <> 'builtin'`, libraryRow(columns ?? '', dropped)] : [one];
  });
  // In one statement: tests ask before and after each of their steps.
  for (const { name, row } of await brain.sql(`${asked.join(' union all ')} order by 1, 2`)) {
    found[name ?? '']?.push(row ?? '');
  }
  return found;
}

/** One row for the two thousand of the library, which are half of the time and nearly all of the text: their number and a hash. */
function libraryRow(columns: string, dropped: string): string {
  const kept = columns.split(',').filter((column) => !dropped.split(',').includes(column));
  const hash = `sum(hashtextextended(row(${kept.map((column) => `t.${column}`).join()})::text, 0))`;
  return `select 'bug_patterns' as name, count(*) || ' built in, ' || ${hash} as row from codered.bug_patterns t where source = 'builtin'`;
}

/**
 * A hash of the rows of each table, as a function to ask with: one statement, for tests that ask before and after each of many steps.
 */
export async function tableHashes(
  brain: Pick<TestBrain, 'sql'>,
  { without }: { without: readonly string[] },
): Promise<() => Promise<Readonly<Record<string, string>>>> {
  const tables = await brain.sql(`
    select c.relname as name
    from pg_class c
    where c.relnamespace = 'codered'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    order by c.relname`);
  const asked = tables
    .map(({ name }) => name ?? '')
    .filter((name) => !without.includes(name))
    .map((name) => `select '${name}' as name, sum(hashtextextended(t::text, 0)) as hash from codered.${name} t`);
  const statement = asked.join(' union all ');
  return async () => Object.fromEntries((await brain.sql(statement)).map(({ name, hash }) => [name ?? '', hash ?? '']));
}
