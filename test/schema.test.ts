// The schema as a whole: that it is what fixtures/schema.sql shows, has all that the documents name, and keeps the rules
// of the house in every table. Against the embedded database, which has pgvector.
import { readFileSync } from 'node:fs';
import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMigratedPglite } from '../scripts/migrated-pglite.ts';
import { dumpSchema } from '../scripts/schema-dump.ts';
import { readSchemaFiles, schemasAsMigration } from '../scripts/schema-files.ts';
import { splitStatements } from '../scripts/sql-statements.ts';
import { documentedColumns, documentedIndexes, documentedValues } from './support/seed-documents.ts';

let database: PGlite;
beforeAll(async () => {
  database = await openMigratedPglite();
  // Names are written in full, whatever pg_dump left the path at.
  await database.exec(`set search_path = pg_catalog`);
});
afterAll(() => database?.close());

/** The first column of every row, sorted. */
async function names(text: string): Promise<string[]> {
  const { rows } = await database.query<Record<string, string>>(text);
  return rows.map((row) => Object.values(row)[0] ?? '').sort();
}

const relations = `pg_catalog.pg_class c where c.relnamespace = 'codered'::regnamespace and c.relkind`;
const columns = `
  select c.relname, a.attname, a.attnotnull, pg_catalog.format_type(a.atttypid, a.atttypmod) as type, pg_catalog.pg_get_expr(d.adbin, d.adrelid) as value
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_class c on c.oid = a.attrelid and c.relnamespace = 'codered'::regnamespace and c.relkind in ('r', 'p', 'v')
  left join pg_catalog.pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
  where a.attnum > 0 and not a.attisdropped`;

/** Whose key is not an id of our own: GitHub's number, the provider's word, or the columns that say what the row is of. */
const otherKeys = {
  command_counts: 'repository_id, about, id',
  allowed_accounts: 'login',
  chores: 'name',
  commits: 'repository_id, sha',
  error_matches: 'error_id, bug_pattern_id',
  delivery_lists: 'app_id',
  events: 'id, created_at',
  events_other: 'id, created_at',
  green_logs: 'repository_id, workflow_path, job_name',
  access_checks: 'user_id',
  github_grants: 'user_id',
  idempotency_keys: 'user_id, key_hash',
  repository_access: 'user_id, repository_id',
  installation_usage: 'installation_id',
  installations: 'id',
  kept_out_installations: 'id',
  memberships: 'org_id, user_id',
  missed_deliveries: 'app_id, guid',
  models: 'id',
  oauth_clients: 'client_id',
  oauth_keys: 'kid',
  pull_request_heads: 'repository_id, pull_request_number, sha',
  pull_requests: 'repository_id, number',
  repositories: 'id',
  request_budgets: 'installation_id',
  run_counts: 'repository_id, day',
  sign_in_states: 'state_hash',
  sweep_subjects: 'repository_id, kind, subject',
  run_ci_events: 'run_id, ci_event_id',
  webhook_deliveries: 'app_id, guid',
  test_days: 'test_id, day, on_default_branch',
  test_reports: 'id',
  test_states: 'test_id, on_default_branch',
  test_today: 'test_id, day, on_default_branch',
  tests: 'id',
};
const appendOnly = ['deployment_statuses', 'events', 'events_other'];
/** Of a test, a day or a state of it there are more than a million rows a month in a busy repository: each knows its day, or `as_of`. */
const counts = ['test_days', 'test_states', 'test_today'];
/** They belong to no project, or reach it through the row that they are of. */
const withoutProject =
  'access_checks access_notices agents allowed_accounts asked_rights backfills chores ci_jobs command_counts commits delivery_lists deployment_statuses error_matches gate_executions github_grants green_logs installation_usage installations kept_out_installations memberships missed_deliveries models oauth_clients oauth_keys oauth_records oauth_tokens orgs pattern_embeddings profiles projects publications pull_request_heads pull_requests quotas repository_access request_budgets retention_policies run_ci_events run_counts sign_in_states sign_ins sweep_requests sweep_subjects test_days test_reports test_results test_states test_today tests verdicts webhook_deliveries workflow_templates';

describe('supabase/schemas', () => {
  it('gives the same dump as supabase/migrations, the order of columns aside', async () => {
    const planned = await openMigratedPglite(await schemasAsMigration());
    try {
      const linesOf = async (schema: PGlite) =>
        (await dumpSchema(schema))
          .split('\n')
          .map((line) => line.replace(/,$/, ''))
          .sort();
      expect(await linesOf(planned)).toEqual(await linesOf(database));
    } finally {
      await planned.close();
    }
  });

  it('has each function, table and view once', () => {
    const made = readSchemaFiles().flatMap(({ sql }) =>
      [...sql.matchAll(/^create (?:function|table|view|type|sequence) (codered\.\w+)/gm)].map(([, name]) => name ?? ''),
    );
    expect(made.length).toBeGreaterThan(350);
    expect(made.filter((name, index) => made.indexOf(name) < index)).toEqual([]);
    expect(readSchemaFiles().filter(({ sql }) => /^create or replace|^drop /m.test(sql))).toEqual([]);
  });

  it('has no function or view of more than 120 lines', () => {
    // But for what is written by the generator, a line for each operation.
    const written = readSchemaFiles().filter(({ name }) => name !== '80_call_operation.sql');
    const long = written.flatMap(({ name, sql }) =>
      splitStatements(sql)
        .filter(({ text }) => /^(create (function|view)|do) /.test(text) && text.split('\n').length > 120)
        .map(({ text }) => `${name}: ${text.slice(0, 60)}`),
    );
    expect(long).toEqual([]);
  });
});

describe('fixtures/schema.sql', () => {
  it('is the schema that the migrations give (npm run schema:dump)', async () => {
    expect(await dumpSchema(database)).toBe(readFileSync('fixtures/schema.sql', 'utf8'));
  });
  it('does not depend on the date of migrating', () => {
    expect(readFileSync('fixtures/schema.sql', 'utf8')).not.toMatch(/events_\d{4}_\d{2}/);
  });
});

describe.each(Object.keys(documentedColumns))('document %s', (document) => {
  it.each(Object.entries(documentedColumns[document] ?? {}))('has every column of %s', async (table, list) => {
    const wanted = list.split(' ').map((column) => column.replace(/^.*>/, ''));
    const present = await names(`select attname from (${columns}) found where relname = '${table}'`);
    expect(wanted.filter((column) => !present.includes(column))).toEqual([]);
  });

  it('has every index that it names, by its columns', async () => {
    const present = await names(`select indexdef from pg_catalog.pg_indexes where schemaname = 'codered'`);
    const byColumns = present.map((definition) => {
      const [, table, method, rest] = / ON (?:ONLY )?codered\.(\w+) USING (\w+) (.*)$/.exec(definition) ?? [];
      return method === 'btree' ? `${table} ${rest}` : `${table} ${method} ${rest}`;
    });
    expect(documentedIndexes[document]?.filter((index) => !byColumns.includes(index))).toEqual([]);
  });
});

describe('sets of values', () => {
  it.each(Object.entries(documentedValues))('%s takes these alone, and says so: %s', async (place, list) => {
    const [table = '', column = ''] = place.split('.');
    const wanted = list.split(' ').filter((value) => value !== '+');
    const definitions = await names(`
      select pg_catalog.pg_get_constraintdef(k.oid) from pg_catalog.pg_constraint k
      where k.contype = 'c' and k.conrelid = 'codered.${table}'::regclass and k.conkey = array[(
        select attnum from pg_catalog.pg_attribute where attrelid = k.conrelid and attname = '${column}')]`);
    const sets = definitions.flatMap((definition) => {
      const [test = '', refusal = ''] = definition.split(' OR codered.refuse_value(');
      const listed = /ARRAY\[(.*?)\]/.exec(test)?.[1] ?? /<@ '\{(.*?)\}'/.exec(test)?.[1];
      const told = /, '([^']*)'::text\)+$/.exec(refusal)?.[1];
      return listed === undefined
        ? []
        : [
            {
              allowed: listed
                .replace(/'|::text| /g, '')
                .split(',')
                .sort(),
              told,
            },
          ];
    });
    expect(sets.map(({ allowed }) => allowed)).toEqual([wanted.toSorted()]);
    expect(sets[0]?.told?.split(', ').sort()).toEqual(wanted.toSorted());
  });
});

describe('every table', () => {
  it('and every view says in a comment what it is', async () => {
    expect(
      await names(
        `select c.relname from ${relations} in ('r', 'p', 'v') and pg_catalog.obj_description(c.oid, 'pg_class') is null`,
      ),
    ).toEqual([]);
  });

  it('has an id of our own for a key, but for those with a better one', async () => {
    const keys = await database.query<{ relname: string; key: string; id: boolean }>(`
      select c.relname, k.key, exists (
        select from (${columns}) a where a.relname = c.relname and a.attname = 'id' and a.type = 'uuid'
          and (a.value = 'gen_random_uuid()' or a.relname = 'profiles')
      ) as id
      from pg_catalog.pg_class c
      left join lateral (
        select pg_catalog.string_agg(a.attname, ', ' order by pg_catalog.array_position(i.indkey::smallint[], a.attnum)) as key
        from pg_catalog.pg_index i join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = any (i.indkey::smallint[])
        where i.indrelid = c.oid and i.indisprimary
      ) k on true
      where c.relnamespace = 'codered'::regnamespace and c.relkind in ('r', 'p')`);
    const others = keys.rows.filter(({ key, id }) => key !== 'id' || !id).map(({ relname, key }) => [relname, key]);
    expect(Object.fromEntries(others)).toEqual(otherKeys);
  });

  it('knows when a row was made and when it was changed last', async () => {
    const lacking = (column: string) =>
      names(`
        select c.relname from ${relations} in ('r', 'p') and not exists (
          select from (${columns}) a where a.relname = c.relname and a.attname = '${column}'
            and a.type = 'timestamp with time zone' and a.attnotnull
            and (a.value = 'now()' or (a.relname = 'deployment_statuses' and a.attname = 'created_at')))`);
    expect(await lacking('created_at')).toEqual(counts);
    expect(await lacking('updated_at')).toEqual([...appendOnly, ...counts]);
    const untouched = await names(`
      select c.relname from ${relations} in ('r', 'p') and not exists (
        select from pg_catalog.pg_trigger t join pg_catalog.pg_proc p on p.oid = t.tgfoid
        where t.tgrelid = c.oid and t.tgtype & 19 = 19 and t.tgattr = '' and t.tgqual is null and p.prosrc like '%new.updated_at := now()%')`);
    expect(untouched).toEqual([...appendOnly, ...counts]);
  });

  it('keeps every time with its zone', async () => {
    expect(
      await names(
        `select relname || '.' || attname from (${columns}) a where type like 'time%' and type not like 'timestamp with time zone%'`,
      ),
    ).toEqual([]);
  });

  it('names its project, but for those that reach it through another row or belong to none', async () => {
    const lacking = await names(`
      select c.relname from ${relations} in ('r', 'p')
      and not exists (select from (${columns}) a where a.relname = c.relname and a.attname = 'project_id' and a.type = 'uuid')`);
    expect(lacking).toEqual(withoutProject.split(' '));
  });

  it('that is kept for audit is retired, not deleted', async () => {
    expect(
      await names(
        `select relname from (${columns}) a where attname = 'deleted_at' and type = 'timestamp with time zone'`,
      ),
    ).toEqual(
      expect.arrayContaining(['bug_patterns', 'documents', 'installations', 'projects', 'repositories', 'tasks']),
    );
  });
});

describe('every foreign key', () => {
  it('has an index that begins with its columns', async () => {
    const bare = await names(`
      select k.conrelid::regclass || '.' || k.conname from pg_catalog.pg_constraint k
      where k.contype = 'f' and k.connamespace = 'codered'::regnamespace and not exists (
        select from pg_catalog.pg_index i where i.indrelid = k.conrelid and i.indpred is null
          and (i.indkey::smallint[])[0:cardinality(k.conkey) - 1] @> k.conkey)`);
    expect(bare).toEqual([]);
  });

  it('says what becomes of the row when the other is deleted', () => {
    const silent = readSchemaFiles().flatMap(({ name, sql }) =>
      [...sql.replace(/--.*$/gm, '').matchAll(/\breferences\s+[\w.]+\s*\([^)]*\)(?!\s+on delete)/g)].map(
        ([text]) => `${name}: ${text}`,
      ),
    );
    expect(silent).toEqual([]);
  });
});
