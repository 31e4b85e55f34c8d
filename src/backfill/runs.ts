// The runs of a span of time, with the attempts before and, where they are wanted, the jobs.
import { type AskedJob, type AskedRun, jobDelivery, runDelivery } from '../asked/asked-delivery.ts';
import { type ListedRun, listRunJobs, listRuns, readAttempt } from '../github/history/lists.ts';
import type { DeliveryRow } from '../inbox/delivery-row.ts';
import { Rejected } from '../model/errors.ts';
import type { Walk } from './walk.ts';
import { walkWindows } from './walk-windows.ts';
import { createdFilter, githubTime, MOST_LISTED, secondsAt, secondsOf, type Window } from './windows.ts';

const DAY_MS = 86_400_000;
/** Verdicts compare with the jobs of the default branch; so far back they are asked for though nobody wants all jobs. */
const BASE_JOBS_MS = 7 * DAY_MS;

/** Which of them have their jobs asked for. */
type WantsJobs = (run: ListedRun) => boolean;

/** All runs that were created from `since` on, the newest first, back from where the phase has come. */
export async function walkRuns(walk: Walk): Promise<void> {
  const { taken, place, until } = walk.deps;
  const { default_branch } = place.repository;
  const now = Date.parse(until);
  const wantsJobs: WantsJobs = (run) => {
    const age = now - Date.parse(run.updated_at);
    // A run's end that is told within a day is acted on, and without its jobs it would be taken for a workflow file that is not valid.
    if (taken.with_jobs || age < DAY_MS) return true;
    return run.head_branch === default_branch && run.event === 'push' && age < BASE_JOBS_MS;
  };
  await walkSpan(walk, { from: secondsAt(taken.since), to: endOf(walk) }, wantsJobs);
}

/** GitHub lets a run be repeated for so long; a re-run keeps the time at which the run was created. docs/github.md#runs-jobs-and-attempts */
const RERUN_MS = 35 * DAY_MS;
/** A backfill that took no longer than that has hardly missed one. */
const SOON_MS = 15 * 60_000;

/** The runs of the last 35 days once more, as what was read first may have been repeated since; nothing where it was read a moment ago. */
export async function walkRunsAgain(walk: Walk, githubNowMs: number): Promise<void> {
  const { taken, until } = walk.deps;
  const began = Date.parse(until);
  if (githubNowMs - began < SOON_MS) return;
  const from = Math.max(secondsAt(taken.since), secondsAt(began - RERUN_MS));
  const isChanged: WantsJobs = (run) => Date.parse(run.updated_at) >= began;
  await walkSpan(walk, { from, to: endOf(walk) }, isChanged);
}

/** The last second that is left to do. */
function endOf({ doneTo, deps }: Walk): number {
  return doneTo === null ? secondsAt(deps.until) : secondsAt(doneTo) - 1;
}

async function walkSpan(walk: Walk, span: Window, wantsJobs: WantsJobs): Promise<void> {
  const { octokit } = walk.deps;
  await walkWindows<ListedRun>(span, {
    list: (window, page) => listRuns(octokit.past, walk.named, { created: createdFilter(window), page }),
    idOf: ({ id }) => id,
    onWindow: async ({ window, runs, total, outOfReach }) => {
      walk.count('out_of_reach', outOfReach);
      // Where GitHub counts no further than it lists, nobody knows how many more there are.
      const mayHaveMore = secondsOf(window) === 1 && total >= MOST_LISTED;
      if (outOfReach > 0 || mayHaveMore)
        walk.miss(
          `runs of ${githubTime(window.from)}`,
          `${outOfReach > 0 ? outOfReach : 'some'} runs of this second may be out of reach: GitHub lists 1,000 of a filter`,
        );
      for (const run of runs) await storeRun(walk, run, wantsJobs(run));
      await walk.note(githubTime(window.from));
    },
  });
}

/** Stores a run with what belongs to it. The jobs go first: a run's end without them would be taken for a workflow file that is not valid. */
export async function storeRun(walk: Walk, run: ListedRun, withJobs: boolean): Promise<void> {
  const { place, octokit } = walk.deps;
  const jobs = withJobs ? await orNone(listRunJobs(octokit.past, walk.named, run.id)) : [];
  const attempts: AskedRun[] = [];
  for (let attempt_number = 1; attempt_number < (run.run_attempt ?? 1); attempt_number += 1) {
    const earlier = await orNone(
      readAttempt(octokit.past, walk.named, { run_id: run.id, attempt_number }).then((read) => [read]),
    );
    attempts.push(...earlier);
  }
  walk.count('runs', 1);
  walk.count('jobs', jobs.length);
  const rows: DeliveryRow[] = [
    ...jobs.map((job) => jobDelivery(place, job as AskedJob)),
    ...[...attempts, run].map((attempt) => runDelivery(place, attempt)),
  ];
  await walk.store(rows);
}

/** What was listed may be gone a moment later. */
async function orNone<Item>(read: Promise<readonly Item[]>): Promise<readonly Item[]> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof Rejected && (error.code === '404' || error.code === '410')) return [];
    throw error;
  }
}
