// What one report tells of one file, on its way to what all of them come to. Pure; merge-coverage.ts and retold-coverage.ts use it.

import type { CoveredLines } from '../model/evidence-model.ts';

/** What one report tells of a file. */
export interface ReportedFile {
  readonly artifact: number;
  /** Which of all reports it is. */
  readonly source: number;
  readonly format: string;
  /** The report, as it is told of. */
  readonly report: string;
  /** The folder that all its files are in; null: there is none. */
  readonly base: string | null;
  readonly place: string;
  /** The package that the names of artifact and report tell; empty: they tell none, or the report names files from the repository. */
  readonly label: string;
  /** Folders above all its files of which one may be the repository's, the innermost first, each with a slash at its end. */
  readonly roots: readonly string[];
  /** The path as the report itself writes it. */
  readonly whole: string;
  readonly file: CoveredLines;
}
