// Which lines of one source file ran, collected in any order. Pure; src/evidence/ only.

import type { Count, LineHits } from '../reading/measurement.ts';
import { REPORT_LIMITS } from '../reading/report-limits.ts';
import { Unreadable } from '../reading/report-reader.ts';

export interface LineCollector {
  /** A line may come several times; it is covered when it was once. */
  add(line: number, covered: boolean): void;
  /** Ascending, each line once. */
  hits(): LineHits;
  /**
   * After `hits`: how many lines were added, where some were several times, else null. A report that lists a line for each method or
   * statement on it counts itself so.
   */
  reported(): Count | null;
}

/** A line and whether it ran are kept as one small number, since a report may speak of millions. */
export function createLineCollector(): LineCollector {
  let marks: number[] = [];
  let last = -1;
  let inOrder = true;
  /** Before lines that came several times were put together; null: none did. */
  let raw: Count | null = null;
  return {
    add(line, covered) {
      if (line > REPORT_LIMITS.lineNumber) throw new Unreadable(`line ${line} is past ${REPORT_LIMITS.lineNumber}`);
      if (line <= last) inOrder = false;
      last = line;
      marks.push(line * 2 + (covered ? 1 : 0));
    },
    hits() {
      if (!inOrder) {
        raw = { covered: marks.filter((mark) => mark % 2 === 1).length, total: marks.length };
        marks = onePerLine(marks);
        inOrder = true;
      }
      return split(marks);
    },
    reported: () => raw,
  };
}

/** Sorted, the covered mark of a line stands last, and that is the one which stays. */
function onePerLine(marks: readonly number[]): number[] {
  const sorted = Int32Array.from(marks).sort();
  const kept: number[] = [];
  for (let i = 0; i < sorted.length; i++) {
    const mark = sorted[i] ?? 0;
    if ((sorted[i + 1] ?? -1) >> 1 !== mark >> 1) kept.push(mark);
  }
  return kept;
}

function split(marks: readonly number[]): LineHits {
  const covered: number[] = [];
  const uncovered: number[] = [];
  for (const mark of marks) (mark % 2 === 1 ? covered : uncovered).push(mark >> 1);
  return { covered, uncovered };
}
