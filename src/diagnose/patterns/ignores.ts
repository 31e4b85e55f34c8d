// Which lines of a log never count, by the `ignore` and `ignore_between` of pattern files. Pure.

/** Patterns in RE2 syntax for the lines of a log that never count. They are tried on cleaned lines. */
export interface Ignores {
  /** A line that matches one of these does not count. */
  readonly ignore: readonly string[];
  /** From a line that matches `start` to the next line that matches `stop`, no line counts, both included; without a `stop`, to the end of the log. */
  readonly ignore_between: readonly { readonly start: string; readonly stop: string }[];
}

/** Every line counts. */
export const IGNORE_NOTHING: Ignores = { ignore: [], ignore_between: [] };

/** A compiled pattern. */
export interface LineTest {
  /** Whether the pattern matches somewhere in the cleaned line. */
  test(text: string): boolean;
}

/** Knows which lines of one log lie in a stretch that does not count. Lines are raw line numbers, from 1. */
export interface StretchTracker {
  /** Takes the next line. Lines come in order; those that match no `start` or `stop` may be left out. */
  mark(line: number, text: string): void;
  /** Whether the line lies in a stretch. Only right for lines up to the last one that was marked. */
  covers(line: number): boolean;
  /** Forgets the stretches that ended before this line. */
  forgetBefore(line: number): void;
}

/** Begins a log: returns a tracker of the given stretches that has seen no line yet. */
export function trackStretches(stretches: readonly { start: LineTest; stop: LineTest }[]): StretchTracker {
  const openSince: (number | null)[] = stretches.map(() => null);
  let closed: { from: number; to: number }[] = [];
  return {
    mark(line, text) {
      stretches.forEach(({ start, stop }, index) => {
        const since = openSince[index] ?? null;
        if (since === null) {
          if (start.test(text)) openSince[index] = line;
        } else if (stop.test(text)) {
          closed.push({ from: since, to: line });
          openSince[index] = null;
        }
      });
    },
    covers: (line) =>
      openSince.some((since) => since !== null && since <= line) ||
      closed.some(({ from, to }) => from <= line && line <= to),
    forgetBefore(line) {
      closed = closed.filter(({ to }) => to >= line);
    },
  };
}
