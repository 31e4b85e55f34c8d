// Knows a caller of the API by a bearer key, of which the settings hold the SHA-256 alone. The routes of api.ts use it.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiKey } from '../api-keys.ts';
import { ApiError } from './api-error.ts';

const LONGEST_KEY = 1_024;

/** The name of the key in `Authorization: Bearer <key>`; throws `ApiError` 401. Takes as long whichever key it is. */
export function callerOf(authorization: string | undefined, keys: readonly ApiKey[]): string {
  const [, key = ''] = /^Bearer +(\S+)$/i.exec((authorization ?? '').slice(0, LONGEST_KEY)) ?? [];
  const hash = createHash('sha256').update(key).digest();
  const fitting = keys.filter(({ sha256 }) => timingSafeEqual(hash, Buffer.from(sha256, 'hex')));
  const [caller] = fitting;
  if (caller !== undefined && key !== '') return caller.name;
  const message = 'Send "Authorization: Bearer <key>" with a key of the setting CODERED_API_KEYS';
  throw new ApiError(401, 'bad_key', message, { headers: { 'www-authenticate': 'Bearer' } });
}
