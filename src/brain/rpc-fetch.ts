// Answers the function calls of supabase-js with a database that has no PostgREST in front. client.ts and the tests import it.
// It does what PostgREST does for POST /rest/v1/rpc/<function> with a JSON body, and refuses everything else.

import { describeFunctions, type FunctionShape, parseFunctionShape } from './function-shape.ts';
import { ambiguous, jsonResponse, notFound, Refused, refuse } from './rpc-refusal.ts';
import { bearerOf, type Caller, callerOf, functionOf } from './rpc-request.ts';
import { callFunction, takesArguments } from './rpc-statement.ts';
import { SqlError, type SqlHome, type Statement } from './sql-home.ts';
import { statusOfSqlState } from './sqlstate-status.ts';
import { topLevelKeys } from './top-level-keys.ts';

/** `schema`: the only one that is served. `secret`: signs the tokens; shared with whoever makes them. */
export interface RpcFetchOptions {
  readonly home: SqlHome;
  readonly schema: string;
  readonly secret: string;
}

interface Call {
  readonly name: string;
  readonly keys: readonly string[];
  readonly body: string;
  readonly caller: Caller;
}

const undefinedFunction = '42883';

/**
 * A `fetch` for createClient's `global.fetch`. It rejects only when the caller's signal aborts (the call itself goes on
 * in the database) or when we have a bug; every answer of the database, its loss included, is a Response.
 */
export function makeRpcFetch({ home, schema, secret }: RpcFetchOptions): typeof fetch {
  const shapes = new Map<string, FunctionShape>();

  async function readShape({ name, keys }: Call): Promise<FunctionShape> {
    shapes.delete(name);
    const question = describeFunctions(schema, name);
    const rows = await home.session((session) => session.query(question.text, question.values));
    const [shape, second] = rows.map(parseFunctionShape);
    if (second !== undefined) throw ambiguous(schema, name);
    if (shape === undefined || !takesArguments(shape, keys)) throw notFound(schema, name, keys);
    shapes.set(name, shape);
    return shape;
  }

  async function run(shape: FunctionShape, { caller, body, keys }: Call): Promise<Response> {
    const answer = await home.transact([settingsFor(schema, shape, caller), callFunction(schema, shape, body, keys)]);
    return shape.returns === 'void' && !shape.returnsSet
      ? new Response(null, { status: 204 })
      : jsonResponse(200, answer ?? 'null');
  }

  async function callByShape(call: Call): Promise<Response> {
    const kept = shapes.get(call.name);
    const shape = kept && takesArguments(kept, call.keys) ? kept : await readShape(call);
    try {
      return await run(shape, call);
    } catch (error) {
      if (!(error instanceof SqlError) || error.code !== undefinedFunction) throw error;
      // Either the function was replaced since we read its shape, or its own body calls one that is not there.
      // Nothing is left of the failed call, so it may be made again.
      const fresh = await readShape(call);
      if (JSON.stringify(fresh) === JSON.stringify(shape)) throw error;
      return run(fresh, call);
    }
  }

  async function answer(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
    // supabase-js hands over a URL and its parts. Making a Request of them for each call would cost more than all else here.
    const request = input instanceof Request ? new Request(input, init) : null;
    const headers = request?.headers ?? new Headers(init?.headers);
    const bearer = bearerOf(headers);
    try {
      const head = {
        url: new URL(request?.url ?? String(input)),
        method: request?.method ?? init?.method ?? 'GET',
        headers,
      };
      const name = functionOf(head, schema);
      const caller = callerOf(bearer, { secret, nowSeconds: Date.now() / 1000 });
      const body = request ? await request.text() : await textOf(init?.body);
      const keys = body === '' ? [] : topLevelKeys(body);
      if (keys === null) throw new Refused({ status: 400, code: 'PGRST102', message: 'The body is no JSON object' });
      return await callByShape({ name, keys, body, caller });
    } catch (error) {
      if (error instanceof Refused) return refuse(error.refusal);
      if (!(error instanceof SqlError)) throw error;
      const { code, message, detail, hint } = error;
      return refuse({
        status: statusOfSqlState(code, { anonymous: bearer === null }),
        code,
        message,
        details: detail,
        hint,
      });
    }
  }

  return async (input, init) => {
    const signal = init?.signal;
    if (!signal) return answer(input, init);
    signal.throwIfAborted();
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort);
    try {
      return await Promise.race([answer(input, init), aborted]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  };
}

async function textOf(body: RequestInit['body']): Promise<string> {
  return typeof body === 'string' ? body : new Response(body).text();
}

/** PostgREST's settings for a call; the further schemas are Supabase's. The role comes last, as it may not be allowed the rest. */
function settingsFor(schema: string, shape: FunctionShape, caller: Caller): Statement {
  const readOnly = shape.volatile ? '' : `set_config('transaction_read_only', 'on', true), `;
  return {
    text: `select set_config('search_path', $1, true), ${readOnly}set_config('request.jwt.claims', $2, true), set_config('role', $3, true)`,
    values: [`"${schema}", public, extensions`, caller.claims, caller.role],
  };
}
