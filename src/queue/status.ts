// How long the queues are, what waits in them, and what was given up.
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

const queueStatus = z.array(
  z.object({
    queue: z.enum(['deliveries', 'follow_ups', 'publications']),
    kind: z.string(),
    /** Due, and no worker has it. */
    waiting: z.int(),
    running: z.int(),
    /** Given up and not done since. */
    dead: z.int(),
    /** For how long the oldest that waits has been due; 0 when none does. */
    oldest_seconds: z.number(),
  }),
);
export type QueueStatus = z.output<typeof queueStatus>;

/** The three queues, one row for each kind, those with nothing too; throws like `readInboxStatus`. */
export async function readQueueStatus(brain: Pick<Brain, 'call'>, withinMs: number): Promise<QueueStatus> {
  const signal = AbortSignal.timeout(withinMs);
  return queueStatus.parse(await brain.call('queue_status', {}, { signal }));
}

const deadFollowUps = z.array(
  z.object({
    id: z.string(),
    kind: z.string(),
    /** `owner/name`; null when none is known. */
    repository: z.string().nullable(),
    error: z.string().nullable(),
  }),
);

/** The newest follow-ups that were given up, `batch` at most, each with the last reason; throws like `readInboxStatus`. */
export async function readDeadFollowUps(brain: Pick<Brain, 'call'>, batch: number) {
  return deadFollowUps.parse(await brain.call('dead_follow_ups', { batch }));
}
