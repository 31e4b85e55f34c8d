// What a coverage report is collected into: its parts, and the files in them. Pure. coverage-report.ts fills it, add-up-coverage.ts reads it.

import type { Count, CoverageFile } from '../reading/measurement.ts';
import type { LineCollector } from './line-hits.ts';

/** The counts that a file can have besides its lines. */
export type CountName = 'lines' | 'statements' | 'branches' | 'functions' | 'instructions';

export interface FileCollector {
  readonly lines: LineCollector;
  /**
   * What one part of the report counts for this file. When a file comes in several parts (lcov records of several tests), the
   * larger figures stay: what each part covers is not known apart, and less than the truth is the safe side.
   */
  count(name: CountName, count: Count): void;
  /** What the report says that the file comes to, in the unit that is counted; `same` are other ways to count what is listed. */
  claim(said: Count, ...same: readonly Count[]): void;
  /** The blocks that the statements are in. */
  consistsOf(blocks: NonNullable<CoverageFile['blocks']>): void;
}

/** One file as one part of the report has it. */
export interface CollectedFile {
  readonly path: string;
  /** The parts around it that say where it is. */
  readonly place: string;
  /** The part right around it, which says so only where it has to. */
  readonly part: string;
  /** Its path is that of one file alone. */
  readonly is_certain: boolean;
  /** The test's name; empty where the report does not separate its tests. */
  readonly test: string;
  readonly lines: LineCollector;
  readonly counts: Map<CountName, Count>;
  blocks: NonNullable<CoverageFile['blocks']> | null;
  claimed: { readonly said: Count; readonly same: readonly Count[] } | null;
}

/** A part of the report, with what it says of itself. */
export interface Part {
  readonly name: string;
  readonly is_place: boolean;
  /** The parts that say where a file is, with this one. */
  readonly place: string;
  readonly claims: { readonly name: CountName; readonly said: Count }[];
  /** In the unit that is counted. */
  readonly claimed: Count[];
  /** The same as shares, as written; the report does not say of what. */
  readonly rates: string[];
  readonly parts: Part[];
  readonly files: CollectedFile[];
  readonly byPath: Map<string, FileCollector>;
}

/** A part without anything in it. */
export function newPart(name: string, place: string, is_place: boolean): Part {
  return { name, place, is_place, claims: [], claimed: [], rates: [], parts: [], files: [], byPath: new Map() };
}

/** What a parser fills the file by. */
export function collectorOf(file: CollectedFile): FileCollector {
  return {
    lines: file.lines,
    count(name, { covered, total }) {
      const before = file.counts.get(name);
      file.counts.set(name, {
        covered: Math.max(covered, before?.covered ?? 0),
        total: Math.max(total, before?.total ?? 0),
      });
    },
    consistsOf(blocks) {
      file.blocks = blocks;
    },
    claim(said, ...same) {
      file.claimed = { said, same };
    },
  };
}
