// Which streams are open: no more than there is room for, and all ended when the process stops.
import { ApiError } from '../api-error.ts';
import type { EventStream } from './event-stream.ts';

interface StreamLimits {
  /** Of all people at once. */
  readonly together: number;
  /** Of one person at once. */
  readonly ofOne: number;
}

/** Counts places for streams of this process. */
export class OpenStreams {
  readonly #limits: StreamLimits;
  readonly #ofPerson = new Map<string, number>();
  readonly #open = new Map<EventStream, Promise<void>>();
  #together = 0;
  #isClosing = false;

  constructor(limits: StreamLimits) {
    this.#limits = limits;
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Takes a place until what it returns is called. Throws `ApiError`: 429 for a person who has too many, 503 when there is no room. */
  take(person: string): () => void {
    if (this.#isClosing) throw full('This process is stopping: come again');
    const theirs = this.#ofPerson.get(person) ?? 0;
    if (theirs >= this.#limits.ofOne) {
      const message = `You have ${theirs} streams open at once: end one of them`;
      throw new ApiError(429, 'too_many_streams', message, { headers: { 'retry-after': '10' } });
    }
    if (this.#together >= this.#limits.together) throw full('There is no room for another stream now: come again');
    this.#count(person, 1);
    let isOver = false;
    return () => {
      if (!isOver) this.#count(person, -1);
      isOver = true;
    };
  }

  /** Has the stream ended when the process stops; `over` resolves when it is. */
  keep(stream: EventStream, over: Promise<void>): void {
    if (this.#isClosing) stream.end();
    this.#open.set(stream, over);
    void over.finally(() => this.#open.delete(stream));
  }

  /** Ends all of them, each with the hint to come again, and takes no more. */
  async close(): Promise<void> {
    this.#isClosing = true;
    for (const stream of this.#open.keys()) stream.end();
    await Promise.all(this.#open.values());
  }

  #count(person: string, change: 1 | -1): void {
    const now = (this.#ofPerson.get(person) ?? 0) + change;
    this.#together += change;
    if (now === 0) this.#ofPerson.delete(person);
    else this.#ofPerson.set(person, now);
  }
}

function full(message: string): ApiError {
  return new ApiError(503, 'no_room', message, { headers: { 'retry-after': '10' } });
}
