// The nouns of CodeRed and the types that more than one step shares. Pure; everybody may import it.
//
// Glossary (the same word in TypeScript, SQL, API and prose):
//   delivery        one webhook request of GitHub, known by its guid (X-GitHub-Delivery); a redelivery reuses the guid
//   facts           what one delivery says, as rows to be merged into the brain
//   workflow run    one run of a GitHub Actions workflow; a re-run is a new attempt of the same run
//   CI event        one attempt of a workflow run, one check run or one commit status of another CI system
//   job             one job of one attempt; its id is never reused
//   head SHA        the newest commit of a pull request
//   failure         a failed job (or deployment) and what is known of it; stored in `errors`
//   fingerprint     equal for two failures that are the same failure with other numbers, paths and names
//   pattern         one way in which CI breaks: how to recognise it, its root cause, its fix
//   excerpt         the lines of a log that prove a failure; redacted, at most 4 KB
//   publication     what should stand on GitHub (a comment, a check run) and what does
//   generation      which of several check runs of one name and head SHA; a finished one is never reopened
//   follow-up       work that a delivery leaves behind in `agent_jobs`: diagnose, report

/** Worth trying again: the network, a restarting database, a rate limit. */
export class Transient extends Error {
  override readonly name = 'Transient';
  /** How long to wait at the least before the next try, in milliseconds; null when nobody said. */
  readonly retryAfterMs: number | null;
  constructor(message: string, options: { cause?: unknown; retryAfterMs?: number | null } = {}) {
    super(message, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

/** Will never succeed, however often it is tried; the message says why and is kept. */
export class Rejected extends Error {
  override readonly name = 'Rejected';
  /** The SQLSTATE, HTTP status or code of ours that decided it; null when there is none. */
  readonly code: string | null;
  constructor(message: string, options: { cause?: unknown; code?: string | null } = {}) {
    super(message, { cause: options.cause });
    this.code = options.code ?? null;
  }
}

/** Something the person who runs CodeRed has to set right; the message says what and how. */
export class Misconfigured extends Error {
  override readonly name = 'Misconfigured';
}

/** Turns whatever was thrown into an Error, keeping an Error as it is. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
}

/** A JSON value. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json | undefined };

/** An object that holds nothing but JSON, to the compiler, which takes no interface for one. */
export function asJson(value: object): Json {
  return value as Json;
}

/** Where a CI event, a job or a deployment's run stands; it only moves forward (data-model.md, "Merging is order-free"). */
export type CiStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'canceled';
export type CiProvider = 'github-actions' | 'github-checks' | 'github-status' | 'other';
export type CiTrigger = 'push' | 'pull_request' | 'manual' | 'schedule' | 'merge_group' | 'other';
export type Severity = 'info' | 'warning' | 'error' | 'critical';
export type Verdict = 'new' | 'flaky' | 'broken_base' | 'infra' | 'collateral' | 'unknown';
/** Whether a failed job's log could be had: not asked yet, read, never there, or past GitHub's retention. */
export type LogState = 'none' | 'fetched' | 'missing' | 'expired';

/** The categories of pattern-file.md. */
export const PATTERN_CATEGORIES = [
  'infra',
  'flaky',
  'dependency',
  'test',
  'lint',
  'type',
  'build',
  'config',
  'resource',
  'permission',
  'deploy',
  'other',
] as const;
export type PatternCategory = (typeof PATTERN_CATEGORIES)[number];

/** One way in which CI breaks. */
export interface Pattern {
  /** The row in `bug_patterns`; null for a pattern that comes straight from a file. */
  readonly id: string | null;
  readonly name: string;
  readonly kind: 'regex' | 'literal';
  /** RE2 syntax for `regex`, a substring for `literal`; tried against one cleaned line. */
  readonly pattern: string;
  readonly category: PatternCategory;
  readonly severity: Severity;
  readonly root_cause: string;
  readonly recommended_fix: string;
  readonly docs_url: string | null;
  /** Higher wins; among equals the earlier in the list. */
  readonly priority: number;
}

/** One webhook as the inbox hands it to the worker. */
export interface Delivery {
  readonly app_id: number;
  readonly guid: string;
  readonly event: string;
  readonly payload: unknown;
  /** 1 for the first try. */
  readonly attempts: number;
}

// --- Facts -----------------------------------------------------------------------------------------------------------
// Timestamps are ISO 8601 in UTC with milliseconds. `source_updated_at` is GitHub's own time of the state told;
// null marks a stub: a row that is only mentioned, whose fields give way to any payload that is about it.

export interface InstallationFact {
  id: number;
  account_login: string;
  account_id: number | null;
  account_type: string | null;
  repository_selection: string | null;
  permissions: Record<string, string> | null;
  suspended_at: string | null;
  /** Set by `installation.deleted`; never taken back, because a new installation gets a new id. */
  deleted_at: string | null;
  source_updated_at: string | null;
}

export interface RepositoryFact {
  id: number;
  /** Null when the payload does not say, or when the installation may no longer see the repository. */
  installation_id: number | null;
  owner: string;
  name: string;
  private: boolean | null;
  /** Null when the payload holds GitHub's minimal repository, which leaves it out; likewise `archived`. */
  default_branch: string | null;
  archived: boolean | null;
  /** Whether the payload is about the App seeing the repository: taken in, taken out, made or deleted. Only such a one
   * changes `deleted_at`, because GitHub writes no time of a deletion that could be compared with other events' times. */
  tells_presence: boolean;
  /** When the repository was deleted or taken from the installation; null while it is there. */
  deleted_at: string | null;
  source_updated_at: string | null;
}

/** The fields of a commit never change; the earliest push that brought it decides `ref` and `pushed_at`. */
export interface CommitFact {
  repository_id: number;
  sha: string;
  /** Full ref, e.g. `refs/heads/main`; null from a payload that names none. */
  ref: string | null;
  message: string;
  author: string | null;
  authored_at: string | null;
  pushed_at: string | null;
  /** Paths added, modified or removed; GitHub cuts the list at its own limit. */
  files: string[];
}

export interface PullRequestFact {
  repository_id: number;
  number: number;
  title: string;
  html_url: string;
  head_sha: string;
  head_ref: string;
  /** Null when the fork was deleted. */
  head_repository_id: number | null;
  base_ref: string;
  base_sha: string;
  state: 'open' | 'closed' | 'merged';
  draft: boolean;
  author: string | null;
  /** GitHub's created_at: failures before it are another pull request's. */
  opened_at: string;
  merged_at: string | null;
  merge_commit_sha: string | null;
  source_updated_at: string;
}

export interface CiEventFact {
  provider: CiProvider;
  repository_id: number;
  /** GitHub's run id; a check run's id; for a commit status `<sha>:<context>`. */
  run_id: string;
  run_attempt: number;
  workflow_name: string;
  /** `.github/workflows/ci.yml`; null for other providers. */
  workflow_path: string | null;
  branch: string | null;
  head_repository_id: number | null;
  commit_sha: string;
  status: CiStatus;
  /** GitHub's own word; null while it runs. */
  conclusion: string | null;
  trigger: CiTrigger;
  start_time: string | null;
  end_time: string | null;
  pull_request_numbers: number[];
  html_url: string | null;
  actor: string | null;
  /** What another CI system says in its check's output or its status' description, at most 4,000 characters. */
  summary: string | null;
  source_updated_at: string | null;
}

export interface JobStep {
  number: number;
  name: string;
  status: string;
  conclusion: string | null;
}

export interface CiJobFact {
  repository_id: number;
  /** With `run_attempt`, the CI event (provider `github-actions`) the job belongs to; the facts hold at least its stub. */
  run_id: string;
  run_attempt: number;
  job_id: number;
  name: string;
  status: CiStatus;
  conclusion: string | null;
  runner_name: string | null;
  labels: string[];
  started_at: string | null;
  completed_at: string | null;
  steps: JobStep[];
  html_url: string | null;
  source_updated_at: string;
}

export interface DeploymentFact {
  provider: 'vercel' | 'github' | 'other';
  repository_id: number;
  deployment_id: string;
  /** GitHub's own name; which of dev, staging, prod it is, is decided by the project's rules in the brain. */
  environment_name: string;
  commit_sha: string;
  ref: string;
  creator: string | null;
  /** The Actions run that deploys, when GitHub names one. */
  run_id: string | null;
  run_attempt: number | null;
  created_at: string;
  source_updated_at: string;
}

export interface DeploymentStatusFact {
  provider: DeploymentFact['provider'];
  repository_id: number;
  deployment_id: string;
  status_id: number;
  /** GitHub's word: error, failure, inactive, in_progress, pending, queued, success, waiting. */
  state: string;
  environment_name: string;
  environment_url: string | null;
  log_url: string | null;
  description: string;
  creator: string | null;
  created_at: string;
}

/** Somebody pressed "Re-run" on CodeRed's own check run or check suite. */
export interface RecheckFact {
  repository_id: number;
  head_sha: string;
}

/** What one delivery says. Arrays that do not apply are empty. */
export interface Facts {
  installations: InstallationFact[];
  repositories: RepositoryFact[];
  commits: CommitFact[];
  pull_requests: PullRequestFact[];
  ci_events: CiEventFact[];
  ci_jobs: CiJobFact[];
  deployments: DeploymentFact[];
  deployment_statuses: DeploymentStatusFact[];
  rechecks: RecheckFact[];
}

/** What normalising a delivery comes to; a payload that misses what we need throws `Rejected` instead. */
export type Normalised =
  | { readonly kind: 'facts'; readonly facts: Facts }
  | { readonly kind: 'ignored'; readonly reason: string };

// --- Report ----------------------------------------------------------------------------------------------------------
// What the brain answers when asked for everything that the comment and the check run of one pull request rest on.
// Every string in it may come from a stranger.

export interface ReportFailure {
  fingerprint: string;
  /** Null when no pattern knows it. */
  pattern: {
    name: string;
    category: PatternCategory;
    severity: Severity;
    root_cause: string;
    recommended_fix: string;
    docs_url: string | null;
  } | null;
  /** One line: the matched line, or the best guess at the error line. */
  message: string;
  verdict: Verdict;
  verdict_reason: string;
  excerpt: string | null;
  /** 1-based lines of the raw log. */
  excerpt_first_line: number | null;
  excerpt_last_line: number | null;
  /** 1-based line of the raw log that the primary match stands on. */
  line_number: number | null;
  /** The raw log's line on which the failed step begins; null when it could not be told. */
  step_first_line: number | null;
  /** Where the log points in the repository; `line` is 1-based. */
  file_path: string | null;
  line: number | null;
}

export interface ReportJob {
  provider: CiProvider;
  workflow_name: string;
  /** The job's name; for checks and statuses of other CI systems, theirs. */
  name: string;
  run_attempt: number;
  status: CiStatus;
  conclusion: string | null;
  html_url: string | null;
  started_at: string | null;
  completed_at: string | null;
  /** The first step that failed; null when none did or none is known. */
  failed_step: { number: number; name: string } | null;
  log_state: LogState;
  /** Null while a failed job waits for its diagnosis, and for jobs that did not fail. */
  failure: ReportFailure | null;
}

export interface ReportDeployment {
  environment_name: string;
  status: 'pending' | 'running' | 'succeeded' | 'failed' | 'rolled_back';
  commit_sha: string;
  /** Where the deployment's log stands, or what it deployed to. */
  url: string | null;
  failure: ReportFailure | null;
}

/** A failure that stood on an earlier commit or attempt of the pull request and no longer does. */
export interface EarlierFailure {
  job_name: string;
  pattern_name: string | null;
  message: string;
  commit_sha: string;
  run_attempt: number;
  /** The commit (or, on the same commit, the attempt) that first passed the same job; null when none has yet. */
  fixed_by: { commit_sha: string; run_attempt: number } | null;
}

export interface PullRequestReport {
  repository: { id: number; owner: string; name: string; html_url: string };
  pull_request: {
    number: number;
    title: string;
    state: 'open' | 'closed' | 'merged';
    head_sha: string;
    head_ref: string;
    merge_commit_sha: string | null;
    html_url: string;
  };
  /** The newest attempt of every job on the head SHA, jobs not re-run carried over; in a stable order. */
  jobs: ReportJob[];
  /** Runs on the head SHA that have not finished: more jobs may come. */
  unfinished_runs: number;
  /** Newest per environment, of the head SHA or the merge commit. */
  deployments: ReportDeployment[];
  earlier_failures: EarlierFailure[];
  /** The newest time of GitHub among all that is told: orders two versions of the same comment. Null without any. */
  as_of: string | null;
}

// --- Publications ----------------------------------------------------------------------------------------------------

/** The comment as it should stand on a pull request. */
export interface DesiredComment {
  readonly kind: 'comment';
  readonly pull_request_number: number;
  readonly head_sha: string;
  /** Markdown with the marker that `report/comment.ts` writes and `readCommentMarker` reads. */
  readonly body: string;
  /** False when there is nothing that needs a reader: then the comment is edited if it stands, and never made. */
  readonly may_create: boolean;
  readonly as_of: string | null;
}

export interface CheckAnnotation {
  readonly path: string;
  readonly start_line: number;
  readonly end_line: number;
  readonly annotation_level: 'notice' | 'warning' | 'failure';
  readonly title: string;
  readonly message: string;
}

/** The check run as it should stand on a head commit. */
export interface DesiredCheckRun {
  readonly kind: 'check_run';
  readonly name: string;
  readonly head_sha: string;
  readonly status: 'queued' | 'in_progress' | 'completed';
  readonly conclusion: 'success' | 'failure' | 'neutral' | 'action_required' | null;
  /** At most 100 characters, plain text. */
  readonly title: string;
  /** Markdown, at most 65,535 bytes of UTF-8. */
  readonly summary: string;
  readonly annotations: readonly CheckAnnotation[];
  readonly as_of: string | null;
}

export type Desired = DesiredComment | DesiredCheckRun;
