// What a database is made of, as lines that can be compared: two databases with the same lines have the same schema.
// The tests of migrating and test/schema.test.ts import it.

import type { SqlBackend } from '../../src/brain/backends/sql-backend.ts';

/** Made by the date on which somebody migrates, so no part of the schema that is compared. */
const months = `'^events_[0-9]{4}_[0-9]{2}'`;

// Since Postgres 17 an owner has the right to maintain (m) beside all the others.
const sorted = (list: string) =>
  `(select replace(string_agg(entry::text, ' ' order by entry::text), 'arwdDxtm/', 'arwdDxt/') from unnest(${list}) entry)`;

/**
 * One query per kind of thing, each giving `name` and `what`. Left out is what differs by the server's version alone:
 * since 17 a partition has its parent's identity, since 18 NOT NULL is a constraint too (the columns say it anyway).
 */
const queries: Readonly<Record<string, string>> = {
  schema: `
    select nspname as name, concat_ws('|', nspowner::regrole, ${sorted('nspacl')}, obj_description(oid)) as what
    from pg_namespace where nspname = 'codered'`,
  relation: `
    select relname as name, concat_ws('|', relkind, relowner::regrole, relrowsecurity, relforcerowsecurity, ${sorted('reloptions')},
      ${sorted('relacl')}, pg_get_expr(relpartbound, oid), obj_description(oid, 'pg_class')) as what
    from pg_class where relnamespace = 'codered'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'S')`,
  view: `
    select relname as name, pg_get_viewdef(oid) as what
    from pg_class where relnamespace = 'codered'::regnamespace and relkind in ('v', 'm')`,
  column: `
    select format('%s.%s', c.relname, a.attname) as name, concat_ws('|', a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull,
      'identity ' || case when not c.relispartition then nullif(a.attidentity::text, '') end, 'generated ' || nullif(a.attgenerated::text, ''), a.attstorage, a.attcompression,
      pg_get_expr(d.adbin, d.adrelid), ${sorted('a.attacl')}, col_description(c.oid, a.attnum)) as what
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid and c.relnamespace = 'codered'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where a.attnum > 0 and not a.attisdropped`,
  constraint: `
    select format('%s.%s', c.relname, k.conname) as name, pg_get_constraintdef(k.oid) as what
    from pg_constraint k join pg_class c on c.oid = k.conrelid
    where k.connamespace = 'codered'::regnamespace and k.contype <> 'n'`,
  index: `
    select format('%s.%s', tablename, indexname) as name, indexdef as what from pg_indexes where schemaname = 'codered'`,
  function: `
    select oid::regprocedure::text as name, concat_ws('|', proowner::regrole, ${sorted('proacl')}, obj_description(oid, 'pg_proc'),
      pg_get_functiondef(oid)) as what
    from pg_proc where pronamespace = 'codered'::regnamespace`,
  policy: `
    select format('%s.%s', tablename, policyname) as name,
      concat_ws('|', permissive, roles, cmd, 'using ' || qual, 'check ' || with_check) as what
    from pg_policies where schemaname = 'codered'`,
  trigger: `
    select format('%s.%s', c.relname, t.tgname) as name, pg_get_triggerdef(t.oid) as what
    from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_proc p on p.oid = t.tgfoid
    where p.pronamespace = 'codered'::regnamespace and not t.tgisinternal`,
  publication: `
    select format('%s.%s', p.pubname, c.relname) as name,
      concat_ws('|', p.pubviaroot, p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate, r.prattrs, pg_get_expr(r.prqual, r.prrelid)) as what
    from pg_publication_rel r join pg_publication p on p.oid = r.prpubid join pg_class c on c.oid = r.prrelid
    where c.relnamespace = 'codered'::regnamespace`,
  defaults: `
    select format('%s %s', defaclrole::regrole, defaclobjtype) as name, ${sorted('defaclacl')} as what
    from pg_default_acl where defaclnamespace = 'codered'::regnamespace`,
};

/** Every relation, column, constraint, index, function, policy, trigger, grant and comment of the schema, sorted. */
export async function catalogueOf(backend: SqlBackend): Promise<readonly string[]> {
  const text = Object.entries(queries)
    .map(
      ([kind, query]) =>
        `select '${kind} ' || name || ': ' || what as line from (${query}) as found where name !~ ${months}`,
    )
    .join('\nunion all\n');
  const rows = await backend.session(async (session) => {
    // Names are written in full, whatever the path of whoever asks.
    await session.script(`set search_path = ''`);
    return session.query(`select line from (${text}) lines order by line collate "C"`);
  });
  return rows.map(({ line }) => line ?? '');
}

/** Every row of every table of the schema, table by table; without what two databases never share (ids, times) unless `exact`. */
export async function rowsOf(backend: SqlBackend, { exact = false } = {}): Promise<readonly string[]> {
  const own = exact ? '' : ` - '{id,created_at,updated_at}'::text[]`;
  return backend.session(async (session) => {
    const tables = await session.query(
      `select relname from pg_class where relnamespace = 'codered'::regnamespace and relkind in ('r', 'p') and not relispartition`,
    );
    const text = tables
      .map(({ relname }) => `select '${relname} ' || (to_jsonb(t)${own})::text as line from codered.${relname} t`)
      .join(' union all ');
    const rows = await session.query(`select line from (${text}) lines order by line collate "C"`);
    return rows.map(({ line }) => line ?? '');
  });
}

/** Which migrations are recorded as done, in order: `<version>_<name>`. */
export async function historyOf(backend: SqlBackend): Promise<readonly string[]> {
  const rows = await backend.session((session) =>
    session.query(`select version || '_' || name as line from supabase_migrations.schema_migrations order by version`),
  );
  return rows.map(({ line }) => line ?? '');
}
