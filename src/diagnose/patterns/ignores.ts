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

/** A compiled pattern, and what has to be known to try it. */
export interface PatternTest extends LineTest {
  /** False when the pattern matches neither the text nor any part of it; quick. */
  mayMatch(text: string): boolean;
  /** Whether it asks where a line begins or ends: then what stands before a tool's words can keep it from matching. */
  readonly isAnchored: boolean;
  /** What identifies the match on a text that it matches. */
  captures(text: string): readonly string[];
  readonly takesFirst: boolean;
}

/** Follows the stretches of one log. */
export interface StretchTracker {
  /** Lines, each with all that it may be read as, have to be told in their order; a line that no `start` or `stop` matches need not be told. */
  mark(line: number, readings: readonly string[]): void;
  /** Whether a line lies in a stretch; right for lines up to the last that was told. */
  covers(line: number): boolean;
  /** Forgets the stretches that ended before this line. */
  forgetBefore(line: number): void;
}

/** Begins a log: returns a tracker of the given stretches that has seen no line yet. */
export function trackStretches(stretches: readonly { start: LineTest; stop: LineTest }[]): StretchTracker {
  const openSince: (number | null)[] = stretches.map(() => null);
  let closed: { from: number; to: number }[] = [];
  return {
    mark(line, readings) {
      stretches.forEach(({ start, stop }, index) => {
        const since = openSince[index] ?? null;
        if (since === null) {
          if (readings.some((text) => start.test(text))) openSince[index] = line;
        } else if (readings.some((text) => stop.test(text))) {
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
