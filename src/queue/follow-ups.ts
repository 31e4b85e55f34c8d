// Follow-up work as a queue: what a worker claims and what becomes of it.
import { z } from 'zod';
import { MAX_TRIES, pauseAfter } from '../model/backoff.ts';
import { asError, Rejected, Transient } from '../model/errors.ts';
import type { FollowUp } from '../model/follow-up.ts';
import type { Json } from '../model/json.ts';
import type { QueueDeps } from './deliveries.ts';
import { storableError } from './storable-error.ts';

export interface FollowUpQueueDeps extends QueueDeps {
  /** Does the work; what it resolves to is kept as the follow-up's result. */
  readonly work: (followUp: FollowUp) => Promise<unknown>;
  readonly observe: (kind: string, outcome: 'completed' | 'retried' | 'failed') => void;
}

const result = z.json().nullable().catch(null);

/**
 * `claim` and `handle` for `startLoop`: `Rejected` fails a follow-up at once, anything else is tried again with growing
 * pauses. What is expected while events come is tried again like the rest, and logged at `debug`.
 */
export function followUpQueue({ brain, worker, leaseSeconds, whileHeld, log, work, observe }: FollowUpQueueDeps) {
  async function recordFailure({ id, kind, attempts, claim }: FollowUp, thrown: Error): Promise<void> {
    const final = thrown instanceof Rejected || attempts >= MAX_TRIES;
    const error = storableError(thrown);
    const level = final ? 'error' : isExpected(thrown) ? 'debug' : 'warn';
    log[level]({ err: thrown, followUp: id, kind, attempts, final }, 'follow-up work failed');
    observe(kind, final ? 'failed' : 'retried');
    if (final) return brain.call('fail_follow_up', { id, claim, error });
    const retryAfterMs = thrown instanceof Transient ? thrown.retryAfterMs : null;
    const delay_ms = pauseAfter(attempts, { jitter: Math.random(), retryAfterMs });
    return brain.call('postpone_follow_up', { id, claim, error, delay_ms });
  }

  return {
    claim: (limit: number): Promise<readonly FollowUp[]> =>
      brain.call('claim_follow_ups', { worker, batch: limit, lease_seconds: leaseSeconds }),
    handle: async (followUp: FollowUp): Promise<void> => {
      const { id, claim } = followUp;
      let done: Json;
      try {
        done = result.parse(await whileHeld({ queue: 'jobs', key: id, claim }, () => work(followUp)));
      } catch (thrown) {
        return recordFailure(followUp, asError(thrown));
      }
      await brain.call('finish_follow_up', { id, claim, result: done });
      observe(followUp.kind, 'completed');
    },
  };
}

function isExpected(thrown: Error): boolean {
  return thrown instanceof Transient && thrown.isExpected;
}
