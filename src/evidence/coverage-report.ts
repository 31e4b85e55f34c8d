// Adds up what a coverage report says file by file, whatever its format. Pure; src/evidence/ only.

import { createLineCollector, type LineCollector } from './line-hits.ts';
import type { Count, CoverageFile, CoverageMeasurement, CoverageTotals, CoverageUnit } from './measurement.ts';
import { REPORT_LIMITS } from './report-limits.ts';
import { Unreadable } from './report-reader.ts';
import { createRemarks, measured, repositoryPath } from './report-values.ts';

/** The counts that a file can have besides its lines. */
export type CountName = 'lines' | 'statements' | 'branches' | 'functions' | 'instructions';

export interface FileCollector {
  readonly lines: LineCollector;
  /**
   * What one part of the report counts for this file. When a file comes in several parts (lcov records of several tests), the
   * larger figures stay: what each part covers can't be told apart, and less than the truth is the safe side.
   */
  count(name: CountName, count: Count): void;
}

export interface CoverageCollector {
  /** The same collector for the same path. */
  file(path: string): FileCollector;
  remark(text: string): void;
  /** Remarks on a total of the report's own that differs from what was counted; null or NaN is no claim. */
  claim(name: CountName, covered: number | null, total: number | null): void;
  measurement(): CoverageMeasurement;
}

interface CollectedFile extends FileCollector {
  readonly path: string;
  readonly counts: Map<CountName, Count>;
}

/** `hasLines` tells whether the format says which lines ran; without, `count('lines', …)` is all that is known. */
export function createCoverage(
  format: string,
  { counted = 'lines' as CoverageUnit, hasLines = true } = {},
): CoverageCollector {
  const files = new Map<string, CollectedFile>();
  const remarks = createRemarks();
  const claims: { name: CountName; covered: number; total: number }[] = [];
  return {
    file(raw) {
      const path = repositoryPath(raw);
      const known = files.get(path);
      if (known !== undefined) return known;
      if (path === '') throw new Unreadable('a file has no name');
      if (files.size >= REPORT_LIMITS.files) throw new Unreadable(`there are more than ${REPORT_LIMITS.files} files`);
      const file = createFile(path);
      files.set(path, file);
      return file;
    },
    remark: remarks.add,
    claim(name, covered, total) {
      if (covered !== null && total !== null) claims.push({ name, covered, total });
    },
    measurement() {
      if (files.size === 0) throw new Unreadable('the report names no file: nothing was measured');
      const { totals, files: measuredFiles } = addUp([...files.values()], counted, hasLines);
      for (const { name, covered, total } of claims) {
        const found = totals[name] ?? { covered: 0, total: 0 };
        if (found.covered !== covered || found.total !== total) {
          remarks.add(`the report says ${covered} of ${total} ${name}, its files ${found.covered} of ${found.total}`);
        }
      }
      return { kind: 'coverage', format, counted, totals, files: measuredFiles, remarks: remarks.all() };
    },
  };
}

function createFile(path: string): CollectedFile {
  const counts = new Map<CountName, Count>();
  return {
    path,
    counts,
    lines: createLineCollector(),
    count(name, { covered, total }) {
      const before = counts.get(name);
      counts.set(name, {
        covered: Math.max(covered, before?.covered ?? 0),
        total: Math.max(total, before?.total ?? 0),
      });
    },
  };
}

const ZERO: Count = { covered: 0, total: 0 };

function addUp(collected: readonly CollectedFile[], counted: CoverageUnit, hasLines: boolean) {
  const sums = { lines: ZERO, statements: ZERO, branches: ZERO, functions: ZERO, instructions: ZERO };
  const add = (name: CountName, { covered, total }: Count): void => {
    sums[name] = { covered: sums[name].covered + covered, total: sums[name].total + total };
  };
  const files = collected.map(({ path, counts, lines }): CoverageFile => {
    const lineHits = lines.hits();
    const listed = lineHits.covered.length + lineHits.uncovered.length;
    if (listed > 0) counts.set('lines', { covered: lineHits.covered.length, total: listed });
    for (const [name, count] of counts) add(name, count);
    return { path, ...(counts.get(counted) ?? ZERO), line_hits: hasLines ? lineHits : null };
  });
  const totals: CoverageTotals = {
    lines: measured(sums.lines),
    statements: measured(sums.statements),
    branches: measured(sums.branches),
    functions: measured(sums.functions),
    instructions: measured(sums.instructions),
  };
  return { totals, files };
}
