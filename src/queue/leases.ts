// Holds on to what this process is at work on: short leases, renewed while the work goes on, so that what a killed process
// held is taken up within half a minute.
import type { Logger } from 'pino';
import type { Brain } from '../brain/client.ts';
import { asError } from '../model/errors.ts';

/** What is held: in which queue, by which key (a delivery's guid, the id of another row), under which number. */
export interface Held {
  readonly queue: 'guids' | 'jobs' | 'publications';
  readonly key: string;
  /** The number of the claim. No two claims have the same, of whatever queue. */
  readonly claim: number;
}

export interface Leases {
  /** Does the work and has its lease renewed until it is over; throws what the work throws. */
  readonly whileHeld: <T>(held: Held, work: () => Promise<T>) => Promise<T>;
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

/** A lease of 20 s is renewed every 5 s, and so outlives three renewals that fail. */
const RENEWALS_A_LEASE = 4;
/** What takes longer hangs: its lease ends, and somebody else has a try. The longest honest work reads a log of 1 GB. */
const LONGEST_WORK_MS = 30 * 60_000;

/** Starts to renew. A renewal that fails is logged and tried again at the next turn; a lease that ends meanwhile is another's. */
export function keepLeases({ brain, worker, leaseSeconds, log }: LeaseOptions): Leases {
  const held = new Map<Held, number>();
  let underWay = false;
  const renew = async () => {
    const alive = [...held].flatMap(([one, since]) => (performance.now() - since < LONGEST_WORK_MS ? [one] : []));
    if (underWay || alive.length === 0) return;
    underWay = true;
    const keysOf = (queue: Held['queue']) => alive.filter((one) => one.queue === queue).map(({ key }) => key);
    const keys = { guids: keysOf('guids'), jobs: keysOf('jobs'), publications: keysOf('publications') };
    const claims = alive.map(({ claim }) => claim);
    try {
      await brain.call('renew_leases', { worker, lease_seconds: leaseSeconds, ...keys, claims });
    } catch (thrown) {
      log.warn({ err: asError(thrown) }, 'leases could not be renewed; others may take up the same work');
    } finally {
      underWay = false;
    }
  };
  const timer = setInterval(renew, (leaseSeconds * 1_000) / RENEWALS_A_LEASE);
  timer.unref();
  return {
    whileHeld: async (one, work) => {
      held.set(one, performance.now());
      try {
        return await work();
      } finally {
        held.delete(one);
      }
    },
    stop: () => clearInterval(timer),
  };
}
