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
