// What an attempt to publish comes to, and how long to wait after one that failed. Pure.

import { pauseAfter } from '../model/backoff.ts';
import { asError, Transient } from '../model/errors.ts';
import type { RequestedCheckRun } from '../model/publication.ts';
import { redact } from '../text/redact.ts';

/** `reason` is kept with the publication and shown to people. */
export type Outcome =
  | {
      readonly kind: 'completed';
      /** What stands on GitHub; null when nothing does, because there was nothing that needs a reader. */
      readonly github_id: number | null;
      readonly conclusion: RequestedCheckRun['conclusion'];
      readonly action: 'created' | 'edited' | 'unchanged' | 'overtaken' | 'not_needed';
    }
  | {
      readonly kind: 'deferred';
      readonly delay_ms: number;
      /** Above 0, nothing else is written for the installation so long. */
      readonly pause_installation_ms: number;
      readonly reason: string;
      /** True when it is no trouble: the newer state is on its way. */
      readonly isExpected?: true;
    }
  | { readonly kind: 'parked'; readonly reason: string }
  /** More is known by now than the request was worked out from: it is given back, and another one comes. */
  | { readonly kind: 'yielded'; readonly reason: string };

/** docs/github.md#rate-limits */
const SHORTEST_INSTALLATION_PAUSE_MS = 60_000;

/** What comes of a success that was overtaken before it was written. */
export const OVERTAKEN: Outcome = {
  kind: 'yielded',
  reason: 'not written: more is known of the commit by now than this success was worked out from',
};

const HEAD_PAUSE_MS = 30_000;
const HEAD_TRIES = 5;

/**
 * What an error leads to: `Transient` is tried again after a growing pause, anything else is parked. `attempts` counts
 * the failed one; `random` from 0 to 1 spreads the pauses.
 */
export function outcomeOfError(thrown: unknown, attempts: number, random: number): Outcome {
  const message = redact(asError(thrown).message);
  if (!(thrown instanceof Transient)) return { kind: 'parked', reason: message };
  const waitMs = thrown.retryAfterMs;
  return {
    kind: 'deferred',
    delay_ms: pauseAfter(attempts, { jitter: random, retryAfterMs: waitMs }),
    // What is kept for the gate holds back no check run.
    pause_installation_ms: waitMs === null || thrown.isExpected ? 0 : Math.max(waitMs, SHORTEST_INSTALLATION_PAUSE_MS),
    reason: message,
    ...(thrown.isExpected ? { isExpected: true } : {}),
  };
}

/**
 * The pull request's head is not the one that the comment tells of: either the newer state is about to be requested, or
 * GitHub's answer lags behind its webhook. `found` is null when there is no such pull request.
 */
export function outcomeOfMovedHead(wanted: string, found: string | null, attempts: number): Outcome {
  const standing = found === null ? 'there is no such pull request' : `its head is ${found}`;
  const reason = `not written: the comment tells of ${wanted}, but ${standing}`;
  if (attempts > HEAD_TRIES) return { kind: 'parked', reason };
  return { kind: 'deferred', delay_ms: HEAD_PAUSE_MS, pause_installation_ms: 0, reason, isExpected: true };
}
