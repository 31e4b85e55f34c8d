// Refusals of the REST interface, as RFC 9457 has them: application/problem+json.
import { asError, Misconfigured, Rejected, Transient } from '../../model/errors.ts';
import { GITHUB_UNAVAILABLE } from '../../operations/declared/ask-github.ts';
import { ApiError, wordsOf } from '../api-error.ts';
import { ACCESS_UNCHECKED } from './fresh-access.ts';

/** What the brain refuses a person: docs/brain.md#what-an-error-says, and Postgres' own for a missing right and a value that can't be one. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  CR001: 409,
  CR002: 400,
  CR003: 409,
  CR004: 404,
  CR005: 409,
  CR006: 409,
  CR007: 400,
  CR008: 403,
  CR009: 422,
  CR014: 409,
  CR015: 410,
  '42501': 403,
  '22P02': 400,
  '22003': 400,
  '22007': 400,
  '22008': 400,
  '22009': 400,
  '22P05': 400,
  '23502': 400,
  '23503': 400,
  '23505': 409,
};

/**
 * The refusal that something thrown stands for. Called with what is nobody's refusal, `onFault` writes it down, and the caller learns
 * no more than that. `signInUrl` is where people sign in again.
 */
export function refusalOfOperation(thrown: unknown, onFault: (error: Error) => void, signInUrl?: string): ApiError {
  if (thrown instanceof ApiError) return thrown;
  if (thrown instanceof Rejected && thrown.code === ACCESS_UNCHECKED) {
    const at = signInUrl === undefined ? '' : ` at ${signInUrl}`;
    const message = `${wordsOf(thrown)} Sign in again${at}, or try later.`;
    return new ApiError(503, 'access_unchecked', message, { headers: { 'retry-after': '60' } });
  }
  if (thrown instanceof Rejected && thrown.code === GITHUB_UNAVAILABLE) {
    return new ApiError(503, GITHUB_UNAVAILABLE, thrown.message, { headers: { 'retry-after': '30' } });
  }
  const code = thrown instanceof Rejected ? (thrown.code ?? '') : '';
  const status = STATUS_OF_CODE[code];
  if (thrown instanceof Rejected && status !== undefined) {
    // Postgres' own words name tables.
    const words = code.startsWith('CR') ? wordsOf(thrown) : WORDS[status];
    return new ApiError(status, code, words ?? 'This can not be done');
  }
  onFault(asError(thrown));
  if (thrown instanceof Misconfigured) {
    const words = 'This CodeRed can do nothing for people now: whoever runs it learns from `codered doctor` what to do';
    return new ApiError(503, 'not_set_up', words, { headers: { 'retry-after': '60' } });
  }
  if (thrown instanceof Transient) {
    const headers = { 'retry-after': String(Math.ceil((thrown.retryAfterMs ?? 5_000) / 1_000)) };
    return new ApiError(503, 'unavailable', 'This can not be done now; try again later', { headers });
  }
  return new ApiError(500, 'internal', 'This request could not be answered; the log says why');
}

const WORDS: Readonly<Record<number, string>> = {
  400: 'A value is missing, or is none that can stand there',
  403: 'You may not do this',
  409: 'There is one already',
};
