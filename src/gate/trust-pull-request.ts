// Whether the commit of a merge queue is evaluated by the evidence of its pull request's head. Pure.
//
// 1. Only where the policy says so (merge_queue: trust_pr), and only on the commit of a merge queue.
// 2. Only when GitHub says that both commits hold exactly the same files; else the commit's own runs decide.
// 3. From then on every event about the head counts for the commit: the commit's version changes with events about either.

import type { Policy } from '../policy/schema/policy.ts';
import type { GateSubject } from './collect/collect.ts';
import type { GateVerdict } from './model/verdict.ts';

/** A commit as it is evaluated, with whose evidence counts for it. */
export interface EvaluatedSubject extends GateSubject {
  /** The pull request's head, where its evidence stands for a commit with the same files; null: the commit's own. */
  readonly trusted_sha: string | null;
  /** Words of our own for the report, to follow the place of the policy; empty: none. */
  readonly trust: string;
  /** In how many milliseconds to ask GitHub again; null when it has answered. */
  readonly ask_again_ms: number | null;
}

const ASK_AGAIN_MS = 60_000;

/** Whether the files of the commit and of its pull request's head have to be compared. */
export function mayTrust({ merge_group }: GateSubject, { merge_queue }: Policy): boolean {
  return merge_group && merge_queue === 'trust_pr';
}

/** The commit with its own evidence. */
export function byItself(commit: GateSubject): EvaluatedSubject {
  return { ...commit, trusted_sha: null, trust: '', ask_again_ms: null };
}

/** Whether two commits hold the same files, by the hashes of their trees; null when one of them is not known. */
export function isSameTree(one: string | null, other: string | null): boolean | null {
  return one === null || other === null ? null : one === other;
}

/**
 * Decides whose evidence counts for the commit of a merge queue. `same` is the answer of `isSameTree`; `head` is what is known of the
 * pull request's head, read after `commit`, and null unless the files are the same.
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
  // A head that was never evaluated is waited for since its commit in the queue is.
  const since = [head.since, commit.since].toSorted()[0] ?? head.since;
  return {
    ...byItself({ ...head, version: commit.version, since }),
    trusted_sha: commit.pull_request.head_sha,
    trust: 'trusting the pull request: same files',
  };
}

/** The place of the policy in words, with what has to be said about trust. */
export function fromWith(from: string, { trust }: EvaluatedSubject): string {
  return trust === '' ? from : `${from}, ${trust}`;
}

/**
 * When to ask GitHub again, ISO 8601; null when it has answered, or the verdict does not wait. GitHub's API may know a commit a moment
 * later than its webhook comes, and the verdict should not wait for its deadline then. `now` in ms since 1970.
 */
export function askAgainAt(
  { ask_again_ms }: EvaluatedSubject,
  state: GateVerdict['state'],
  now: number,
): string | null {
  return ask_again_ms === null || state !== 'pending' ? null : new Date(now + ask_again_ms).toISOString();
}
