// Knows a caller of the API by a bearer key, of which the settings hold the SHA-256 alone.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiKey } from '../config/api-keys.ts';
import { ApiError } from './api-error.ts';

const LONGEST_KEY = 1_024;

/** The word behind `Bearer` in an `Authorization` header; null when there is none. */
export function bearerWord(authorization: string | undefined): string | null {
  return /^Bearer +(\S+)$/i.exec((authorization ?? '').slice(0, LONGEST_KEY))?.[1] ?? null;
}

/** Which of the hashes (SHA-256, hexadecimal) the key in `Authorization: Bearer <key>` has; null for none. Takes as long whichever it is. */
export function bearerHash(authorization: string | undefined, sha256s: readonly string[]): string | null {
  const key = bearerWord(authorization) ?? '';
  const hash = createHash('sha256').update(key).digest();
  const [fitting] = sha256s.filter((sha256) => timingSafeEqual(hash, Buffer.from(sha256, 'hex')));
  return key === '' ? null : (fitting ?? null);
}

/** The name of the key in `Authorization: Bearer <key>`; throws `ApiError` 401. */
export function callerOf(authorization: string | undefined, keys: readonly ApiKey[]): string {
  const hashes = keys.map(({ sha256 }) => sha256);
  const found = bearerHash(authorization, hashes);
  const caller = keys.find(({ sha256 }) => sha256 === found);
  if (caller !== undefined) return caller.name;
  const message = 'Send "Authorization: Bearer <key>" with a key of the setting CODERED_API_KEYS';
  throw new ApiError(401, 'bad_key', message, { headers: { 'www-authenticate': 'Bearer' } });
}
