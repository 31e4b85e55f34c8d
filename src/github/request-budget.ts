// How many requests GitHub still takes in this hour, and for what they are kept.
import type { ProbotOctokit } from 'probot';

/** What a request is for, the most important first: what a verdict waits for, what is told of it, and what can wait. */
export type Purpose = 'gate' | 'comment' | 'sweep' | 'backfill';

/** So large a part of the hour's requests is left to what goes before: of GitHub's 5,000 a sweep leaves a thousand. */
const KEPT_PARTS: Readonly<Record<Purpose, number>> = { gate: 0, comment: 0.05, sweep: 0.2, backfill: 0.4 };

/** What GitHub says of the primary limit. */
export interface RequestsLeft {
  /** Requests an hour. */
  readonly limit: number;
  readonly remaining: number;
  /** In how many milliseconds the next hour begins, by GitHub's own clock. */
  readonly resetsMs: number;
}

/** Whether a request for this purpose may be sent while so many are left. */
export function hasRoom(purpose: Purpose, { limit, remaining }: RequestsLeft): boolean {
  return remaining > limit * KEPT_PARTS[purpose];
}

/**
 * Reads what GitHub says with an answer, also with one that refuses; null where there is no limit (a server of one's own), and for
 * other limits than that of the API, such as that of searches. docs/github.md#rate-limits
 */
function requestsLeftOf(headers: Readonly<Record<string, unknown>>): RequestsLeft | null {
  const resource = headers['x-ratelimit-resource'];
  if (resource !== undefined && resource !== 'core') return null;
  const limit = readNumber(headers['x-ratelimit-limit']);
  const remaining = readNumber(headers['x-ratelimit-remaining']);
  if (limit === null || remaining === null) return null;
  const resetSeconds = readNumber(headers['x-ratelimit-reset']) ?? 0;
  // Counted from GitHub's own clock where it tells it, so that ours may be wrong.
  const nowMs = Date.parse(String(headers.date)) || Date.now();
  return { limit, remaining, resetsMs: Math.min(Math.max(resetSeconds * 1000 - nowMs, 0), HOUR_MS) + 1000 };
}

const HOUR_MS = 3_600_000;

function readNumber(value: unknown): number | null {
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN;
  return Number.isSafeInteger(number) && number >= 0 && number <= 2_147_483_647 ? number : null;
}

/** Calls `heed` with what GitHub says with each answer to what `octokit` asks from now on. */
export function heedAnswers(octokit: ProbotOctokit, heed: (left: RequestsLeft) => void | Promise<void>): void {
  const read = async (headers: Readonly<Record<string, unknown>>) => {
    const left = requestsLeftOf(headers);
    if (left !== null) await heed(left);
  };
  octokit.hook.after('request', ({ headers }) => read(headers));
  octokit.hook.error('request', async (error) => {
    if ('response' in error && error.response !== undefined) await read(error.response.headers);
    throw error;
  });
}

/**
 * Heeds the answers to all that `octokit` asks from now on. The function that is returned says whether there is room for a request
 * that may as well be left out; always, where GitHub sets no limit (a server of one's own). docs/github.md#rate-limits
 */
export function watchRequests(octokit: ProbotOctokit): () => boolean {
  let last: RequestsLeft | null = null;
  heedAnswers(octokit, (left) => {
    last = left;
  });
  return () => last === null || hasRoom('sweep', last);
}
