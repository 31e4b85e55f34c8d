// Holds on to what this process is at work on: short leases, renewed while the work goes on, so that what a killed process
// held is taken up within half a minute.
import type { Logger } from 'pino';
import type { Brain } from '../brain/client.ts';
import { asError } from '../model/errors.ts';

/** What can be held: a delivery by its guid, a job and a publication by their ids. */
export type HeldKind = 'guids' | 'jobs' | 'publications';

export interface Leases {
  /** Does the work and has its lease renewed until it is over; throws what the work throws. */
  readonly whileHeld: <T>(kind: HeldKind, key: string, work: () => Promise<T>) => Promise<T>;
  /** Renews nothing any more. */
  readonly stop: () => void;
}

export interface LeaseOptions {
  readonly brain: Pick<Brain, 'call'>;
  /** In whose name the rows are claimed. */
  readonly worker: string;
  readonly leaseSeconds: number;
  readonly log: Pick<Logger, 'warn'>;
}

/** A lease outlives three renewals that fail. */
const RENEWALS_A_LEASE = 4;
/** What takes longer hangs: its lease ends, and somebody else has a try. The longest honest work reads a log of 1 GB. */
const LONGEST_WORK_MS = 30 * 60_000;

/** Starts to renew. A renewal that fails is logged and tried again at the next turn; a lease that ends meanwhile is another's. */
export function keepLeases({ brain, worker, leaseSeconds, log }: LeaseOptions): Leases {
  const held: Readonly<Record<HeldKind, Map<string, number>>> = {
    guids: new Map(),
    jobs: new Map(),
    publications: new Map(),
  };
  const alive = (kind: HeldKind) =>
    [...held[kind]].flatMap(([key, since]) => (performance.now() - since < LONGEST_WORK_MS ? [key] : []));
  let underWay = false;
  const renew = async () => {
    const keys = { guids: alive('guids'), jobs: alive('jobs'), publications: alive('publications') };
    if (underWay || Object.values(keys).every((some) => some.length === 0)) return;
    underWay = true;
    try {
      await brain.call('renew_leases', { worker, lease_seconds: leaseSeconds, ...keys });
    } catch (thrown) {
      log.warn({ err: asError(thrown) }, 'leases could not be renewed; others may take up the same work');
    } finally {
      underWay = false;
    }
  };
  const timer = setInterval(renew, (leaseSeconds * 1_000) / RENEWALS_A_LEASE);
  timer.unref();
  return {
    whileHeld: async (kind, key, work) => {
      held[kind].set(key, performance.now());
      try {
        return await work();
      } finally {
        held[kind].delete(key);
      }
    },
    stop: () => clearInterval(timer),
  };
}
