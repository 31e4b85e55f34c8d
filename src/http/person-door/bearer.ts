// Knows a person by the token that a request carries.
import { z } from 'zod';
import type { Brain } from '../../brain/client.ts';
import { hashOfToken } from '../../brain/tokens.ts';
import { resourceMetadataAt } from '../../model/resources.ts';
import { readScopes, type Scope, TOKEN_PREFIX } from '../../model/scopes.ts';
import { ApiError } from '../api-error.ts';
import { bearerWord } from '../api-key.ts';

/** Who asks, and what their token is good for. */
export interface Bearer {
  readonly userId: string;
  readonly scopes: readonly Scope[];
  /** The client that the person let in by OAuth; null for a token that they made themselves. */
  readonly clientId: string | null;
}

/** Names under which people put a token into an address, where logs and histories keep it. */
const TOKEN_NAMES = ['access_token', 'private_token', 'token', 'api_key', 'apikey', 'key'];
/** No token of ours is longer. */
const LONGEST_TOKEN = 100;

const readAnswer = z.union([
  z.object({ state: z.literal('live'), user_id: z.guid(), scope: z.string(), client_id: z.string() }),
  z.object({ state: z.enum(['expired', 'revoked', 'for another audience']) }),
  z.null(),
]);

/** The client_id of tokens that people make themselves. */
const PERSONAL = 'personal';

/**
 * Returns who asks. `audience` is the resource that they ask at (RFC 8707): a token of OAuth is good there when it was given for it, a
 * personal one everywhere; null: where OAuth is not set up. Throws `ApiError`: 400 for a token in the query, 401 for none, one that nobody
 * has, that is expired, revoked or for another resource; what is to be done says the challenge (RFC 9728).
 */
export async function bearerOf(
  brain: Pick<Brain, 'call'>,
  request: { readonly authorization: string | undefined; readonly query: URLSearchParams },
  audience: string | null = null,
): Promise<Bearer> {
  const unauthorized = (message: string, error: string | null) => unauthorizedAt(audience, message, error);
  const noToken = (message: string) => unauthorized(message, 'invalid_token');
  if (TOKEN_NAMES.some((name) => request.query.has(name))) {
    const message =
      'A token does not belong into an address, which logs keep: send "Authorization: Bearer <token>", and revoke this one';
    throw new ApiError(400, 'token_in_query', message);
  }
  const token = bearerWord(request.authorization);
  if (token === null)
    throw unauthorized(
      'Send "Authorization: Bearer <token>" with a token of the page /account or of `codered token create`',
      null,
    );
  // What is none by its look costs the database nothing.
  if (!token.startsWith(TOKEN_PREFIX) || token.length > LONGEST_TOKEN || token === TOKEN_PREFIX) {
    throw noToken(
      `This is no token of CodeRed, which begins with ${TOKEN_PREFIX}: see that the variable with it is filled in`,
    );
  }
  const known = readAnswer.parse(
    await await brain.call('read_token', {
      token_hash: hashOfToken(token),
      ...(audience === null ? {} : { audience }),
    }),
  );
  if (known === null) throw noToken('This token is none of this CodeRed');
  if (known.state === 'for another audience') {
    throw noToken(`This token was given for another interface; ask for one with resource=${audience}`);
  }
  if (known.state !== 'live') {
    throw unauthorized(`This token is ${known.state}: \`codered token create\` makes another`, 'invalid_token');
  }
  const clientId = known.client_id === PERSONAL ? null : known.client_id;
  return { userId: known.user_id, scopes: readScopes(known.scope).scopes, clientId };
}

/** Throws `ApiError` 403 when the token is not good for that; with an `audience` the challenge says who gives one that is. */
export function requireScope({ scopes }: Pick<Bearer, 'scopes'>, scope: Scope, audience: string | null = null): void {
  if (scopes.includes(scope)) return;
  const at = audience === null ? '' : `, resource_metadata="${resourceMetadataAt(audience)}"`;
  const headers = { 'www-authenticate': `Bearer error="insufficient_scope", scope="${scope}"${at}` };
  throw new ApiError(403, 'insufficient_scope', `This token is not good for "${scope}"`, {
    headers,
    details: { scope },
  });
}

/** https://www.rfc-editor.org/rfc/rfc6750#section-3 and https://www.rfc-editor.org/rfc/rfc9728#section-5.1 */
function unauthorizedAt(audience: string | null, message: string, error: string | null): ApiError {
  const parts = [
    ...(error === null ? [] : [`error="${error}"`]),
    ...(audience === null ? [] : [`resource_metadata="${resourceMetadataAt(audience)}"`]),
  ];
  const headers = { 'www-authenticate': `Bearer ${parts.join(', ')}`.trim() };
  return new ApiError(401, error ?? 'no_token', message, { headers });
}
