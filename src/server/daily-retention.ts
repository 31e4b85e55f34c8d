// Once a day: partitions for the months to come, and away with what the policies let go. Months of events are left to
// `codered prune`, which writes them down first.
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Brain } from '../brain/client.ts';
import { erase, scopeDue } from '../brain/retention/erasure.ts';
import { ensureEventMonths, PRUNED_TABLES, pruneRows } from '../brain/retention/retention.ts';
import { LIMITS } from '../config/limits.ts';
import { asError } from '../model/errors.ts';

export interface DailyRetention {
  /** Waits for the batch that is under way. */
  readonly stop: () => Promise<void>;
}

/**
 * Makes the partitions at once, prunes a little later and then once a day. Best effort: what fails is logged and tried
 * again an hour later. Several processes on one database do no harm to each other.
 */
export async function startDailyRetention({
  brain,
  log,
  firstPruneMs = LIMITS.firstPruneMs,
}: {
  brain: Pick<Brain, 'call' | 'objects' | 'backend' | 'vacuum'>;
  log: Logger;
  firstPruneMs?: number;
}): Promise<DailyRetention> {
  const ending = new AbortController();
  const stop = ending.signal;
  await attempt(log, () => makeMonths(brain, log));
  const days = async () => {
    let pauseMs: number = firstPruneMs;
    while (!stop.aborted) {
      const rested = await wait(pauseMs, true, { signal: stop, ref: false }).catch(() => false);
      if (!rested) return;
      const done = await attempt(log, async () => {
        await makeMonths(brain, log);
        await prune(brain, log, stop);
        await eraseGone(brain, log, stop);
        await brain.call('recount_excerpts', {});
      });
      pauseMs = done ? LIMITS.pruneEveryMs : LIMITS.pruneAgainMs;
    }
  };
  const running = days();
  return {
    stop: () => {
      ending.abort();
      return running;
    },
  };
}

async function makeMonths(brain: Pick<Brain, 'call'>, log: Logger): Promise<void> {
  const partitions = await ensureEventMonths(brain);
  if (partitions.length > 0) log.info({ partitions }, 'events have partitions for the months to come');
}

async function prune(
  brain: Pick<Brain, 'call' | 'objects' | 'backend' | 'vacuum'>,
  log: Logger,
  stop: AbortSignal,
): Promise<void> {
  // A batch of the embedded database holds up what comes after it.
  const small = brain.backend === 'embedded' ? { batchRows: LIMITS.pruneRows } : {};
  const pruned = await pruneRows(brain, { stop, pauseMs: LIMITS.prunePauseMs, ...small });
  const { webhook_deliveries: deliveries, errors: excerpts, ...others } = pruned;
  const tables = PRUNED_TABLES.filter((table) => pruned[table] > 0);
  if (tables.length === 0) return;
  const further = Object.fromEntries(Object.entries(others).filter(([, rows]) => rows > 0));
  log.info({ deliveries, excerpts, ...further }, 'deleted what the retention policies let go');
  if (!stop.aborted && brain.backend === 'embedded') await brain.vacuum(tables);
}

/** Repositories and installations that are gone for longer than the policy keeps what is known of them. */
async function eraseGone(
  brain: Pick<Brain, 'call' | 'objects' | 'backend' | 'vacuum'>,
  log: Logger,
  stop: AbortSignal,
): Promise<void> {
  const scope = await scopeDue(brain);
  if (scope === null) return;
  const { rows, objects } = await erase(brain, scope, {
    stop,
    pauseMs: LIMITS.prunePauseMs,
    batchRows: LIMITS.eraseRows,
  });
  const tables = Object.keys(rows);
  if (tables.length + objects === 0) return;
  const { repositories, installations } = scope;
  log.info({ repositories, installations, rows, objects }, 'erased what was kept of repositories that are gone');
  if (!stop.aborted && brain.backend === 'embedded') await brain.vacuum(tables);
}

async function attempt(log: Logger, work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (thrown) {
    log.warn({ err: asError(thrown) }, 'retention could not be kept; it is tried again');
    return false;
  }
}
