// What the gate evaluates: everything that is known of one commit, as one plain object. Pure.

import type { CiStatus } from '../../model/failure.ts';

/** The event of a run that was stored by an old version, which did not keep what started it. */
export const UNKNOWN_EVENT = 'unknown';

/** Which workflow a job or an artifact is of, as far as that decides whether it counts; left out: one of the pull request's own. */
export interface Provenance {
  /** The webhook that names its workflow has not come: it may belong to any, and the gate waits. */
  readonly is_unknown?: boolean;
  /** What set off its run, where that is no event of the pull request's own runs: it counts only where the policy names its workflow. */
  readonly foreign_event?: string | null;
}

/** A step of a job by GitHub's webhook. A step with `continue-on-error` is listed there as passed even when it failed. */
export interface JobStep {
  readonly name: string;
  /** GitHub's own word; null while it runs. */
  readonly conclusion: string | null;
}

/** A job, another system's check run, or a commit status, in its newest attempt on the commit. */
export interface Signal extends Provenance {
  readonly kind: 'job' | 'check' | 'status';
  readonly name: string;
  /** File name of the job's workflow, slug of the check run's App; empty for statuses. */
  readonly origin: string;
  readonly attempt: number;
  readonly status: CiStatus;
  /** GitHub's own word; null while it runs. */
  readonly conclusion: string | null;
  readonly url: string | null;
  /** The time of its newest webhook, ISO 8601. */
  readonly at: string;
  /** Why it is not trusted, as text: a person must check what rests on it. Null when it is trusted. */
  readonly distrust: string | null;
  /** A job's own steps, without those that the runner puts around them; left out: they are not known. */
  readonly steps?: readonly JobStep[];
}

/** A workflow run on the commit in its newest attempt: an artifact may still come from one that is not over. */
export interface RunOnCommit {
  readonly run_id: string;
  readonly workflow: string;
  readonly attempt: number;
  readonly is_over: boolean;
  /** Only jobs are left of it that wait for an environment: what it has made so far counts. */
  readonly is_held?: boolean;
  readonly at: string;
}

/** Of the lines that count, how many the tests ran. */
export interface CoveredLines {
  readonly path: string;
  /** The module or group that the report names beside the path; left out when it names none. */
  readonly place?: string;
  readonly covered: number;
  readonly total: number;
  /** The 1-based numbers of lines that ran and did not run; null when the format does not hold them. */
  readonly lines: { readonly run: readonly number[]; readonly missed: readonly number[] } | null;
  /** By how much `covered` and `total` differ from the lines, where the report says worse than it lists. */
  readonly beyond?: { readonly covered: number; readonly total: number };
  /** Go's statements by block, and 1 or 0 for each block, whether it ran. */
  readonly blocks?: { readonly statements: readonly number[]; readonly ran: string };
}

/** What a report says of a folder (empty: of all) beyond its files; `covered` may be less than zero. */
export interface UnlistedLines {
  readonly path: string;
  readonly covered: number;
  readonly total: number;
}

/** What a report says, as far as a criterion asks for it. */
export type Measured =
  | {
      readonly kind: 'coverage';
      readonly files: readonly CoveredLines[];
      /** The report's file in the artifact, and its format; left out: none is known. */
      readonly report?: string;
      readonly format?: string;
      readonly unlisted?: readonly UnlistedLines[];
      /** Where the report says worse of itself than it lists, in words. */
      readonly doubts?: readonly string[];
    }
  /** A share from 0 to 1, of a format without counts; used only when no report has counts. */
  | { readonly kind: 'coverage share'; readonly share: number }
  | {
      readonly kind: 'tests';
      readonly passed: number;
      readonly failed: number;
      readonly skipped: number;
      readonly is_e2e: boolean;
      /** Of the passed ones, those that failed first; left out: none. */
      readonly flaky?: number;
      /** Of the failed ones, those that the report counts and does not list; left out: none. */
      readonly unshown?: number;
      /** Of the failed ones, those that may be tries of a test that passed later; left out: none. */
      readonly maybe_tried?: number;
      /** The part of the suite that the report tells of, and the report's own path in the artifact; left out: it calls itself no part. */
      readonly shard?: { readonly current: number; readonly total: number };
      readonly path?: string;
    }
  | {
      /** One page. */
      readonly kind: 'lighthouse';
      /** The page's address; null for a summary of all pages; left out when the report has none. */
      readonly page?: string | null;
      readonly scores: Readonly<Record<string, number>>;
      /** Of which one stands for the page; left out: it was loaded once. */
      readonly runs?: number;
    }
  | {
      readonly kind: 'findings';
      /** `other`: of a tool that is not known to do either; it counts where the policy names the artifact. */
      readonly about: 'lint' | 'types' | 'other';
      /** Who found them, where that is such a tool. */
      readonly tool?: string;
      readonly errors: number;
      /** Left out: none. */
      readonly warnings?: number;
    };

/** What a report may be evidence of. */
export type ReportKind = 'coverage' | 'lighthouse' | 'e2e' | 'lint' | 'types';

/** A report that could not be read. */
export interface BrokenReport {
  /** With its file, in words. */
  readonly reason: string;
  /** What it may be evidence of; none: of nothing that is asked for. */
  readonly kinds: readonly ReportKind[];
  /** Nothing says that it is of these kinds, and nothing that it is not. */
  readonly is_guess?: boolean;
  /** It was read whole and says nothing either way. */
  readonly is_silent?: boolean;
}

/** An artifact of a run on the commit, as it was read. */
export interface Report extends Provenance {
  readonly artifact: string;
  /** The run it belongs to, and the attempt that it was made in. */
  readonly run_id: string;
  readonly workflow: string;
  readonly attempt: number;
  readonly url: string | null;
  readonly at: string;
  /** Why it could not be read, in words; null when it could. */
  readonly unreadable: string | null;
  /** It stands for all artifacts of its run that are not read, so whatever may rest on one of them rests on it; left out: it does not. */
  readonly hides_others?: boolean;
  /** Which of its reports could not be, beside those that are measured; left out: only the artifact's name says what they were. */
  readonly broken?: readonly BrokenReport[];
  readonly measured: readonly Measured[];
  /** Every job that may have made it has run again since, and brought no other. */
  readonly is_stale: boolean;
  readonly distrust: string | null;
}

/** A criterion that a person has waved through. */
export interface Override {
  /** A criterion's id, or `all`. */
  readonly criterion: string;
  readonly by: string;
  readonly reason: string;
  /** ISO 8601; null: for this commit alone. */
  readonly expires_at: string | null;
}

/** A workflow of which nothing counts, be it there or not. */
export interface DistrustedWorkflow {
  /** Its file name. */
  readonly workflow: string;
  /** In words. */
  readonly why: string;
}

/** The 1-based numbers of new lines by path; null for a file whose lines GitHub does not list. */
export type ChangedLines = Readonly<Record<string, readonly number[] | null>>;

/** All that is known of a commit. The same object always gives the same verdict. */
export interface EvidenceModel {
  readonly signals: readonly Signal[];
  readonly runs: readonly RunOnCommit[];
  readonly reports: readonly Report[];
  /** Those of this commit, and those of the pull request that have not expired or been revoked. */
  readonly overrides: readonly Override[];
  /**
   * Lines that the pull request adds or changes, by path, 1-based, or null where GitHub does not tell those of the file; null when
   * they could not be had at all.
   */
  readonly changed_lines: ChangedLines | null;
  /** When the commit was first seen, ISO 8601. */
  readonly since: string;
  /** Why nothing that GitHub Actions says is to be trusted, be it there or not; null or left out when it is. */
  readonly distrust_of_actions?: string | null;
  /** Workflows that are not to be trusted, where the policy names one; left out: none. */
  readonly distrusted_workflows?: readonly DistrustedWorkflow[];
}
