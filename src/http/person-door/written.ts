// How much one person may write, so that nobody fills the disk: rows stay for as long as the retention says, and turns only say how much
// is done at once.
import { ApiError } from '../api-error.ts';

export interface WrittenLimits {
  /** So much at once. */
  readonly burstBytes: number;
  /** So much more becomes free in an hour. */
  readonly hourBytes: number;
  /** What a request counts beside its body: its rows, its event, its answer. */
  readonly eachBytes: number;
  /** Of more, who wrote first is forgotten. */
  readonly people: number;
}

const HOUR_MS = 3_600_000;

/** Counts what people write, in this process. */
export class Written {
  readonly #limits: WrittenLimits;
  readonly #now: () => number;
  /** When each person will have used nothing, in the order in which they came last. */
  readonly #free = new Map<string, number>();

  constructor(limits: WrittenLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Counts a request with a body of so many bytes. Throws `ApiError` 429 for who has written too much; nothing is counted then. */
  take(person: string, bytes: number): void {
    const { burstBytes, hourBytes, eachBytes, people } = this.#limits;
    const msOf = (size: number) => (size * HOUR_MS) / hourBytes;
    const now = this.#now();
    // More than there is room for at once has to wait for all of the room.
    const size = Math.min(bytes + eachBytes, burstBytes);
    const free = Math.max(now, this.#free.get(person) ?? now) + msOf(size);
    const waitMs = free - now - msOf(burstBytes);
    if (waitMs > 0) {
      const headers = { 'retry-after': String(Math.ceil(waitMs / 1_000)) };
      throw new ApiError(429, 'too_much_written', 'You have written more than one person may in an hour: wait', {
        headers,
      });
    }
    this.#free.delete(person);
    this.#free.set(person, free);
    for (const [first] of this.#free) {
      if (this.#free.size <= people) break;
      this.#free.delete(first);
    }
  }
}
