// Bounds how much matching one log may ask for. Pure.

/**
 * The most characters that are matched in one log, counted once for each pattern that is tried on them: some seconds of work.
 * A log of a gigabyte that holds the literals of every pattern on each line, on purpose, would take a quarter of an hour
 * without this limit; ordinary logs stay far below it.
 */
export const MOST_TRIED_CHARACTERS = 1_500_000_000;
/** The same for one block, which is read in one go: a second's work. Ordinary blocks come to a hundredth of it. */
const MOST_TRIED_AT_ONCE = 150_000_000;
/** Somebody's own pattern may take a thousand times as long as others: a worker that holds on for longer is ended. */
const MOST_SECONDS_AT_ONCE = 2.5;
/** The clock is asked after so many characters. */
const UNTIMED_CHARACTERS = 20_000;

/** What may still be tried. */
export interface TriedBudget {
  /** Whether the block may have more tried that literals narrow down; steps and errors are found whatever it says. */
  hasLeft(): boolean;
  /** Whether there is time left for what no literal narrows down. */
  hasTime(): boolean;
  /** Tells of characters that a pattern was tried on. */
  take(characters: number): void;
  /** Tells of characters that are counted as time alone. */
  spend(characters: number): void;
  /** Begins a block. */
  nextBlock(): void;
}

/** Tells how many seconds the process has worked. */
export type Clock = () => number;

/** For those who may take their time. */
export const NO_CLOCK: Clock = () => 0;

/** A budget of `most` characters for a log. */
export function openBudget(most: number, seconds: Clock): TriedBudget {
  let later = most;
  let left = 0;
  let until = 0;
  let untimed = 0;
  let isLate = false;
  const spend = (characters: number) => {
    untimed += characters;
    if (untimed < UNTIMED_CHARACTERS) return;
    untimed = 0;
    isLate ||= seconds() > until;
  };
  return {
    hasLeft: () => left > 0 && !isLate,
    hasTime: () => !isLate,
    take(characters) {
      left -= characters;
      spend(characters);
    },
    spend,
    nextBlock() {
      later += left;
      left = Math.min(later, MOST_TRIED_AT_ONCE);
      later -= left;
      isLate = false;
      until = seconds() + MOST_SECONDS_AT_ONCE;
    },
  };
}
