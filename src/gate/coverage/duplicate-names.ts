// Which files of an artifact are one file that its formats name otherwise. Pure; retold-coverage.ts uses it.
// Jest writes `src/index.js` as lcov, and `/home/ci/shop/packages/a/src/index.js` as Clover and in coverage-final.json.
//
// 1. A file is another format's of the same artifact where that one's path ends with its path and both have the same lines, or
//    without lines the same counts; best where the same lines ran.
// 2. So it is where all files of its report are all files of the other's below one folder, whatever lines they list.
// 3. Of each format a file takes no more tellings than of another: what is left over is a file of its own.

import { lineSetOf } from '../../evidence/coverage/line-set.ts';
import { likeness } from './merge-lines.ts';
import type { ReportedFile } from './reported-file.ts';

type ReportedFiles = ReadonlyMap<string, readonly ReportedFile[]>;

/** So many files that may be meant are looked at for each. */
const CANDIDATES = 50;

/** What is told of each file, by its longest path in each artifact. */
export function bySameEnd(reportedFiles: ReportedFiles): (readonly ReportedFile[])[] {
  const moves = new Map<ReportedFile, string>();
  for (const ofArtifact of artifactsOfSeveralFormats(reportedFiles)) matchArtifact(ofArtifact, moves);
  if (moves.size === 0) return [...reportedFiles.values()];
  const files = new Map<string, ReportedFile[]>();
  for (const [key, ofFile] of reportedFiles)
    files.set(
      key,
      ofFile.filter((one) => !moves.has(one)),
    );
  for (const [reportedFile, key] of moves) files.get(key)?.push(reportedFile);
  return [...files.values()].filter(({ length }) => length > 0);
}

function artifactsOfSeveralFormats(reportedFiles: ReportedFiles): ReportedFiles[] {
  const artifacts = new Map<number, { readonly formats: Set<string>; readonly files: Map<string, ReportedFile[]> }>();
  for (const [key, ofFile] of reportedFiles)
    for (const reportedFile of ofFile) {
      const known = artifacts.get(reportedFile.artifact) ?? { formats: new Set(), files: new Map() };
      artifacts.set(reportedFile.artifact, known);
      known.formats.add(reportedFile.format);
      const same = known.files.get(key) ?? [];
      if (same.length === 0) known.files.set(key, same);
      same.push(reportedFile);
    }
  return [...artifacts.values()].filter(({ formats }) => formats.size > 1).map(({ files }) => files);
}

function matchArtifact(files: ReportedFiles, moves: Map<ReportedFile, string>): void {
  const longer = longerPaths([...files.keys()]);
  const areSame = sameReports(files, longer);
  const counts = new Map([...files].map(([key, ofFile]) => [key, countFormats(ofFile)]));
  // The longer go first, so that a shorter one finds all that there is.
  const shorts = [...longer.keys()].toSorted((one, other) => other.length - one.length || (one < other ? -1 : 1));
  for (const key of shorts) {
    const candidates = longer.get(key) ?? [];
    for (const fits of [ranAlike, isAlike, areSame])
      for (const reportedFile of files.get(key) ?? []) {
        if (moves.has(reportedFile)) continue;
        const meant = candidates.find(
          (long) =>
            hasRoom(counts.get(long), reportedFile.format) &&
            files
              .get(long)
              ?.some((other) => other.format !== reportedFile.format && fits(reportedFile, other, key, long)),
        );
        if (meant === undefined) continue;
        moves.set(reportedFile, meant);
        add(counts.get(key), reportedFile.format, -1);
        add(counts.get(meant), reportedFile.format, 1);
      }
  }
}

function countFormats(ofFile: readonly ReportedFile[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { format } of ofFile) add(counts, format, 1);
  return counts;
}

function add(counts: Map<string, number> | undefined, key: string, count: number): void {
  counts?.set(key, (counts.get(key) ?? 0) + count);
}

function hasRoom(counts: ReadonlyMap<string, number> | undefined, format: string): boolean {
  const others = [...(counts ?? [])].filter(([other]) => other !== format).map(([, count]) => count);
  return (counts?.get(format) ?? 0) < Math.max(0, ...others);
}

function ranAlike(one: ReportedFile, other: ReportedFile): boolean {
  return (
    one.file.lines !== null && other.file.lines !== null && isAlike(one, other) && looks(one).ran === looks(other).ran
  );
}

function isAlike(one: ReportedFile, other: ReportedFile): boolean {
  if (one.file.lines !== null && other.file.lines !== null) return looks(one).alike === looks(other).alike;
  return one.file.covered === other.file.covered && one.file.total === other.file.total;
}

/** What a telling lists, and what of that ran, as texts. */
function looks(reportedFile: ReportedFile): Looks {
  const known = seen.get(reportedFile);
  if (known !== undefined) return known;
  const made = { alike: likeness(reportedFile.file), ran: lineSetOf(reportedFile.file.lines?.run ?? [], []) };
  seen.set(reportedFile, made);
  return made;
}

interface Looks {
  readonly alike: string | null;
  readonly ran: string;
}

const seen = new WeakMap<ReportedFile, Looks>();

interface Folder {
  readonly inside: Map<string, Folder>;
  key: string | null;
}

/** For each path those that end with it, the longest first. */
function longerPaths(paths: readonly string[]): Map<string, string[]> {
  const root: Folder = { inside: new Map(), key: null };
  for (const path of paths) {
    let folder = root;
    for (const name of path.split('/').reverse()) {
      const next: Folder = folder.inside.get(name) ?? { inside: new Map(), key: null };
      folder.inside.set(name, next);
      folder = next;
    }
    folder.key = path;
  }
  const longer = new Map<string, string[]>();
  const longestFirst = paths.toSorted((one, other) => other.length - one.length || (one < other ? -1 : 1));
  for (const path of longestFirst) {
    let folder: Folder | undefined = root;
    for (const name of path.split('/').reverse()) {
      folder = folder.inside.get(name);
      if (folder === undefined || folder.key === path) break;
      if (folder.key === null) continue;
      const known = longer.get(folder.key) ?? [];
      if (known.length < CANDIDATES) longer.set(folder.key, known);
      if (known.length < CANDIDATES) known.push(path);
    }
  }
  return longer;
}

/** Whether two reports name the same files, the one from below a folder of the other's. */
function sameReports(files: ReportedFiles, longer: ReadonlyMap<string, readonly string[]>) {
  const [sizes, pairs] = [new Map<string, number>(), new Map<string, number>()];
  for (const ofFile of files.values()) for (const { source } of ofFile) add(sizes, String(source), 1);
  const pairOf = (one: ReportedFile, other: ReportedFile, key: string, long: string) =>
    [one.source, other.source, long.slice(0, long.length - key.length)].join('\n');
  for (const [key, longs] of longer) {
    const shorts = files.get(key) ?? [];
    if (shorts.length > CANDIDATES) continue;
    for (const long of longs)
      for (const other of (files.get(long) ?? []).slice(0, CANDIDATES))
        for (const one of shorts) if (one.format !== other.format) add(pairs, pairOf(one, other, key, long), 1);
  }
  return (one: ReportedFile, other: ReportedFile, key: string, long: string): boolean => {
    const size = sizes.get(String(one.source));
    return size === sizes.get(String(other.source)) && size === pairs.get(pairOf(one, other, key, long));
  };
}
