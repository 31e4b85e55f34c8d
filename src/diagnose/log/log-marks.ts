// Reads the marks that the Actions runner leaves in a job's log: where steps begin, what it calls an error. Pure.
// docs/github.md#job-logs

const STEP_MARK = '##[group]Run ';
const ERROR_MARK = '##[error]';
const CLEANUP_MARK = 'Post job cleanup.';

/** Every line with a mark begins with one of these texts. */
export const LOG_MARKS = [STEP_MARK, ERROR_MARK, CLEANUP_MARK] as const;

/** A step as its log shows it. */
export interface Step {
  /** What the runner says it runs: the action's name or the first line of the script. */
  readonly name: string;
  /** The raw line on which it begins. */
  readonly line: number;
}

/** What a line of the runner's own says: a step begins, something is wrong, or a step ended with an exit code. */
export type LogMark =
  | { readonly kind: 'step'; readonly name: string }
  | { readonly kind: 'error' }
  /** The last line of a failed step. It says nothing about the cause. */
  | { readonly kind: 'exit' };

/** Reads the mark of a cleaned line; returns null for a line without one. */
export function readLogMark(text: string): LogMark | null {
  if (text.startsWith(STEP_MARK)) return { kind: 'step', name: text.slice(STEP_MARK.length).trim() };
  if (text === CLEANUP_MARK) return { kind: 'step', name: 'Post job cleanup' };
  if (!text.startsWith(ERROR_MARK)) return null;
  return /^##\[error\]Process completed with exit code \d+\.?$/.test(text) ? { kind: 'exit' } : { kind: 'error' };
}
