// Every two minutes one process of all looks for lost deliveries and asks GitHub for them again.
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Probot } from 'probot';
import type { Brain } from '../brain/client.ts';
import { LIMITS } from '../config/limits.ts';
import { appOctokit } from '../github/installation.ts';
import type { Pauses } from '../github/pauses.ts';
import { recoverLostDeliveries } from '../lost-deliveries/lost-deliveries.ts';
import { type Chore, startChore } from './chore.ts';

export interface DeliveryRecoveryDeps {
  readonly brain: Pick<Brain, 'call'>;
  readonly appId: number;
  readonly probot: Pick<Probot, 'auth'>;
  readonly pauses: Pauses;
  /** `workerName()`. */
  readonly worker: string;
  readonly spacingMs: number;
  /** Left out: as in LIMITS. */
  readonly rhythm?: { readonly firstMs: number; readonly everyMs: number; readonly lookMs: number };
  readonly log: Logger;
}

/** Starts the chore. */
export function startDeliveryRecovery(deps: DeliveryRecoveryDeps): Chore {
  const { brain, appId, probot, pauses, worker, spacingMs, rhythm = LIMITS.recovery, log } = deps;
  return startChore({
    ...{ brain, name: 'lost_deliveries', worker, leaseSeconds: LIMITS.leaseSeconds, log },
    ...rhythm,
    work: (stop) =>
      recoverLostDeliveries({
        ...{ brain, appId, log, spacingMs, stop, turnMs: rhythm.everyMs },
        octokitFor: (purpose) => appOctokit(probot, pauses, { purpose, stop }),
        pause: (ms) => wait(ms, undefined, { signal: stop }).catch(() => {}),
      }),
  });
}
