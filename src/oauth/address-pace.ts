// How often one address may begin something that costs us: a request that is remembered, a document that is fetched from a stranger's
// host. An address only ever keeps itself out: where nobody's address is known nobody is counted.

/** So many at once, and one more after each `everyMs`. Of more than `addresses` the one that came first is forgotten. */
interface PaceLimits {
  readonly burst: number;
  readonly everyMs: number;
  readonly addresses: number;
}

/** Documents of clients: most are known already. */
export const FETCHES: PaceLimits = { burst: 20, everyMs: 10_000, addresses: 10_000 };
/** Requests for authorization, at each of which a person is asked; many people may have one address. */
export const REQUESTS: PaceLimits = { burst: 60, everyMs: 1_000, addresses: 10_000 };

export class AddressPace {
  readonly #limits: PaceLimits;
  readonly #now: () => number;
  /** When each address will have used nothing. */
  readonly #free = new Map<string, number>();

  constructor(limits: PaceLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Counts one, or says no. */
  take(address: string | null): boolean {
    if (address === null) return true;
    const { burst, everyMs, addresses } = this.#limits;
    const now = this.#now();
    const free = Math.max(now, this.#free.get(address) ?? now);
    if (free + everyMs > now + burst * everyMs) return false;
    this.#free.delete(address);
    this.#free.set(address, free + everyMs);
    for (const [first] of this.#free) {
      if (this.#free.size <= addresses) break;
      this.#free.delete(first);
    }
    return true;
  }
}
