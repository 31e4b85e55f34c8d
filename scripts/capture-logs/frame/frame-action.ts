// An action that a job runs around its own steps, as far as the log shows it.
import type { ProblemMatcher } from './problem-matchers.ts';

export interface FrameAction {
  /** Its name without the version. */
  readonly uses: string;
  /** The version on Node 24, and an older one on Node 20 where there is one: then the runner warns at the end of the job. */
  readonly versions: readonly [current: string, older?: string];
  readonly inputs: Readonly<Record<string, string>>;
  readonly prints: readonly string[];
  /** Environment that the later steps have, and show. */
  readonly exports: Readonly<Record<string, string>>;
  readonly matchers: readonly ProblemMatcher[];
  /** Scripts that a workflow runs after it, which print nothing. */
  readonly scripts?: readonly string[];
  /** Its post step; most setup actions have theirs only in a job that passed. */
  readonly post: { readonly isAlways: boolean; readonly prints: readonly string[] } | null;
}
