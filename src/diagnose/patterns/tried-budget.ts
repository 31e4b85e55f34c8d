// Bounds how much matching one log may ask for. Pure.

/**
 * The most characters that are matched in one log, counted once for each pattern that is tried on them: some seconds of work.
 * A log of a gigabyte that holds the literals of every pattern on each line, on purpose, would take a quarter of an hour
 * without this limit; ordinary logs stay far below it.
 */
export const MOST_TRIED_CHARACTERS = 1_500_000_000;
/** The same for one block, which is read in one go: a second's work. Ordinary blocks come to a hundredth of it. */
const MOST_TRIED_AT_ONCE = 150_000_000;

/** What may still be tried. */
export interface TriedBudget {
  /**
   * What the block may still take; whoever tries takes off it. From zero on only what no literal narrows down is tried, and
   * steps and errors are still found.
   */
  left: number;
  /** Begins a block. */
  nextBlock(): void;
}

/** A budget of `most` characters for a log. */
export function openBudget(most: number): TriedBudget {
  let later = most;
  return {
    left: 0,
    nextBlock() {
      later += this.left;
      this.left = Math.min(later, MOST_TRIED_AT_ONCE);
      later -= this.left;
    },
  };
}
