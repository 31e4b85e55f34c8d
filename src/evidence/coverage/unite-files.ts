// Which of the files that a coverage report tells of are one file. Pure; add-up-coverage.ts uses it.
//
// 1. A path from the root of a file system is one file, and so is what several tests of other names tell of.
// 2. Else one path that comes several times is one file where it has the same lines each time: what can run does not depend on what ran.
// 3. With other lines it is other files, and so it is in another group of the report, or another package.

import type { Count, CoverageFile, LineHits } from '../reading/measurement.ts';
import type { CountName } from './coverage-parts.ts';
import { lineSetOf } from './line-set.ts';

/** One file as a part of the report tells it, or as they tell it together. */
export interface CountedFile {
  readonly path: string;
  readonly place: string;
  readonly part: string;
  readonly is_certain: boolean;
  readonly test: string;
  readonly blocks: NonNullable<CoverageFile['blocks']> | null;
  readonly hits: LineHits;
  /** In the unit that is counted: what is listed, and what counts. */
  readonly listed: Count;
  readonly counts: Count;
  /** All that is listed. */
  readonly others: ReadonlyMap<CountName, Count>;
}

/** In the report's order. */
export function uniteFiles(files: readonly CountedFile[], hasLines: boolean): CountedFile[] {
  const byPath = Map.groupBy(files, ({ path }) => path);
  return [...byPath.values()].flatMap((ofPath) => (ofPath.length === 1 ? ofPath : uniteOfPath(ofPath, hasLines)));
}

function uniteOfPath(ofPath: readonly CountedFile[], hasLines: boolean): CountedFile[] {
  const isApart = new Set(ofPath.map(({ part }) => part)).size > 1;
  const placed = ofPath.map((one) =>
    isApart && !one.is_certain ? { ...one, place: [one.place, one.part].filter((name) => name !== '').join('/') } : one,
  );
  const areTests =
    ofPath.every(({ test }) => test !== '') && new Set(ofPath.map(({ test }) => test)).size === ofPath.length;
  const same = Map.groupBy(placed, ({ place, is_certain, hits, counts }) => {
    if (is_certain || areTests) return place;
    const what = hasLines ? lineSetOf(hits.covered, hits.uncovered) : `${counts.covered} of ${counts.total}`;
    return `${place}\n${what}`;
  });
  return [...same.values()].map((parts) => together(parts, hasLines));
}

/** Tellings of one file: a line that any of them ran has run. Of what is said beyond the lines the worst counts. */
function together(parts: readonly CountedFile[], hasLines: boolean): CountedFile {
  const [first] = parts;
  if (first === undefined) throw new RangeError('there is no telling of the file');
  if (parts.length === 1 || !hasLines) return first;
  const run = new Set(parts.flatMap(({ hits }) => hits.covered));
  const missed = new Set(parts.flatMap(({ hits }) => hits.uncovered.filter((line) => !run.has(line))));
  const ascending = (lines: ReadonlySet<number>) => [...lines].sort((one, other) => one - other);
  const hits = { covered: ascending(run), uncovered: ascending(missed) };
  const listed = { covered: run.size, total: run.size + missed.size };
  const worst = (beyond: (one: CountedFile) => number) => parts.map(beyond);
  const total = listed.total + Math.max(...worst(({ counts, listed: of }) => counts.total - of.total));
  const covered = listed.covered + Math.min(...worst(({ counts, listed: of }) => counts.covered - of.covered));
  const others = new Map(first.others);
  for (const [name, count] of parts.flatMap((part) => [...part.others]))
    others.set(name, {
      covered: Math.max(count.covered, others.get(name)?.covered ?? 0),
      total: Math.max(count.total, others.get(name)?.total ?? 0),
    });
  if (listed.total > 0) others.set('lines', listed);
  return { ...first, hits, listed, counts: { covered: Math.max(0, Math.min(total, covered)), total }, others };
}
