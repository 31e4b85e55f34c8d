// Each minute: of whom GitHub is to be asked what they may see, and asking it, a few people at a time. What is known of somebody who
// comes is so never older than an hour.
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Brain } from '../brain/client.ts';
import { LIMITS } from '../config/limits.ts';
import { asError } from '../model/errors.ts';
import type { RefreshAccess } from '../sign-in/refresh-access.ts';

export interface AccessChecks {
  /** Waits for those who are asked for just now. */
  readonly stop: () => Promise<void>;
}

interface CheckDeps {
  readonly brain: Pick<Brain, 'call'>;
  readonly refreshAccess: RefreshAccess;
  readonly log: Pick<Logger, 'warn'>;
  readonly everyMs?: number;
}

const dueRows = z.array(z.object({ user_id: z.uuid() }));

/** Begins after one pause. Best effort: who can't be asked for now is asked for again, and what is known of them only grows older. */
export function startAccessChecks({
  brain,
  refreshAccess,
  log,
  everyMs = LIMITS.accessEveryMs,
}: CheckDeps): AccessChecks {
  const ending = new AbortController();
  const { signal } = ending;
  const rounds = async () => {
    while (!signal.aborted) {
      // Processes that were started together do not all ask in the same second.
      const rested = await wait(everyMs * (0.8 + 0.4 * Math.random()), true, { signal, ref: false }).catch(() => false);
      if (!rested) return;
      try {
        await checkDue({ brain, refreshAccess }, signal);
      } catch (thrown) {
        log.warn({ err: asError(thrown) }, 'it could not be found whose access is to be checked');
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

/** One round: everybody who is due, up to a batch. Throws what `Brain.call` throws. */
export async function checkDue(
  { brain, refreshAccess }: Pick<CheckDeps, 'brain' | 'refreshAccess'>,
  signal: AbortSignal,
): Promise<void> {
  const due = dueRows.parse(await brain.call('list_access_due', { batch: LIMITS.accessBatch }));
  const lanes = Array.from({ length: LIMITS.accessAtOnce }, async () => {
    for (let next = due.shift(); next !== undefined && !signal.aborted; next = due.shift()) {
      await refreshAccess(next.user_id);
    }
  });
  await Promise.all(lanes);
}
