// How often one address may come with a token that lets nobody in, so that nobody tries many. Who has a good one is never refused for it.
import { ApiError } from '../api-error.ts';

interface Bucket {
  /** So many at once. */
  readonly burst: number;
  /** After so long there is room for one more. */
  readonly everyMs: number;
}

/** `unknown`: of all together whose address nobody knows. `addresses`: of more, the one that came first is forgotten. */
export interface FailedTokenLimits extends Bucket {
  readonly unknown: Bucket;
  readonly addresses: number;
}

export class FailedTokens {
  readonly #limits: FailedTokenLimits;
  readonly #now: () => number;
  /** When each address will have used nothing, in the order in which they came. */
  readonly #free = new Map<string | null, number>();

  constructor(limits: FailedTokenLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Counts the refusal of a token. Returns what to answer: the refusal itself, or 429 for who has had too many. */
  note(thrown: unknown, address: string | null): unknown {
    if (!(thrown instanceof ApiError) || thrown.code !== 'invalid_token') return thrown;
    const { burst, everyMs } = address === null ? this.#limits.unknown : this.#limits;
    const now = this.#now();
    const free = Math.max(now, this.#free.get(address) ?? now);
    const waitMs = free + everyMs - (now + burst * everyMs);
    if (waitMs > 0) {
      const headers = { 'retry-after': String(Math.ceil(waitMs / 1_000)) };
      return new ApiError(429, 'too_many_tokens', 'Too many tokens that let nobody in: wait, then send a good one', {
        headers,
      });
    }
    this.#free.delete(address);
    this.#free.set(address, free + everyMs);
    for (const [first] of this.#free) {
      if (this.#free.size <= this.#limits.addresses) break;
      this.#free.delete(first);
    }
    return thrown;
  }
}
