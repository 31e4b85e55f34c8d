// Reads the body of an API call, bounded.
import type { IncomingMessage } from 'node:http';
import { LIMITS } from '../config/limits.ts';
import { ApiError, tryAgain } from './api-error.ts';
import { BodyRoom } from './bodies/body-room.ts';
import { type BodyRead, readBody } from './bodies/read-body.ts';
import { type AddressOf, nobodysAddress } from './client-address.ts';

/**
 * A reader for all requests of a route; `roomBytes` is what their bodies may take of the memory together. `addressOf` where
 * strangers' bodies are read, whose share of the room is counted.
 */
export function makeReadBytes(maxBytes: number, roomBytes: number, addressOf: AddressOf = nobodysAddress) {
  const room = new BodyRoom(roomBytes, maxBytes);
  /** The memory counts until `release` is called. Throws `ApiError`: 415, 413, 408, 503, or 400 for a body that is cut short. */
  return async (request: IncomingMessage): Promise<{ readonly bytes: Buffer; readonly release: () => void }> => {
    refuseEncoded(request);
    const body = await readBody(request, { room, maxBytes, address: addressOf(request) });
    if (body.kind !== 'whole') throw refusalOf(body.kind, maxBytes);
    return { bytes: body.join(), release: body.release };
  };
}

/** What is packed would be read as what it is not: https://www.rfc-editor.org/rfc/rfc9110#section-8.4 */
function refuseEncoded({ headers }: IncomingMessage): void {
  if ((headers['content-encoding'] ?? 'identity').trim().toLowerCase() === 'identity') return;
  const message = 'The body has to come as it is, without Content-Encoding';
  throw new ApiError(415, 'unsupported_encoding', message, { headers: { 'accept-encoding': 'identity' } });
}

function refusalOf(kind: Exclude<BodyRead['kind'], 'whole'>, maxBytes: number): ApiError {
  if (kind === 'too large') return new ApiError(413, 'too_large', `The body is larger than ${maxBytes} bytes`);
  if (kind === 'too slow') return new ApiError(408, 'too_slow', 'The body comes too slowly');
  if (kind === 'cut short') return new ApiError(400, 'cut_short', 'The body ended too early');
  return tryAgain(503, 'busy', 'Too many calls at once; try again later', LIMITS.retryAfterSeconds);
}
