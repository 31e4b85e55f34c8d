// What the retention policies let go, and taking it away batch by batch. daily-retention.ts and commands/ import it.
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { Brain } from './client.ts';

const prunable = z.array(
  z.object({
    table_name: z.string(),
    what: z.string(),
    /** As Postgres writes an interval; null for ever. */
    keep: z.string().nullable(),
    due: z.int(),
    oldest: z.string().nullable(),
    /** About; null when nobody has counted. */
    bytes: z.number().nullable(),
  }),
);
export type Prunable = z.output<typeof prunable>[number];

const monthsDue = z.array(
  z.object({ month: z.iso.date(), rows: z.int(), bytes: z.number().nullable(), archive: z.boolean() }),
);
export type MonthDue = z.output<typeof monthsDue>[number];

type Caller = Pick<Brain, 'call'>;

/** What would go now, one row for each policy; throws what `brain.call` throws, as all of these do. */
export async function readPrunable(brain: Caller): Promise<Prunable[]> {
  return prunable.parse(await brain.call('prunable', {}));
}

/** The months of events that may go, oldest first. */
export async function readMonthsDue(brain: Caller): Promise<MonthDue[]> {
  return monthsDue.parse(await brain.call('event_months_due', {}));
}

/** Makes the partitions of events for this month and the next two, and gives the names of those that were not there. */
export async function ensureEventMonths(brain: Caller): Promise<string[]> {
  return z.array(z.string()).parse(await brain.call('ensure_event_months', {}));
}

/** How many rows each table lost, or had emptied. */
export interface PrunedRows {
  readonly webhook_deliveries: number;
  readonly errors: number;
}

export interface PruneOptions {
  /** Heeded between two batches. */
  readonly stop: AbortSignal;
  /** Between two batches, so that workers on one connection get their turn. */
  readonly pauseMs: number;
  readonly batchRows?: number;
  readonly onBatch?: (soFar: PrunedRows) => void;
}

/** Takes away all deliveries and excerpts that are due, or as many as there is time for until `stop`. */
export async function pruneRows(brain: Caller, options: PruneOptions): Promise<PrunedRows> {
  const { stop, pauseMs, batchRows: batch = 500, onBatch = () => {} } = options;
  const pruned = { webhook_deliveries: 0, errors: 0 };
  const tables = [
    { table: 'webhook_deliveries', name: 'prune_deliveries' },
    { table: 'errors', name: 'prune_excerpts' },
  ] as const;
  for (const { table, name } of tables) {
    while (!stop.aborted) {
      const rows = await brain.call(name, { batch });
      if (rows === 0) break;
      pruned[table] += rows;
      onBatch({ ...pruned });
      await wait(pauseMs, undefined, { signal: stop }).catch(() => {});
    }
  }
  return pruned;
}
