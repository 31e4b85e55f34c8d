// Failures on demand: the next request that fits gets another answer than it would have.

import type { Json, JsonObject } from './contract/json-value.ts';

/** Which request fails. `path` is tried on the path without the query. */
export interface FailureMatch {
  method?: string;
  path?: RegExp;
  /** `after`: the request takes effect and only its answer is lost, as when a connection breaks. Default `before`. */
  when?: 'before' | 'after';
}

/** What is answered instead; `hang up` closes the connection without an answer. */
export type Failure = { status: number; headers?: Record<string, string>; body?: Json } | 'hang up';

/** The failures that were asked for and have not happened yet. */
export interface Failures {
  /** One request fails per call; several are used up in the order they were asked for. */
  failNext(match: FailureMatch, failure: Failure): void;
  /** Takes the first failure that fits, if any. */
  take(when: 'before' | 'after', method: string, path: string): Failure | null;
}

/** An empty list of failures to come. */
export function createFailures(): Failures {
  const waiting: { match: FailureMatch; failure: Failure }[] = [];
  return {
    failNext: (match, failure) => void waiting.push({ match, failure }),
    take(when, method, path) {
      const index = waiting.findIndex(({ match }) => {
        return (
          (match.when ?? 'before') === when && (match.method ?? method) === method && (match.path?.test(path) ?? true)
        );
      });
      return index < 0 ? null : (waiting.splice(index, 1)[0]?.failure ?? null);
    },
  };
}

const body = (message: string): JsonObject => ({
  message,
  documentation_url:
    'https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits',
});

/** GitHub's answer to too many requests in a short time. */
export function secondaryRateLimit(retryAfterSeconds: number, status: 403 | 429 = 403): Failure {
  const message = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
  return { status, headers: { 'retry-after': String(retryAfterSeconds) }, body: body(message) };
}
