// Puts deliveries into the inbox, those that arrive together in one call (group commit).
import { z } from 'zod';
import type { Brain } from '../brain/client.ts';
import { LIMITS } from '../config/limits.ts';
import { asError, Rejected, Transient } from '../model/errors.ts';
import { type DeliveryRow, deliveryArguments, SAVE_OUTCOMES, type SaveOutcome } from './delivery-row.ts';

/** The SQL function `receive_deliveries`: all of the rows are durable when it resolves, none when it rejects. */
export type ReceiveDeliveries = (
  rows: readonly DeliveryRow[],
) => Promise<readonly { readonly guid: string; readonly outcome: SaveOutcome }[]>;

export interface Store {
  /**
   * Resolves once the row is durable. Rejects with `Rejected` when the database refuses this very row, with `Transient`
   * when it can't be stored now or not within `withinMs` (it may have been stored all the same: a repetition is harmless).
   */
  save(row: DeliveryRow, withinMs: number): Promise<SaveOutcome>;
  /** Whether rows come faster than they are stored: one had to wait for a call under way within the last second. */
  isPressed(): boolean;
}

interface Waiting {
  readonly row: DeliveryRow;
  readonly resolve: (outcome: SaveOutcome) => void;
  readonly reject: (error: Error) => void;
}

interface StoreOptions {
  readonly receiveDeliveries: ReceiveDeliveries;
  /** How many calls may be under way at once. */
  readonly lanes: number;
  /** A batch holds no more rows than this, and stops growing past so many characters of payload. */
  readonly batchRows: number;
  readonly batchBytes: number;
  /** A call that has not come back after so long is given up, so that the next batch can be tried. */
  readonly callMs: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number;
}

const PRESSED_MS = 1_000;

const answers = z.array(z.object({ guid: z.string(), outcome: z.enum(SAVE_OUTCOMES) }));

/** The store over a brain, with the limits of config.ts. */
export function openStore(brain: Pick<Brain, 'call' | 'backend'>): Store {
  return makeStore({
    lanes: LIMITS.storeLanes[brain.backend],
    receiveDeliveries: async (rows) => answers.parse(await brain.call('receive_deliveries', deliveryArguments(rows))),
    batchRows: LIMITS.batchRows,
    batchBytes: LIMITS.batchBytes,
    callMs: LIMITS.saveMs,
  });
}

/**
 * Makes the store.
 *
 * 1. While all lanes are taken by calls, what arrives makes the next batch.
 * 2. A row that the database refuses takes no other row with it: the batch is then stored row by row.
 * 3. A row whose caller has given up is not stored later, unless its call was under way.
 */
export function makeStore(options: StoreOptions): Store {
  return new GroupCommit(options);
}

class GroupCommit implements Store {
  readonly #options: StoreOptions;
  #waiting: Waiting[] = [];
  readonly #now: () => number;
  #lanesTaken = 0;
  #pressedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: StoreOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  isPressed(): boolean {
    return this.#now() < this.#pressedUntilMs;
  }

  save(row: DeliveryRow, withinMs: number): Promise<SaveOutcome> {
    const { promise, resolve, reject } = Promise.withResolvers<SaveOutcome>();
    const entry = { row, resolve, reject };
    const timer = setTimeout(() => {
      this.#waiting = this.#waiting.filter((other) => other !== entry);
      reject(new Transient(`The delivery was not stored within ${Math.round(withinMs)} ms`));
    }, withinMs);
    this.#waiting.push(entry);
    if (this.#lanesTaken < this.#options.lanes) void this.#drain();
    else this.#pressedUntilMs = this.#now() + PRESSED_MS;
    return promise.finally(() => clearTimeout(timer));
  }

  async #drain(): Promise<void> {
    this.#lanesTaken += 1;
    // A turn of the event loop lets the requests that are already read join the first batch.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) await this.#storeBatch(this.#takeBatch());
    this.#lanesTaken -= 1;
  }

  #takeBatch(): readonly Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { row } of this.#waiting) {
      if (count === this.#options.batchRows || (count > 0 && bytes + row.payload.length > this.#options.batchBytes))
        break;
      bytes += row.payload.length;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #storeBatch(batch: readonly Waiting[]): Promise<void> {
    try {
      const outcomes = await this.#call(batch.map(({ row }) => row));
      for (const { row, resolve, reject } of batch) {
        const outcome = outcomes.get(row.guid);
        if (outcome === undefined) reject(new Transient(`receive_deliveries said nothing about ${row.guid}`));
        else resolve(outcome);
      }
    } catch (thrown) {
      const error = asError(thrown);
      if (error instanceof Rejected && batch.length > 1) {
        for (const entry of batch) await this.#storeBatch([entry]);
      } else {
        for (const { reject } of batch) reject(error);
      }
    }
  }

  async #call(rows: readonly DeliveryRow[]): Promise<ReadonlyMap<string, SaveOutcome>> {
    const { promise: tooLate, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => reject(new Transient(`receive_deliveries has not answered for ${this.#options.callMs} ms`)),
      this.#options.callMs,
    );
    try {
      const outcomes = await Promise.race([this.#options.receiveDeliveries(rows), tooLate]);
      return new Map(outcomes.map(({ guid, outcome }) => [guid, outcome]));
    } finally {
      clearTimeout(timer);
    }
  }
}
