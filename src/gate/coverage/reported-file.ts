// One file of one coverage report, before the reports are merged. Pure.

import type { CoveredLines } from '../model/evidence-model.ts';

/** One file as one report has it. */
export interface ReportedFile {
  readonly artifact: number;
  /** Which of all reports it is. */
  readonly source: number;
  readonly format: string;
  /** The report's name in sentences. */
  readonly report: string;
  /** The folder that all its files are in; null: there is none. */
  readonly base: string | null;
  readonly place: string;
  /** The package that the names of artifact and report hold; empty when they hold none, or the report's paths start at the repository. */
  readonly label: string;
  /** Folders above all its files of which one may be the repository's, the innermost first, each with a slash at its end. */
  readonly roots: readonly string[];
  /** The path as the report itself writes it. */
  readonly whole: string;
  readonly file: CoveredLines;
}
