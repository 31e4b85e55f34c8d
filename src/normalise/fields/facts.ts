// What a normaliser is and what it returns. Pure.

import type { Facts, Normalised } from '../../model/facts.ts';

export interface NormaliseContext {
  /** The id of our own GitHub App; null when it is not known, then no check run counts as our own. */
  readonly appId: number | null;
}

/** @throws Rejected when the payload misses what its event needs. */
export type Normaliser = (payload: unknown, context: NormaliseContext) => Normalised;

/** Facts with everything empty that is not given. */
export function facts(given: Partial<Facts>): Normalised {
  const all: Facts = {
    installations: [],
    repositories: [],
    commits: [],
    pull_requests: [],
    ci_events: [],
    ci_jobs: [],
    deployments: [],
    deployment_statuses: [],
    rechecks: [],
    commands: [],
    ...given,
  };
  return { kind: 'facts', facts: all };
}

/** The reason is for people who wonder why a delivery left no trace: it begins with the event. */
export function ignored(reason: string): Normalised {
  return { kind: 'ignored', reason };
}
