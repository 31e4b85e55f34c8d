// The inbox as a queue: what a worker claims and what becomes of it.
import type { Logger } from 'pino';
import type { Brain } from '../brain/client.ts';
import { pauseAfter } from '../model/backoff.ts';
import type { Delivery } from '../model/delivery.ts';
import { asError, Rejected } from '../model/errors.ts';
import type { Leases } from './leases.ts';
import { storableError } from './storable-error.ts';

/** What a queue needs besides the work itself. */
export interface QueueDeps {
  readonly brain: Pick<Brain, 'call'>;
  /** Names host, process and loop; the lease is held in its name. */
  readonly worker: string;
  readonly leaseSeconds: number;
  /** Renews the lease of what is being worked on. */
  readonly whileHeld: Leases['whileHeld'];
  readonly log: Logger;
}

export interface DeliveryQueueDeps extends QueueDeps {
  /** Normalises and records one delivery, and marks it done or ignored in the same transaction. */
  readonly process: (delivery: Delivery) => Promise<void>;
  readonly observe: (outcome: 'processed' | 'failed' | 'dead') => void;
}

/**
 * `claim` and `handle` for `startLoop`. What `process` throws is kept with the delivery: `Rejected` makes it dead at once,
 * anything else is tried again with growing pauses, until `fail_delivery` has counted eight tries.
 */
export function deliveryQueue(deps: DeliveryQueueDeps) {
  const { brain, worker, leaseSeconds, whileHeld, log, process, observe } = deps;
  async function fail(delivery: Delivery, error: Error): Promise<void> {
    const dead = error instanceof Rejected;
    const { app_id, guid, event, attempts, claim } = delivery;
    log[dead ? 'error' : 'warn']({ err: error, guid, event, attempts, dead }, 'a delivery could not be processed');
    observe(dead ? 'dead' : 'failed');
    const delay_ms = pauseAfter(attempts, { jitter: Math.random(), retryAfterMs: null });
    await brain.call('fail_delivery', { app_id, guid, error: storableError(error), dead, worker, claim, delay_ms });
  }

  return {
    claim: (limit: number): Promise<readonly Delivery[]> =>
      brain.call('claim_deliveries', { worker, batch: limit, lease_seconds: leaseSeconds }),
    handle: async (delivery: Delivery): Promise<void> => {
      const { guid, claim } = delivery;
      try {
        await whileHeld({ queue: 'guids', key: guid, claim }, () => process(delivery));
      } catch (thrown) {
        return fail(delivery, asError(thrown));
      }
      observe('processed');
    },
  };
}
