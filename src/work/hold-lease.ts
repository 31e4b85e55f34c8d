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
  let halt: Halt | null = null;
  let news: Told | null = null;
  let onNews = () => {};
  let onRelease = () => {};

  /** True when there is no more to keep. */
  async function keepOnce(): Promise<boolean> {
    const told = news;
    news = null;
    const { stop } = await api.keep(packet, told, released.signal);
    if (stop) halt = 'cancelled';
    return stop;
  }
  async function keepOn(): Promise<void> {
    let failures = 0;
    while (!released.signal.aborted) {
      const wait = failures === 0 ? everyMs : Math.min(pauseAfter(failures, null), everyMs);
      await waitFor(wait, failures === 0);
      if (released.signal.aborted) return;
      try {
        if (await keepOnce()) break;
        failures = 0;
      } catch (error) {
        if (released.signal.aborted) return;
        // Whether the lease outlived a server that was away, the next answer says.
        failures++;
        if (error instanceof Transient) continue;
        halt = 'lost';
        break;
      }
    }
    halted.abort();
  }
  async function waitFor(ms: number, endsWithNews: boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const startedAt = performance.now();
    const timer = setTimeout(resolve, ms);
    let early: NodeJS.Timeout | undefined;
    onNews = () => {
      const left = Math.max(LEAST_BETWEEN_MS - (performance.now() - startedAt), 0);
      if (endsWithNews) early ??= setTimeout(resolve, left);
    };
    if (news !== null) onNews();
    onRelease = resolve;
    await promise;
    clearTimeout(timer);
    clearTimeout(early);
  }

  const kept = keepOn();
  return {
    halted: halted.signal,
    halt: () => halt,
    tell: (told) => {
      news = told;
      onNews();
    },
    release: async () => {
      released.abort();
      onRelease();
      await kept;
    },
  };
}
