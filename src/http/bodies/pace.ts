// How fast a body comes, of late: a burst at the beginning is soon forgotten.
import { RECEIVER_LIMITS } from '../../config/receiver-settings.ts';

/** After so long, what came counts about a third. */
const MEMORY_MS = 250;
/** A body that has just begun is taken to have come for so long. */
const LEAST_MS = 10;

export interface PaceLimits {
  /** Each time so much has gone by, a body has to have grown by its share of `bytesPerSecond`. */
  readonly everyMs: number;
  readonly bytesPerSecond: number;
}

const PACE: PaceLimits = { everyMs: RECEIVER_LIMITS.paceEveryMs, bytesPerSecond: RECEIVER_LIMITS.paceBytesPerSecond };

/** Counts the bytes of one body. */
export class Pace {
  readonly #now: () => number;
  readonly #startedMs: number;
  #recent = 0;
  #recentMs: number;
  #total = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#startedMs = now();
    this.#recentMs = this.#startedMs;
  }

  grew(bytes: number): void {
    const nowMs = this.#now();
    this.#recent = this.#faded(nowMs) + bytes;
    this.#recentMs = nowMs;
    this.#total += bytes;
  }

  /** Bytes a second, of late. */
  rate(): number {
    const nowMs = this.#now();
    const forMs = Math.min(MEMORY_MS, Math.max(LEAST_MS, nowMs - this.#startedMs));
    return (1_000 * this.#faded(nowMs)) / forMs;
  }

  /**
   * Calls `onTooSlow` once, when a body has not grown as it should; returns what ends the watch. Bytes that have come but
   * were not read yet, because the process was busy, are read before that is decided.
   */
  watch(onTooSlow: () => void, { everyMs, bytesPerSecond }: PaceLimits = PACE): () => void {
    let seen = this.#total;
    let isOver = false;
    const check = () => {
      if (isOver) return;
      const grown = this.#total - seen;
      seen = this.#total;
      if (grown * 1_000 >= bytesPerSecond * everyMs) return;
      end();
      onTooSlow();
    };
    const looking = setInterval(() => setImmediate(check), everyMs);
    const end = () => {
      isOver = true;
      clearInterval(looking);
    };
    return end;
  }

  #faded(nowMs: number): number {
    return this.#recent * Math.exp((this.#recentMs - nowMs) / MEMORY_MS);
  }
}
