// `npm run operations:generate`: writes supabase/schemas/80_call_operation.sql, the one list of functions that may be called as a
// person, from the table of operations and the functions' own shapes, and the list in docs/api.md. `--check` writes nothing and fails
// when one of them is older.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { SqlSession } from '../src/brain/backends/sql-backend.ts';
import { openEmbeddedCopy } from '../src/brain/embedded-copy.ts';
import { readMigrationFiles } from '../src/brain/migration-files.ts';
import { OPERATIONS } from '../src/operations/operations.ts';
import { withOperations } from './operations-list.ts';
import { readSchemaFiles } from './schema-files.ts';

const OUT = '80_call_operation.sql';
const path = fileURLToPath(new URL(`../supabase/schemas/${OUT}`, import.meta.url));
const docs = fileURLToPath(new URL('../docs/api.md', import.meta.url));

const shape = z.object({
  returns_set: z.boolean(),
  returns_rows: z.boolean(),
  grants: z.boolean(),
  arguments: z.array(z.object({ name: z.string(), type: z.string(), standard: z.string().nullable() })),
});
type Shape = z.output<typeof shape>;

const SHAPE_OF = `
  select json_build_object(
    'returns_set', p.proretset,
    'returns_rows', coalesce(p.proargmodes::text[] && '{t,b,o}', false),
    'grants', has_function_privilege('authenticated', p.oid, 'execute'),
    'arguments', coalesce((
      select json_agg(json_build_object(
        'name', p.proargnames[n], 'type', format_type(p.proargtypes[n - 1], null),
        'standard', pg_get_function_arg_default(p.oid, n)) order by n)
      from generate_series(1, p.pronargs) as n), '[]'))::text as shape
  from pg_catalog.pg_proc p
  where p.pronamespace = 'codered'::regnamespace and p.proname = $1`;

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const wanted = await generate();
const page = await readFile(docs, 'utf8');
const files = [
  { name: `supabase/schemas/${OUT}`, at: path, wanted, is: await readFile(path, 'utf8').catch(() => '') },
  { name: 'docs/api.md', at: docs, wanted: withOperations(page), is: page },
];
for (const { name, at, wanted: text, is } of files) {
  if (!values.check) {
    await writeFile(at, text);
    console.log(`${name} is written.`);
  } else if (is !== text) {
    console.error(`${name} is older than the operations: npm run operations:generate`);
    process.exitCode = 1;
  }
}

async function generate(): Promise<string> {
  const { bootstrap } = await readMigrationFiles();
  const files = readSchemaFiles().filter(({ name }) => name !== OUT);
  const sql = files.map((file) => file.sql).join('\n');
  const backend = await openEmbeddedCopy({
    bootstrap,
    seed: '',
    migrations: [{ version: '00000000000000', name: 'schemas', sql }],
  });
  try {
    return await backend.session(async (session) => {
      const names = [
        ...new Set(OPERATIONS.flatMap(({ run, first }) => (first === null ? [run] : [run, first.run]))),
      ].sort();
      const branches: string[] = [];
      for (const name of names) branches.push(branchOf(name, await readShape(session, name)));
      return text(branches);
    });
  } finally {
    await backend.close();
  }
}

async function readShape(session: SqlSession, name: string): Promise<Shape> {
  const rows = await session.query(SHAPE_OF, [name]);
  const [row] = rows;
  if (row === undefined || rows.length > 1) throw new Error(`There is not exactly one function codered.${name}.`);
  const read = shape.parse(JSON.parse(row.shape ?? ''));
  if (!read.grants) throw new Error(`codered.${name} is not granted to authenticated.`);
  return read;
}

function branchOf(name: string, { arguments: args, returns_set, returns_rows }: Shape): string {
  const call = `codered.${name}(${args.map(argument).join(', ')})`;
  if (!returns_set && !returns_rows) return `    when '${name}' then return to_jsonb(${call});`;
  return `    when '${name}' then return (select coalesce(jsonb_agg(to_jsonb(made)), '[]') from ${call} as made);`;
}

function argument({ name, type, standard }: Shape['arguments'][number]): string {
  const value = givenValue(name, type);
  // Null stands for what was left out: no operation gives a null that means anything else.
  const orStandard = standard === null || standard.startsWith('NULL') ? value : `coalesce(${value}, ${standard})`;
  return `${name} => ${orStandard}`;
}

function givenValue(name: string, type: string): string {
  if (type === 'jsonb') return `arguments -> '${name}'`;
  if (type === 'text') return `arguments ->> '${name}'`;
  return `(arguments ->> '${name}')::${type}`;
}

function text(branches: readonly string[]): string {
  return `-- Which functions may be called as a person: those of the operations. Written by \`npm run operations:generate\`.

create function codered.call_operation(name text, arguments jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  case call_operation.name
${branches.join('\n')}
    else raise exception 'There is no operation "%".', left(call_operation.name, 80) using errcode = 'CR004';
  end case;
end
$$;
comment on function codered.call_operation(text, jsonb) is
  'Calls the function of an operation with the rights of the caller. Generated from the operations; called by call_as. Refuses CR004 for any other name.';
revoke execute on function codered.call_operation from public;
grant execute on function codered.call_operation to authenticated;
`;
}
