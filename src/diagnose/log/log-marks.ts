// Reads the marks that the Actions runner leaves in a job's log: where steps begin, what it calls an error. Pure.
// docs/github.md#job-logs

const STEP_MARK = '##[group]Run ';
const ERROR_MARK = '##[error]';
const CLEANUP_MARK = 'Post job cleanup.';

/** The texts that a line with a mark begins with. */
export const LOG_MARKS = [STEP_MARK, ERROR_MARK, CLEANUP_MARK] as const;

/** A step as its log shows it. */
export interface Step {
  /** What the runner says it runs: the action's name or the first line of the script. */
  readonly name: string;
  /** The raw line on which it begins. */
  readonly line: number;
}

export type LogMark =
  | { readonly kind: 'step'; readonly name: string }
  | { readonly kind: 'error' }
  /** The runner's last word on a failed step, which says nothing of the cause. */
  | { readonly kind: 'exit' };

/** What the runner says on this cleaned line; null for any other line. */
export function readLogMark(text: string): LogMark | null {
  if (text.startsWith(STEP_MARK)) return { kind: 'step', name: text.slice(STEP_MARK.length).trim() };
  if (text === CLEANUP_MARK) return { kind: 'step', name: 'Post job cleanup' };
  if (!text.startsWith(ERROR_MARK)) return null;
  return /^##\[error\]Process completed with exit code \d+\.?$/.test(text) ? { kind: 'exit' } : { kind: 'error' };
}
