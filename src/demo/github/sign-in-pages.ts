// The stand-in's sign-in: the page on which a person lets the App in, and the exchange of its code for tokens.
// docs/github.md#signing-in

import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JsonObject } from './contract/json-value.ts';
import { LIFE_SECONDS, type SignInState, type UserTokens } from './state/sign-in-state.ts';

const AUTHORIZE = '/login/oauth/authorize';
const EXCHANGE = '/login/oauth/access_token';

/** Answers a request about signing in and returns true; false for every other path. */
export function serveSignIn(
  state: SignInState,
  { request, response, text }: { request: IncomingMessage; response: ServerResponse; text: string },
): boolean {
  const { method = 'GET', url = '/' } = request;
  const [path = '', query = ''] = url.split('?', 2);
  if (path === AUTHORIZE && method === 'GET') showPage(state, response, new URLSearchParams(query));
  else if (path === AUTHORIZE && method === 'POST') letIn(state, response, new URLSearchParams(text));
  else if (path === EXCHANGE && method === 'POST') {
    const isJson = (request.headers['content-type'] ?? '').includes('json');
    const sent = new Map<string, string>(isJson ? Object.entries(JSON.parse(text)) : new URLSearchParams(text));
    const body = exchange(state, sent);
    // Like GitHub: 200 for refusals too.
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
  } else return false;
  return true;
}

const KEPT = ['client_id', 'redirect_uri', 'state', 'code_challenge', 'code_challenge_method'] as const;

function showPage(state: SignInState, response: ServerResponse, asked: URLSearchParams): void {
  if (asked.get('client_id') !== state.client.id) {
    response.writeHead(404, { 'content-type': 'text/html' }).end('<!doctype html><title>Not found</title><h1>404</h1>');
    return;
  }
  const refusal = refusalOf(state, asked);
  if (refusal !== null) {
    sendBack(response, refusal.to, { error: refusal.error, state: asked.get('state') ?? '' });
    return;
  }
  const hidden = KEPT.map((name) => `<input type="hidden" name="${name}" value="${escaped(asked.get(name) ?? '')}">`);
  const buttons = [...state.people.values()].map(
    ({ id, login }) => `<p><button name="user" value="${id}">Authorize as ${escaped(login)}</button></p>`,
  );
  const form = `<form method="post" action="${AUTHORIZE}">${hidden.join('')}${buttons.join('')}<p><button name="cancel" value="1">Cancel</button></p></form>`;
  response
    .writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'referrer-policy': 'no-referrer' })
    .end(`<!doctype html><html lang="en"><title>Authorize</title><h1>Stand-in for GitHub</h1>${form}</html>`);
}

/** GitHub never sends a browser to an address that the App does not name: the refusal goes to the first that it does. */
function refusalOf({ client }: SignInState, asked: URLSearchParams): { to: string; error: string } | null {
  const [registered = ''] = client.callbackUrls;
  const to = asked.get('redirect_uri') ?? registered;
  if (!client.callbackUrls.includes(to)) return { to: registered, error: 'redirect_uri_mismatch' };
  return client.isSuspended ? { to, error: 'application_suspended' } : null;
}

function letIn(state: SignInState, response: ServerResponse, sent: URLSearchParams): void {
  const redirectUri = sent.get('redirect_uri') ?? '';
  const refusal = refusalOf(state, sent);
  const to = refusal?.to ?? redirectUri;
  const back = { state: sent.get('state') ?? '' };
  const challenge = sent.get('code_challenge_method') === 'S256' ? sent.get('code_challenge') : null;
  if (refusal !== null) sendBack(response, to, { error: refusal.error, ...back });
  else if (sent.has('cancel')) sendBack(response, to, { error: 'access_denied', ...back });
  else
    sendBack(response, to, {
      code: state.giveCode({ userId: Number(sent.get('user')), redirectUri, challenge }),
      ...back,
    });
}

function sendBack(response: ServerResponse, to: string, fields: Record<string, string>): void {
  const url = new URL(to);
  for (const [name, value] of Object.entries(fields)) url.searchParams.set(name, value);
  response.writeHead(302, { location: url.href, 'referrer-policy': 'no-referrer' }).end();
}

function exchange(state: SignInState, sent: ReadonlyMap<string, string>): JsonObject {
  const { client } = state;
  if (sent.get('client_id') !== client.id || sent.get('client_secret') !== client.secret) {
    return refused('incorrect_client_credentials', 'The client_id and/or client_secret passed are incorrect.');
  }
  if (sent.get('grant_type') === 'refresh_token') {
    const next = state.refresh(sent.get('refresh_token') ?? '');
    return next === null
      ? refused('bad_refresh_token', 'The refresh token passed is incorrect or expired.')
      : tokensJson(next.tokens);
  }
  const code = state.takeCode(sent.get('code') ?? '');
  const badCode = refused('bad_verification_code', 'The code passed is incorrect or expired.');
  if (code === null) return badCode;
  if (sent.get('redirect_uri') !== code.redirectUri) {
    return refused(
      'redirect_uri_mismatch',
      'The redirect_uri MUST match the registered callback URL for this application.',
    );
  }
  const verifier = sent.get('code_verifier') ?? '';
  const isProven =
    code.challenge === null || createHash('sha256').update(verifier).digest('base64url') === code.challenge;
  return isProven ? tokensJson(state.giveTokens(code.userId)) : badCode;
}

function refused(error: string, description: string): JsonObject {
  return { error, error_description: description, error_uri: 'https://docs.github.com/apps' };
}

function tokensJson({ access, refresh }: UserTokens): JsonObject {
  const expiring =
    refresh === null
      ? {}
      : {
          expires_in: LIFE_SECONDS.access,
          refresh_token: refresh,
          refresh_token_expires_in: LIFE_SECONDS.refresh,
        };
  return { access_token: access, ...expiring, scope: '', token_type: 'bearer' };
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return [...text].map((character) => ENTITIES[character] ?? character).join('');
}
