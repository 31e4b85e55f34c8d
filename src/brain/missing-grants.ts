// All that a user of a Postgres server lacks to migrate a database, as the statements that a superuser has to run: asked at once, as a
// migration fails at the first of them only.
import { Misconfigured } from '../model/errors.ts';
import { type SqlBackend, SqlError, type SqlSession } from './backends/sql-backend.ts';
import { startError } from './backends/start-error.ts';

/** The roles that supabase/bootstrap.sql makes, with their attributes there. */
const ROLES = `values
  ('anon', 'nologin noinherit'), ('authenticated', 'nologin noinherit'), ('service_role', 'nologin noinherit bypassrls')`;

/** Those that the migrations make and change. */
const SCHEMAS = `values ('extensions'), ('auth'), ('codered'), ('supabase_migrations')`;

/** Membership that allows "set role"; before Postgres 16 every member may. */
const RIGHT = `case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end`;

const STATEMENTS = `
  with wanted (name, attributes) as (${ROLES}), schemas (name) as (${SCHEMAS}),
  me as (select rolname, rolsuper from pg_catalog.pg_roles where rolname = current_user),
  existing as (select w.name, r.oid from wanted w join pg_catalog.pg_roles r on r.rolname = w.name)
  select statement from (
    select 1 as place, format('create role %I %s;', w.name, w.attributes) as statement
      from wanted w, me where not me.rolsuper and not exists (select from existing e where e.name = w.name)
    union all
    select 2, format('grant %s to %I;', string_agg(quote_ident(w.name), ', ' order by w.name), me.rolname)
      from wanted w cross join me left join existing e on e.name = w.name
      where not me.rolsuper and (e.oid is null or not pg_has_role(current_user, e.oid, ${RIGHT}))
      group by me.rolname
    union all
    select 3, format('grant create on database %I to %I;', current_database(), current_user)
      where not has_database_privilege(current_database(), 'CREATE')
    union all
    select distinct 4, format('grant %I to %I;', pg_get_userbyid(n.nspowner), current_user)
      from pg_catalog.pg_namespace n join schemas s on s.name = n.nspname, me
      where not me.rolsuper and not pg_has_role(current_user, n.nspowner, 'USAGE')
  ) as lacking order by place, statement`;

/** The statements, in the order in which they are to be run; none: its rights are not what is missing. Throws SqlError. */
async function missingGrants(session: SqlSession): Promise<string[]> {
  const rows = await session.query(STATEMENTS);
  return rows.map(({ statement }) => statement ?? '');
}

const TO_SERVE = `
  select format(statement, current_user) as statement from (values
    (1, 'grant service_role to %I;'),
    (2, 'grant usage on schema supabase_migrations to %I;'),
    (3, 'grant select on all tables in schema supabase_migrations to %I;')
  ) as needed (place, statement)
  where exists (
    select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'supabase_migrations' and c.relname = 'schema_migrations')
  order by place`;

/** What the same user needs to work on a database that another migrates; none where nobody has migrated it yet. Throws SqlError. */
async function grantsToServe(session: SqlSession): Promise<string[]> {
  const rows = await session.query(TO_SERVE);
  return rows.map(({ statement }) => statement ?? '');
}

/** What to do about rights that are missing, with the statements one a line; null: its rights are not what is missing. Throws SqlError. */
async function grantAdvice(session: SqlSession): Promise<string | null> {
  const grants = await missingGrants(session);
  if (grants.length === 0) return null;
  const lines = (statements: readonly string[]) => statements.map((statement) => `\n  ${statement}`).join('');
  const advice = `Run this once in it as a superuser (psql), then start again:${lines(grants)}`;
  const forServing = await grantsToServe(session);
  if (forServing.length === 0) return advice;
  return `${advice}\nOr have a user who may migrate run \`codered migrate\` before each new version; for this one to work on the database then suffices:${lines(forServing)}`;
}

/** The error that a person should see of a migration that failed: where a right is missing all that are, else what `startError` says. */
export async function migrationError(thrown: unknown, backend: SqlBackend, server: string): Promise<unknown> {
  const refusal = thrown instanceof Misconfigured ? thrown.cause : thrown;
  if (!(refusal instanceof SqlError) || refusal.code !== NO_RIGHT) return startError(thrown, server);
  const advice = await backend.session(grantAdvice).catch(() => null);
  if (advice === null) return startError(thrown, server);
  const what = `The user of DATABASE_URL may not migrate the database: ${refusal.message}. ${advice}`;
  return new Misconfigured(what, { cause: thrown });
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: insufficient_privilege */
const NO_RIGHT = '42501';
