// What the retention policies let go, and taking it away batch by batch. daily-retention.ts and commands/ import it.
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { Brain } from '../client.ts';

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
export type PrunedRows = Readonly<Record<PrunedTable, number>>;

export interface PruneOptions {
  /** Heeded between two batches. */
  readonly stop: AbortSignal;
  /** Between two batches, so that workers on one connection get their turn. */
  readonly pauseMs: number;
  readonly batchRows?: number;
  readonly onBatch?: (soFar: PrunedRows) => void;
}

/** Takes one batch away and returns how many rows it found. */
type PruneBatch = (brain: Pruner, batch: number) => Promise<number>;

type Pruner = Pick<Brain, 'call'> & Partial<Pick<Brain, 'objects'>>;

const dueFiles = z.array(z.object({ id: z.string(), storage_paths: z.array(z.string()) }));

/** Files in the object store go before the rows that point at them, so that none is left there that nobody knows of. */
function withFiles(due: 'due_runs' | 'due_artifacts', prune: 'prune_runs' | 'prune_artifacts'): PruneBatch {
  return async (brain, batch) => {
    const found = dueFiles.parse(await brain.call(due, { batch }));
    const files = found.flatMap(({ storage_paths }) => storage_paths);
    if (files.length > 0) await brain.objects?.remove(files);
    return found.length === 0 ? 0 : brain.call(prune, { ids: found.map(({ id }) => id) });
  };
}

const PRUNES = {
  webhook_deliveries: (brain, batch) => brain.call('prune_deliveries', { batch }),
  // After the deliveries: a follow-up of one that may still be replayed stays.
  follow_ups: (brain, batch) => brain.call('prune_follow_ups', { batch }),
  errors: (brain, batch) => brain.call('prune_excerpts', { batch }),
  green_logs: (brain, batch) => brain.call('prune_green_logs', { batch }),
  test_days: (brain, batch) => brain.call('prune_test_days', { batch }),
  test_results: (brain, batch) => brain.call('prune_test_results', { batch }),
  artifacts: withFiles('due_artifacts', 'prune_artifacts'),
  runs: withFiles('due_runs', 'prune_runs'),
  agent_runs: (brain, batch) => brain.call('prune_agent_runs', { batch }),
  gate_executions: (brain, batch) => brain.call('prune_gate_payloads', { batch }),
  // Also dead grants of GitHub and dead tokens; no policy says how long these stay.
  sign_ins: (brain, batch) => brain.call('prune_sign_ins', { batch }),
} as const satisfies Readonly<Record<string, PruneBatch>>;

/** The tables whose policies `pruneRows` keeps, in this order. */
export type PrunedTable = keyof typeof PRUNES;
export const PRUNED_TABLES = Object.keys(PRUNES) as readonly PrunedTable[];

/** Takes away all that is due but months of events, or as much as there is time for until `stop`. */
export async function pruneRows(brain: Pruner, options: PruneOptions): Promise<PrunedRows> {
  const { stop, pauseMs, batchRows: batch = 500, onBatch = () => {} } = options;
  const pruned: Record<PrunedTable, number> = {
    webhook_deliveries: 0,
    follow_ups: 0,
    errors: 0,
    green_logs: 0,
    test_days: 0,
    test_results: 0,
    artifacts: 0,
    runs: 0,
    agent_runs: 0,
    gate_executions: 0,
    sign_ins: 0,
  };
  for (const table of PRUNED_TABLES) {
    while (!stop.aborted) {
      const rows = await PRUNES[table](brain, batch);
      if (rows === 0) break;
      pruned[table] += rows;
      onBatch({ ...pruned });
      await wait(pauseMs, undefined, { signal: stop }).catch(() => {});
    }
  }
  return pruned;
}
