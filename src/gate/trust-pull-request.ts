// Whether the commit that a merge queue made is judged by its pull request's head. Pure; gate.ts and verdict-record.ts use it.
//
// 1. Only where the policy says so (merge_queue: trust_pr), and only on the commit of a merge queue.
// 2. Only when GitHub tells that both commits hold the very same files; else the commit's own runs decide.
// 3. What is told of the head counts for the commit from then on: the version is that of the commit, which tells of both.

import type { Policy } from '../policy/schema/policy.ts';
import type { GateSubject } from './collect/collect.ts';
import type { GateVerdict } from './model/verdict.ts';

/** What a verdict rests on. */
export interface EvaluatedSubject extends GateSubject {
  /** The pull request's head, where its evidence stands for a commit with the same files; null: the commit's own. */
  readonly trusted_sha: string | null;
  /** What is to be said of it beside where the policy stands, in words of our own; empty: nothing. */
  readonly trust: string;
  /** In how many milliseconds GitHub may tell what it did not tell now; null: it has told. */
  readonly ask_again_ms: number | null;
}

const ASK_AGAIN_MS = 60_000;

/** Whether the trees of the commit and of its pull request's head have to be known. */
export function mayTrust({ merge_group }: GateSubject, { merge_queue }: Policy): boolean {
  return merge_group && merge_queue === 'trust_pr';
}

/** The commit by its own evidence. */
export function byItself(commit: GateSubject): EvaluatedSubject {
  return { ...commit, trusted_sha: null, trust: '', ask_again_ms: null };
}

/** Whether two commits hold the same files, by their trees; null: one of them is not known. */
export function isSameTree(one: string | null, other: string | null): boolean | null {
  return one === null || other === null ? null : one === other;
}

/**
 * What the commit of a merge queue is judged by. `same`: as `isSameTree` says; `head`: what is known of the pull request's
 * head, read after `commit`, null unless the files are the same.
 */
export function trustPullRequest(
  commit: GateSubject,
  same: boolean | null,
  head: GateSubject | null,
): EvaluatedSubject {
  const itself = byItself(commit);
  if (same === null)
    return { ...itself, trust: 'by its own runs: GitHub does not tell its files', ask_again_ms: ASK_AGAIN_MS };
  if (!same) return { ...itself, trust: 'by its own runs: other files than the pull request' };
  if (head === null) return { ...itself, trust: 'by its own runs: the pull request is gone' };
  // A head that was never judged is waited for since its commit in the queue is.
  const since = [head.since, commit.since].toSorted()[0] ?? head.since;
  return {
    ...byItself({ ...head, version: commit.version, since }),
    trusted_sha: commit.pull_request.head_sha,
    trust: 'trusting the pull request: same files',
  };
}

/** Where the policy stands, and what is to be said of trust. */
export function fromWith(from: string, { trust }: EvaluatedSubject): string {
  return trust === '' ? from : `${from}, ${trust}`;
}

/**
 * When to ask GitHub again, ISO 8601; null: it has told, or the verdict does not wait. GitHub may know a commit a moment later
 * than it tells of it: what waits is not left to wait for its deadline. `now` in ms since 1970.
 */
export function askAgainAt(
  { ask_again_ms }: EvaluatedSubject,
  state: GateVerdict['state'],
  now: number,
): string | null {
  return ask_again_ms === null || state !== 'pending' ? null : new Date(now + ask_again_ms).toISOString();
}
