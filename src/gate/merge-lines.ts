// Puts together what several reports say of the lines of one file. Pure; measure.ts uses it.

import type { CoveredLines } from './gathered.ts';

export interface MergedFile {
  /** Adds what another report says of the file, in as much time as that is long; false when the two contradict each other. */
  add(other: CoveredLines): boolean;
  file(): CoveredLines;
}

export function startMerge(first: CoveredLines): MergedFile {
  let run: Set<number> | null = null;
  let missed = new Set<number>();
  return {
    add(other) {
      if (first.lines === null || other.lines === null) {
        const [covered, total] = run === null ? [first.covered, first.total] : [run.size, run.size + missed.size];
        return covered === other.covered && total === other.total;
      }
      if (run === null) {
        const ran = new Set(first.lines.run);
        missed = new Set(first.lines.missed.filter((line) => !ran.has(line)));
        run = ran;
      }
      for (const line of other.lines.run) {
        run.add(line);
        missed.delete(line);
      }
      for (const line of other.lines.missed) if (!run.has(line)) missed.add(line);
      return true;
    },
    file: () =>
      run === null
        ? first
        : {
            path: first.path,
            covered: run.size,
            total: run.size + missed.size,
            lines: { run: [...run], missed: [...missed] },
          },
  };
}

/** The lines of files as sets, each made when it is first asked for. */
export function rememberLines(): (file: CoveredLines, which: 'run' | 'missed') => ReadonlySet<number> {
  const known = { run: new Map<CoveredLines, Set<number>>(), missed: new Map<CoveredLines, Set<number>>() };
  return (file, which) => {
    const lines = known[which].get(file) ?? new Set(file.lines?.[which]);
    known[which].set(file, lines);
    return lines;
  };
}
