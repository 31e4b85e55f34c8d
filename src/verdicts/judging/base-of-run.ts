// What a run is compared with: which commit of the base branch it was made on, and which lie around that. Pure.

import { THRESHOLDS } from '../thresholds.ts';
import type { BaseCommit, Gathered, GatheredRun } from './gathered.ts';

/** The base of a run, or why there is none. */
export interface BaseOfRun {
  readonly base: { readonly kind: 'merge_parent' | 'merge_base'; readonly sha: string } | null;
  readonly why: string | null;
  /** The commits around it without itself, newest first, and which of them lie before it. */
  readonly around: readonly (BaseCommit & { readonly before_base: boolean })[];
}

const none = (why: string): BaseOfRun => ({ base: null, why, around: [] });
const EACH_SIDE = THRESHOLDS.runsAround / 2;

/** Finds the base of a run among what webhooks told, and what GitHub was asked. */
export function baseOfRun(run: GatheredRun, bases: Gathered['bases']): BaseOfRun {
  const { base_ref, event, started_at } = run;
  if (base_ref === null) return none('its pull request is not known');
  const { commits, pushes } = bases[base_ref] ?? { commits: [], pushes: [] };
  if (event === 'push') return headBase(run, commits);
  if (event !== 'pull_request') return none(`what a run for ${event} checks out is not known`);
  if (run.run_number === null || started_at === null) return none('when the run began is not known');
  if (run.base_since !== null && Date.parse(started_at) < Date.parse(run.base_since))
    return none('the pull request had another base branch when it ran');
  const asked = run.head?.merge_parent_sha ?? null;
  const { run_number } = run;
  const newest = commits.find(({ place }) => place < run_number);
  if (asked !== null) return around('merge_parent', asked, placeOf(asked, commits) ?? newest?.place ?? null, commits);
  if (newest === undefined) return none(`no run on ${base_ref} from before it is known`);
  // What was pushed since, and set off nothing or nothing that is known yet, is the tip.
  const since = Date.parse(newest.pushed_at ?? newest.at ?? '');
  const later = pushes.find(({ at }) => Date.parse(at) <= Date.parse(started_at) && Date.parse(at) > since);
  if (later === undefined) return around('merge_parent', newest.sha, newest.place, commits);
  if (later.sha === null) return none(`${base_ref} was pushed before it ran, and which commit is its tip is not known`);
  return around('merge_parent', later.sha, placeOf(later.sha, commits) ?? newest.place, commits);
}

function headBase({ head }: GatheredRun, commits: readonly BaseCommit[]): BaseOfRun {
  const sha = head?.merge_base_sha ?? null;
  if (sha === null) return none('the merge base could not be had');
  return around('merge_base', sha, placeOf(sha, commits), commits);
}

function placeOf(sha: string, commits: readonly BaseCommit[]): number | null {
  return commits.find((commit) => commit.sha === sha)?.place ?? null;
}

function around(
  kind: 'merge_parent' | 'merge_base',
  sha: string,
  pivot: number | null,
  commits: readonly BaseCommit[],
): BaseOfRun {
  if (pivot === null) return { base: { kind, sha }, why: null, around: [] };
  const others = commits.filter((commit) => commit.sha !== sha);
  const after = others.filter(({ place }) => place > pivot).slice(-EACH_SIDE);
  const before = others.filter(({ place }) => place <= pivot).slice(0, EACH_SIDE);
  return {
    base: { kind, sha },
    why: null,
    around: [
      ...after.map((one) => ({ ...one, before_base: false })),
      ...before.map((one) => ({ ...one, before_base: true })),
    ],
  };
}
