// The three loops that do the work: deliveries, follow-ups, publications. Each wakes the next, so that nothing
// waits for the next look at the queue.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Brain } from '../brain/client.ts';
import { LIMITS } from '../config/limits.ts';
import type { Metrics } from '../http/routes/metrics.ts';
import { pauseAfter } from '../model/backoff.ts';
import type { Delivery } from '../model/delivery.ts';
import { asError, Rejected, Transient } from '../model/errors.ts';
import type { FollowUp } from '../model/follow-up.ts';
import type { Pipeline } from '../pipeline.ts';
import type { ClaimedPublication } from '../publish/publish.ts';
import { deliveryQueue } from '../queue/deliveries.ts';
import { followUpQueue } from '../queue/follow-ups.ts';
import { keepLeases, type Leases } from '../queue/leases.ts';
import { type Loop, startLoop } from '../queue/loop.ts';
import { readInboxStatus } from '../queue/status.ts';
import { storableError } from '../queue/storable-error.ts';

export interface WorkerDeps {
  readonly brain: Pick<Brain, 'call' | 'backend'>;
  readonly pipeline: Pipeline;
  /** `workerName()`; leases are held in it. */
  readonly worker: string;
  readonly metrics: Pick<Metrics, 'processed' | 'job' | 'publication'>;
  readonly pollMs: number;
  readonly leaseSeconds: number;
  /** Whether deliveries come faster than they are stored, so that work has to make way. */
  readonly isPressed?: () => boolean;
  /** The pause between two writes of one installation. */
  readonly writeSpacingMs: number;
  readonly log: Logger;
}

export interface Workers {
  /** Says that a delivery was stored. */
  readonly wake: () => void;
  /** Resolves once nothing is queued, running or due any more; throws Transient when that takes longer than `withinMs`. */
  readonly idle: (withinMs: number) => Promise<void>;
  /** Claims no more and waits for what is under way. */
  readonly stop: () => Promise<void>;
}

/** A name that no other process has, on whatever machine. */
export function workerName(): string {
  return `${hostname().slice(0, 60)}:${process.pid}:${randomUUID().slice(0, 8)}`;
}

/** Starts the loops. */
export function startWorkers(deps: WorkerDeps): Workers {
  const { brain, pipeline, worker, metrics, leaseSeconds, isPressed = () => false, log } = deps;
  const rhythm = { pollMs: deps.pollMs, stopMs: LIMITS.stopMs, log };
  const leases = keepLeases({ brain, worker, leaseSeconds, log });
  const queue = { brain, worker, leaseSeconds, whileHeld: leases.whileHeld, log };

  const publications = startLoop({
    name: 'publications',
    concurrency: LIMITS.publicationsAtOnce,
    ...publicationQueue(deps, leases, { next: () => publications.wake(), yielded: () => jobs.wake() }),
    ...rhythm,
  });

  const followUps = followUpQueue({ ...queue, work: pipeline.work, observe: metrics.job });
  const jobs = startLoop<FollowUp>({
    name: 'jobs',
    concurrency: LIMITS.jobsAtOnce,
    claim: followUps.claim,
    handle: async (followUp) => {
      await followUps.handle(followUp);
      // One may have queued another, or have been what an equal one waited for.
      jobs.wake();
      publications.wake();
    },
    ...rhythm,
  });

  const process = async (delivery: Delivery) => {
    await pipeline.process(delivery);
    jobs.wake();
  };
  const inbox = deliveryQueue({ ...queue, process, observe: metrics.processed });
  const deliveries = startLoop({
    name: 'deliveries',
    concurrency: LIMITS.deliveriesAtOnce[brain.backend],
    concurrencyNow: () => LIMITS[isPressed() ? 'deliveriesAtOncePressed' : 'deliveriesAtOnce'][brain.backend],
    ...inbox,
    ...rhythm,
  });

  const all = [deliveries, jobs, publications];
  return {
    wake: deliveries.wake,
    idle: (withinMs) => untilIdle({ all, brain, withinMs }),
    stop: async () => {
      await Promise.all(all.map((loop) => loop.stop()));
      leases.stop();
    },
  };
}

function publicationQueue(
  { brain, pipeline, worker, metrics, leaseSeconds, writeSpacingMs, log }: WorkerDeps,
  { whileHeld }: Leases,
  wake: { readonly next: () => void; readonly yielded: () => void },
) {
  return {
    claim: (batch: number): Promise<readonly ClaimedPublication[]> =>
      brain.call('claim_publications', {
        worker,
        batch,
        lease_seconds: leaseSeconds,
        spacing_ms: writeSpacingMs,
      }),
    handle: async (claimed: ClaimedPublication): Promise<void> => {
      const { id, attempts, claim } = claimed;
      try {
        const outcome = await whileHeld({ queue: 'publications', key: id, claim }, () =>
          pipeline.publish(claimed, worker),
        );
        metrics.publication(outcome);
        if (outcome === 'yielded') wake.yielded();
      } catch (thrown) {
        // GitHub's refusals are noted by the step itself; this is GitHub or the brain out of reach.
        const err = asError(thrown);
        log.warn({ err, publication: id, attempts }, 'a publication could not be tried');
        metrics.publication('not tried');
        if (err instanceof Rejected)
          return brain.call('park_publication', { id, worker, claim, error: storableError(err) });
        const delay_ms = pauseAfter(attempts, { jitter: Math.random(), retryAfterMs: null });
        await brain.call('defer_publication', {
          id,
          worker,
          claim,
          error: storableError(err),
          delay_ms,
          pause_installation_ms: 0,
        });
      }
      // When the installation's next write is let through.
      setTimeout(wake.next, writeSpacingMs + 10).unref();
    },
  };
}

async function untilIdle({ all, brain, withinMs }: { all: Loop[]; brain: Pick<Brain, 'call'>; withinMs: number }) {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const left = deadline - performance.now();
    if (left <= 0) throw new Transient(`There is still work after ${withinMs} ms: ${await openWork(brain)}`);
    const quiet = Promise.all(all.map((loop) => loop.idle())).then(() => true);
    const inTime = await Promise.race([quiet, wait(left, false, { ref: false })]);
    if (inTime && (await openWork(brain)) === '') return;
    await wait(Math.min(20, Math.max(0, left)));
  }
}

/** What is left to do, in words; empty when nothing is. Dead deliveries wait for a person, not for a worker. */
async function openWork(brain: Pick<Brain, 'call'>): Promise<string> {
  const { dead: _, oldest_pending_seconds: __, ...lengths } = await readInboxStatus(brain, LIMITS.statusMs);
  const open = Object.entries(lengths).filter(([, rows]) => rows > 0);
  return open.map(([queue, rows]) => `${queue} ${rows}`).join(', ');
}
