// Spans of time in which runs are listed: GitHub lists 1,000 of a filter and counts in whole seconds. Pure.

/** From the first second to the last one, both within; seconds since 1970. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** GitHub lists no more of a filter. docs/github.md#runs-jobs-and-attempts */
export const MOST_LISTED = 1_000;
/** So many seconds are tried first, and no window is longer than the longest. */
export const FIRST_SECONDS = 7 * 86_400;
const LONGEST_SECONDS = 31 * 86_400;

/** How many seconds lie in it. */
export function secondsOf({ from, to }: Window): number {
  return to - from + 1;
}

/** The newest part of a window, of so many seconds at most. */
export function newestPart({ from, to }: Window, seconds: number): Window {
  return { from: Math.max(from, to - Math.max(1, Math.floor(seconds)) + 1), to };
}

/** What of `whole` lies before `part`, which begins in it; null when nothing does. */
export function before(whole: Window, part: Window): Window | null {
  return part.from <= whole.from ? null : { from: whole.from, to: part.from - 1 };
}

/** Whether the list of a window may leave something out, so that a shorter one has to be read. */
export function isTooFull(window: Window, total: number, most: number): boolean {
  return total >= most && secondsOf(window) > 1;
}

/**
 * How many seconds the next window should have after one that held so many runs: as many as would fill half of what GitHub lists, at
 * most four times as many as before.
 */
export function nextSeconds(window: Window, total: number, most: number): number {
  const seconds = secondsOf(window);
  const wanted = total === 0 ? Number.POSITIVE_INFINITY : (seconds * most) / 2 / total;
  return Math.max(1, Math.floor(Math.min(wanted, seconds * 4, LONGEST_SECONDS)));
}

/** The value of GitHub's filter `created`, which takes both ends in. docs/github.md#runs-jobs-and-attempts */
export function createdFilter({ from, to }: Window): string {
  return `${githubTime(from)}..${githubTime(to)}`;
}

/** As GitHub writes times: UTC, whole seconds. */
export function githubTime(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().replace('.000Z', 'Z');
}

/** Whole seconds since 1970, rounded down. */
export function secondsAt(time: string | number): number {
  return Math.floor((typeof time === 'number' ? time : Date.parse(time)) / 1_000);
}
