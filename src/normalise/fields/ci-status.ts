// GitHub's words for how CI stands, as the five states of the brain. Pure.

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

export interface CiState {
  readonly status: CiStatus;
  /** GitHub's own word, kept as it is even if it is new to us; null unless GitHub says "completed". */
  readonly conclusion: string | null;
  /** Whether nothing more will happen. Not so with `action_required`: somebody has to let the run go on. */
  readonly finished: boolean;
}

/**
 * The conclusion counts only when the status is `completed`, because a re-run still shows the old one. A status new
 * to us counts as queued, from where any later payload moves it on. A completed run with a conclusion new to us, or
 * none, counts as failed: calling it green could let something broken through, while a failure shows its raw word and
 * somebody looks.
 */
export function ciState(status: string | null, conclusion: string | null): CiState {
  if (status !== 'completed') {
    return { status: STATUSES.get(status ?? '') ?? 'queued', conclusion: null, finished: false };
  }
  const concluded = CONCLUSIONS.get(conclusion ?? '') ?? 'failed';
  return { status: concluded, conclusion, finished: concluded !== 'queued' };
}

/**
 * What set off a workflow run, from GitHub's name of the event.
 * docs/github.md#runs-jobs-and-attempts
 */
export function ciTrigger(event: string | null): CiTrigger {
  return TRIGGERS.get(event ?? '') ?? 'other';
}
