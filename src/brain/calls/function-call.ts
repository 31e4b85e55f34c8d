// The SQL that calls one function with named arguments and gives its answer as JSON text. Pure.

import type { Statement } from '../backends/sql-backend.ts';
import type { FunctionShape } from './function-shape.ts';

type Argument = FunctionShape['arguments'][number];

/** Arguments by name; what is undefined is not given, null is SQL null. */
export type CallArguments = Readonly<Record<string, unknown>>;

/** The names of the arguments that are given. */
export function givenNames(args: CallArguments): string[] {
  return Object.keys(args).filter((name) => args[name] !== undefined);
}

/** Whether a function can be called with exactly these arguments: none unknown, none without a default left out. */
export function takesArguments(shape: FunctionShape, names: readonly string[]): boolean {
  const given = new Set(names);
  const known = shape.arguments.filter((argument) => given.delete(argument.name) || argument.required);
  return given.size === 0 && known.every((argument) => argument.name !== '' && names.includes(argument.name));
}

/**
 * Calls the function. Each value is a parameter of its own; arrays and composites, and text that Postgres can't keep, which it
 * shall refuse, come out of one JSON object. The one cell of the answer is JSON text, empty for a function that returns void.
 * The names must have passed `takesArguments`.
 */
export function callFunction(schema: string, shape: FunctionShape, args: CallArguments): Statement {
  const values: (string | null)[] = [];
  const named: string[] = [];
  const inJson: Argument[] = [];
  for (const argument of shape.arguments.filter(({ name }) => args[name] !== undefined)) {
    const text = parameterOf(argument, args[argument.name]);
    if (text === undefined) {
      inJson.push(argument);
      named.push(`${identifier(argument.name)} => body.${identifier(argument.name)}`);
    } else {
      values.push(text);
      named.push(`${identifier(argument.name)} => $${values.length}::${argument.type}`);
    }
  }
  const call = `${identifier(schema)}.${identifier(shape.name)}(${named.join(', ')})`;
  if (inJson.length === 0) return { text: resultOf(shape, call, ''), values };
  const columns = inJson.map(({ name, type }) => `${identifier(name)} ${type}`).join(', ');
  const body = JSON.stringify(Object.fromEntries(inJson.map(({ name }) => [name, args[name]])));
  const source = `json_to_record($${values.length + 1}::json) as body(${columns})`;
  return { text: resultOf(shape, call, source), values: [...values, body] };
}

/** The value as a parameter in text form; undefined when it has to come out of JSON. */
function parameterOf({ kind }: Argument, value: unknown): string | null | undefined {
  if (value === null) return null;
  if (kind === 'json') return JSON.stringify(value);
  if (kind === 'structure') return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : null;
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  // A NUL or half a surrogate pair would be cut off or replaced on the way; in JSON Postgres sees it and refuses.
  return typeof value === 'string' && !value.includes('\0') && value.isWellFormed() ? value : undefined;
}

function resultOf(shape: FunctionShape, call: string, source: string): string {
  const from = source === '' ? '' : `from ${source}`;
  if (shape.returns === 'composite') {
    // Through a sub-select, as a function with one OUT argument gives a bare value else; `.*`, as a column may be named call_row.
    const rows = `(select made.* from ${source === '' ? '' : `${source}, lateral`} ${call} as made) as call_row`;
    return shape.returnsSet
      ? `select coalesce(json_agg(call_row.*), '[]')::text from ${rows}`
      : `select coalesce(to_json(call_row.*), 'null')::text from ${rows}`;
  }
  if (shape.returnsSet) {
    return `select coalesce(json_agg(call_value), '[]')::text from (select ${call} as call_value ${from}) as call_values`;
  }
  if (shape.returns === 'void') return `select ${call}::text ${from}`;
  return `select coalesce(to_json(${call}), 'null')::text ${from}`;
}

/** Quotes a name for SQL. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
