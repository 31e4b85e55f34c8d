// Every ten minutes one process of all asks GitHub how it stands with what nothing told of.
import type { Probot } from 'probot';
import { LIMITS } from '../config/limits.ts';
import { installationOctokit } from '../github/installation.ts';
import { sweep } from '../sweep/sweep.ts';
import { type Chore, startChore } from './chore.ts';
import type { DeliveryRecoveryDeps } from './delivery-recovery.ts';

interface SweepChoreDeps extends Pick<DeliveryRecoveryDeps, 'brain' | 'appId' | 'pauses' | 'worker' | 'log'> {
  readonly probot: Pick<Probot, 'auth'>;
}

/** Starts the chore. */
export function startSweep({ brain, appId, probot, pauses, worker, log }: SweepChoreDeps): Chore {
  const { mostOfOne, ...rhythm } = LIMITS.sweep;
  return startChore({
    ...{ brain, name: 'sweep', worker, leaseSeconds: LIMITS.leaseSeconds, log },
    ...rhythm,
    work: (stop) =>
      sweep({
        ...{ brain, appId, log, mostOfOne, stop },
        octokitFor: (installationId) => installationOctokit(probot, installationId, pauses, 'sweep'),
      }),
  });
}
