// How long the queues are, and what was given up.
import { z } from 'zod';
import type { Brain } from '../brain/client.ts';

const status = z.object({
  pending: z.int(),
  processing: z.int(),
  /** Waiting for their next try. */
  failed: z.int(),
  dead: z.int(),
  oldest_pending_seconds: z.number().nullable(),
  jobs_queued: z.int(),
  /** Held by a living worker, or left by one that died until its lease ends. */
  jobs_running: z.int(),
  publications_due: z.int(),
});

/** `oldest_pending_seconds` is null when no delivery is pending. */
export type InboxStatus = z.output<typeof status>;

/** Asks the database; throws what `brain.call` throws, `Transient` also when it does not answer within `withinMs`. */
export async function readInboxStatus(brain: Pick<Brain, 'call'>, withinMs: number): Promise<InboxStatus> {
  const signal = AbortSignal.timeout(withinMs);
  return status.parse(await brain.call('inbox_status', {}, { signal }));
}

/** The newest deliveries that were given up, `batch` at most, each with the last reason; throws like `readInboxStatus`. */
export async function readDeadDeliveries(brain: Pick<Brain, 'call'>, batch: number) {
  return deadDeliveries.parse(await brain.call('dead_deliveries', { batch }));
}

const deadDeliveries = z.array(z.object({ event: z.string(), guid: z.string(), last_error: z.string().nullable() }));
