// The loop behind every queue: claims, keeps a number of items going, waits to be woken. Knows nothing of what it works
// on.
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { asError } from '../model/errors.ts';

export interface Loop {
  /** Says that there may be something to claim: claims at once instead of at the next poll. */
  wake(): void;
  /** Resolves once a claim made after the call came back empty with nothing running. */
  idle(): Promise<void>;
  /** Claims no more and resolves when what runs is done, or after `stopMs`: the rest is claimed again when its lease ends. */
  stop(): Promise<void>;
}

export interface LoopOptions<Item> {
  /** For the log. */
  readonly name: string;
  /** Takes up to so many items; what it throws is waited out, with one line in the log per outage. */
  readonly claim: (limit: number) => Promise<readonly Item[]>;
  /** Works on one item; it records failures itself, so what it throws is only logged. */
  readonly handle: (item: Item) => Promise<void>;
  /** How many items run at once. */
  readonly concurrency: number;
  /** How many for the time being, one at least: fewer while something goes on that must not wait. */
  readonly concurrencyNow?: () => number;
  /** How often to look without being woken; a fifth is added or taken at random, so that processes do not march in step. */
  readonly pollMs: number;
  readonly stopMs: number;
  readonly log: Logger;
}

/** Pauses while claiming fails, in milliseconds; the last one stays. */
const OUTAGE_PAUSES_MS = [250, 500, 1_000, 2_000, 5_000, 10_000, 30_000] as const;

/**
 * Starts the loop.
 *
 * 1. Claims never overlap, and never ask for more than there is room for.
 * 2. After a claim that brought all that was asked for, the next one follows as soon as half the room is free.
 * 3. A wake is never lost: one that comes during a claim leads to another claim; only an outage outweighs it.
 */
export function startLoop<Item>(options: LoopOptions<Item>): Loop {
  const loop = new QueueLoop(options);
  const running = loop.run();
  return {
    wake: () => loop.wake(),
    idle: () => loop.idle(),
    stop: async () => {
      loop.end();
      await running;
      await loop.settled();
    },
  };
}

class QueueLoop<Item> {
  readonly #options: LoopOptions<Item>;
  readonly #log: Logger;
  readonly #running = new Set<Promise<void>>();
  #idleWaiters: (() => void)[] = [];
  #stopping = false;
  #woken = false;
  #moreExpected = false;
  #failedClaims = 0;
  #endPause = () => {};

  constructor(options: LoopOptions<Item>) {
    this.#options = options;
    this.#log = options.log.child({ worker: options.name });
  }

  wake(): void {
    this.#woken = true;
    if (this.#failedClaims === 0) this.#endPause();
  }

  idle(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#idleWaiters = [...this.#idleWaiters, resolve];
    this.wake();
    return promise;
  }

  end(): void {
    this.#stopping = true;
    this.#endPause();
  }

  async settled(): Promise<void> {
    const giveUp = new AbortController();
    const tooLong = wait(this.#options.stopMs, false, { signal: giveUp.signal }).catch(() => false);
    const done = Promise.allSettled([...this.#running]).then(() => true);
    const inTime = await Promise.race([done, tooLong]);
    giveUp.abort();
    if (!inTime) this.#log.warn({ running: this.#running.size }, 'stopped with work under way; its leases will end');
  }

  async run(): Promise<void> {
    while (!this.#stopping) {
      this.#woken = false;
      await this.#claimAndReport();
      const outage = this.#failedClaims > 0;
      if (this.#woken && !outage) continue;
      const pauseMs = outage ? (OUTAGE_PAUSES_MS[this.#failedClaims - 1] ?? 30_000) : this.#options.pollMs;
      await this.#pause(pauseMs * (0.8 + 0.4 * Math.random()));
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#stopping ? 0 : ms);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #claimAndReport(): Promise<void> {
    try {
      await this.#claim();
      if (this.#failedClaims > 0) this.#log.info({ failed: this.#failedClaims }, 'claiming works again');
      this.#failedClaims = 0;
    } catch (thrown) {
      if (this.#failedClaims === 0) {
        this.#log.error({ err: asError(thrown) }, 'claiming fails; it is tried until it works');
      }
      this.#failedClaims += 1;
    }
  }

  async #claim(): Promise<void> {
    const waiters = this.#idleWaiters;
    const wasQuiet = this.#running.size === 0;
    const room = this.#most() - this.#running.size;
    if (room <= 0) return;
    const items = await this.#options.claim(room);
    for (const item of items) this.#start(item);
    this.#moreExpected = items.length >= room;
    if (items.length > 0 || !wasQuiet) return;
    this.#idleWaiters = this.#idleWaiters.filter((waiter) => !waiters.includes(waiter));
    for (const resolve of waiters) resolve();
  }

  #most(): number {
    const { concurrency, concurrencyNow = () => concurrency } = this.#options;
    return Math.min(concurrency, Math.max(1, concurrencyNow()));
  }

  #start(item: Item): void {
    const run = this.#options
      .handle(item)
      .catch((thrown: unknown) => this.#log.error({ err: asError(thrown) }, 'an item could not be worked on'))
      .finally(() => {
        this.#running.delete(run);
        const asked = this.#idleWaiters.length > 0 && this.#running.size === 0;
        const halfFree = this.#running.size <= this.#most() / 2;
        if (asked || (this.#moreExpected && halfFree)) this.wake();
      });
    this.#running.add(run);
  }
}
