// What operations have the App ask GitHub for a person at the moment of the call. The skins hand it in; src/on-behalf does it.
import type { CleanLine } from '../../diagnose/log/clean-log.ts';

/** Who asks, by which way. */
export interface Asker {
  readonly userId: string;
  /** `agent`: a client acts with a token that the person gave it, or the call comes through MCP. It may never do more than the person. */
  readonly by: 'person' | 'agent';
  readonly through: 'rest' | 'mcp';
  /** The client whose token it is; null: the person's own. */
  readonly clientId: string | null;
}

/** A commit of a pull request, as the person named it. */
export interface NamedCommit {
  readonly project_id: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly pull_request: number;
  readonly commit_sha: string;
}

/** The log of a job at GitHub. */
export interface LogPlace {
  readonly repository: string;
  readonly installation_id: number | null;
  readonly job_id: number;
}

/** What comes of a policy that is tried. */
export interface TriedPolicy {
  readonly state: 'pass' | 'fail' | 'pending' | 'invalid';
  readonly head_sha: string | null;
  readonly criteria: readonly {
    readonly id: string;
    readonly name: string;
    readonly state: string;
    readonly measured: number | null;
    readonly threshold: number | null;
    readonly reason: string;
    readonly remedy: string | null;
  }[];
  /** What the answer lacks, in words. */
  readonly notes: readonly string[];
  /** Why the text is no policy. */
  readonly problems: readonly { readonly line: number; readonly column: number; readonly message: string }[];
}

/** Each refuses with `Rejected` of GITHUB_UNAVAILABLE, which changes nothing and allows nothing, when GitHub can't be asked. */
export interface AskGithub {
  /**
   * Asks whether the person may override a criterion there, by GitHub's role of this moment and the policy on the base branch. Returns
   * the id under which that is kept for `override_criterion`. Refuses CR004, CR008 (they may not, or no agent may), CR014.
   */
  readonly rightToOverride: (asker: Asker, commit: NamedCommit) => Promise<string>;
  /**
   * Reads a job's log for somebody who may read the repository at this moment, line by line until `onLine` wants no more. Refuses CR003
   * (not over yet), CR004 (no log, or not theirs to read), CR015 (past its retention). `isWhole` false: it is longer than what is read.
   */
  readonly readLog: (
    asker: Asker,
    place: LogPlace,
    onLine: (line: CleanLine) => boolean,
  ) => Promise<{ readonly isWhole: boolean }>;
  /** Evaluates a pull request by another policy, and writes nothing. Refuses CR004. */
  readonly tryPolicy: (asker: Asker, pull: Omit<NamedCommit, 'commit_sha'>, policy: string) => Promise<TriedPolicy>;
}

/** The code of the refusal when GitHub can't be asked: nothing is allowed that it was not asked about. */
export const GITHUB_UNAVAILABLE = 'github_unavailable';
