// What the stand-in for GitHub remembers of each thing, in a form that is easy to set and to read.
// Pure types; `record-json.ts` turns them into GitHub's JSON.
// Times are ISO 8601 in UTC with whole seconds, as GitHub writes them.

/** A person, an organisation or an app's bot. */
export interface Account {
  login: string;
  id: number;
  type: 'User' | 'Organization' | 'Bot';
}

/** A repository or a fork of one. */
export interface Repository {
  id: number;
  owner: Account;
  name: string;
  defaultBranch: string;
  private: boolean;
  fork: boolean;
  /** GitHub's time of the last change of the repository itself. */
  updatedAt: string;
}

/** A pull request as it stands. */
export interface PullRequest {
  id: number;
  number: number;
  title: string;
  state: 'open' | 'closed';
  draft: boolean;
  /** A locked conversation refuses new comments with 403. */
  locked: boolean;
  author: Account;
  /** `repository` is null when the fork was deleted. */
  head: { ref: string; sha: string; repository: Repository | null };
  base: { ref: string; sha: string };
  createdAt: string;
  updatedAt: string;
  closedAt: string | null;
  mergedAt: string | null;
  mergeCommitSha: string | null;
  /** How many commits the head branch is ahead of the base. */
  commits: number;
}

/** A workflow file. */
export interface Workflow {
  id: number;
  name: string;
  /** From the root of the repository, such as `.github/workflows/ci.yml`. */
  path: string;
}

/** One attempt of a workflow run. */
export interface WorkflowRun {
  id: number;
  attempt: number;
  runNumber: number;
  workflow: Workflow;
  /** GitHub's name of what set it off: `push`, `pull_request`, `pull_request_target` … */
  event: string;
  headBranch: string;
  headSha: string;
  headRepository: Repository;
  commitMessage: string;
  status: 'queued' | 'in_progress' | 'completed';
  /** GitHub's word; null until completed. */
  conclusion: string | null;
  /** Empty for a pull request from a fork, as on GitHub. */
  pullRequests: PullRequest[];
  actor: Account;
  checkSuiteId: number;
  createdAt: string;
  startedAt: string;
  updatedAt: string;
}

/** One step of a job; `number` counts from 1. */
export interface JobStep {
  name: string;
  number: number;
  status: 'queued' | 'in_progress' | 'completed';
  conclusion: string | null;
  startedAt: string | null;
  completedAt: string | null;
}

/** One job of one attempt. */
export interface Job {
  id: number;
  runId: number;
  attempt: number;
  name: string;
  workflowName: string;
  headBranch: string;
  headSha: string;
  /** `waiting`: for an environment's reviewer, timer or App. */
  status: 'queued' | 'waiting' | 'in_progress' | 'completed';
  conclusion: string | null;
  createdAt: string;
  startedAt: string;
  completedAt: string | null;
  steps: JobStep[];
  labels: string[];
  /** Null until a runner has taken the job. */
  runnerName: string | null;
}

/**
 * What stands behind `GET …/jobs/{id}/logs`: a log, or nothing yet or ever (404), or one past its retention (410).
 * A function is called once per download and may make hundreds of megabytes piece by piece.
 */
export type JobLog =
  | { kept: string | Uint8Array | (() => Iterable<Uint8Array> | AsyncIterable<Uint8Array>) }
  | 'missing'
  | 'expired';

/** An artifact that a run uploaded; `zip` is the archive as it is downloaded, null once it has expired. */
export interface Artifact {
  id: number;
  name: string;
  runId: number;
  headSha: string;
  headBranch: string;
  zip: Uint8Array | null;
  createdAt: string;
}

/** One file of a pull request as GitHub lists it; `patch` null for binary and very large files. */
export interface PullFile {
  filename: string;
  /** The name that it had, of a renamed one. */
  previousFilename?: string;
  status: 'added' | 'modified' | 'removed' | 'renamed';
  additions: number;
  deletions: number;
  patch: string | null;
}

/** A remark on lines of a file, in the API's own words; lines count from 1. */
export interface Annotation {
  path: string;
  start_line: number;
  end_line: number;
  annotation_level: 'notice' | 'warning' | 'failure';
  message: string;
  title: string | null;
  start_column: number | null;
  end_column: number | null;
  raw_details: string | null;
}

/** A check run of any App. */
export interface CheckRun {
  id: number;
  name: string;
  headSha: string;
  /** `github-actions` for the check run of a job; only the App itself may update its own. */
  appSlug: string;
  externalId: string;
  detailsUrl: string | null;
  status: 'queued' | 'in_progress' | 'completed';
  conclusion: string | null;
  startedAt: string;
  completedAt: string | null;
  output: { title: string | null; summary: string | null; text: string | null };
  annotations: Annotation[];
}

/** A comment on a pull request. */
export interface Comment {
  id: number;
  pullNumber: number;
  author: Account;
  body: string;
  /** Whether it was made with an installation token of the App. */
  viaApp: boolean;
  createdAt: string;
  updatedAt: string;
}

/** A commit on a pushed branch. */
export interface Commit {
  sha: string;
  message: string;
  author: Account;
  at: string;
  /** Paths. */
  added: string[];
  modified: string[];
}

/** A deployment of one commit to one environment. */
export interface Deployment {
  id: number;
  environment: string;
  sha: string;
  ref: string;
  creator: Account;
  /** The Actions run that deploys; null for a deployment made through the API. */
  run: WorkflowRun | null;
  createdAt: string;
  updatedAt: string;
}

/** One step in a deployment's life. */
export interface DeploymentStatus {
  id: number;
  state: 'pending' | 'queued' | 'in_progress' | 'success' | 'failure' | 'error' | 'inactive';
  description: string;
  logUrl: string;
  /** Null until something stands there. */
  environmentUrl: string | null;
  createdAt: string;
}

/** GitHub's record of a push against the rules of its ref. */
export interface RuleSuite {
  id: number;
  /** Null for a push with a deploy key. */
  actor: Account | null;
  before: string;
  after: string;
  /** Full, such as `refs/heads/main`. */
  ref: string;
  pushedAt: string;
  result: 'pass' | 'fail' | 'bypass';
  evaluations: { rule: string; result: 'pass' | 'fail'; enforcement: 'active' | 'evaluate' }[];
}

/** A reaction to a comment, by the App. */
export interface Reaction {
  id: number;
  content: string;
  createdAt: string;
}

/** The rights the App was given on an account, by GitHub's permission names. */
export type Permissions = Record<string, 'read' | 'write'>;

/** The App installed on an account. */
export interface Installation {
  id: number;
  account: Account;
  permissions: Permissions;
  createdAt: string;
  /** Null unless suspended; a suspended installation answers 403 to everything. */
  suspendedAt: string | null;
}
