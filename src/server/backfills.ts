// One process of all asks for the past of repositories, one after the other: at installation, of new ones, and what commands asked for.
import { setTimeout as wait } from 'node:timers/promises';
import type { Probot } from 'probot';
import { workOnBackfill } from '../backfill/backfill.ts';
import { LIMITS } from '../config/limits.ts';
import { installationOctokit } from '../github/installation.ts';
import { type Chore, startChore } from './chore.ts';
import type { DeliveryRecoveryDeps } from './delivery-recovery.ts';

interface BackfillChoreDeps extends Pick<DeliveryRecoveryDeps, 'brain' | 'appId' | 'pauses' | 'worker' | 'log'> {
  readonly probot: Pick<Probot, 'auth'>;
}

/** Starts the chore. */
export function startBackfills({ brain, appId, probot, pauses, worker, log }: BackfillChoreDeps): Chore {
  const { leaseSeconds } = LIMITS;
  return startChore({
    ...{ brain, name: 'backfills', worker, leaseSeconds, log },
    ...LIMITS.backfill,
    work: async (stop) => {
      const deps = {
        ...{ brain, appId, worker, leaseSeconds, log, stop },
        octokitFor: (installationId: number, purpose: Parameters<typeof installationOctokit>[3]) =>
          installationOctokit(probot, installationId, pauses, purpose),
        pause: (ms: number) => wait(ms, undefined, { signal: stop }).catch(() => {}),
      };
      // One that waits is not due, so that each turn comes to an end.
      while (!stop.aborted && (await workOnBackfill(deps)) !== null);
    },
  });
}
