// What a call has to know of an SQL function, and the question to the catalogue that answers it. Pure.

import { z } from 'zod';
import type { Statement } from '../backends/sql-backend.ts';

const shapeSchema = z.object({
  name: z.string(),
  arguments: z.array(
    z.object({
      name: z.string(),
      /** Schema-qualified and quoted, ready to stand in SQL. */
      type: z.string(),
      /** How a value reaches it: as JSON text, as the text of one value, or, for arrays and composites, out of a JSON object. */
      kind: z.enum(['json', 'scalar', 'structure']),
      /** Has no default. */
      required: z.boolean(),
    }),
  ),
  returns: z.enum(['void', 'scalar', 'composite']),
  returnsSet: z.boolean(),
  /** False for stable and immutable functions, which PostgREST calls in a read-only transaction. */
  volatile: z.boolean(),
});

/** A function as far as a caller of it is concerned. */
export type FunctionShape = Readonly<z.infer<typeof shapeSchema>>;

/**
 * Asks for every function of that name; the answer is one cell. A function with any OUT argument returns a composite, as
 * PostgREST has it: https://docs.postgrest.org/en/stable/references/api/functions.html
 */
export function describeFunctions(schema: string, name: string): Statement {
  return {
    text: `
      select coalesce(json_agg(json_build_object(
        'name', p.proname,
        'arguments', coalesce(args.list, '[]'),
        'returns', case
          when coalesce(p.proargmodes::text[] && '{t,b,o}', false) or r.typtype = 'c' then 'composite'
          when r.oid = 'pg_catalog.void'::regtype then 'void'
          else 'scalar'
        end,
        'returnsSet', p.proretset,
        'volatile', p.provolatile = 'v')), '[]')::text
      from pg_catalog.pg_proc p
      join pg_catalog.pg_namespace s on s.oid = p.pronamespace
      join pg_catalog.pg_type r on r.oid = p.prorettype
      cross join lateral (
        select json_agg(json_build_object(
          'name', coalesce(input.name, ''),
          'type', quote_ident(n.nspname) || '.' || quote_ident(t.typname),
          'kind', case
            when t.oid in ('pg_catalog.json'::regtype, 'pg_catalog.jsonb'::regtype) then 'json'
            when t.typcategory = 'A' or t.typtype = 'c' then 'structure'
            else 'scalar'
          end,
          'required', input.position <= p.pronargs - p.pronargdefaults) order by input.position) as list
        from (
          select a.type, a.name, row_number() over (order by a.position) as position
          from unnest(coalesce(p.proallargtypes, p.proargtypes::oid[]), p.proargnames, p.proargmodes::text[])
            with ordinality as a(type, name, mode, position)
          where a.type is not null and coalesce(a.mode, 'i') in ('i', 'b', 'v')
        ) input
        join pg_catalog.pg_type t on t.oid = input.type
        join pg_catalog.pg_namespace n on n.oid = t.typnamespace
      ) args
      where s.nspname = $1 and p.proname = $2 and p.prokind = 'f' and r.oid <> 'pg_catalog.trigger'::regtype`,
    values: [schema, name],
  };
}

/** Reads the cell that `describeFunctions` asked for. */
export function parseFunctionShapes(cell: string | null): readonly FunctionShape[] {
  return z.array(shapeSchema).parse(JSON.parse(cell ?? '[]'));
}
