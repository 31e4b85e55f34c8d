// The worker: claims work as long as there is room for more, does it, and ends in good order.

import { setTimeout as pause } from 'node:timers/promises';
import { asError, type Transient } from '../model/errors.ts';
import { doWork, type Ending, type WorkDeps } from './do-work.ts';
import { type Patience, pauseAfter } from './patience.ts';
import type { Claim } from './work-api.ts';
import type { WorkPacket } from './work-packet.ts';

/** Who works, on what, and who hears of it. */
export interface WorkerOptions extends Omit<WorkDeps, 'stop'> {
  readonly claim: Omit<Claim, 'batch'>;
  /** How much is done at the same time. */
  readonly concurrency: number;
  /** Claims once, and ends when that is done. */
  readonly once: boolean;
  readonly stop: AbortSignal;
  readonly onBegin: (packet: WorkPacket) => void;
  readonly onEnd: (packet: WorkPacket, ending: Ending) => void;
  /** What a person who watches may want to know. */
  readonly onWait: (words: string) => void;
}

/** How much was done, by how it ended. */
export type Tally = Readonly<Record<Ending['kind'], number>>;

/** The server takes no more at once. */
const MOST_CLAIMED = 10;
/** A server that is away for longer ends a worker that claims once; any other waits. */
const ONCE_MS = 120_000;
/** Between two claims that brought nothing: the first, second, … and all after. In ms. */
const IDLE_MS = [1_000, 2_000, 3_000, 5_000] as const;

/** Resolves when it was stopped, or has claimed once, and nothing is under way. Throws Misconfigured as soon as nothing more would come of it; what was under way was given back. */
export async function runWorker(options: WorkerOptions): Promise<Tally> {
  const fatal = new AbortController();
  const stop = AbortSignal.any([options.stop, fatal.signal]);
  const tally = { completed: 0, asked: 0, failed: 0, 'given back': 0, cancelled: 0, lost: 0 };
  const busy = new Set<Promise<void>>();
  let failures = 0;
  const begin = (packet: WorkPacket) => {
    options.onBegin(packet);
    const work = doWork(packet, { ...options, stop }).then(
      (ending) => {
        tally[ending.kind]++;
        failures = ending.kind === 'failed' ? failures + 1 : 0;
        options.onEnd(packet, ending);
      },
      (thrown: unknown) => fatal.abort(thrown),
    );
    const counted = work.finally(() => busy.delete(counted));
    busy.add(counted);
  };
  try {
    await claimUntil(stop, { options, busy, begin, failures: () => failures });
  } catch (thrown) {
    if (!stop.aborted) fatal.abort(thrown);
  }
  await Promise.all(busy);
  if (fatal.signal.aborted) throw asError(fatal.signal.reason);
  return tally;
}

interface Room {
  readonly options: WorkerOptions;
  readonly busy: ReadonlySet<Promise<void>>;
  readonly begin: (packet: WorkPacket) => void;
  /** So many pieces of work failed one after the other. */
  readonly failures: () => number;
}

async function claimUntil(stop: AbortSignal, { options, busy, begin, failures }: Room): Promise<void> {
  const { api, claim, concurrency, once } = options;
  const patience: Patience = {
    forMs: once ? ONCE_MS : Number.POSITIVE_INFINITY,
    stop,
    onWait: ({ message }: Transient, ms) => options.onWait(`${message}. Again in ${(ms / 1000).toFixed(1)} s`),
  };
  for (let empty = 0; !stop.aborted; ) {
    const batch = Math.min(concurrency - busy.size, MOST_CLAIMED);
    if (batch <= 0) {
      await Promise.race(busy);
      continue;
    }
    // An agent that fails at everything is not to use up the attempts of all there is to do.
    if (failures() > 0) await pause(pauseAfter(failures(), null), undefined, { signal: stop });
    const packets = await api.claim({ ...claim, batch }, patience);
    packets.forEach(begin);
    if (once) return;
    empty = packets.length === 0 ? empty + 1 : 0;
    if (empty > 0) await pause(idleMs(empty), undefined, { signal: stop });
  }
}

function idleMs(empty: number): number {
  const ms = IDLE_MS[Math.min(empty, IDLE_MS.length) - 1] ?? 5_000;
  return ms * (1 - Math.random() / 5);
}
