// Which lines of a log never count, by the `ignore` and `ignore_between` of pattern files. Pure.

/** Patterns (RE2 syntax, tried on cleaned lines) of what never counts. */
export interface Ignores {
  /** A line that one of these matches. */
  readonly ignore: readonly string[];
  /** A line that `start` matches and all that follow, to the first that `stop` matches, both included; to the end of the log if none does. */
  readonly ignore_between: readonly { readonly start: string; readonly stop: string }[];
}

export const IGNORE_NOTHING: Ignores = { ignore: [], ignore_between: [] };

/** A compiled pattern. */
export interface LineTest {
  test(text: string): boolean;
}

/** A compiled pattern, and what has to be known to try it. */
export interface PatternTest extends LineTest {
  /** Whether it asks where a line begins or ends: then what stands before a tool's words can keep it from matching. */
  readonly isAnchored: boolean;
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

/** Starts following `ignore_between` through one log. */
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
