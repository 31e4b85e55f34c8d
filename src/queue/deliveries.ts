// The inbox as a queue: what a worker claims and what becomes of it.
import type { Logger } from 'pino';
import type { Brain } from '../brain/client.ts';
import type { Delivery } from '../model/delivery.ts';
import { asError, Rejected } from '../model/errors.ts';
import { storableError } from './backoff.ts';
import type { Leases } from './leases.ts';

/** What a queue needs besides the work itself. */
export interface QueueParts {
  readonly brain: Pick<Brain, 'call'>;
  /** Names host, process and loop; the lease is held in its name. */
  readonly worker: string;
  readonly leaseSeconds: number;
  /** Renews the lease of what is being worked on. */
  readonly whileHeld: Leases['whileHeld'];
  readonly log: Logger;
}

export interface DeliveryQueueParts extends QueueParts {
  /** Normalises and records one delivery, and marks it done or ignored in the same transaction. */
  readonly process: (delivery: Delivery) => Promise<void>;
  readonly observe: (outcome: 'processed' | 'failed' | 'dead') => void;
}

/**
 * `claim` and `handle` for `startWorker`. What `process` throws is kept with the delivery: `Rejected` makes it dead at
 * once, anything else after the tries and pauses that `fail_delivery` and `claim_deliveries` know.
 */
export function deliveryQueue(parts: DeliveryQueueParts) {
  const { brain, worker, leaseSeconds, whileHeld, log, process, observe } = parts;
  async function fail(delivery: Delivery, error: Error): Promise<void> {
    const dead = error instanceof Rejected;
    const { app_id, guid, event, attempts } = delivery;
    log[dead ? 'error' : 'warn']({ err: error, guid, event, attempts, dead }, 'a delivery could not be processed');
    observe(dead ? 'dead' : 'failed');
    await brain.call('fail_delivery', { app_id, guid, error: storableError(error), dead, worker });
  }

  return {
    claim: (limit: number): Promise<readonly Delivery[]> =>
      brain.call('claim_deliveries', { worker, batch: limit, lease_seconds: leaseSeconds }),
    handle: async (delivery: Delivery): Promise<void> => {
      try {
        await whileHeld('guids', delivery.guid, () => process(delivery));
      } catch (thrown) {
        return fail(delivery, asError(thrown));
      }
      observe('processed');
    },
  };
}
