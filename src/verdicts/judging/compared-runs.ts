// How a job ended elsewhere, and whether all that failed here failed there too. Pure.

import type { BaseResult } from '../evidence.ts';
import { type BaseCommit, type Gathered, type GatheredFailure, type JobEnd, jobEnd } from './gathered.ts';

/** The ends of jobs, ready to be asked for many failures. */
export interface Ends {
  /** By run and job name: the attempts of the failing runs themselves, oldest first. */
  readonly own: ReadonlyMap<string, readonly (JobEnd & { readonly attempt: number })[]>;
  /** By workflow path, branch, commit and job name: attempts on the base branch, newest first. */
  readonly base: ReadonlyMap<string, readonly JobEnd[]>;
  /** By attempt: all jobs of it. */
  readonly siblings: ReadonlyMap<string, readonly JobEnd[]>;
}

/** What is known of one attempt that a failure may be the same in. */
interface Known {
  readonly tests: Gathered['tests'];
}

/** The key of a map. */
export const keyOf = (...parts: readonly (string | number | null)[]): string => JSON.stringify(parts);

/** Sorts the ends of jobs by what they are asked for by. */
export function indexEnds({
  attempts,
  jobs,
  base_attempts,
  base_jobs,
}: Pick<Gathered, 'attempts' | 'jobs' | 'base_attempts' | 'base_jobs'>): Ends {
  const siblings = Map.groupBy(jobs.map(jobEnd), ({ ci_event_id }) => ci_event_id);
  const own = new Map<string, (JobEnd & { attempt: number })[]>();
  for (const [id, run_id, attempt] of attempts.toSorted((one, other) => one[2] - other[2])) {
    for (const end of siblings.get(id) ?? []) add(own, keyOf(run_id, end.name), { ...end, attempt });
  }
  const onBase = Map.groupBy(base_jobs.map(jobEnd), ({ ci_event_id }) => ci_event_id);
  const base = new Map<string, JobEnd[]>();
  const newestFirst = base_attempts.toSorted((one, other) => other[3] - one[3] || other[4] - one[4]);
  for (const [id, branch, sha, , , path] of newestFirst) {
    for (const end of onBase.get(id) ?? []) add(base, keyOf(path, branch, sha, end.name), end);
  }
  return { own, base, siblings };
}

function add<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** The failing tests of one failure: null when they are not known, or not all of them. */
export interface Compared {
  readonly failure: GatheredFailure;
  readonly test_ids: readonly number[] | null;
  /** The step in which it failed. */
  readonly failed_step: string | null;
}

/**
 * Whether all that failed here failed there too: every failing test, in a step of the same name; without tests the same fingerprint.
 * Null where one of the two is not known.
 */
export function isSame({ failure, test_ids, failed_step }: Compared, there: JobEnd, { tests }: Known): boolean | null {
  if (test_ids === null) return null;
  const sameLine = there.fingerprint === null ? null : there.fingerprint === failure.fingerprint;
  if (test_ids.length === 0) return sameLine;
  const told = tests[there.ci_event_id];
  if (told === undefined) return null;
  const failed = new Set(told.tests.map(([id]) => id));
  if (!test_ids.every((id) => failed.has(id))) return told.omitted > 0 || told.tests.length > 50 ? null : false;
  if (failed_step === null || there.failed_step !== failed_step) return false;
  // A line that speaks of no test is something else that broke.
  const { pattern } = failure;
  return pattern === null || pattern.category === 'test' || pattern.category === 'flaky' ? true : sameLine;
}

/** Whether this is how a job ends that broke. */
export const isFailed = (conclusion: string | null): boolean => conclusion === 'failure' || conclusion === 'timed_out';

/** How the job ended on a commit of the base branch; `ends` newest first. */
export function baseResult(
  commit: Pick<BaseCommit, 'sha' | 'at'>,
  {
    ends,
    compared,
    known,
    before_base,
  }: { ends: readonly JobEnd[]; compared: Compared; known: Known; before_base: boolean },
): BaseResult {
  const decided = ends.filter(
    ({ conclusion, is_over }) => is_over && (conclusion === 'success' || isFailed(conclusion)),
  );
  const failed = decided.filter(({ conclusion }) => isFailed(conclusion));
  const [newest = ends[0]] = decided;
  const answers = failed.map((end) => isSame(compared, end, known));
  return {
    sha: commit.sha,
    at: newest?.completed_at ?? commit.at,
    before_base,
    conclusion:
      newest === undefined || !newest.is_over
        ? null
        : isFailed(newest.conclusion)
          ? 'failure'
          : newest.conclusion === 'success'
            ? 'success'
            : 'other',
    same: sameOf(answers, newest),
    mixed: failed.length > 0 && failed.length < decided.length,
  };
}

function sameOf(answers: readonly (boolean | null)[], newest: JobEnd | undefined): boolean | null {
  if (answers.includes(true)) return true;
  if (answers.includes(null)) return null;
  return answers.length > 0 || newest?.conclusion === 'success' ? false : null;
}
