import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type RunsPage, walkWindows } from '../../src/backfill/walk-windows.ts';
import type { Window } from '../../src/backfill/windows.ts';

interface Run {
  readonly id: number;
  readonly at: number;
}

/** As GitHub lists: by pages, the newest first, no more than `most`; `tellsMore`: whether the total says what is there all the same. */
function listOf(
  runs: readonly Run[],
  { perPage, most, tellsMore }: { perPage: number; most: number; tellsMore: boolean },
) {
  return async ({ from, to }: Window, page: number): Promise<RunsPage<Run>> => {
    const within = runs
      .filter(({ at }) => at >= from && at <= to)
      .toSorted((one, other) => other.at - one.at || other.id - one.id);
    const total = tellsMore ? within.length : Math.min(within.length, most);
    return { runs: within.slice(0, most).slice((page - 1) * perPage, page * perPage), total };
  };
}

const RUNS = process.env.RUNS === 'many' ? 2_000 : 60;
const DAY = 86_400;
const START = 1_790_000_000;

const times = fc.array(
  fc.oneof(fc.integer({ min: 0, max: 40 * DAY }), fc.integer({ min: 20 * DAY, max: 20 * DAY + 90 })),
  { maxLength: 120 },
);

it('reads every run of a span once, whenever they were made, and says of the others how many they are', async () => {
  await fc.assert(
    fc.asyncProperty(times, fc.boolean(), fc.integer({ min: 2, max: 9 }), async (offsets, tellsMore, pages) => {
      const perPage = 3;
      const most = perPage * pages;
      const runs = offsets.map((offset, index) => ({ id: index + 1, at: START + offset }));
      const span = { from: START + 2 * DAY, to: START + 38 * DAY };
      const read: Run[] = [];
      let outOfReach = 0;
      let covered = span.to + 1;
      await walkWindows(span, {
        ...{ list: listOf(runs, { perPage, most, tellsMore }), idOf: (run: Run) => run.id, perPage, most },
        onWindow: async (found) => {
          expect(found.window.to).toBe(covered - 1);
          covered = found.window.from;
          read.push(...found.runs);
          outOfReach += found.outOfReach;
        },
      });
      expect(covered).toBe(span.from);
      const inSpan = runs.filter(({ at }) => at >= span.from && at <= span.to);
      const ofSecond = Map.groupBy(inSpan, ({ at }) => at);
      const reachable = [...ofSecond.values()].reduce((sum, { length }) => sum + Math.min(length, most), 0);
      const ids = read.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.length).toBe(reachable);
      if (tellsMore) expect(outOfReach).toBe(inSpan.length - reachable);
    }),
    { numRuns: RUNS },
  );
});

it('reads a list anew that changes while it is paged', async () => {
  const runs: Run[] = Array.from({ length: 9 }, (_, index) => ({ id: index + 1, at: START + index }));
  const list = listOf(runs, { perPage: 3, most: 100, tellsMore: true });
  let asked = 0;
  const read: Run[] = [];
  await walkWindows(
    { from: START, to: START + 100 },
    {
      idOf: (run: Run) => run.id,
      ...{ perPage: 3, most: 100 },
      list: async (window, page) => {
        asked += 1;
        // Deleted between two pages: the next page begins a run later than it would have.
        if (asked === 2) runs.pop();
        if (asked === 5) runs.push({ id: 100, at: START + 99 });
        return list(window, page);
      },
      onWindow: async ({ runs: found }) => void read.push(...found),
    },
  );
  expect(read.map(({ id }) => id).toSorted((one, other) => one - other)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 100]);
});

it('reads 40,000 runs of one day, each once, and little more than their pages', async () => {
  const day = Array.from({ length: 40_000 }, (_, index) => ({ id: index + 1, at: START + Math.floor(index * 2.16) }));
  const list = listOfDay(day);
  const ids = new Set<number>();
  let asked = 0;
  await walkWindows(
    { from: START - 30 * DAY, to: START + DAY },
    {
      idOf: (run: Run) => run.id,
      list: async (window, page) => {
        asked += 1;
        return list(window, page);
      },
      onWindow: async ({ runs, outOfReach }) => {
        expect(outOfReach).toBe(0);
        for (const { id } of runs) ids.add(id);
      },
    },
  );
  expect(ids.size).toBe(40_000);
  expect(asked).toBeLessThan(600);
});

/** As `listOf` with GitHub's own numbers, of runs that are in order already, without going through all of them for each page. */
function listOfDay(runs: readonly Run[]) {
  const placeOf = (time: number) => {
    let [low, high] = [0, runs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((runs[middle]?.at ?? 0) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return async ({ from, to }: Window, page: number): Promise<RunsPage<Run>> => {
    const within = runs.slice(placeOf(from), placeOf(to + 1)).reverse();
    return { runs: within.slice(0, 1_000).slice((page - 1) * 100, page * 100), total: within.length };
  };
}
