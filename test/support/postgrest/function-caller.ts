// Calls SQL functions by name with a JSON body on behalf of a role, as PostgREST does.

import { type SqlBackend, SqlError, type Statement } from '../../../src/brain/backends/sql-backend.ts';
import { takesArguments } from '../../../src/brain/calls/function-call.ts';
import { describeFunctions, type FunctionShape, parseFunctionShapes } from '../../../src/brain/calls/function-shape.ts';
import { ambiguous, jsonResponse, notFound } from './rpc-refusal.ts';
import type { Caller } from './rpc-request.ts';
import { callFunction } from './rpc-statement.ts';

export interface Call {
  readonly name: string;
  readonly names: readonly string[];
  /** A JSON object. */
  readonly body: string;
  readonly caller: Caller;
}

const undefinedFunction = '42883';

/** Calls the functions of one schema; keeps the shapes it has read until a call shows that one has changed. */
export class FunctionCaller {
  readonly #backend: SqlBackend;
  readonly #schema: string;
  readonly #shapes = new Map<string, FunctionShape>();

  constructor(backend: SqlBackend, schema: string) {
    this.#backend = backend;
    this.#schema = schema;
  }

  /** The function's answer as PostgREST gives it. Throws `Refused` or `SqlError`. */
  async call(call: Call): Promise<Response> {
    const kept = this.#shapes.get(call.name);
    const shape = kept && takesArguments(kept, call.names) ? kept : await this.#readShape(call);
    try {
      return await this.#run(shape, call);
    } catch (error) {
      if (!(error instanceof SqlError) || error.code !== undefinedFunction) throw error;
      // Either the function was replaced since we read its shape, or its own body calls one that is not there.
      // Nothing is left of the failed call, so it may be made again.
      const fresh = await this.#readShape(call);
      if (JSON.stringify(fresh) === JSON.stringify(shape)) throw error;
      return this.#run(fresh, call);
    }
  }

  async #readShape({ name, names }: Call): Promise<FunctionShape> {
    this.#shapes.delete(name);
    const [shape, second] = parseFunctionShapes(await this.#backend.transact([describeFunctions(this.#schema, name)]));
    if (second !== undefined) throw ambiguous(this.#schema, name);
    if (shape === undefined || !takesArguments(shape, names)) throw notFound(this.#schema, name, names);
    this.#shapes.set(name, shape);
    return shape;
  }

  async #run(shape: FunctionShape, { caller, body, names }: Call): Promise<Response> {
    const settings = settingsFor(this.#schema, shape, caller);
    const answer = await this.#backend.transact([settings, callFunction(this.#schema, shape, { names, body })]);
    return shape.returns === 'void' && !shape.returnsSet
      ? new Response(null, { status: 204 })
      : jsonResponse(200, answer ?? 'null');
  }
}

/** PostgREST's settings for a call; the further schemas are Supabase's. The role comes last, as it may not be allowed the rest. */
function settingsFor(schema: string, shape: FunctionShape, caller: Caller): Statement {
  const readOnly = shape.volatile ? '' : `set_config('transaction_read_only', 'on', true), `;
  return {
    text: `select set_config('search_path', $1, true), ${readOnly}set_config('request.jwt.claims', $2, true), set_config('role', $3, true)`,
    values: [`"${schema}", public, extensions`, caller.claims, caller.role],
  };
}
