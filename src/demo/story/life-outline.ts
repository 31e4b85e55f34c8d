// How a life of a repository is written down before its webhooks are made: moments in order. Pure types; see life.ts.

import type { Account, Annotation, JobLog, Permissions } from '../github/state/records.ts';

/** One job of a run and how it ends. */
export interface JobOutline {
  name: string;
  conclusion: 'success' | 'failure' | 'cancelled' | 'skipped' | 'timed_out';
  /** The steps between checkout and the end, such as `npm ci`. */
  steps: string[];
  /** Which of the steps did not succeed; default the last. Those after it are skipped. */
  failedStep?: string;
  /** The raw log as GitHub would give it; `missing` when left out. */
  log?: JobLog;
  annotations?: Annotation[];
  /** How long it runs; default 40. */
  seconds?: number;
}

/** Where something happens: on a pull request, by its number, or on the default branch. */
export type Place = number | 'default branch';

/** One thing that happens. */
export type Moment =
  /** The App is installed on the repository. */
  | { kind: 'install' }
  /** A branch is pushed (in the author's fork when `fromFork`) and a pull request opened. */
  | { kind: 'open'; pull: number; title: string; branch: string; author?: Account; fromFork?: boolean }
  /** A commit is pushed to the pull request's branch. */
  | { kind: 'commit'; pull: number; message: string }
  /** A workflow (default `CI`) runs on the newest commit, for a push or a pull request unless `event` says another; with conclusion `startup_failure` it has no jobs. */
  | { kind: 'run'; on: Place; workflow?: string; event?: string; jobs: JobOutline[]; conclusion?: 'startup_failure' }
  /** The newest run of the workflow on that place is run again; only these jobs, the others carry over. */
  | { kind: 'rerun'; on: Place; workflow?: string; jobs: JobOutline[] }
  | { kind: 'merge'; pull: number }
  /** A commit is pushed straight to the default branch. */
  | { kind: 'push'; message: string }
  /** The workflow `Deploy` runs one job on the default branch and deploys to the environment. */
  | { kind: 'deploy'; environment: string; job: JobOutline }
  /** Something else says how the newest commit fares: a check run of another App, or a commit status. */
  | { kind: 'other check'; on: Place; name: string; conclusion: 'success' | 'failure'; summary: string }
  | { kind: 'status'; on: Place; context: string; state: 'success' | 'failure'; description: string }
  | { kind: 'rename'; name: string };

/** A whole life. The same outline always gives the same webhooks: ids come from a counter, times from `startAt`. */
export interface LifeOutline {
  /** ISO 8601. */
  startAt: string;
  app: { id: number; slug: string };
  /** Tells the life in another repository of the organisation, with ids of its own, so that several fit into one GitHub. */
  sibling?: number;
  /** What the App was granted besides what app.yml asks for. */
  alsoGranted?: Permissions;
  moments: Moment[];
}
