// Each file of the code once, out of all reports of a commit. Pure; measure-coverage.ts uses it.
//
// 1. A file is known by its path from the repository, as far as that can be told: report-roots.ts, report-folder.ts.
// 2. Several formats in one artifact that name a file tell of the same run: of what they tell the worse counts.
// 3. Else tellings with the same lines are parts of one suite: a line that any of them ran has run.
// 4. With other lines they may be other files of one name, or one file that was seen otherwise: both are ways to count them.
// 5. Counts without lines can't be joined: they have to agree.

import { enclosingFolder } from './enclosing-folder.ts';
import type { CoveredLines, Report, UnlistedLines } from './gathered.ts';
import { likeness, unionOf } from './merge-lines.ts';
import { placeOfReport } from './report-folder.ts';
import { moved, rootsOf } from './report-roots.ts';
import { pathFrom, plainPath } from './resolve-path.ts';
import { formatIn, retellings } from './retold-coverage.ts';
import type { Telling } from './telling.ts';

/** One file of the code. */
export interface MergedFile {
  /** As reports name it; from the repository where that is known. */
  readonly path: string;
  /** The folder or module that it is in, beyond the path; empty where nothing is known of it. */
  readonly place: string;
  /** Folders that all files of a report of it are in. */
  readonly bases: readonly string[];
  /** The reports that tell of it, by their place among all. */
  readonly sources: readonly number[];
  /** The ways in which its reports can be understood, at least one: the worst counts. */
  readonly ways: readonly (readonly CoveredLines[])[];
}

export interface MergedCoverage {
  readonly files: readonly MergedFile[];
  readonly unlisted: readonly UnlistedLines[];
  /** Where reports say worse than they list, or tell otherwise of one run, in words. */
  readonly doubts: readonly string[];
}

/** A sentence when two reports contradict each other. `changed`: paths from the repository that are known otherwise. */
export function mergeCoverage(reports: readonly Report[], changed: readonly string[] = []): MergedCoverage | string {
  const sources = sourcesOf(reports);
  const tellings = tellingsOf(sources, changed);
  const files: MergedFile[] = [];
  const told = retellings(tellings, beyondFiles(sources));
  const counted = sources.filter(({ artifact, format }) => told.counted.has(formatIn(artifact, format)));
  const doubts = new Set(counted.flatMap((source) => source.doubts));
  for (const ofFile of told.files) {
    const file = mergeFile(ofFile);
    if (typeof file === 'string') return file;
    files.push(file);
  }
  return { files, unlisted: unlistedOf(counted), doubts: [...doubts, ...told.doubts] };
}

interface Source {
  readonly artifact: number;
  readonly name: string;
  readonly report: string;
  readonly format: string;
  readonly files: readonly CoveredLines[];
  readonly unlisted: readonly UnlistedLines[];
  readonly doubts: readonly string[];
}

function sourcesOf(reports: readonly Report[]): Source[] {
  return reports.flatMap(({ artifact: name, measured }, artifact) =>
    measured.flatMap((one) => {
      if (one.kind !== 'coverage') return [];
      const { files, report = '', format = '', unlisted = [], doubts = [] } = one;
      const told = doubts.map((doubt) => `${report}: ${doubt}`);
      return [{ artifact, name, report, format, files, unlisted, doubts: told }];
    }),
  );
}

/** By the whole path of the file, in the order in which files are first told of. */
function tellingsOf(sources: readonly Source[], changed: readonly string[]): ReadonlyMap<string, readonly Telling[]> {
  const known = new Set(changed);
  const named = sources.map(({ files, report }) => {
    const told = files.map(({ path }) => plainPath(path));
    const folder = placeOfReport(report);
    return { told, folder, paths: told.map((path) => pathFrom(folder, report, path, known)) };
  });
  for (const { told, paths, folder } of named)
    paths.forEach((path, at) => {
      if (!path.startsWith('/')) known.add(path === told[at] ? joined(folder, path) : path).add(path);
    });
  const moves = rootsOf(named, known);
  const tellings = new Map<string, Telling[]>();
  sources.forEach(({ artifact, name, report, format, files }, index) => {
    const { told = [], folder: own = '' } = named[index] ?? {};
    const paths = (named[index]?.paths ?? []).map((path) => moved(path, moves[index] ?? null));
    const folder = folderFor(
      told.map((path) => moved(path, moves[index] ?? null)),
      own,
    );
    const common = enclosingFolder(paths);
    const base = common.length === 0 ? null : common.join('/');
    files.forEach((file, at) => {
      const path = paths[at] ?? file.path;
      const place = joined(told[at]?.startsWith('../') ? '' : folder, file.place ?? '');
      const key = joined(place, path);
      const telling = { artifact, source: index, format, report: `${report} of artifact ${name}`, base, place };
      const ofFile = tellings.get(key) ?? [];
      if (ofFile.length === 0) tellings.set(key, ofFile);
      ofFile.push({ ...telling, file: path === file.path ? file : { ...file, path } });
    });
  });
  return tellings;
}

/** Of a report whose paths lead through its own folder that says nothing more. */
function folderFor(paths: readonly string[], folder: string): string {
  if (folder === '') return '';
  const [outermost = '', ...inside] = folder.split('/');
  const through = paths.filter(
    (path) => `/${path}`.includes(`/${folder}/`) || (inside.length > 0 && path.startsWith(`${outermost}/`)),
  );
  // A path through packages/a is one from the repository; one through src/a alone may be from anywhere.
  const isFromRoot = inside.length > 0 ? through.length > 0 : through.length * 2 >= paths.length;
  return isFromRoot ? '' : folder;
}

function joined(place: string, path: string): string {
  return place === '' || path === '' ? place + path : `${place}/${path}`;
}

function mergeFile(tellings: readonly Telling[]): MergedFile | string {
  const [first] = tellings;
  if (first === undefined) throw new RangeError('nothing tells of the file');
  const { path } = first.file;
  const { place } = first;
  const bases = [...new Set(tellings.flatMap(({ base }) => base ?? []))];
  const sources = [...new Set(tellings.map(({ source }) => source))];
  const known = { path, place, bases, sources };
  const withLines = tellings.filter(({ file }) => file.lines !== null).map(({ file }) => file);
  const bare = tellings.filter(({ file }) => file.lines === null);
  const like = [...Map.groupBy(withLines, likeness).values()].map(unionOf);
  const disagreement = disagreementOf(bare, like);
  if (disagreement !== null) return disagreement;
  if (like.length === 0) return { ...known, ways: [[first.file]] };
  const hasBlocks = like.some(({ blocks }) => blocks !== undefined);
  return { ...known, ways: like.length === 1 || hasBlocks ? [like] : [like, [unionOf(like)]] };
}

/** Counts alone have to be those of the others. */
function disagreementOf(bare: readonly Telling[], others: readonly CoveredLines[]): string | null {
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

/** What the reports of each format of an artifact say beyond their files. */
function beyondFiles(sources: readonly Source[]): ReadonlyMap<string, Omit<UnlistedLines, 'path'>> {
  const sums = new Map<string, Omit<UnlistedLines, 'path'>>();
  for (const { artifact, format, unlisted } of sources) {
    for (const { covered, total } of unlisted) {
      const known = sums.get(formatIn(artifact, format)) ?? { covered: 0, total: 0 };
      sums.set(formatIn(artifact, format), { covered: known.covered + covered, total: known.total + total });
    }
  }
  return sums;
}

/** Parts of one suite say the same of what they do not list: it counts once. */
function unlistedOf(sources: readonly Source[]): UnlistedLines[] {
  const known = new Map<string, UnlistedLines>();
  for (const { unlisted, report, format, files } of sources) {
    const size = unlisted.length === 0 ? 0 : files.reduce((sum, { total }) => sum + total, 0);
    for (const one of unlisted) {
      const path = joined(placeOfReport(report), one.path);
      const key = [format, path, one.total, files.length, size].join('\n');
      const covered = Math.max(one.covered, known.get(key)?.covered ?? one.covered);
      known.set(key, { path, covered, total: one.total });
    }
  }
  return [...known.values()];
}
