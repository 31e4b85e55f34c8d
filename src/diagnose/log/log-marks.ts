// Reads the marks that the Actions runner leaves in a job's log: where steps begin and end, what it calls an error. Pure.
// docs/github.md#job-logs

const STEP_MARK = '##[group]Run ';
/** What the runner writes before a line that it calls an error. */
export const ERROR_MARK = '##[error]';
const SCRIPT_EXIT = 'Process completed with exit code ';
const POST_MARK = 'Post job cleanup.';
/** What the runner does after the last step; the logs of service containers are printed in between. */
const CLEANUP_MARKS = ['Stop and remove container', 'Stop containers', 'Cleaning up orphan processes'] as const;
const SERVICES_MARK = 'Print service container logs';
const GROUP_MARK = '##[group]';
const CANCELED = 'The operation was canceled.';
/** What the stretch after the last step is called. */
export const CLEANUP = 'Clean-up';

/** The texts of which a line with a mark holds one. */
export const LOG_MARKS = [STEP_MARK, ERROR_MARK, POST_MARK, SERVICES_MARK, ...CLEANUP_MARKS] as const;

/** A step as its log shows it. */
export interface Step {
  /** What the runner says it runs: the action's name or the first line of the script. */
  readonly name: string;
  /** The raw line on which it begins. */
  readonly line: number;
}

/** What a line of the runner's own says: a step begins, something is wrong, or a step ended with an exit code. */
export type LogMark =
  | { readonly kind: 'step' | 'post' | 'services'; readonly name: string }
  | { readonly kind: 'error' }
  /** The last line of a failed step; `ofScript`: of one that runs a script, `isCancel`: of a job that was ended. It says nothing about the cause. */
  | { readonly kind: 'exit'; readonly ofScript: boolean; readonly isCancel: boolean };

/** Reads the mark of a cleaned line; returns null for a line without one. */
export function readLogMark(text: string): LogMark | null {
  if (text.startsWith(STEP_MARK)) return { kind: 'step', name: text.slice(STEP_MARK.length).trim() };
  if (text === POST_MARK) return { kind: 'post', name: 'Post job cleanup' };
  if (text.startsWith(ERROR_MARK)) {
    const message = text.slice(ERROR_MARK.length);
    if (!isExit(message)) return { kind: 'error' };
    return { kind: 'exit', ofScript: message.startsWith(SCRIPT_EXIT), isCancel: message === CANCELED };
  }
  const bare = text.startsWith(GROUP_MARK) ? text.slice(GROUP_MARK.length) : text;
  if (bare.startsWith(SERVICES_MARK)) return { kind: 'services', name: 'Service container logs' };
  const cleanup = CLEANUP_MARKS.find((mark) => bare.startsWith(mark));
  return cleanup === undefined ? null : { kind: 'post', name: CLEANUP };
}

/** The runner marks what a problem matcher finds, and what a tool tells it: those lines are the tool's own. */
const ISSUE_MARK = /^##\[(?:error|warning|notice)\]/;

/** The line as the tool wrote it, without the mark that the runner put before it. */
export function withoutIssueMark(text: string): string {
  return text.replace(ISSUE_MARK, '');
}

/** Whether the line is the runner's own: a group, a command, the end of a step. */
export function isRunnersOwn(text: string): boolean {
  return text.startsWith('##[') && (!ISSUE_MARK.test(text) || readLogMark(text)?.kind === 'exit');
}

/** The words with which the runner, or the toolkit that actions are made with, ends a failed step. */
export function isExit(message: string): boolean {
  return (
    message === CANCELED ||
    /^Process completed with exit code -?\d+\.?$/.test(message) ||
    /^The process '[^']*' failed with exit code -?\d+\.?$/.test(message)
  );
}
