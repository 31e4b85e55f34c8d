// Reads all runs of a span of time, window by window, the newest first.
import {
  before,
  FIRST_SECONDS,
  isTooFull,
  MOST_LISTED,
  newestPart,
  nextSeconds,
  secondsOf,
  type Window,
} from './windows.ts';

/** A page of the runs that were created in a window. */
export interface RunsPage<Run> {
  readonly runs: readonly Run[];
  /** How many GitHub says there are in the window; more than it lists, where it tells that. */
  readonly total: number;
}

/** All runs of a window, each once. */
export interface WindowRuns<Run> {
  readonly window: Window;
  readonly runs: readonly Run[];
  readonly total: number;
  /** How many there are that GitHub does not list: a second with more than a thousand. */
  readonly outOfReach: number;
}

export interface WindowDeps<Run> {
  /** Pages count from 1. */
  readonly list: (window: Window, page: number) => Promise<RunsPage<Run>>;
  readonly idOf: (run: Run) => number;
  /** Called for each window once it is read, before the next is; what it throws ends the walk. */
  readonly onWindow: (read: WindowRuns<Run>) => Promise<void>;
  readonly perPage?: number;
  /** How many GitHub lists of a filter. */
  readonly most?: number;
}

/** A list that changes while it is read is read anew so many times, then what was seen of it in all is taken. */
const MOST_READINGS = 4;

/**
 * Walks a span of time.
 *
 * 1. Windows lie side by side: each ends a second before the newer one begins, and both ends are within, so that no run is in two and
 *    none between two.
 * 2. A window whose list may be cut is halved, down to a second.
 * 3. A list whose total changes while it is paged is read anew, since a run that was added or deleted moves all others.
 */
export async function walkWindows<Run>(span: Window, deps: WindowDeps<Run>): Promise<void> {
  const { list, onWindow, most = MOST_LISTED } = deps;
  let seconds = FIRST_SECONDS;
  for (let rest: Window | null = span.from > span.to ? null : span; rest !== null; ) {
    const window = newestPart(rest, seconds);
    const first = await list(window, 1);
    if (isTooFull(window, first.total, most)) {
      seconds = Math.ceil(secondsOf(window) / 2);
      continue;
    }
    const read = await readWindow(window, first, deps);
    // It has filled up meanwhile.
    if (read === null) {
      seconds = Math.ceil(secondsOf(window) / 2);
      continue;
    }
    await onWindow(read);
    seconds = nextSeconds(window, read.total, most);
    rest = before(rest, window);
  }
}

/** Null when the window turns out too full. */
async function readWindow<Run>(
  window: Window,
  first: RunsPage<Run>,
  deps: WindowDeps<Run>,
): Promise<WindowRuns<Run> | null> {
  const { list, idOf, perPage = 100, most = MOST_LISTED } = deps;
  const seen = new Map<number, Run>();
  let total = first.total;
  for (let reading = 1; ; reading += 1) {
    let page = reading === 1 ? first : await list(window, 1);
    total = page.total;
    const ids = new Set<number>();
    let isSteady = true;
    for (let number = 1; ; number += 1) {
      if (isTooFull(window, page.total, most)) return null;
      isSteady &&= page.total === total;
      for (const run of page.runs) {
        ids.add(idOf(run));
        seen.set(idOf(run), run);
      }
      if (number * perPage >= Math.min(page.total, most) || page.runs.length === 0) break;
      page = await list(window, number + 1);
    }
    const isWhole = isSteady && ids.size >= Math.min(total, most);
    if (isWhole || reading >= MOST_READINGS) break;
  }
  const runs = [...seen.values()];
  return { window, runs, total, outOfReach: Math.max(0, total - runs.length) };
}
