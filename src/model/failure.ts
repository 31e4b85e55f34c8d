// What can be said of CI events, failures and the patterns that explain them. Pure.

/** Where a CI event, a job or a deployment's run stands; it only moves forward. */
export type CiStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'canceled';
export type CiProvider = 'github-actions' | 'github-checks' | 'github-status' | 'other';
export type CiTrigger = 'push' | 'pull_request' | 'manual' | 'schedule' | 'merge_group' | 'other';
export type Severity = 'info' | 'warning' | 'error' | 'critical';
export type FailureVerdict = 'new' | 'flaky' | 'broken_base' | 'infra' | 'collateral' | 'unknown';
/** Whether a failed job's log could be had: not asked yet, read, never there, or past GitHub's retention. */
export type LogState = 'none' | 'fetched' | 'missing' | 'expired';

/** What a pattern may say that a failure is of. */
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

/** What a pattern knows: what broke, something true that says little of it, or what followed from it. Best first. */
export const PATTERN_RANKS = ['cause', 'generic', 'consequence'] as const;
export type PatternRank = (typeof PATTERN_RANKS)[number];
/** Which of a pattern's lines counts: compilers' first error has the others as its echo, summaries stand last. */
export const PATTERN_PICKS = ['last', 'first'] as const;
export type PatternPick = (typeof PATTERN_PICKS)[number];

/** How a line came to be quoted: a pattern knows it; else the runner marks it as an error, or it begins the last lines that look like one; else it is the last before the exit, or of the log. */
export type EvidenceReason = 'match' | 'error' | 'block' | 'exit' | 'tail';

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
  /** The best rank wins, whatever the priority. */
  readonly rank: PatternRank;
  readonly pick: PatternPick;
  /** Higher wins; among equals the earlier in the list. */
  readonly priority: number;
}
