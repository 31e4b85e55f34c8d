// Keeps the lease on a piece of work while somebody is at it, and hears of it when there is no use in going on.

import { Transient } from '../model/errors.ts';
import { pauseAfter } from './patience.ts';
import type { Told, WorkApi } from './work-api.ts';
import type { WorkPacket } from './work-packet.ts';

/** Why work is not gone on with. */
export type Halt = 'cancelled' | 'lost';

/** A lease that is kept. */
export interface HeldLease {
  /** Aborted when the work was cancelled or is somebody else's. */
  readonly halted: AbortSignal;
  /** Null as long as neither is known. */
  readonly halt: () => Halt | null;
  readonly tell: (told: Told) => void;
  /** Keeps it no longer. Resolves when no call about it is under way. */
  readonly release: () => Promise<void>;
}

/** However long the lease: whoever cancels work waits for that. */
const MOST_BETWEEN_MS = 15_000;
/** Progress comes as often as an agent likes, and is told no oftener than this. */
const LEAST_BETWEEN_MS = 1_000;

/** Begins at once: the lease runs since the claim. Every third of it the server is asked to prolong it, whether the agent says something or not. */
export function holdLease(api: WorkApi, packet: WorkPacket): HeldLease {
  const everyMs = Math.min((packet.lease_seconds * 1000) / 3, MOST_BETWEEN_MS);
  const halted = new AbortController();
  const released = new AbortController();
  const alarm = makeAlarm();
  let halt: Halt | null = null;
  let news: Told | null = null;

  async function keepOnce(): Promise<Halt | null> {
    const told = news;
    news = null;
    try {
      const { stop } = await api.keep(packet, told, released.signal);
      return stop ? 'cancelled' : null;
    } catch (error) {
      news ??= told;
      throw error;
    }
  }
  async function keepOn(): Promise<void> {
    for (let failures = 0; !released.signal.aborted && halt === null; ) {
      await alarm.wait(failures === 0 ? everyMs : Math.min(pauseAfter(failures, null), everyMs));
      if (released.signal.aborted) return;
      try {
        halt = await keepOnce();
        failures = 0;
      } catch (error) {
        // Whether the lease outlived a server that was away, the next answer says.
        if (error instanceof Transient) failures++;
        else halt = 'lost';
      }
    }
    if (!released.signal.aborted) halted.abort();
  }

  const kept = keepOn();
  return {
    halted: halted.signal,
    halt: () => halt,
    tell: (told) => {
      news = told;
      alarm.soon();
    },
    release: async () => {
      released.abort();
      alarm.ring();
      await kept;
    },
  };
}

/** A wait that may be cut short. */
function makeAlarm() {
  let startedAt = 0;
  let timers: NodeJS.Timeout[] = [];
  let isSoon = false;
  let ring = () => {};
  return {
    async wait(ms: number): Promise<void> {
      startedAt = performance.now();
      const { promise, resolve } = Promise.withResolvers<void>();
      ring = resolve;
      timers.push(setTimeout(resolve, ms));
      if (isSoon) timers.push(setTimeout(resolve, LEAST_BETWEEN_MS));
      isSoon = false;
      await promise;
      for (const timer of timers) clearTimeout(timer);
      timers = [];
    },
    /** Ends the wait that is under way, or else the next one, as soon as it has lasted the least. */
    soon(): void {
      isSoon = timers.length === 0;
      if (!isSoon && timers.length === 1) {
        timers.push(setTimeout(ring, Math.max(LEAST_BETWEEN_MS - (performance.now() - startedAt), 0)));
      }
    },
    ring: () => ring(),
  };
}
