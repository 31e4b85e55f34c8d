// What one delivery says, as rows to be merged into the brain by `record_facts`. Pure types.
//
// Timestamps are ISO 8601 in UTC with milliseconds. `source_updated_at` is GitHub's own time of the state in the fact;
// null marks a stub: a row that is only mentioned, whose fields give way to any payload that is about it.
import type { CiProvider, CiStatus, CiTrigger } from './failure.ts';

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
  /** When the App was installed; absent where the event does not say. */
  installed_at?: string;
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
  /** The queue's branch when a merge queue asked for checks on the commit. Null from a push, whatever its branch is called:
   * GitHub reserves no name. */
  merge_group_ref: string | null;
  /** Why GitHub took the merge group away, in its own word (`merged`, `invalidated`, `dequeued`); left out until it has. */
  merge_group_end?: string;
  /** Whether its push put the ref elsewhere instead of ahead: by force, or made it. What is gone by that is listed nowhere.
   * Not kept. */
  is_ref_reset: boolean;
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
  /** GitHub's login, a bot's too (`github-merge-queue[bot]`). Null until the merge, in lists, and once the account is gone. */
  merged_by: string | null;
  source_updated_at: string;
  /** How `head_sha` became the head at `source_updated_at`; absent where the event is about something else. */
  head_arrival?: 'opened' | 'pushed';
  /** The head until then. */
  former_head_sha?: string;
  /** When its base became another branch, from the event that tells of it; absent elsewhere. */
  based_at?: string;
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
  /** GitHub's own word for what set it off, where `trigger` is another; left out where that says it. */
  event?: string | undefined;
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
  /** By the second, as GitHub tells them. */
  started_at?: string | null;
  completed_at?: string | null;
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
  /** The workflow run that GitHub holds back until the deployment is answered; only its own event tells. */
  protection_run_id?: string;
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

/** A comment on a pull request that commands something; of the comment nothing else is kept. */
export interface CommandFact {
  repository_id: number;
  pull_request_number: number;
  comment_id: number;
  author: string;
  author_id: number;
  /** GitHub's word: `User`; a bot's comment leaves no fact. */
  author_type: string;
  /** What stands after `/codered`, a line for each command in order. */
  text: string;
  created_at: string;
}

/** What an event says of who may see what: a right is gone (`withdrawn`), or GitHub has to be asked (`doubted`). */
export interface AccessFact {
  kind: 'withdrawn' | 'doubted';
  /** Null: everybody of the account. */
  github_user_id: number | null;
  account_id: number | null;
  /** The one repository that a right is gone to; null: all of the account. */
  repository_id: number | null;
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
  commands: CommandFact[];
  access: AccessFact[];
}

/** What normalising a delivery comes to; a payload that misses what we need throws `Rejected` instead. */
export type Normalised =
  | { readonly kind: 'facts'; readonly facts: Facts }
  | { readonly kind: 'ignored'; readonly reason: string };
