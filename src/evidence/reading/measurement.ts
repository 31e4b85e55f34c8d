// What a report file says, as numbers that can be added up over files. Pure;

import { saidText, TEXT_LIMITS } from '../../text/storable-text.ts';

/** How much of something was run, out of how much there is. `covered` is never more than `total`. */
export interface Count {
  readonly covered: number;
  readonly total: number;
}

/** What the headline figure and the figures per file count: Go knows statements only, JaCoCo without debug info instructions only. */
export type CoverageUnit = 'lines' | 'statements' | 'instructions';

/** Line numbers, ascending, each in one of the two lists: a line of which any part ran is covered. */
export interface LineHits {
  readonly covered: readonly number[];
  readonly uncovered: readonly number[];
}

export interface CoverageFile {
  /** Where the file is beyond its path, as far as the report tells (JaCoCo's groups, packages that have a file of one path each); else left out. */
  readonly place?: string;
  /** From the repository where the report lets that be known, else as the tool wrote it; always with `/`. */
  readonly path: string;
  /** In the measurement's `counted` unit; what the report says of the file where that is worse than the lines that it lists. */
  readonly covered: number;
  readonly total: number;
  /** Null when the format has no lines (json-summary). */
  readonly line_hits: LineHits | null;
  /** What statements are counted by (Go), in the order of the file: how many each block has, and 1 or 0 for each, whether it ran. */
  readonly blocks?: { readonly statements: readonly number[]; readonly ran: string };
}

/** What a report says of a part of itself beyond what its files come to: it is worse, and counts. `covered` may be less than zero. */
export interface UnlistedLines {
  /** The folder or package; empty for the whole report. */
  readonly path: string;
  readonly covered: number;
  readonly total: number;
}

/** Null is "nothing was measured": the format has no such figure, or it counted none. It is never full coverage. */
export interface CoverageTotals {
  readonly lines: Count | null;
  readonly statements: Count | null;
  readonly branches: Count | null;
  readonly functions: Count | null;
  readonly instructions: Count | null;
}

export interface CoverageMeasurement {
  readonly kind: 'coverage';
  readonly format: string;
  readonly counted: CoverageUnit;
  /** Counted again from the files; a total of the report's own counts where it is worse. */
  readonly totals: CoverageTotals;
  /** In the report's order. One path may come several times: those are other files, of other lines or another `place`. */
  readonly files: readonly CoverageFile[];
  /** Left out where the report's totals are what its files come to, or better. */
  readonly unlisted?: readonly UnlistedLines[];
  /** The first five places where a total was worse than what is listed, in words; left out like `unlisted`. */
  readonly doubts?: readonly string[];
  readonly remarks: readonly string[];
}

export type CaseStatus = 'passed' | 'failed' | 'errored' | 'skipped';

export interface TestCase {
  readonly suite: string | null;
  readonly name: string;
  readonly file_path: string | null;
  readonly status: CaseStatus;
  readonly duration_ms: number | null;
  /** The first words of the failure, at most 4,000 UTF-16 units, without secrets. */
  readonly message: string | null;
  /** The line of the file on which the test stands, from 1; left out where the format does not tell. */
  readonly line?: number;
}

/** One part of a suite that is run in `total` parts; from 1. */
export interface Shard {
  readonly current: number;
  readonly total: number;
}

/** What became of one test. */
export interface TestResult extends TestCase {
  /** Passed, but not at once. */
  readonly is_flaky: boolean;
}

/** Short digests of the names of tests, in order and each once: two reports of one run have the same, and no name can be read from them. */
export interface TestNames {
  /** With the titles of the suites around it, as far as the format tells. */
  readonly whole: readonly string[];
  /** As the case alone is called. */
  readonly own: readonly string[];
}

export interface TestsMeasurement {
  readonly kind: 'tests';
  readonly format: string;
  /** The part of the suite that the report is of; null or left out when it names none. */
  readonly shard?: Shard | null;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Broke outside of an assertion: set-up, a file that did not load, or a failure that the report claims and no case shows. */
  readonly errored: number;
  /** Of `passed`, those that failed first and passed when tried again. */
  readonly flaky: number;
  /** Of `errored`, those that the report counts and no case shows: the run may have broken off. Left out: none. */
  readonly unshown?: number;
  /** Of those that broke, the ones that may be tries of a test that passed later, which nothing shows. Left out: none. */
  readonly maybe_tried?: number;
  /** The sum over the cases, or the run's own figure where the format has one; null when the report holds neither. */
  readonly duration_ms: number | null;
  /** The failed and errored ones, at most 1,000, in the report's order. */
  readonly cases: readonly TestCase[];
  /** Failed and errored ones that `cases` had no room for. */
  readonly cases_omitted: number;
  /** Which tests there were, by test-names.ts; left out where there were too many, or where that is not known. */
  readonly names?: TestNames;
  readonly remarks: readonly string[];
}

export interface LighthouseScore {
  readonly category: string;
  /** 0 to 100 with at most two decimals; null when Lighthouse could not compute it. */
  readonly score: number | null;
}

export interface LighthousePage {
  readonly url: string;
  readonly runs: number;
  readonly scores: readonly LighthouseScore[];
  /** Of a report of one run: `mobile` or `desktop`, which are two measurements of a page. */
  readonly form_factor?: string;
  /** When the run began, where a report of one run holds it; the same in each copy of the report. */
  readonly at?: string;
  /** Two figures of one run in milliseconds, where the report holds them, by which Lighthouse chooses the median run. */
  readonly metrics?: { readonly first_paint: number; readonly interactive: number };
  /** Of a manifest: the names of the reports of its runs, and of the one that stands for the page. */
  readonly files?: readonly string[];
  readonly representative?: string;
}

export interface LighthouseMeasurement {
  readonly kind: 'lighthouse';
  readonly format: string;
  /** A page's score is that of its representative run, else the lower median of its runs. */
  readonly pages: readonly LighthousePage[];
  /** The lowest of all pages, category by category; null when one page has no score. */
  readonly lowest: readonly LighthouseScore[];
  readonly remarks: readonly string[];
}

export type FindingLevel = 'error' | 'warning' | 'note';

export interface Finding {
  readonly level: FindingLevel;
  readonly rule: string | null;
  readonly file: string | null;
  readonly line: number | null;
  readonly message: string;
}

export interface ToolFindings {
  readonly tool: string;
  readonly errors: number;
  readonly warnings: number;
}

export interface FindingsMeasurement {
  readonly kind: 'findings';
  readonly format: string;
  /** As the report names it; several in a row where it is of several. */
  readonly tool: string;
  /** Of a report of several tools: what each of them found. Left out: there is one. */
  readonly tools?: readonly ToolFindings[];
  readonly errors: number;
  readonly warnings: number;
  readonly notes: number;
  /** The first 1,000, errors before warnings before notes. */
  readonly findings: readonly Finding[];
  readonly findings_omitted: number;
  readonly remarks: readonly string[];
}

export interface SummarySuite {
  readonly suite: string;
  readonly passed: number;
  readonly failed: number;
  /** 0 to 1. This format has no counts, so it can't be added to other coverage. */
  readonly coverage_ratio: number | null;
}

export interface SummaryMeasurement {
  readonly kind: 'summary';
  readonly format: string;
  readonly status: 'PASSED' | 'FAILED';
  readonly tests: readonly SummarySuite[];
  /** 0 to 100. */
  readonly lighthouse_score: number | null;
  readonly artifacts: readonly string[];
  readonly duration_ms: number | null;
  readonly remarks: readonly string[];
}

export interface UnreadableMeasurement {
  readonly kind: 'unreadable';
  /** What it was read as; null when that is not known. */
  readonly format: string | null;
  readonly code: 'ARTIFACT_UNREADABLE';
  /** Says what was found and what is allowed; at most 1,000 UTF-16 units. */
  readonly reason: string;
  /** The line of the file at which it was found, from 1; left out where the format's reader does not know. */
  readonly line?: number;
}

/** A measurement of a report that was read whole, and otherwise `unreadable`: half a report is never half a measurement. */
export type Measurement =
  | CoverageMeasurement
  | TestsMeasurement
  | LighthouseMeasurement
  | FindingsMeasurement
  | SummaryMeasurement
  | UnreadableMeasurement;

export function unreadable(format: string | null, reason: string, line: number | null = null): UnreadableMeasurement {
  const said = saidText(reason, TEXT_LIMITS.title);
  return { kind: 'unreadable', format, code: 'ARTIFACT_UNREADABLE', reason: said, ...(line === null ? {} : { line }) };
}
