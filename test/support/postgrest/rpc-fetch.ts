// Answers the function calls of supabase-js with a database that has no PostgREST in front, so that tests can see what clients
// see. It does what PostgREST does for POST /rest/v1/rpc/<function> with a JSON body, and refuses everything else.

import { type SqlBackend, SqlError } from '../../../src/brain/backends/sql-backend.ts';
import { FunctionCaller } from './function-caller.ts';
import { Refused, refuse } from './rpc-refusal.ts';
import { bearerOf, callerOf, functionOf } from './rpc-request.ts';
import { statusOfSqlState } from './sqlstate-status.ts';

/** `schema`: the only one that is served. `secret`: signs the tokens; shared with whoever makes them. */
export interface RpcFetchOptions {
  readonly backend: SqlBackend;
  readonly schema: string;
  readonly secret: string;
}

/**
 * A `fetch` for createClient's `global.fetch`. It rejects only when the caller's signal aborts (the call itself goes on
 * in the database) or when we have a bug; every answer of the database, its loss included, is a Response.
 */
export function makeRpcFetch({ backend, schema, secret }: RpcFetchOptions): typeof fetch {
  const functions = new FunctionCaller(backend, schema);
  return (input, init) => unlessAborted(init?.signal, () => answer({ functions, schema, secret }, input, init));
}

async function answer(
  { functions, schema, secret }: { functions: FunctionCaller; schema: string; secret: string },
  ...[input, init]: Parameters<typeof fetch>
): Promise<Response> {
  // supabase-js hands over a URL and its parts. Making a Request of them for each call would cost more than all else here.
  const request = input instanceof Request ? new Request(input, init) : null;
  const headers = request?.headers ?? new Headers(init?.headers);
  const bearer = bearerOf(headers);
  try {
    const url = new URL(request?.url ?? String(input));
    const name = functionOf({ url, method: request?.method ?? init?.method ?? 'GET', headers }, schema);
    const caller = callerOf(bearer, { secret, nowSeconds: Date.now() / 1000 });
    const body = request ? await request.text() : await textOf(init?.body);
    return await functions.call({ name, ...argumentsIn(body), caller });
  } catch (error) {
    if (error instanceof Refused) return refuse(error.refusal);
    if (!(error instanceof SqlError)) throw error;
    const { code, message, detail: details, hint } = error;
    const status = statusOfSqlState(code, { anonymous: bearer === null });
    return refuse({ status, code, message, details, hint });
  }
}

async function unlessAborted(signal: AbortSignal | null | undefined, work: () => Promise<Response>): Promise<Response> {
  if (!signal) return work();
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort);
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** The names of the arguments, and the JSON object that holds them. */
function argumentsIn(body: string): { names: readonly string[]; body: string } {
  if (body === '') return { names: [], body: '{}' };
  let given: unknown = null;
  try {
    given = JSON.parse(body);
  } catch {}
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new Refused({ status: 400, code: 'PGRST102', message: 'The body is no JSON object' });
  }
  return { names: Object.keys(given), body };
}

async function textOf(body: RequestInit['body']): Promise<string> {
  return typeof body === 'string' ? body : new Response(body).text();
}
