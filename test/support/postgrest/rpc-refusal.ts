// What rpc-fetch answers when it refuses, in PostgREST's words. Pure.
// The codes: https://docs.postgrest.org/en/stable/references/errors.html#postgrest-error-codes

/** The body of an error answer, and its HTTP status. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly details?: string | null;
  readonly hint?: string | null;
}

/** Thrown inside rpc-fetch only: a request that ends without reaching the function. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

/** No function of that name takes exactly the arguments `keys`. */
export function notFound(schema: string, name: string, keys: readonly string[]): Refused {
  const wanted = keys.length === 0 ? `${schema}.${name} without parameters` : `${schema}.${name}(${keys.join(', ')})`;
  return new Refused({
    status: 404,
    code: 'PGRST202',
    message: `Could not find the function ${wanted} in the schema cache`,
    details: `Searched for the function ${wanted}, but no matches were found in the schema cache.`,
  });
}

/** Several functions have that name. PostgREST would choose by the arguments; we have none of those. */
export function ambiguous(schema: string, name: string): Refused {
  return new Refused({
    status: 300,
    code: 'PGRST203',
    message: `Could not choose between the functions named ${schema}.${name}`,
    hint: 'Give each function a name of its own.',
  });
}

/** The answer for a refusal. */
export function refuse({ status, code, message, details = null, hint = null }: Refusal): Response {
  return jsonResponse(status, JSON.stringify({ code, details, hint, message }));
}

/** `body` is JSON text already. */
export function jsonResponse(status: number, body: string): Response {
  return new Response(body, { status, headers: { 'content-type': 'application/json; charset=utf-8' } });
}
