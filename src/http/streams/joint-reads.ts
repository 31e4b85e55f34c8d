// Reads that several streams of one person need at the same time, done once.
import type { Turns } from '../person-door/turns.ts';

/** What is read for a person and named the same is read once for all who ask before it begins. */
export class JointReads<T> {
  readonly #turns: Turns;
  readonly #waiting = new Map<string, Promise<T>>();

  constructor(turns: Turns) {
    this.#turns = turns;
  }

  /** What `read` gives, which begins after this was called. Throws what it throws, and `ApiError` 429 when too much of the person's waits. */
  take({ person, name }: { person: string; name: string }, read: () => Promise<T>): Promise<T> {
    const key = `${person} ${name}`;
    const joined = this.#waiting.get(key);
    if (joined !== undefined) return joined;
    const begun = this.#begin(person, key, read);
    this.#waiting.set(key, begun);
    return begun;
  }

  async #begin(person: string, key: string, read: () => Promise<T>): Promise<T> {
    // Whoever was woken by the same comes in the same turn of the loop.
    await new Promise(setImmediate);
    try {
      return await this.#turns.take(person, () => {
        this.#waiting.delete(key);
        return read();
      });
    } catch (thrown) {
      this.#waiting.delete(key);
      throw thrown;
    }
  }
}
