// What the reports of one artifact tell of one run in several formats, told once: by the worse. Pure; merge-coverage.ts uses it.
// A report of another format counts beside the others as far as it names other files, whatever its format is.

import type { CoveredLines } from './gathered.ts';
import { likeness, unionOf } from './merge-lines.ts';
import type { Telling } from './telling.ts';

/** The formats that tell most, best first: of two that say the same the first one counts. */
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

export interface ToldOnce {
  readonly files: readonly (readonly Telling[])[];
  /** Which reports of an artifact tell otherwise of the same files, in words. */
  readonly doubts: readonly string[];
}

/** `tellings` by the path of the file that they are of. */
export function retellings(tellings: ReadonlyMap<string, readonly Telling[]>): ToldOnce {
  const disagreements = new Map<string, { count: number; readonly path: string }>();
  const disagree = (one: Telling, other: Telling) => {
    const reports = [one.report, other.report].toSorted().join(' and ');
    const known = disagreements.get(reports) ?? { count: 0, path: one.file.path };
    known.count++;
    disagreements.set(reports, known);
  };
  const files = bySameEnd(tellings).map((ofFile) => {
    const artifacts = [...Map.groupBy(ofFile, ({ artifact }) => artifact).values()];
    return artifacts.flatMap((ofArtifact) => onceIn(ofArtifact, disagree));
  });
  const doubts = [...disagreements].map(([reports, { count, path }]) => {
    const more = count === 1 ? '' : ` and ${count - 1} more`;
    return `${reports} tell otherwise of ${path}${more}: the worse counts`;
  });
  return { files, doubts };
}

/** The tellings in the format that tells worst. */
function onceIn(tellings: readonly Telling[], disagree: (one: Telling, other: Telling) => void): readonly Telling[] {
  const formats = [...Map.groupBy(tellings, ({ format }) => format).values()];
  if (formats.length === 1) return tellings;
  const [worst, ...others] = formats
    .map((ofFormat) => ({ ofFormat, share: shareOf(ofFormat.map(({ file }) => file)), rank: rankOf(ofFormat) }))
    .toSorted((one, other) => one.share - other.share || one.rank - other.rank);
  if (worst === undefined) return tellings;
  const [first] = worst.ofFormat;
  const other = others.find(({ share }) => share !== worst.share && share !== Number.POSITIVE_INFINITY);
  if (first !== undefined && other?.ofFormat[0] !== undefined) disagree(first, other.ofFormat[0]);
  const lines = others.find(({ ofFormat }) => ofFormat.every(({ file }) => file.lines !== null))?.ofFormat;
  if (first === undefined || first.file.lines !== null || lines === undefined) return worst.ofFormat;
  return [{ ...first, file: withLinesOf(first.file, unionOf(lines.map(({ file }) => file))) }];
}

function rankOf([first]: readonly Telling[]): number {
  const place = ORDER.indexOf(first?.format ?? '');
  return place === -1 ? ORDER.length : place;
}

/** Of the lines, for formats count statements by other rules; infinite where there are none to speak of. */
function shareOf(files: readonly CoveredLines[]): number {
  const like = files.every(({ lines }) => lines !== null)
    ? [...Map.groupBy(files, likeness).values()].map(unionOf)
    : files;
  const counts = like.map(({ lines, beyond, covered, total }) =>
    lines === null
      ? { covered, total }
      : {
          covered: lines.run.length + (beyond?.covered ?? 0),
          total: lines.run.length + lines.missed.length + (beyond?.total ?? 0),
        },
  );
  const total = counts.reduce((sum, count) => sum + count.total, 0);
  return total === 0 ? Number.POSITIVE_INFINITY : counts.reduce((sum, { covered }) => sum + covered, 0) / total;
}

/** The counts of one format with the lines of another, which alone tells of changed ones. */
function withLinesOf({ covered, total, ...file }: CoveredLines, { lines }: CoveredLines): CoveredLines {
  const [run, all] = [lines?.run.length ?? 0, (lines?.run.length ?? 0) + (lines?.missed.length ?? 0)];
  return { ...file, covered, total, lines, beyond: { covered: covered - run, total: total - all } };
}

/**
 * With those together that tell in several formats of one artifact of files whose paths end alike and whose lines are the same: one
 * format names a file from its package, another from the repository.
 */
function bySameEnd(tellings: ReadonlyMap<string, readonly Telling[]>): (readonly Telling[])[] {
  const several = artifactsOfSeveralFormats(tellings);
  const joined = new Map(tellings);
  const seen = new Map<string, string>();
  for (const [key, ofFile] of tellings) {
    const [first] = ofFile;
    if (first === undefined || !several.has(first.artifact)) continue;
    const alike = likeness(first.file);
    const isOne = ofFile.every(({ artifact, file }) => artifact === first.artifact && likeness(file) === alike);
    if (alike === null || !isOne) continue;
    const name = [first.artifact, first.file.path.slice(first.file.path.lastIndexOf('/') + 1), alike].join('\n');
    const known = seen.get(name);
    const others = known === undefined ? [] : (joined.get(known) ?? []);
    const isRetold = others.every(
      ({ format, file }) => ofFile.every((one) => one.format !== format) && endAlike(file.path, first.file.path),
    );
    if (known === undefined) seen.set(name, key);
    else if (isRetold) {
      joined.set(known, [...others, ...ofFile]);
      joined.delete(key);
      seen.delete(name);
    }
  }
  return [...joined.values()];
}

function artifactsOfSeveralFormats(tellings: ReadonlyMap<string, readonly Telling[]>): ReadonlySet<number> {
  const formats = new Map<number, Set<string>>();
  for (const ofFile of tellings.values())
    for (const { artifact, format } of ofFile) {
      const known = formats.get(artifact) ?? new Set();
      formats.set(artifact, known.add(format));
    }
  return new Set([...formats].filter(([, { size }]) => size > 1).map(([artifact]) => artifact));
}

function endAlike(one: string, other: string): boolean {
  return one.endsWith(`/${other}`) || other.endsWith(`/${one}`);
}
