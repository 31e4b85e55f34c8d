// When failed work is tried again: one table for deliveries, follow-ups and publications. Pure.

/** After so many tries work counts as failed; the SQL function `fail_delivery` counts the same. */
export const MAX_TRIES = 8;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** After the first, second, … failed try; the last one stays. */
const PAUSES_MS = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, 60 * MINUTE] as const;
const CEILING_MS = 60 * MINUTE;

/**
 * The pause after so many failed tries, in milliseconds. `jitter`, 0 to 1, takes away up to a fifth, so that what failed
 * together does not come back together. Nobody is asked earlier than `retryAfterMs`; null when nobody said how long to wait.
 */
export function pauseAfter(
  tries: number,
  { jitter, retryAfterMs }: { jitter: number; retryAfterMs: number | null },
): number {
  const pause = PAUSES_MS[Math.max(tries, 1) - 1] ?? CEILING_MS;
  return Math.round(Math.max(pause * (1 - jitter / 5), retryAfterMs ?? 0));
}
