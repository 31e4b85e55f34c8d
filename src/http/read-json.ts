// Reads the JSON body of an API call, bounded, and validates it.
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { LIMITS } from '../config/limits.ts';
import { plainWords } from '../text/shape-problems.ts';
import { ApiError, malformed } from './api-error.ts';
import { makeReadBytes } from './read-bytes.ts';

/** One for all requests of a route. */
export function makeReadJson(maxBytes: number = LIMITS.apiBodyBytes) {
  const readBytes = makeReadBytes(maxBytes, LIMITS.apiBodyBytesInFlight);
  /** Throws `ApiError`: 415, 413, 503, or 400 with every field that is wrong. */
  return async <Schema extends z.ZodType>(request: IncomingMessage, schema: Schema): Promise<z.output<Schema>> => {
    if (!/^application\/json\s*(?:;|$)/i.test(request.headers['content-type'] ?? '')) {
      throw new ApiError(415, 'unsupported_type', 'The body has to be JSON, with Content-Type: application/json');
    }
    const { bytes, release } = await readBytes(request);
    try {
      return validated(parseJson(bytes), schema);
    } finally {
      release();
    }
  };
}

/** Throws `ApiError` 400. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new ApiError(400, 'malformed', 'The body is no JSON in UTF-8');
  }
}

/** Throws `ApiError` 400 with every field that is wrong. */
export function validated<Schema extends z.ZodType>(value: unknown, schema: Schema): z.output<Schema> {
  const parsed = schema.safeParse(value, { error: plainWords });
  if (!parsed.success) throw malformed(parsed.error, 'The body');
  return parsed.data;
}

const MOST_ITEMS = 1_000;

/** A list that is refused by its length before its items are looked at: each may cost a complaint. */
export function fewOf<Item extends z.ZodType>(item: Item) {
  return z.array(z.unknown()).max(MOST_ITEMS).pipe(z.array(item));
}
