// Each minute: work whose worker is gone, and that nobody else comes for, ends all the same (49_lapsed_work.sql).
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Brain } from '../brain/client.ts';
import { LIMITS } from '../config/limits.ts';
import { asError } from '../model/errors.ts';

export interface LapsedWork {
  /** Waits for the batch that is under way. */
  readonly stop: () => Promise<void>;
}

const ended = z.object({ jobs: z.int(), runs: z.int(), problem: z.string().nullable() });

/**
 * Begins after one pause. Best effort: what fails is logged and tried again after the next pause. Several processes on one database do no
 * harm to each other.
 */
export function startLapsedWork({
  brain,
  log,
  everyMs = LIMITS.lapsedEveryMs,
}: {
  readonly brain: Pick<Brain, 'call'>;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly everyMs?: number;
}): LapsedWork {
  const ending = new AbortController();
  const { signal } = ending;
  const rounds = async () => {
    while (!signal.aborted) {
      // Processes that were started together do not all come in the same second.
      const rested = await wait(everyMs * (0.8 + 0.4 * Math.random()), true, { signal, ref: false }).catch(() => false);
      if (!rested) return;
      try {
        const { jobs, runs, problem } = ended.parse(await brain.call('end_lapsed_work', { batch: LIMITS.lapsedBatch }));
        if (jobs + runs > 0) log.info({ jobs, runs }, 'ended work whose worker is gone');
        if (problem !== null) log.warn({ problem }, 'some work whose worker is gone could not be ended');
      } catch (thrown) {
        log.warn({ err: asError(thrown) }, 'work whose worker is gone could not be ended; it is tried again');
      }
    }
  };
  const running = rounds();
  return {
    stop: () => {
      ending.abort();
      return running;
    },
  };
}
