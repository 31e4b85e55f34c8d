// What a personal token is: random, told by its beginning, and kept as a hash.

import { createHash, randomBytes } from 'node:crypto';
import { TOKEN_PREFIX } from '../model/scopes.ts';

/** A new token, as it is shown once: `crd_` and 256 random bits. */
export function newToken(): string {
  return `${TOKEN_PREFIX}${randomBytes(32).toString('base64url')}`;
}

/** What the brain knows a token by: its SHA-256, hexadecimal. */
export function hashOfToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
