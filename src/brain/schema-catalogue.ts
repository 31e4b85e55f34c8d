// What the schema of a database is made of, object by object, in words that two databases can be compared by.

import type { SqlSession } from './backends/sql-backend.ts';

/** One relation, column, constraint, function and so on: what it is, by which name, and all that is said of it. */
export interface SchemaObject {
  /** `function codered.claim_jobs(text,integer,integer)`, `column runs.status`. */
  readonly name: string;
  /** Definition, rights and comment; two that are alike have the same text. */
  readonly what: string;
  /** There only where the server has pgvector. */
  readonly needsVector: boolean;
}

/** Two names may stand in both lists of no object, in one list, or in both with another text. */
export interface SchemaDifference {
  readonly missing: readonly string[];
  readonly additional: readonly string[];
  readonly changed: readonly string[];
}

/** Months of events are made by the date of migrating, so they are no part of what is compared. */
const months = `'^(\\w+ )?events_[0-9]{4}_[0-9]{2}'`;

/** Rights of the roles that the schema knows; the owner has them all, and other roles are the operator's own business. */
const rights = (list: string, kind: string, owner: string) => `(
  select string_agg(case a.grantee when 0 then 'public' else a.grantee::regrole::text end || ':' || a.privilege_type, ' ' order by a.grantee::regrole::text, a.privilege_type)
  from aclexplode(coalesce(${list}, acldefault(${kind}, ${owner}))) a
  where a.grantee = 0 or a.grantee::regrole::text in ('anon', 'authenticated', 'service_role'))`;

/**
 * One query per kind of thing. Left out: the order of columns, owners, and what differs by the server alone (since Postgres 17 a partition has its
 * parent's identity, since 18 NOT NULL is a constraint too; lz4 may be lacking; each version words the query of a view differently; pg_dump and restore
 * regroup "between … and …" in a constraint).
 */
const queries: Readonly<Record<string, string>> = {
  schema: `
    select nspname as name, concat_ws('|', ${rights('nspacl', `'n'`, 'nspowner')}, obj_description(oid, 'pg_namespace')) as what, false as vector
    from pg_namespace where nspname = 'codered'`,
  relation: `
    select relname, concat_ws('|', relkind, relrowsecurity, relforcerowsecurity,
      (select string_agg(entry, ' ' order by entry) from unnest(reloptions) entry),
      ${rights('relacl', `case relkind when 'S' then 's'::"char" else 'r' end`, 'relowner')},
      pg_get_partkeydef(oid), pg_get_expr(relpartbound, oid), obj_description(oid, 'pg_class')), false
    from pg_class
    where relnamespace = 'codered'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'S', 'c')`,
  query: `
    select relname, regexp_replace(pg_get_viewdef(oid), '\\s|[()]|::[a-z ]+|\\m\\w+\\.', '', 'g'), false
    from pg_class where relnamespace = 'codered'::regnamespace and relkind in ('v', 'm')`,
  column: `
    select format('%s.%s', c.relname, a.attname), concat_ws('|', regexp_replace(format_type(a.atttypid, a.atttypmod), '^\\w+\\.(vector)\\M', '\\1'), a.attnotnull,
      'identity ' || case when not c.relispartition then nullif(a.attidentity::text, '') end, 'generated ' || nullif(a.attgenerated::text, ''),
      pg_get_expr(d.adbin, d.adrelid), ${rights('a.attacl', `'c'`, 'c.relowner')}, col_description(c.oid, a.attnum)), t.typname = 'vector'
    from pg_attribute a
    join pg_type t on t.oid = a.atttypid
    join pg_class c on c.oid = a.attrelid and c.relnamespace = 'codered'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'c')
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where a.attnum > 0 and not a.attisdropped`,
  constraint: `
    select format('%s.%s', c.relname, k.conname), regexp_replace(pg_get_constraintdef(k.oid), '[()]', '', 'g'), false
    from pg_constraint k join pg_class c on c.oid = k.conrelid
    where k.connamespace = 'codered'::regnamespace and k.contype in ('p', 'u', 'f', 'c', 'x')`,
  index: `
    select format('%s.%s', c.relname, x.relname), regexp_replace(pg_get_indexdef(i.indexrelid), '\\m\\w+\\.(vector_)', '\\1'), exists (
      select from pg_attribute a join pg_type t on t.oid = a.atttypid
      where a.attrelid = i.indrelid and a.attnum = any (i.indkey::smallint[]) and t.typname = 'vector')
    from pg_index i join pg_class c on c.oid = i.indrelid join pg_class x on x.oid = i.indexrelid
    where c.relnamespace = 'codered'::regnamespace`,
  function: `
    select regexp_replace(p.oid::regprocedure::text, '\\w+\\.(vector)\\M', '\\1'), concat_ws('|',
      case when v.there then regexp_replace(pg_get_functiondef(p.oid), v.place, '', 'g') else pg_get_functiondef(p.oid) end,
      ${rights('p.proacl', `'f'`, 'p.proowner')}, obj_description(p.oid, 'pg_proc')), v.there
    from pg_proc p
    cross join lateral (
      select count(*) > 0 as there, '\\m' || min(n.nspname) || '\\.' as place
      from pg_type t join pg_namespace n on n.oid = t.typnamespace
      where t.oid = any (p.proargtypes) and t.typname = 'vector'
    ) v
    where p.pronamespace = 'codered'::regnamespace`,
  policy: `
    select format('%s.%s', tablename, policyname), concat_ws('|', permissive, roles, cmd, 'using ' || qual, 'check ' || with_check), false
    from pg_policies where schemaname = 'codered'`,
  trigger: `
    select format('%s.%s', c.relname, t.tgname), concat_ws('|', t.tgenabled, pg_get_triggerdef(t.oid)), false
    from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_proc p on p.oid = t.tgfoid
    where p.pronamespace = 'codered'::regnamespace and not t.tgisinternal`,
  publication: `
    select format('%s.%s', p.pubname, c.relname), concat_ws('|', p.pubviaroot, r.prattrs, pg_get_expr(r.prqual, r.prrelid)), false
    from pg_publication_rel r join pg_publication p on p.oid = r.prpubid join pg_class c on c.oid = r.prrelid
    where c.relnamespace = 'codered'::regnamespace`,
  defaults: `
    select defaclobjtype::text, ${rights('defaclacl', 'defaclobjtype', 'defaclrole')}, false
    from pg_default_acl where defaclnamespace = 'codered'::regnamespace`,
};

/** Every object of the schema `codered`, sorted by name. */
export async function readCatalogue(session: SqlSession): Promise<readonly SchemaObject[]> {
  const text = Object.entries(queries)
    .map(
      ([kind, query]) => `select '${kind} ' || name as name, what, vector from (${query}) found (name, what, vector)`,
    )
    .join('\nunion all\n');
  const names = Object.keys(WORDING);
  const [before = {}] = await session.query(
    `select ${names.map((name) => `current_setting('${name}') as ${name}`).join(', ')}`,
  );
  await word(session, WORDING);
  try {
    const rows = await session.query(
      `select name, what, vector from (${text}) objects where regexp_replace(name, '^\\w+ ', '') !~ ${months} order by name collate "C"`,
    );
    return rows.map(({ name, what, vector }) => ({ name: name ?? '', what: what ?? '', needsVector: vector === 't' }));
  } finally {
    await word(session, before);
  }
}

/**
 * A server words the same schema otherwise by these settings, which an operator may have made for the whole database: names are written in
 * full, and quoted where they must be, and constants as Postgres writes them by itself.
 */
const WORDING = {
  search_path: 'pg_catalog',
  quote_all_identifiers: 'off',
  intervalstyle: 'postgres',
  datestyle: 'ISO, MDY',
  timezone: 'UTC',
};

async function word(session: SqlSession, settings: Readonly<Record<string, string | null>>): Promise<void> {
  const calls = Object.keys(WORDING).map((name, index) => `set_config('${name}', $${index + 1}, false)`);
  await session.query(
    `select ${calls.join(', ')}`,
    Object.keys(WORDING).map((name) => settings[name] ?? ''),
  );
}

/** How `found` differs from `wanted`. Where `found` has nothing of pgvector at all, `wanted` is taken without it too. */
export function compareCatalogues(wanted: readonly SchemaObject[], found: readonly SchemaObject[]): SchemaDifference {
  const withVector = found.some((object) => object.needsVector);
  const wantedByName = new Map(
    wanted.filter((object) => withVector || !object.needsVector).map(({ name, what }) => [name, what]),
  );
  const foundByName = new Map(found.map(({ name, what }) => [name, what]));
  const names = [...wantedByName.keys()];
  return {
    missing: names.filter((name) => !foundByName.has(name)),
    additional: [...foundByName.keys()].filter((name) => !wantedByName.has(name)),
    changed: names.filter((name) => foundByName.has(name) && foundByName.get(name) !== wantedByName.get(name)),
  };
}
