// How a migration is made of the difference between supabase/schemas and supabase/migrations.
import { describe, expect, it } from 'vitest';
import { statementsForChange } from '../scripts/schema-change.ts';
import { splitStatements } from '../scripts/sql-statements.ts';
import { openEmbedded } from '../src/brain/backends/embedded.ts';
import { readCatalogue } from '../src/brain/schema-catalogue.ts';

describe('splitting SQL', () => {
  it('keeps quotes, dollar quotes and comments whole, and the comment before a statement with it', () => {
    const sql = `-- The file.

-- Of a;
-- two lines.
create table a (t text default 'x;''--' /* no */);
do $x$ begin perform ';'; -- here;
end $x$; select "a;b", e'\\';' from a;
`;
    expect(splitStatements(sql)).toEqual([
      { comment: '-- Of a;\n-- two lines.', text: "create table a (t text default 'x;''--' /* no */);" },
      { comment: '', text: "do $x$ begin perform ';'; -- here;\nend $x$;" },
      { comment: '', text: `select "a;b", e'\\';' from a;` },
    ]);
  });

  it.each(["select 'a", 'do $$ begin', 'select "a', 'select 1'])('refuses what does not end: %s', (sql) => {
    expect(() => splitStatements(sql)).toThrow();
  });
});

const tables = `create table codered.things (id integer primary key, name text);
comment on table codered.things is 'What there is.';
alter table codered.things enable row level security;`;

const before = `create schema codered;
${tables}
create index things_name_idx on codered.things (name);
create policy things_read on codered.things for select using (true);
create function codered.kept() returns integer language sql as 'select 1';
create function codered.changed() returns integer language sql as 'select 1';
create function codered.other_shape(a integer) returns integer language sql as 'select 1';
create function codered.gone(a text) returns integer language sql as 'select 1';
create view codered.names as select name from codered.things;`;

const after = `create schema codered;
${tables.replace('name text', 'name text, size integer').replace('What there is.', 'What was.')}
create index things_name_idx on codered.things (name, id);
create policy things_read on codered.things for select using (id > 0);
create function codered.kept() returns integer language sql as 'select 1';
-- Why it is so.
create function codered.changed() returns integer language sql as 'select codered.added() + 1';
comment on function codered.changed() is 'More.';
revoke execute on function codered.changed from public;
create function codered.other_shape(a integer) returns text language sql as $$ select 'one' $$;
create function codered.added() returns integer language sql as 'select 2';
create view codered.names as select name, id from codered.things;`;

describe('a migration that is made of a difference', () => {
  it('has what changed, in an order that applies, and leaves a table to its author', async () => {
    const backend = await openEmbedded({ directory: null });
    try {
      await backend.session((session) => session.script(`set check_function_bodies = off; ${after}`));
      const wanted = await backend.session(readCatalogue);
      await backend.session((session) => session.script(`drop schema codered cascade; ${before}`));
      const found = await backend.session(readCatalogue);
      const statements = statementsForChange({ wanted, found, schemas: splitStatements(after) });
      expect(statements).toEqual([
        'drop function codered.gone(text);',
        'drop function codered.other_shape(integer);',
        'drop index codered.things_name_idx;',
        'drop policy things_read on codered.things;',
        "comment on table codered.things is 'What was.';",
        'create index things_name_idx on codered.things (name, id);',
        'create policy things_read on codered.things for select using (id > 0);',
        "create or replace function codered.added() returns integer language sql as 'select 2';",
        "-- Why it is so.\ncreate or replace function codered.changed() returns integer language sql as 'select codered.added() + 1';",
        "comment on function codered.changed() is 'More.';",
        'revoke execute on function codered.changed from public;',
        "create or replace function codered.other_shape(a integer) returns text language sql as $$ select 'one' $$;",
        'create or replace view codered.names as select name, id from codered.things;',
      ]);
      await backend.session((session) => session.script(statements.join('\n')));
      const left = await backend.session(readCatalogue);
      expect(wanted.filter(({ name }) => !left.some((object) => object.name === name)).map(({ name }) => name)).toEqual(
        ['column things.size'],
      );
    } finally {
      await backend.close();
    }
  });
});
