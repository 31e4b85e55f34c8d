// Follow-up work as a queue: what a worker claims and what becomes of it.
import { z } from 'zod';
import { asError, Rejected, Transient } from '../model/errors.ts';
import type { Json } from '../model/json.ts';
import { MAX_TRIES, pauseAfter, storableError } from './backoff.ts';
import type { QueueParts } from './deliveries.ts';

/** One row of `agent_jobs` as a worker holds it. */
export interface Job {
  readonly id: string;
  readonly agent_type: string;
  readonly input: unknown;
  /** 1 for the first try. */
  readonly attempts: number;
}

export interface JobQueueParts extends QueueParts {
  /** Does the work; what it resolves to is kept as the job's result. */
  readonly work: (job: Job) => Promise<unknown>;
  readonly observe: (type: string, outcome: 'completed' | 'retried' | 'failed') => void;
}

const result = z.json().nullable().catch(null);

/** `claim` and `handle` for `startWorker`: `Rejected` fails a job at once, anything else is tried again with growing pauses. */
export function jobQueue({ brain, worker, leaseSeconds, whileHeld, log, work, observe }: JobQueueParts) {
  async function settleFailed({ id, agent_type, attempts }: Job, thrown: Error): Promise<void> {
    const final = thrown instanceof Rejected || attempts >= MAX_TRIES;
    const error = storableError(thrown);
    log[final ? 'error' : 'warn']({ err: thrown, job: id, agent_type, attempts, final }, 'follow-up work failed');
    observe(agent_type, final ? 'failed' : 'retried');
    if (final) return brain.call('fail_job', { id, worker, error });
    const retryAfterMs = thrown instanceof Transient ? thrown.retryAfterMs : null;
    const delay_ms = pauseAfter(attempts, { jitter: Math.random(), retryAfterMs });
    return brain.call('retry_job', { id, worker, error, delay_ms });
  }

  return {
    claim: (limit: number): Promise<readonly Job[]> =>
      brain.call('claim_jobs', { worker, batch: limit, lease_seconds: leaseSeconds }),
    handle: async (job: Job): Promise<void> => {
      let done: Json;
      try {
        done = result.parse(await whileHeld('jobs', job.id, () => work(job)));
      } catch (thrown) {
        return settleFailed(job, asError(thrown));
      }
      await brain.call('complete_job', { id: job.id, worker, result: done });
      observe(job.agent_type, 'completed');
    },
  };
}
