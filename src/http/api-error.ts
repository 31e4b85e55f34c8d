// What an API call is refused with: HTTP status, a code for programs and words for people.
import type { z } from 'zod';
import { Rejected } from '../model/errors.ts';
import { shapeProblems } from '../text/shape-problems.ts';
import type { Answer } from './answer.ts';

/** Answered as `problemOf` says. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    status: number,
    code: string,
    message: string,
    options: { details?: Record<string, unknown>; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = options.details ?? {};
    this.headers = options.headers ?? {};
  }
}

/** Asks the caller to come back. */
export function tryAgain(status: 404 | 503, code: string, message: string, seconds: number): ApiError {
  return new ApiError(status, code, message, { headers: { 'retry-after': String(seconds) } });
}

/** A 400 that names each field and what is wrong with it, without repeating what was sent. `error` comes of a parse with `plainWords`. */
export function malformed(error: z.ZodError, what: string): ApiError {
  const fields = shapeProblems(error).map(({ field, said }) => ({ field, message: said }));
  return new ApiError(400, 'malformed', `${what} is not as it should be`, { details: { fields } });
}

/** What the brain refuses by its own codes is the caller's to set right: docs/brain.md. */
const STATUS_OF_REFUSAL: Readonly<Record<string, number>> = { CR002: 400, CR003: 409, CR004: 404 };

/** The refusal that something thrown stands for; null when it is none of the caller's doing. */
export function refusalIn(thrown: unknown): ApiError | null {
  if (thrown instanceof ApiError) return thrown;
  const status = thrown instanceof Rejected ? STATUS_OF_REFUSAL[thrown.code ?? ''] : undefined;
  if (!(thrown instanceof Rejected) || status === undefined) return null;
  return new ApiError(status, thrown.code ?? '', wordsOf(thrown));
}

/** What the brain said when it refused: which of its functions did is nobody's business at the door. */
export function wordsOf({ message }: Rejected): string {
  return message.replace(/^\w+ failed with \w+: /, '');
}

/** https://www.rfc-editor.org/rfc/rfc9457: `type` is about:blank, so that `title` is the status in words; `code` and `details` are ours. */
export function problemOf({ status, code, message, details, headers }: ApiError): Answer {
  return {
    status,
    body: { type: 'about:blank', title: TITLES[status] ?? 'Error', status, detail: message, code, details },
    headers: { ...headers, 'content-type': 'application/problem+json; charset=utf-8', 'cache-control': 'no-store' },
  };
}

/** Each status in words. */
export const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};
