// Gives turns at something that does one thing at a time: urgent work before all that waits, otherwise in order. Pure but for waiting.

type Turn = () => Promise<void>;

/** `beforeTurn` runs before each turn is chosen, so that what has just come in takes part in the choice. */
export class TurnQueue {
  readonly #urgent: Turn[] = [];
  readonly #waiting: Turn[] = [];
  readonly #beforeTurn: () => void;
  #isBusy = false;

  constructor(beforeTurn: () => void = () => {}) {
    this.#beforeTurn = beforeTurn;
  }

  /** Resolves or rejects as `work` does, which runs when its turn has come. */
  run<T>(work: () => Promise<T>, { isUrgent = false }: { isUrgent?: boolean } = {}): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const queue = isUrgent ? this.#urgent : this.#waiting;
    queue.push(() => work().then(resolve, reject));
    if (!this.#isBusy) void this.#takeTurns();
    return promise;
  }

  async #takeTurns(): Promise<void> {
    this.#isBusy = true;
    for (;;) {
      this.#beforeTurn();
      const turn = this.#urgent.shift() ?? this.#waiting.shift();
      if (turn === undefined) break;
      await turn();
    }
    this.#isBusy = false;
  }
}
