// Merges all reports of a commit, so that each file of the code is there once. Pure.
//
// 1. A file is known by its path from the repository's root, as far as that can be found out: report-roots.ts, report-folder.ts.
// 2. Several formats in one artifact that name a file are of the same run: the worse of them counts.
// 3. Else merge-file.ts merges what the reports say of it: they are parts of one suite, or files of several packages.

import type { CoveredLines, Report, UnlistedLines } from '../model/evidence-model.ts';
import { countOnce, formatIn } from './duplicate-coverage.ts';
import { enclosingFolder } from './enclosing-folder.ts';
import { type MergedFile, mergeFile } from './merge-file.ts';
import { possibleRoots } from './possible-roots.ts';
import { placeOfReport } from './report-folder.ts';
import { isFromRoot, labelOf } from './report-label.ts';
import { moved, rootsOf } from './report-roots.ts';
import type { ReportedFile } from './reported-file.ts';
import { pathFrom, plainPath } from './resolve-path.ts';

export interface MergedCoverage {
  readonly files: readonly MergedFile[];
  readonly unlisted: readonly UnlistedLines[];
  /** Sentences where a report's own figures are worse than its lines, or two reports of one run differ. */
  readonly doubts: readonly string[];
}

/** Merges the reports. Returns a sentence when two of them contradict each other. `changed`: the changed files, paths that are known to be right. */
export function mergeCoverage(reports: readonly Report[], changed: readonly string[] = []): MergedCoverage | string {
  const sources = sourcesOf(reports);
  const reportedFiles = reportedFilesOf(sources, changed);
  const files: MergedFile[] = [];
  const once = countOnce(reportedFiles, beyondFiles(sources));
  const counted = sources.filter(({ artifact, format }) => once.counted.has(formatIn(artifact, format)));
  const doubts = new Set(counted.flatMap((source) => source.doubts));
  for (const ofFile of once.files) {
    const merged = mergeFile(ofFile);
    if (typeof merged === 'string') return merged;
    files.push(...merged);
  }
  return { files, unlisted: unlistedOf(counted), doubts: [...doubts, ...once.doubts] };
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
      const labelled = doubts.map((doubt) => `${report}: ${doubt}`);
      return [{ artifact, name, report, format, files, unlisted, doubts: labelled }];
    }),
  );
}

/** The reports of each file, by its whole path, in the order in which the files first appear. */
function reportedFilesOf(
  sources: readonly Source[],
  changed: readonly string[],
): ReadonlyMap<string, readonly ReportedFile[]> {
  const known = new Set(changed);
  const named = sources.map(({ files, report }) => {
    const plainPaths = files.map(({ path }) => plainPath(path));
    const folder = placeOfReport(report);
    return { plainPaths, folder, paths: plainPaths.map((path) => pathFrom(folder, report, path, known)) };
  });
  for (const { plainPaths, paths, folder } of named)
    paths.forEach((path, at) => {
      if (!path.startsWith('/')) known.add(path === plainPaths[at] ? joined(folder, path) : path).add(path);
    });
  const moves = rootsOf(named, known);
  const roots = possibleRoots(sources.map(({ format }, index) => ({ paths: named[index]?.paths ?? [], format })));
  const inFolder = Map.groupBy(sources, folderOf);
  const reportedFiles = new Map<string, ReportedFile[]>();
  sources.forEach((source, index) => {
    const { plainPaths = [], folder: own = '', paths: wholes = [] } = named[index] ?? {};
    const { artifact, name, report, format, files } = source;
    const paths = wholes.map((path) => moved(path, moves[index] ?? null));
    const folder = folderFor(
      plainPaths.map((path) => moved(path, moves[index] ?? null)),
      own,
    );
    // Of one module that has a folder of its own the folder tells which it is.
    const isAlone = format === 'jacoco' && inFolder.get(folderOf(source))?.length === 1 && isOfOnePlace(files);
    const common = enclosingFolder(paths);
    const base = common.length === 0 ? null : common.join('/');
    const label = labelFor(name, report, paths);
    const of = { artifact, source: index, format, report: `${report} of artifact ${name}`, base, label };
    files.forEach((file, at) => {
      const path = paths[at] ?? file.path;
      const outer = plainPaths[at]?.startsWith('../') ? '' : folder;
      const place = isAlone && outer !== '' ? outer : withinPlace(outer, file.place ?? '');
      const key = joined(place, path);
      const ofFile = reportedFiles.get(key) ?? [];
      if (ofFile.length === 0) reportedFiles.set(key, ofFile);
      const outside = { roots: roots[index] ?? [], whole: wholes[at] ?? file.path };
      ofFile.push({ ...of, ...outside, place, file: path === file.path ? file : { ...file, path } });
    });
  });
  return reportedFiles;
}

function folderOf({ artifact, format, report }: Source): string {
  return [artifact, format, report.slice(0, report.lastIndexOf('/') + 1)].join('\n');
}

function isOfOnePlace(files: readonly CoveredLines[]): boolean {
  return files.every(({ place }) => place === files[0]?.place);
}

/** Of a report that names its files from the repository none. */
function labelFor(artifact: string, report: string, paths: readonly string[]): string {
  const label = labelOf(artifact, report);
  return isFromRoot(paths, label) ? '' : label;
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

/** The folder of a module is mostly called as the module is. */
function withinPlace(folder: string, place: string): string {
  return `/${folder}`.endsWith(`/${place}`) ? folder : joined(folder, place);
}

function joined(place: string, path: string): string {
  return place === '' || path === '' ? place + path : `${place}/${path}`;
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
