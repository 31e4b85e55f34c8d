// Makes reports of one run in several formats in the same artifact count once: by the worse of them. Pure. A report of another
// format counts beside the others as far as it names other files, whatever its format is.

import type { CoveredLines } from '../model/evidence-model.ts';
import { bySameEnd } from './duplicate-names.ts';
import { likeness, unionOf } from './merge-lines.ts';
import type { ReportedFile } from './reported-file.ts';

/** The formats with the most detail first: of two with the same result the first one counts. */
const ORDER = [
  'istanbul-final',
  'coverage-py',
  'jacoco',
  'cobertura',
  'lcov',
  'clover',
  'go-cover',
  'istanbul-summary',
];

interface Count {
  readonly covered: number;
  readonly total: number;
}

export interface CountedOnce {
  readonly files: readonly (readonly ReportedFile[])[];
  /** The formats of artifacts (`formatIn`) by which a file is counted. */
  readonly counted: ReadonlySet<string>;
  /** Sentences that name reports of an artifact which differ about the same files. */
  readonly doubts: readonly string[];
}

/**
 * `tellings` by the path of the file that they are of. Of the files of an artifact that the same formats name, the format counts
 * that comes to the smallest share of all of them, with what its reports have `unlisted` (by `formatIn`): formats count by rules of their own, and the worst of each file would be none's.
 */
export function countOnce(
  reportedFiles: ReadonlyMap<string, readonly ReportedFile[]>,
  unlisted: ReadonlyMap<string, Count>,
): CountedOnce {
  const ofFiles = bySameEnd(reportedFiles).map((ofFile) =>
    [...Map.groupBy(ofFile, ({ artifact }) => artifact).values()].map(byFormat),
  );
  const groups = new Map<string, Map<string, Sum>>();
  for (const formats of ofFiles.flat()) {
    if (formats.size === 1) continue;
    const sums = groups.get(groupOf(formats)) ?? new Map<string, Sum>();
    groups.set(groupOf(formats), sums);
    for (const [format, ofFormat] of formats) {
      const { covered, total } = countsOf(ofFormat.map(({ file }) => file));
      const beyond = unlisted.get(formatIn(ofFormat[0]?.artifact, format)) ?? { covered: 0, total: 0 };
      const known = sums.get(format) ?? { ...beyond, files: 0, first: ofFormat[0] };
      sums.set(format, {
        ...known,
        covered: known.covered + covered,
        total: known.total + total,
        files: known.files + 1,
      });
    }
  }
  const worst = new Map([...groups].map(([group, sums]) => [group, [...sums.keys()].toSorted(byShare(sums))[0] ?? '']));
  const files = ofFiles.map((ofArtifacts) =>
    ofArtifacts.flatMap((formats) => onceIn(formats, worst.get(groupOf(formats)) ?? '')),
  );
  const counted = new Set(files.flat().map(({ artifact, format }) => formatIn(artifact, format)));
  return { files, counted, doubts: [...groups.values()].flatMap(disagreementOf) };
}

/** The reports of one format in one artifact. */
export function formatIn(artifact: number | undefined, format: string): string {
  return `${artifact}\n${format}`;
}

type ByFormat = ReadonlyMap<string, readonly ReportedFile[]>;

/** The counts of several files in one format. */
interface Sum extends Count {
  readonly files: number;
  readonly first: ReportedFile | undefined;
}

function byFormat(reportedFiles: readonly ReportedFile[]): ByFormat {
  return Map.groupBy(reportedFiles, ({ format }) => format);
}

/** The same for files of one artifact that the same formats name. */
function groupOf(formats: ByFormat): string {
  const [[first] = []] = formats.values();
  return [first?.artifact, ...[...formats.keys()].toSorted()].join('\n');
}

/** The smallest share first; then by how much a format tells. Nothing to speak of is no share. */
function byShare(sums: ReadonlyMap<string, Sum>): (one: string, other: string) => number {
  return (one, other) => shareOf(sums.get(one)) - shareOf(sums.get(other)) || rankOf(one) - rankOf(other);
}

const NO_SHARE = 2;

function shareOf(sum: Sum | undefined): number {
  return sum === undefined || sum.total === 0 ? NO_SHARE : sum.covered / sum.total;
}

function disagreementOf(sums: ReadonlyMap<string, Sum>): string[] {
  const [worst, ...others] = [...sums.keys()].toSorted(byShare(sums)).map((format) => sums.get(format));
  const other = others.find((sum) => shareOf(sum) !== shareOf(worst) && shareOf(sum) !== NO_SHARE);
  if (worst?.first === undefined || other?.first === undefined) return [];
  const counts = ({ covered, total }: Sum) => `${covered} of ${total}`;
  const of = worst.files === 1 ? worst.first.file.path : `${worst.files} files`;
  return [
    `of ${of} ${worst.first.report} says ${counts(worst)} and ${other.first.report} ${counts(other)}: the worse counts`,
  ];
}

/** The tellings of an artifact in that format. */
function onceIn(formats: ByFormat, worst: string): readonly ReportedFile[] {
  const [ofWorst = []] = [formats.get(worst), ...formats.values()].filter((one) => one !== undefined);
  const [first] = ofWorst;
  if (formats.size === 1 || first === undefined || first.file.lines !== null) return ofWorst;
  const ranked = [...formats].toSorted(([one], [other]) => rankOf(one) - rankOf(other));
  const lines = ranked.map(([, one]) => one).find((one) => one.every(({ file }) => file.lines !== null));
  if (lines === undefined) return ofWorst;
  return [{ ...first, file: withLinesOf(first.file, unionOf(lines.map(({ file }) => file))) }];
}

function rankOf(format: string): number {
  const place = ORDER.indexOf(format);
  return place === -1 ? ORDER.length : place;
}

/** In lines, for formats count statements by other rules. */
function countsOf(files: readonly CoveredLines[]): Count {
  const like = files.every(({ lines }) => lines !== null)
    ? [...Map.groupBy(files, likeness).values()].map(unionOf)
    : files;
  let [covered, total] = [0, 0];
  for (const { lines, beyond, ...counts } of like) {
    covered += lines === null ? counts.covered : lines.run.length + (beyond?.covered ?? 0);
    total += lines === null ? counts.total : lines.run.length + lines.missed.length + (beyond?.total ?? 0);
  }
  return { covered, total };
}

/** The counts of one format with the lines of another, where only that one lists lines. */
function withLinesOf({ covered, total, ...file }: CoveredLines, { lines }: CoveredLines): CoveredLines {
  const [run, all] = [lines?.run.length ?? 0, (lines?.run.length ?? 0) + (lines?.missed.length ?? 0)];
  return { ...file, covered, total, lines, beyond: { covered: covered - run, total: total - all } };
}
