// Turns GitHub's words for the state of a run, job or check into the five states of the brain. Pure.

import type { CiStatus, CiTrigger } from '../../model/failure.ts';

const STATUSES: ReadonlyMap<string, CiStatus> = new Map([
  ['queued', 'queued'],
  ['requested', 'queued'],
  ['waiting', 'queued'],
  ['pending', 'queued'],
  ['in_progress', 'running'],
]);

const CONCLUSIONS: ReadonlyMap<string, CiStatus> = new Map([
  ['success', 'succeeded'],
  ['neutral', 'succeeded'],
  ['skipped', 'succeeded'],
  ['failure', 'failed'],
  ['timed_out', 'failed'],
  ['startup_failure', 'failed'],
  ['cancelled', 'canceled'],
  ['stale', 'canceled'],
  ['action_required', 'queued'],
]);

const TRIGGERS: ReadonlyMap<string, CiTrigger> = new Map([
  ['push', 'push'],
  ['pull_request', 'pull_request'],
  ['pull_request_target', 'pull_request'],
  ['workflow_dispatch', 'manual'],
  ['repository_dispatch', 'manual'],
  ['schedule', 'schedule'],
  ['merge_group', 'merge_group'],
]);

/** The state of a run, job or check. */
export interface CiState {
  readonly status: CiStatus;
  /** GitHub's own word, kept as it is even if it is new to us; null unless GitHub says "completed". */
  readonly conclusion: string | null;
  /** True when nothing more will happen. False for `action_required`: somebody has to let the run go on. */
  readonly finished: boolean;
}

/**
 * The state for GitHub's `status` and `conclusion`. The conclusion counts only when the status is `completed`, because a re-run
 * still shows the old one. An unknown status counts as queued; any later payload replaces that. A completed run with an unknown
 * conclusion, or none, counts as failed: as green it could let something broken through, while a failure shows GitHub's own word.
 */
export function ciState(status: string | null, conclusion: string | null): CiState {
  if (status !== 'completed') {
    return { status: STATUSES.get(status ?? '') ?? 'queued', conclusion: null, finished: false };
  }
  const concluded = CONCLUSIONS.get(conclusion ?? '') ?? 'failed';
  return { status: concluded, conclusion, finished: concluded !== 'queued' };
}

/**
 * What started a workflow run, from GitHub's name of the event (docs/github.md#runs-jobs-and-attempts). Names without a
 * value of their own are `other`.
 */
export function ciTrigger(event: string | null): CiTrigger {
  return TRIGGERS.get(event ?? '') ?? 'other';
}
