// What the gate says of a commit, ready to be shown: comment, check run and API render this one thing. Names and reasons in it
// may hold text from outside. Pure types.

export type GateCriterionState = 'pass' | 'fail' | 'pending' | 'missing' | 'error' | 'overridden';

/** What a verdict rests on. */
export interface GateSource {
  readonly kind: 'job' | 'check' | 'status' | 'artifact';
  readonly name: string;
  readonly url: string | null;
  readonly attempt: number;
}

export interface GateCriterion {
  /** What commands call it: `coverage_min`. */
  readonly id: string;
  /** What people call it, in words of our own; `of` is what it is narrowed to (a flag, a glob, a category) and may come from outside. */
  readonly name: string;
  readonly of: string | null;
  readonly state: GateCriterionState;
  /** In the unit; null for what only passes or fails, and when nothing was measured. */
  readonly measured: number | null;
  readonly threshold: number | null;
  /** A share runs from 0 to 1, a score from 0 to 100. */
  readonly unit: 'share' | 'score' | null;
  readonly sources: readonly GateSource[];
  readonly reason: string;
  /** What to do where it cannot be evaluated, in words of our own; null or left out: nothing more than the reason says. */
  readonly remedy?: string | null;
  /** Pending only, ISO 8601. */
  readonly waits: { readonly since: string; readonly until: string } | null;
}

/** When a pull request gets a comment. */
export type CommentChoice = 'always' | 'on_failure' | 'never';

/** What the gate step says of a commit of a pull request. */
export interface GateAnswer {
  /** Null when nothing is asked for. */
  readonly gate: GateReport | null;
  /** Where nothing is asked for, what is known of the usual criteria: no threshold, and no say in the conclusion. Else empty. */
  readonly information: readonly GateCriterion[];
  /** What is wrong with the policy file that the pull request brings, else what its authors may not mean; it counts only once it is merged, so the verdict is without it. */
  readonly proposed_problems: readonly PolicyProblem[];
  /** When the policy has the pull request commented; left out: `on_failure`. */
  readonly comment?: CommentChoice;
}

/** What the gate step says of a commit. */
export interface CommitVerdict {
  /** By the number of the pull request. */
  readonly answers: ReadonlyMap<number, GateAnswer>;
  /** The pull request whose verdict counts for the commit, as it has one check run: the strictest; null without any. */
  readonly strictest: number | null;
}

/** One thing that is wrong with a policy file; `line` and `column` are 1-based. */
export interface PolicyProblem {
  readonly line: number;
  readonly column: number;
  /** Where in the file, like `dod.coverage_min`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  /** The policy counts all the same, though its authors may not mean it. */
  readonly is_warning?: true;
}

/** What the policy says of a commit on which no workflow runs. */
export interface NoRuns {
  readonly after_minutes: number;
  readonly conclusion: 'action_required' | 'failure' | 'neutral' | 'success';
}

export type GateReport =
  | {
      /** `pending` while any criterion is, `pass` when every one passes or is overridden, else `fail`. */
      readonly state: 'pass' | 'fail' | 'pending';
      readonly criteria: readonly GateCriterion[];
      /** Where the Definition of Done stands: ".github/codered.yml on main", "sprint S1". */
      readonly from: string;
      readonly no_runs?: NoRuns;
      /** The policy only observes: nothing is held back, until then (ISO 8601) or, null, until it says otherwise. Left out: it counts. */
      readonly observed?: { readonly until: string | null };
    }
  /** The policy on the base branch is broken: nothing can be evaluated, so nothing is green. */
  | { readonly state: 'error'; readonly problems: readonly PolicyProblem[]; readonly from: string };
