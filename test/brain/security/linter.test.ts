// The rules of Supabase's database linter (0001 to 0020) as queries of our own over the schema codered.
//
// Left out, as they ask what a schema can't tell:
//   0005 unused index     needs the statistics of a database that is in use; npm run bench:brain prints which index a query takes
//   0012 anonymous        warns wherever a project lets people in without an account; ours are members of nothing, and rows.test.ts
//                         shows what a stranger sees
//   0020 table bloat      needs the statistics of a database that is in use

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlSession } from '../../../src/brain/backends/sql-backend.ts';
import { openTestBrain, type TestBrain, testBackends } from '../../support/brain.ts';
import { inRolledBack } from './two-orgs.ts';

interface Rule {
  readonly name: string;
  /** Rows with a column `found` for everything that breaks the rule. */
  readonly query: string;
  /** Something that breaks it, and what the query has to say of it. */
  readonly violation: string;
  readonly found: string;
}

const OURS = `'codered'::regnamespace`;
const readable = (oid: string) =>
  `(has_any_column_privilege('anon', ${oid}, 'select') or has_any_column_privilege('authenticated', ${oid}, 'select'))`;
/** Every condition of a policy, as Postgres writes it back. */
const CONDITIONS = `
  select c.relname as table, p.polname as policy, condition
  from pg_policy p
  join pg_class c on c.oid = p.polrelid and c.relnamespace = ${OURS}
  cross join lateral unnest(array[pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)]) as condition
  where condition is not null`;

const RULES: readonly Rule[] = [
  {
    name: '0001: every foreign key has an index that begins with its columns',
    query: `
      select f.conrelid::regclass || '.' || f.conname as found
      from pg_constraint f
      where f.contype = 'f' and f.connamespace = ${OURS} and not exists (
        select from pg_index i
        where i.indrelid = f.conrelid and i.indisvalid
          -- A part of the rows will do only when it is those that have a value.
          and (i.indpred is null or pg_get_expr(i.indpred, i.indrelid) ~ '^\\([a-z_]+ IS NOT NULL\\)$')
          and (i.indkey::int2[])[0:cardinality(f.conkey) - 1] @> f.conkey
          and (i.indkey::int2[])[0:cardinality(f.conkey) - 1] <@ f.conkey)`,
    violation:
      'create table codered.wrong (id uuid primary key, task_id uuid constraint wrong_fkey references codered.tasks (id))',
    found: 'codered.wrong.wrong_fkey',
  },
  {
    name: '0002: nothing that clients read tells of auth.users',
    query: `
      select distinct c.relname as found
      from pg_class c
      join pg_rewrite r on r.ev_class = c.oid
      join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refobjid = 'auth.users'::regclass
      where c.relnamespace = ${OURS} and c.relkind in ('v', 'm') and ${readable('c.oid')}`,
    violation:
      'create view codered.wrong with (security_invoker) as select id from auth.users; grant select on codered.wrong to authenticated',
    found: 'wrong',
  },
  {
    name: '0003: policies ask who the caller is, and of what they are a member, once per statement',
    query: `
      select p.table || '.' || p.policy as found
      from (${CONDITIONS}) p
      where regexp_replace(p.condition, '\\( *SELECT (auth|codered)\\.[a-z_]+\\([^()]*\\)( AS [a-z_]+)?\\)', '', 'g')
        ~ '(auth\\.(uid|role|jwt|email)|current_setting|codered\\.(is|my)_[a-z_]+)\\('`,
    violation: 'create policy wrong on codered.tasks for select to service_role using (user_id = auth.uid())',
    found: 'tasks.wrong',
  },
  {
    name: '0003: and what else a policy works out for each row is a look at a row, no call',
    query: `
      select p.table || '.' || p.policy as found
      from (${CONDITIONS}) p
      where exists (
        select from regexp_matches(
          regexp_replace(p.condition, '\\( *SELECT (auth|codered)\\.[a-z_]+\\([^()]*\\)( AS [a-z_]+)?\\)', '', 'g'),
          '([a-z_]+\\.[a-z_]+)\\(', 'g') as call)`,
    violation: `create policy wrong on codered.tasks for select to service_role using (codered.slug_of(title) = 'x')`,
    found: 'tasks.wrong',
  },
  {
    name: '0004: every table has a primary key',
    query: `
      select c.relname as found from pg_class c
      where c.relnamespace = ${OURS} and c.relkind in ('r', 'p')
        and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)`,
    violation: 'create table codered.wrong (id uuid)',
    found: 'wrong',
  },
  {
    name: '0006: at most one permissive policy decides for a role about a command',
    query: `
      select c.relname || ' ' || role.oid::regrole || ' ' || command as found
      from pg_policy p
      join pg_class c on c.oid = p.polrelid and c.relnamespace = ${OURS}
      cross join lateral unnest(case p.polcmd when '*' then '{r,a,w,d}'::text[] else array[p.polcmd::text] end) as command
      join pg_roles role on role.oid = any (p.polroles) or p.polroles = '{0}'
      where p.polpermissive and role.rolname in ('anon', 'authenticated', 'service_role')
      group by c.relname, role.oid, command
      having count(*) > 1`,
    violation: 'create policy wrong on codered.tasks for all to authenticated using (false)',
    found: 'tasks authenticated r',
  },
  {
    name: '0007: no policy stands on a table that does not ask it',
    query: `
      select distinct c.relname as found from pg_policy p join pg_class c on c.oid = p.polrelid
      where c.relnamespace = ${OURS} and not c.relrowsecurity`,
    violation: 'alter table codered.tasks disable row level security',
    found: 'tasks',
  },
  {
    name: '0008: every table with row level security says by a policy who is meant',
    query: `
      select c.relname as found from pg_class c
      where c.relnamespace = ${OURS} and c.relkind in ('r', 'p') and c.relrowsecurity
        and not exists (select from pg_policy p where p.polrelid = c.oid)`,
    violation: 'create table codered.wrong (id uuid primary key); alter table codered.wrong enable row level security',
    found: 'wrong',
  },
  {
    name: '0009: no two indexes are the same',
    query: `
      select min(i.indexrelid::regclass::text) as found
      from pg_index i
      join pg_class c on c.oid = i.indrelid and c.relnamespace = ${OURS}
      group by i.indrelid, regexp_replace(pg_get_indexdef(i.indexrelid), '^CREATE (UNIQUE )?INDEX .* ON ', '')
      having count(*) > 1`,
    violation: 'create index aaa_wrong on codered.tasks (milestone_id)',
    found: 'codered.aaa_wrong',
  },
  {
    name: '0010: every view has the rights of whoever reads it',
    query: `
      select c.relname as found from pg_class c
      where c.relnamespace = ${OURS} and c.relkind = 'v'
        and not coalesce(c.reloptions && '{security_invoker=true,security_invoker=on,security_invoker=1,security_invoker=yes}'::text[], false)`,
    violation: 'create view codered.wrong as select id from codered.tasks',
    found: 'wrong',
  },
  {
    name: '0011: every function has its search path pinned',
    query: `
      select p.proname as found from pg_proc p
      where p.pronamespace = ${OURS} and not exists (select from unnest(p.proconfig) c where c like 'search_path=%')`,
    violation: `create function codered.wrong() returns integer language sql as 'select 1'`,
    found: 'wrong',
  },
  {
    name: '0013: every table has row level security, partitions too',
    query: `
      select c.relname as found from pg_class c
      where c.relnamespace = ${OURS} and c.relkind in ('r', 'p') and not c.relrowsecurity`,
    violation: 'create table codered.wrong (id uuid primary key)',
    found: 'wrong',
  },
  {
    name: '0014: no extension is in public, or among our own tables',
    query: `select e.extname as found from pg_extension e where e.extnamespace in ('public'::regnamespace, ${OURS})`,
    violation: 'alter extension pg_trgm set schema public',
    found: 'pg_trgm',
  },
  {
    name: '0015: no policy believes what people may write about themselves',
    query: `select p.table || '.' || p.policy as found from (${CONDITIONS}) p where p.condition ~ 'user_metadata|raw_user_meta_data'`,
    violation: `create policy wrong on codered.tasks for select to service_role using ((select auth.jwt() -> 'user_metadata' ->> 'role') = 'admin')`,
    found: 'tasks.wrong',
  },
  {
    name: '0016: no materialized view is read by clients, as it can ask no policy',
    query: `select c.relname as found from pg_class c where c.relnamespace = ${OURS} and c.relkind = 'm' and ${readable('c.oid')}`,
    violation:
      'create materialized view codered.wrong as select 1 as one; grant select on codered.wrong to authenticated',
    found: 'wrong',
  },
  {
    name: '0017: no foreign table is read by clients, as it can ask no policy',
    query: `select c.relname as found from pg_class c where c.relnamespace = ${OURS} and c.relkind = 'f' and ${readable('c.oid')}`,
    violation: `
      create foreign data wrapper wrong;
      create server wrong foreign data wrapper wrong;
      create foreign table codered.wrong (id uuid) server wrong;
      grant select on codered.wrong to authenticated`,
    found: 'wrong',
  },
  {
    name: '0018: no column has a type that an upgrade of Postgres can’t carry over',
    query: `
      select c.relname || '.' || a.attname as found
      from pg_attribute a
      join pg_class c on c.oid = a.attrelid and c.relnamespace = ${OURS} and c.relkind in ('r', 'p')
      where a.atttypid::regtype::text in ('regcollation', 'regconfig', 'regdictionary', 'regnamespace', 'regoper', 'regoperator', 'regproc', 'regprocedure')`,
    violation: 'create table codered.wrong (id uuid primary key, language regconfig)',
    found: 'wrong.language',
  },
  {
    name: '0019: no queue is open to clients without row level security',
    query: `
      select c.relname as found from pg_class c
      where c.relkind in ('r', 'p') and not c.relrowsecurity and ${readable('c.oid')}
        and (c.relnamespace = ${OURS} or c.relname ~ '^[qa]_' and c.relnamespace = (select oid from pg_namespace where nspname = 'pgmq'))`,
    violation: `
      create schema pgmq;
      create table pgmq.q_wrong (msg_id bigint primary key);
      grant select on pgmq.q_wrong to authenticated`,
    found: 'q_wrong',
  },
];

describe.each(testBackends)('the database linter (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());

  const found = async (session: Pick<SqlSession, 'query'>, query: string) =>
    (await session.query(query)).map((row) => row.found).sort();

  it.each(RULES)('$name', async ({ query, violation, found: named }) => {
    const [clean, broken] = await inRolledBack(brain, async (session) => {
      const before = await found(session, query);
      await session.script(violation);
      return [before, await found(session, query)];
    });
    expect(clean).toEqual([]);
    expect(broken).toContain(named);
  });
});
