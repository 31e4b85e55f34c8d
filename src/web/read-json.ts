// Reads the JSON body of an API call, bounded, and validates it. The routes of api.ts use it.
import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { LIMITS } from '../config.ts';
import { type BodyRead, ByteBudget, readBody } from '../inbox/read-body.ts';
import { ApiError, malformed, tryAgain } from './api-error.ts';

/** One for all routes of a server: what their bodies may take of its memory together. */
export function makeReadJson(maxBytes: number = LIMITS.apiBodyBytes) {
  const budget = new ByteBudget(LIMITS.apiBodyBytesInFlight);
  /** Throws `ApiError`: 415, 413, 503, or 400 with every field that is wrong. */
  return async <Schema extends z.ZodType>(request: IncomingMessage, schema: Schema): Promise<z.output<Schema>> => {
    if (!/^application\/json\s*(?:;|$)/i.test(request.headers['content-type'] ?? '')) {
      throw new ApiError(415, 'unsupported_type', 'The body has to be JSON, with Content-Type: application/json');
    }
    const body = await readBody(request, budget, maxBytes);
    if (body.kind !== 'whole') throw refusalOf(body.kind, maxBytes);
    const value = parse(body.bytes, body.release);
    const parsed = schema.safeParse(value);
    if (!parsed.success) throw malformed(parsed.error, 'The body');
    return parsed.data;
  };
}

function refusalOf(kind: Exclude<BodyRead['kind'], 'whole'>, maxBytes: number): ApiError {
  if (kind === 'too large') return new ApiError(413, 'too_large', `The body is larger than ${maxBytes} bytes`);
  if (kind === 'cut short') return new ApiError(400, 'cut_short', 'The body ended too early');
  return tryAgain(503, 'busy', 'Too many calls at once; try again later', LIMITS.retryAfterSeconds);
}

function parse(bytes: Buffer, release: () => void): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new ApiError(400, 'malformed', 'The body is no JSON in UTF-8');
  } finally {
    release();
  }
}
