// The SQL that calls one function the way PostgREST calls it. Pure; only rpc-fetch imports it.

import type { Statement } from '../backends/sql-backend.ts';
import type { CallArguments } from './call-arguments.ts';
import type { FunctionShape } from './function-shape.ts';

/** Whether a function can be called with exactly these arguments: none unknown, none without a default left out. */
export function takesArguments(shape: FunctionShape, keys: readonly string[]): boolean {
  const given = new Set(keys);
  const known = shape.arguments.filter((argument) => given.delete(argument.name) || argument.required);
  return given.size === 0 && known.every((argument) => argument.name !== '' && keys.includes(argument.name));
}

/**
 * Calls the function with its arguments out of JSON text, which goes to Postgres as it is; long texts go beside it where
 * the function takes text. The one cell that comes back is the JSON answer; empty for a function that returns void. The
 * keys must have passed `takesArguments`.
 */
export function callFunction(schema: string, shape: FunctionShape, given: CallArguments): Statement {
  const taken = shape.arguments.filter(({ name }) => given.keys.includes(name));
  const beside = taken.filter(({ name, type }) => given.texts.has(name) && type === 'pg_catalog.text');
  const all = beside.length === given.texts.size;
  const texts = all ? beside : [];
  const inJson = taken.filter((argument) => !texts.includes(argument));
  const values = texts.map(({ name }) => given.texts.get(name) ?? null);
  const named = [
    ...texts.map(({ name }, index) => `${identifier(name)} => $${index + 1}::text`),
    ...inJson.map(({ name }) => `${identifier(name)} => body.${identifier(name)}`),
  ].join(', ');
  const call = `${identifier(schema)}.${identifier(shape.name)}(${named})`;
  if (inJson.length === 0) return { text: resultOf(shape, call, ''), values };
  const columns = inJson.map(({ name, type }) => `${identifier(name)} ${type}`).join(', ');
  const source = `json_to_record($${values.length + 1}::json) as body(${columns})`;
  return { text: resultOf(shape, call, source), values: [...values, all ? given.rest : given.body] };
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

/** Quotes a name for SQL. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
