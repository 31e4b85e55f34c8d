// How long the queues are. web/health.ts, web/metrics.ts and server.ts import it.
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
