// When failed work is tried again, and how its error is kept. Pure.

import { redact } from '../text/redact.ts';

/** After so many tries follow-up work counts as failed, as deliveries do in the SQL function `fail_delivery`. */
export const MAX_TRIES = 8;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const PAUSES_MS = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, 60 * MINUTE, 60 * MINUTE] as const;

/**
 * The pause after so many tries, in milliseconds. `jitter`, 0 to 1, takes away up to a fifth, so that what failed together
 * does not come back together; nobody is asked earlier than `retryAfterMs`, null when there is no such wish.
 */
export function pauseAfter(
  tries: number,
  { jitter, retryAfterMs }: { jitter: number; retryAfterMs: number | null },
): number {
  const pause = PAUSES_MS[Math.min(tries, PAUSES_MS.length) - 1] ?? PAUSES_MS[0];
  return Math.round(Math.max(pause * (1 - jitter / 5), retryAfterMs ?? 0));
}

const ERROR_CHARACTERS = 2_000;
/** So much of it is looked through for secrets: a driver's error may quote all that it was given. */
const ERROR_CHARACTERS_READ = 20_000;

/** The error as text that Postgres can keep: without secrets, no NUL, no half of a surrogate pair, at most 2,000 characters. */
export function storableError(error: Error): string {
  const said = redact(`${error.name}: ${error.message}`.slice(0, ERROR_CHARACTERS_READ));
  return said.replaceAll('\0', '�').slice(0, ERROR_CHARACTERS).toWellFormed();
}
