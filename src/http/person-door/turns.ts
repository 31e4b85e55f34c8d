// How much is done at once for people, so that one of them, or all together, leave the database to the work of the gate.
import { ApiError } from '../api-error.ts';

interface TurnLimits {
  /** Of all people at once; who comes later waits. */
  readonly together: number;
  /** Of one person at once: less, so that nobody else waits for them alone. */
  readonly ofOne: number;
  /** Of one person, waiting too; who comes later is asked to come again. */
  readonly underWay: number;
}

/** Hands out turns, in the order in which they are asked for. */
export class Turns {
  readonly #limits: TurnLimits;
  readonly #waiting: { readonly person: string; readonly begin: () => void }[] = [];
  readonly #working = new Map<string, number>();
  #together = 0;

  constructor(limits: TurnLimits) {
    this.#limits = limits;
  }

  /** Does the work when it is its turn. Throws `ApiError` 429 for a person who has too much under way, and what the work throws. */
  async take<T>(person: string, work: () => Promise<T>): Promise<T> {
    const underWay = this.#workOf(person) + this.#waiting.filter((one) => one.person === person).length;
    if (underWay >= this.#limits.underWay) {
      const message = `You have ${underWay} requests under way at once: wait for one of them`;
      throw new ApiError(429, 'too_many_at_once', message, { headers: { 'retry-after': '1' } });
    }
    if (this.#mayBegin(person)) this.#count(person, 1);
    // Whoever ends begins the next and counts it, so that nobody who comes in between takes its place.
    else await new Promise<void>((begin) => this.#waiting.push({ person, begin }));
    try {
      return await work();
    } finally {
      this.#count(person, -1);
      const next = this.#waiting.findIndex((one) => this.#mayBegin(one.person));
      for (const one of next === -1 ? [] : this.#waiting.splice(next, 1)) {
        this.#count(one.person, 1);
        one.begin();
      }
    }
  }

  #workOf(person: string): number {
    return this.#working.get(person) ?? 0;
  }

  #mayBegin(person: string): boolean {
    return this.#together < this.#limits.together && this.#workOf(person) < this.#limits.ofOne;
  }

  #count(person: string, change: 1 | -1): void {
    const now = this.#workOf(person) + change;
    this.#together += change;
    if (now === 0) this.#working.delete(person);
    else this.#working.set(person, now);
  }
}
