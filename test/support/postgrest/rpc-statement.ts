// The SQL that calls one function the way PostgREST calls it. Pure.

import type { Statement } from '../../../src/brain/backends/sql-backend.ts';
import { identifier } from '../../../src/brain/calls/function-call.ts';
import type { FunctionShape } from '../../../src/brain/calls/function-shape.ts';

/** Calls the function with the arguments `names` out of `body`, a JSON object. The one cell that comes back is the JSON answer; empty for a function that returns void. */
export function callFunction(
  schema: string,
  shape: FunctionShape,
  { names, body }: { names: readonly string[]; body: string },
): Statement {
  const taken = shape.arguments.filter(({ name }) => names.includes(name));
  const named = taken.map(({ name }) => `${identifier(name)} => body.${identifier(name)}`).join(', ');
  const call = `${identifier(schema)}.${identifier(shape.name)}(${named})`;
  if (taken.length === 0) return { text: resultOf(shape, call, ''), values: [] };
  const columns = taken.map(({ name, type }) => `${identifier(name)} ${type}`).join(', ');
  return { text: resultOf(shape, call, `json_to_record($1::json) as body(${columns})`), values: [body] };
}

function resultOf(shape: FunctionShape, call: string, source: string): string {
  const from = source === '' ? '' : `from ${source}`;
  if (shape.returns === 'composite') {
    // Through a sub-select, as a function with one OUT argument gives a bare value else; `.*`, as a column may be named rpc_row.
    const rows = `(select rpc_call.* from ${source === '' ? '' : `${source}, lateral`} ${call} as rpc_call) as rpc_row`;
    return shape.returnsSet
      ? `select coalesce(json_agg(rpc_row.*), '[]')::text from ${rows}`
      : `select coalesce(to_json(rpc_row.*), 'null')::text from ${rows}`;
  }
  if (shape.returnsSet) {
    return `select coalesce(json_agg(rpc_value), '[]')::text from (select ${call} as rpc_value ${from}) as rpc_values`;
  }
  if (shape.returns === 'void') return `select ${call}::text ${from}`;
  return `select coalesce(to_json(${call}), 'null')::text ${from}`;
}
