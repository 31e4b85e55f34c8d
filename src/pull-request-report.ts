// What the brain answers when asked for everything that the comment and the check run of one pull request rest on.
// Every string in it may come from a stranger. Pure types; everybody may import it.
import type { GateCriterion, GateReport, PolicyProblem } from './gate-report.ts';
import type { CiProvider, CiStatus, LogState, PatternCategory, Severity, Verdict } from './model.ts';

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
  /** What it deployed to; left out or null where that was never told. */
  environment_url?: string | null;
  /** Where its log stands; left out or null where that was never told. */
  log_url?: string | null;
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
  /** The verdict on the head SHA by the Definition of Done; null when nothing is asked for. */
  gate: GateReport | null;
  /** What is known of the usual criteria where nothing is asked for. */
  information: readonly GateCriterion[];
  /** What is wrong with the policy file that the pull request brings: it decides nothing until it is merged. */
  proposed_problems: readonly PolicyProblem[];
  /** The newest time of GitHub among all that is told: orders two versions of the same comment. Null without any. */
  as_of: string | null;
}
