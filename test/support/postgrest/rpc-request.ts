// Reads a request for rpc-fetch: which function, on whose behalf. Pure.

import { verifyToken } from './bearer-token.ts';
import { Refused } from './rpc-refusal.ts';

/** What of a request decides; the body is left alone. */
export interface RequestHead {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
}

/** On whose behalf a function is called. `claims` is JSON text. */
export interface Caller {
  readonly role: string;
  readonly claims: string;
}

/** The name of the function that the request calls. Throws Refused when it is anything but a call in `schema` that wants JSON. */
export function functionOf({ url, method, headers }: RequestHead, schema: string): string {
  const name = /^\/rest\/v1\/rpc\/([^/]+)$/.exec(url.pathname)?.[1];
  if (name === undefined) {
    const hint = 'Only function calls are: POST /rest/v1/rpc/<function>.';
    throw new Refused({ status: 404, code: 'PGRST125', message: `Nothing is served at ${url.pathname}`, hint });
  }
  if (method !== 'POST') {
    throw new Refused({
      status: 405,
      code: 'PGRST101',
      message: `Cannot use the ${method} method on RPC`,
      hint: 'Use POST.',
    });
  }
  const profile = headers.get('content-profile') ?? headers.get('accept-profile');
  if (profile !== schema) {
    const hint = `Only the following schemas are exposed: ${schema}`;
    throw new Refused({ status: 406, code: 'PGRST106', message: `Invalid schema: ${profile ?? '(none)'}`, hint });
  }
  if (url.search !== '') {
    const hint = 'Give the function arguments instead.';
    throw new Refused({
      status: 400,
      code: 'PGRST100',
      message: `Filters are not supported here: ${url.search}`,
      hint,
    });
  }
  const accept = headers.get('accept') ?? '*/*';
  if (!accept.includes('application/json') && !accept.includes('*/*')) {
    const message = `None of these media types are available: ${accept}`;
    throw new Refused({ status: 406, code: 'PGRST107', message, hint: 'Only application/json is.' });
  }
  return decodeURIComponent(name);
}

/** Whose token `bearer` is; `anon` without one. Throws Refused when it is not to be trusted. `nowSeconds`: seconds since 1970. */
export function callerOf(bearer: string | null, options: { secret: string; nowSeconds: number }): Caller {
  if (bearer === null) return { role: 'anon', claims: '{"role":"anon"}' };
  const verified = verifyToken(bearer, options);
  if ('refused' in verified) throw new Refused({ status: 401, ...verified.refused });
  const claims = { ...verified.claims, role: verified.claims.role ?? 'anon' };
  return { role: claims.role, claims: JSON.stringify(claims) };
}

/** The token of an Authorization header; null when there is none. */
export function bearerOf(headers: Headers): string | null {
  return /^Bearer (.*)$/i.exec(headers.get('authorization') ?? '')?.[1] ?? null;
}
