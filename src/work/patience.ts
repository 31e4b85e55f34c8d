// Tries again what is worth trying again, for as long as there is patience: servers restart, and say when they have too much to do.

import { setTimeout as pause } from 'node:timers/promises';
import { Transient } from '../model/errors.ts';

/** After the first, second, … failed try; the last one stays. In ms. */
const PAUSES_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000] as const;
/** Whoever asks to be left alone for longer is asked again all the same: a wrong clock is likelier. */
const LONGEST_PAUSE_MS = 120_000;

/** How long is waited, and who hears of it. */
export interface Patience {
  /** From the first try on; the last error is thrown when the next try would be later. */
  readonly forMs: number;
  readonly stop: AbortSignal;
  readonly onWait?: (error: Transient, pauseMs: number) => void;
}

/** Gives what `ask` gives. Throws what it throws, but Transient only when patience is over; and what `stop` was aborted with. */
export async function patiently<Answer>(
  ask: () => Promise<Answer>,
  { forMs, stop, onWait }: Patience,
): Promise<Answer> {
  const until = performance.now() + forMs;
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      stop.throwIfAborted();
      if (!(error instanceof Transient)) throw error;
      const pauseMs = pauseAfter(tries, error.retryAfterMs);
      if (performance.now() + pauseMs > until) throw error;
      onWait?.(error, pauseMs);
      await pause(pauseMs, undefined, { signal: stop });
    }
  }
}

/** In ms, up to a fifth less than the table says, so that many that were cut off together do not come back together. */
export function pauseAfter(tries: number, retryAfterMs: number | null): number {
  const table = PAUSES_MS[Math.min(Math.max(tries, 1), PAUSES_MS.length) - 1] ?? LONGEST_PAUSE_MS;
  return Math.round(Math.min(Math.max(table * (1 - Math.random() / 5), retryAfterMs ?? 0), LONGEST_PAUSE_MS));
}
