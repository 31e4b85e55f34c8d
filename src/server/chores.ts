// What a server does from time to time, beside receiving and working.
import type { Logger } from 'pino';
import type { Brain } from '../brain/client.ts';
import { startBackfills } from './backfills.ts';
import { startDailyRetention } from './daily-retention.ts';
import { type DeliveryRecoveryDeps, startDeliveryRecovery } from './delivery-recovery.ts';
import { startSweep } from './sweep.ts';
import { workerName } from './workers.ts';

interface ChoreDeps extends Pick<DeliveryRecoveryDeps, 'appId' | 'probot' | 'pauses'> {
  readonly brain: Brain;
  readonly log: Logger;
  /** When lost deliveries are looked for; left out: as in LIMITS; null: never, and nothing is swept. */
  readonly recovery?: DeliveryRecoveryDeps['rhythm'] | null;
  readonly writeSpacingMs: number;
  readonly releases: AsyncDisposableStack;
}

/** Starts them, and leaves their end to `releases`. */
export async function startChores(deps: ChoreDeps): Promise<void> {
  const { brain, recovery, writeSpacingMs: spacingMs, releases, log, appId, probot, pauses } = deps;
  const retention = await startDailyRetention({ brain, log });
  releases.defer(retention.stop);
  if (recovery === null) return;
  const asking = { brain, appId, probot, pauses, worker: workerName(), spacingMs, log };
  releases.defer(startDeliveryRecovery({ ...asking, rhythm: recovery }).stop);
  releases.defer(startSweep(asking).stop);
  releases.defer(startBackfills(asking).stop);
}
