// What all reports tell of one path, as the files that it may be. Pure.
//
// 1. Reports that artifacts or files are named for two packages tell of two files: `coverage-api`, `coverage-web`.
// 2. Else tellings with the same lines are parts of one suite: a line that any of them ran has run.
// 3. Where only some are named for a package nothing tells: as one file and as several are ways to count them.
// 4. With other lines they may be other files of one name, or one file that was seen otherwise: both are ways to count them.
// 5. Counts without lines can't be joined: they have to agree.

import type { CoveredLines } from '../model/evidence-model.ts';
import { likeness, unionOf } from './merge-lines.ts';
import { isAtRoot } from './report-label.ts';
import type { ReportedFile } from './reported-file.ts';

/** One file of the code. */
export interface MergedFile {
  /** As reports name it; from the repository where that is known. */
  readonly path: string;
  /** The folder or module that it is in, beyond the path; empty where nothing is known of it. */
  readonly place: string;
  /** The package that its artifact or report is named for, in lower case; left out: none is known. */
  readonly label?: string;
  /** Folders that all files of a report of it are in. */
  readonly bases: readonly string[];
  /** As a report writes it that names more than the repository, and the folders before it of which one may be the repository's, the innermost first. */
  readonly outside?: { readonly path: string; readonly roots: readonly string[] };
  /** The reports that tell of it, by their place among all. */
  readonly sources: readonly number[];
  /** The ways in which its reports can be understood, at least one: the worst counts. */
  readonly ways: readonly (readonly CoveredLines[])[];
}

/** Merges what reports (at least one) say of one path: returns the files that it may be, or a sentence when two reports contradict each other. */
export function mergeFile(reportedFiles: readonly ReportedFile[]): MergedFile[] | string {
  const files: MergedFile[] = [];
  for (const ofPackage of byPackage(reportedFiles)) {
    const file = mergeReportedFiles(ofPackage);
    if (typeof file === 'string') return file;
    files.push(file);
  }
  return files;
}

/** Apart where all are named for packages, and a path says nothing else. */
function byPackage(reportedFiles: readonly ReportedFile[]): (readonly ReportedFile[])[] {
  const labels = new Set(reportedFiles.map(({ label }) => label));
  if (labels.size === 1 || labels.has('') || isAnywhereTheSame(reportedFiles)) return [reportedFiles];
  return [...Map.groupBy(reportedFiles, ({ label }) => label).values()];
}

function isAnywhereTheSame(reportedFiles: readonly ReportedFile[]): boolean {
  return reportedFiles.some(({ place, file: { path } }) => isAtRoot(place === '' ? path : `${place}/`));
}

function mergeReportedFiles(reportedFiles: readonly ReportedFile[]): MergedFile | string {
  const [first] = reportedFiles;
  if (first === undefined) throw new RangeError('nothing tells of the file');
  const { path } = first.file;
  const { place, label } = first;
  const bases = [...new Set(reportedFiles.flatMap(({ base }) => base ?? []))];
  const outer = reportedFiles.find(({ roots }) => roots.length > 0);
  const sources = [...new Set(reportedFiles.map(({ source }) => source))];
  const isOfOne = reportedFiles.every((one) => one.label === label);
  const known = { path, place, bases, sources, ...(outer && { outside: { path: outer.whole, roots: outer.roots } }) };
  const named = isOfOne && label !== '' ? { ...known, label } : known;
  const withLines = reportedFiles.filter(({ file }) => file.lines !== null);
  const bare = reportedFiles.filter(({ file }) => file.lines === null);
  const like = together(withLines, ({ file }) => likeness(file) ?? '');
  const disagreement = disagreementOf(bare, like);
  if (disagreement !== null) return disagreement;
  if (like.length === 0) return { ...named, ways: [[first.file]] };
  const ways = [like];
  const hasBlocks = like.some(({ blocks }) => blocks !== undefined);
  if (like.length > 1 && !hasBlocks) ways.push([unionOf(like)]);
  if (!isOfOne && !isAnywhereTheSame(reportedFiles))
    ways.unshift(together(withLines, (one) => `${one.label}\n${likeness(one.file)}`));
  return { ...named, ways };
}

function together(
  reportedFiles: readonly ReportedFile[],
  keyOf: (reportedFile: ReportedFile) => string,
): CoveredLines[] {
  return [...Map.groupBy(reportedFiles, keyOf).values()].map((same) => unionOf(same.map(({ file }) => file)));
}

/** Counts alone have to be those of the others. */
function disagreementOf(bare: readonly ReportedFile[], others: readonly CoveredLines[]): string | null {
  const [first] = bare;
  if (first === undefined) return null;
  const known = others.length === 0 ? [first.file] : [...others, unionOf(others)];
  const odd = bare.find(
    ({ file }) => !known.some(({ covered, total }) => covered === file.covered && total === file.total),
  );
  if (odd === undefined) return null;
  const { file, report } = odd;
  const [other] = known;
  return `${report} counts ${file.covered} of ${file.total} lines of ${file.path}, another report ${other?.covered} of ${other?.total}`;
}
