// How the runner looks for problems in what a step prints (actions/runner, IssueMatcher.cs and OutputManager.cs): expressions that
// an action registers, over one line or several, mark the line that completes them. Stamps, files and limits of annotations
// change nothing in the log: the whole line stays, indent and all, and the eleventh is marked as the first was.

/** One line of a problem; the numbers are groups of the expression. */
interface LinePattern {
  readonly regexp: RegExp;
  readonly severity?: number;
  readonly message?: number;
  /** The last line may come again and again. */
  readonly loop?: true;
}

export interface ProblemMatcher {
  readonly owner: string;
  /** Counts where no group says one. */
  readonly severity?: 'error' | 'warning';
  readonly patterns: readonly LinePattern[];
}

export type Severity = 'error' | 'warning' | 'notice';

/** What the lines so far say of a problem; null where no pattern said it yet. */
interface Problem {
  readonly severity: string | null;
  readonly message: string | null;
}

interface Follower {
  match(line: string): Problem | null;
  reset(): void;
  /** Remembers what has matched so far; the answer brings it back. */
  save(): () => void;
}

/** Tells of each line of one step, in order, with which mark the runner writes it. */
export interface Marker {
  mark(line: string): Severity | null;
  /** The same for a line that may come next. */
  peek(line: string): Severity | null;
}

/** The matcher that was registered last stands first, and is asked first. */
export function createMarker(matchers: readonly ProblemMatcher[]): Marker {
  const followers = matchers.map(follow);
  const mark = (line: string) => {
    for (const follower of followers) {
      const problem = follower.match(line);
      if (problem === null) continue;
      for (const other of followers) if (other !== follower) other.reset();
      const severity = severityOf(problem);
      if (severity !== null) return severity;
    }
    return null;
  };
  const peek = (line: string) => {
    const restore = followers.map((follower) => follower.save());
    const severity = mark(line);
    for (const one of restore) one();
    return severity;
  };
  return { mark, peek };
}

/** A problem without a message, or of another severity (`info`), is dropped, and the line stays as it is. */
function severityOf({ severity, message }: Problem): Severity | null {
  if (message === null || message.trim() === '') return null;
  const name = (severity ?? '').toLowerCase() || 'error';
  return name === 'error' || name === 'warning' || name === 'notice' ? name : null;
}

function follow(matcher: ProblemMatcher): Follower {
  const { patterns, severity } = matcher;
  const last = patterns.length - 1;
  /** By pattern: what has matched up to it on the lines just before. */
  let running: (Problem | null)[] = patterns.map(() => null);
  const reset = () => {
    running = patterns.map(() => null);
  };
  const withDefault = (problem: Problem) => ({ ...problem, severity: problem.severity || (severity ?? null) });
  return {
    reset,
    save() {
      const saved = [...running];
      return () => {
        running = saved;
      };
    },
    match(line) {
      // Backwards, so that one line does not take two steps.
      for (let at = last; at >= 0; at--) {
        const before = at === 0 ? { severity: null, message: null } : (running[at - 1] ?? null);
        const pattern = patterns[at];
        if (before === null || pattern === undefined) continue;
        const groups = pattern.regexp.exec(line);
        if (groups === null) {
          if (last > 0) running[at === last ? at - 1 : at] = null;
          continue;
        }
        const problem = withGroups(before, pattern, groups);
        if (at < last) {
          running[at] = problem;
          continue;
        }
        reset();
        if (pattern.loop) running[at - 1] = before;
        return withDefault(problem);
      }
      return null;
    },
  };
}

function withGroups(before: Problem, { severity, message }: LinePattern, groups: RegExpExecArray): Problem {
  const group = (index: number | undefined) => (index === undefined ? null : (groups[index] ?? ''));
  return { severity: before.severity ?? group(severity), message: before.message ?? group(message) };
}
