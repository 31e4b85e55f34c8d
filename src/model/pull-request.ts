// What the brain answers when asked for everything that the comment and the check run of one pull request rest on. Every string
// in it may come from a stranger. Pure types.

import type {
  CiProvider,
  CiStatus,
  EvidenceReason,
  FailureVerdict,
  LogState,
  PatternCategory,
  Severity,
} from './failure.ts';
import type { GateCriterion, GateReport, PolicyProblem } from './gate.ts';

/** A pattern, as far as it is shown. */
export interface ReportPattern {
  name: string;
  category: PatternCategory;
  severity: Severity;
  root_cause: string;
  recommended_fix: string;
  docs_url: string | null;
}

/** Another line that a pattern has matched. */
export interface OtherLine {
  /** 1-based line of the raw log. */
  line_number: number;
  text: string;
  /** Where it points in the repository; left out by what older versions stored. */
  file_path?: string | null;
  line?: number | null;
}

/** How many other lines the pattern has matched, and the first three of them. */
export interface OtherLines {
  others: number;
  other_lines: OtherLine[];
}

/** Another thing that broke in the same job, and does not follow from the first. */
export interface FurtherCause extends OtherLines {
  pattern: ReportPattern;
  /** 1-based line of the raw log. */
  line_number: number;
  line_text: string;
  /** Where that line points in the repository; `line` is 1-based. */
  file_path: string | null;
  line: number | null;
}

/** A test that failed in a job, as its report or the log names it. */
export interface FailedTest {
  /** Empty where the runner has none. */
  suite: string;
  name: string;
  /** Where it stands in the repository; `line` is 1-based. */
  file_path: string | null;
  line: number | null;
  /** What is known of it on the default branch; left out where nothing is. */
  history?: {
    state: 'broken' | 'flaky' | 'healthy' | 'new' | 'unknown';
    /** Of so many runs of the window it failed so often. */
    failed: number;
    runs: number;
    /** The commit since which it fails there; null while it passes. */
    failing_since: string | null;
  };
}

export interface ReportFailure extends OtherLines {
  fingerprint: string;
  /** Null when no pattern knows it. */
  pattern: ReportPattern | null;
  /** One line: the matched line, or the best guess at the error line. */
  message: string;
  verdict: FailureVerdict;
  /** The verdict's sentence, where a rule has held; else why nothing could be read, or an empty text. */
  verdict_reason: string;
  /** The rule that gave the verdict; null, or left out, before it is judged. */
  rule?: string | null;
  /** The tests that failed, at most 50; left out where none is known by name. */
  tests?: FailedTest[];
  /** How many more failed. */
  tests_omitted?: number;
  excerpt: string | null;
  /** 1-based lines of the raw log. */
  excerpt_first_line: number | null;
  excerpt_last_line: number | null;
  /** 1-based line of the raw log that the primary match stands on. */
  line_number: number | null;
  /** The raw log's line on which the failed step begins; null when it is not known. */
  step_first_line: number | null;
  /** Where the log points in the repository; `line` is 1-based. */
  file_path: string | null;
  line: number | null;
  /** How the quoted line was found, and the lines that belong to it; null without a log, and where an older version read it. */
  evidence: { why: EvidenceReason; first_line: number; last_line: number } | null;
  /** The step that the quoted line stands in, as the log calls it; null when it is not known. */
  step_name: string | null;
  /** Whether that is not the step that failed, which says nothing itself. */
  is_elsewhere: boolean;
  /** At most 19, in the log's order of weight. */
  further_causes: FurtherCause[];
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
  /** Of another system's check or status: the slug of its App, the login of who wrote it. Left out for jobs. */
  author?: string | null;
  /** What that check or status says first, as far as it says anything. */
  says?: string | null;
  /** Why it is not waited for though it has not ended; left out where it is. */
  not_awaited?: 'merge_app' | 'overdue';
}

/** That no workflow ran on the head commit, nor any other system's check. */
export interface Silence {
  /** Since when that is waited for, ISO 8601, and for how many minutes. */
  since: string;
  minutes: number;
  /** Whether that time is over: then the check run concludes. */
  is_over: boolean;
  conclusion: 'action_required' | 'failure' | 'neutral' | 'success';
  /** Why, as GitHub was asked: it conflicts with its base, or a maintainer has to let its workflows run; null: not known. */
  cause: 'merge_conflict' | 'approval' | null;
}

/** What a merge queue made of the pull request last and dropped, or what failed there. */
export interface MergeQueueDrop {
  commit_sha: string;
  /** GitHub's word for why the group was taken away: dequeued, invalidated; null: it gave none. */
  end: string | null;
  /** Whether CodeRed's own check failed there. */
  is_refused: boolean;
  /** Jobs, runs and checks that failed on the commit. */
  failed: { name: string; url: string | null }[];
}

export interface ReportDeployment {
  environment_name: string;
  status: 'pending' | 'running' | 'succeeded' | 'failed' | 'rolled_back';
  commit_sha: string;
  /** Where the deployment's log stands, or what it deployed to. */
  url: string | null;
  /** What it deployed to; left out or null when GitHub never said it. */
  environment_url?: string | null;
  /** Where its log stands; left out or null when GitHub never said it. */
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
  /** Null, or left out, once something ran, and where nobody needs to know. */
  silence?: Silence | null;
  /** Null, or left out, where the newest commit that a queue made passed, was merged or is still tried. */
  merge_queue?: MergeQueueDrop | null;
  /** The newest time of GitHub among everything in it: orders two versions of the same comment. Null without any. */
  as_of: string | null;
}
