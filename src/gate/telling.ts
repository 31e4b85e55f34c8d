// What one report tells of one file, on its way to what all of them come to. Pure; merge-coverage.ts and retold-coverage.ts use it.

import type { CoveredLines } from './gathered.ts';

/** What one report tells of a file. */
export interface Telling {
  readonly artifact: number;
  /** Which of all reports it is. */
  readonly source: number;
  readonly format: string;
  /** The report, as it is told of. */
  readonly report: string;
  /** The folder that all its files are in; null: there is none. */
  readonly base: string | null;
  readonly place: string;
  readonly file: CoveredLines;
}
