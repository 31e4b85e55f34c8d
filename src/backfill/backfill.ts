// Asks GitHub for the past of one repository and puts it into the inbox, phase by phase; whoever takes it again goes on where it was.
import type { Logger } from 'pino';
import type { ProbotOctokit } from 'probot';
import type { Brain } from '../brain/client.ts';
import { readRepositoryNow } from '../github/present.ts';
import type { Purpose } from '../github/request-budget.ts';
import { asError, Misconfigured, Rejected, Transient } from '../model/errors.ts';
import { walkCommits, walkDeployments, walkHeads, walkPulls } from './others.ts';
import { walkRuns, walkRunsAgain } from './runs.ts';
import { PHASES, type Phase, type TakenBackfill, takenBackfill } from './taken.ts';
import { Ended, type Progress, Walk } from './walk.ts';

export interface BackfillDeps {
  readonly brain: Pick<Brain, 'call'>;
  readonly appId: number;
  /** Signs in to an installation; what is asked waits for its purpose's part of the hour. */
  readonly octokitFor: (installationId: number, purpose: Purpose) => Promise<ProbotOctokit>;
  /** A name that no other process has. */
  readonly worker: string;
  readonly leaseSeconds: number;
  readonly log: Pick<Logger, 'info' | 'warn' | 'debug'>;
  readonly stop: AbortSignal;
  readonly pause: (ms: number) => Promise<void>;
  readonly onProgress?: (progress: Progress) => void;
}

/** How a turn at a backfill ended. `waits`: it goes on in `dueMs`, for the reason that is named; `gone`: somebody else has it. */
export type BackfillEnd =
  | { readonly state: 'done' }
  | { readonly state: 'stopped'; readonly why: string }
  | { readonly state: 'waits'; readonly why: string; readonly dueMs: number; readonly hasFailed: boolean }
  | { readonly state: 'gone' };

/**
 * Takes the backfill with this id, or the one that is due, and works on it until it is done, or something is in the way. Null when there is
 * none to take. What GitHub refuses of one phase is noted in `missing`, and the others go on; a repository that is gone stops it; a
 * rate limit, or an error that may pass, has it wait. Throws what `brain.call` throws.
 */
export async function workOnBackfill(deps: BackfillDeps, id: string | null = null): Promise<BackfillEnd | null> {
  const { brain, worker, leaseSeconds: lease_seconds } = deps;
  const given = await brain.call('take_backfill', { worker, lease_seconds, ...(id === null ? {} : { id }) });
  if (given === null) return null;
  const taken = takenBackfill.parse(given);
  const end = await endOf(taken, deps);
  await release(taken, end, deps);
  return end;
}

const FIRST_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 3_600_000;
/** What fails so often in a row is somebody's to look at. */
const MOST_FAILURES = 12;

async function endOf(taken: TakenBackfill, deps: BackfillDeps): Promise<BackfillEnd> {
  const keeping = keepLease(taken, deps);
  try {
    await walkPhases(taken, { ...deps, stop: keeping.stop });
    return { state: 'done' };
  } catch (thrown) {
    if (thrown instanceof Ended || keeping.stop.aborted) return { state: 'gone' };
    const error = asError(thrown);
    const { message: why } = error;
    if (error instanceof Rejected || error instanceof Misconfigured) return { state: 'stopped', why };
    if (taken.failures >= MOST_FAILURES) return { state: 'stopped', why: `${why} (tried ${MOST_FAILURES} times)` };
    const limit = error instanceof Transient ? error.retryAfterMs : null;
    const dueMs = limit ?? Math.min(FIRST_WAIT_MS * 2 ** taken.failures, LONGEST_WAIT_MS);
    // A limit is no failure: it passes.
    return { state: 'waits', why, dueMs: Math.ceil(dueMs), hasFailed: limit === null };
  } finally {
    keeping.end();
  }
}

async function release(taken: TakenBackfill, end: BackfillEnd, { brain, log }: BackfillDeps): Promise<void> {
  const { id, claim, repository_id } = taken;
  if (end.state === 'gone') return brain.call('release_backfill', { id, claim, state: 'pending' });
  if (end.state === 'done') {
    log.info({ repository_id }, 'the past of a repository was asked for, to the end');
    return brain.call('release_backfill', { id, claim, state: 'done' });
  }
  const { why: error } = end;
  if (end.state === 'stopped') {
    log.warn({ repository_id, why: error }, 'the past of a repository can not be asked for');
    return brain.call('release_backfill', { id, claim, state: 'stopped', error });
  }
  log.debug({ repository_id, why: error, due_ms: end.dueMs }, 'a backfill waits');
  const { dueMs: due_ms, hasFailed: has_failed } = end;
  await brain.call('release_backfill', { id, claim, state: 'pending', due_ms, error, has_failed });
}

/** Holds on to it while a phase takes long between two notes. */
function keepLease({ id, claim }: TakenBackfill, { brain, leaseSeconds: lease_seconds, stop }: BackfillDeps) {
  const lost = new AbortController();
  const timer = setInterval(
    async () => {
      const isOurs = await brain.call('note_backfill', { id, claim, lease_seconds }).catch(() => true);
      if (!isOurs) lost.abort();
    },
    (lease_seconds * 1_000) / 4,
  );
  timer.unref();
  return { stop: AbortSignal.any([stop, lost.signal]), end: () => clearInterval(timer) };
}

async function walkPhases(taken: TakenBackfill, deps: BackfillDeps): Promise<void> {
  const { installation_id, repository_id } = taken;
  const present = await deps.octokitFor(installation_id, 'sweep');
  const past = await deps.octokitFor(installation_id, 'backfill');
  const { repository, nowMs } = await readRepositoryNow(present, repository_id);
  const read = performance.now();
  const githubNow = () => nowMs + performance.now() - read;
  const { brain, leaseSeconds, stop, pause, onProgress = () => {} } = deps;
  const walk = new Walk({
    ...{ brain, taken, leaseSeconds, stop, pause, onProgress },
    place: { app_id: deps.appId, installation_id, repository },
    until: taken.until ?? new Date(nowMs).toISOString(),
    octokit: { present, past },
  });
  await walk.note();
  for (const phase of PHASES.slice(PHASES.indexOf(taken.phase))) {
    if (phase !== walk.phase) {
      walk.phase = phase;
      await walk.note(null);
    }
    await walkPhase(walk, phase, githubNow);
  }
}

async function walkPhase(walk: Walk, phase: Phase, githubNow: () => number): Promise<void> {
  try {
    if (phase === 'again') await walkRunsAgain(walk, githubNow());
    else await WALKS[phase](walk);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    walk.miss(phase, error.message);
  }
}

/** What GitHub will not give, though it gives other things: not a fault of ours, nor that the installation is gone. */
function isRefusal(error: unknown): error is Error {
  if (error instanceof Misconfigured) return true;
  return error instanceof Rejected && /^4\d\d$/.test(error.code ?? '');
}

const WALKS: Readonly<Record<Exclude<Phase, 'again'>, (walk: Walk) => Promise<void>>> = {
  heads: walkHeads,
  pulls: walkPulls,
  runs: walkRuns,
  deployments: walkDeployments,
  commits: walkCommits,
};
