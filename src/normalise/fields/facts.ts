// What a normaliser is and what it returns. Pure.

import type { Facts, Normalised } from '../../model/facts.ts';

/** What reading an event needs to know besides the payload. */
export interface NormaliseContext {
  /** The id of our own GitHub App; null when it is not known, then no check run counts as our own. */
  readonly appId: number | null;
}

/**
 * Reads the payload of one event: returns facts, or why the event is ignored.
 * @throws Rejected when the payload misses what its event needs.
 */
export type Normaliser = (payload: unknown, context: NormaliseContext) => Normalised;

/** A result with these facts; lists that are not given are empty. */
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
    access: [],
    ...given,
  };
  return { kind: 'facts', facts: all };
}

/** A result without facts. The reason begins with the event and is for people who wonder why a delivery changed nothing. */
export function ignored(reason: string): Normalised {
  return { kind: 'ignored', reason };
}
