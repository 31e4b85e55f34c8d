// Finds the files of the reports that a path may mean, by the ends of both. Pure. A tree of names from the last to the first: a
// report and a pull request may each have thousands of files of one name, and to hold each against each would take minutes.
// Names are compared as macOS and Windows do, which write reports too (same-name.ts).
//
// 1. A file whose whole path it is, with the place where that is known, is meant.
// 2. Else those whose path it ends with, at a slash: a report names files from its package. Where reports tell in which folder or
//    module theirs are, those that fit are meant; of one report's the longest.
// 3. Else those whose path ends with it, where all files of their report are below what stands before: that is the repository's root
//    on another machine, or the name of a module.
// Of names that differ by case or composition alone the very same is meant where there is one.

import { isAbsolute } from '../../evidence/reading/report-values.ts';
import type { MergedFile } from './merge-file.ts';
import { isOtherPackage, isWithin, namesIn, packageOf } from './package-place.ts';
import { foldedName } from './same-name.ts';

/** A file with the names that it is found by. */
interface Entry {
  readonly file: MergedFile;
  readonly path: string;
  /** Its path with its place in front, where that is known: as written, and in the form that is compared. */
  readonly written: string;
  readonly whole: string;
}

interface Folder {
  readonly inside: Map<string, Folder>;
  /** The files whose whole path leads here. */
  readonly entries: Entry[];
  /** One whose path leads through here, and from a root that nobody knows. */
  through: MergedFile | null;
  /** The same of one that is named from the top of a machine. */
  ofMachine: MergedFile | null;
}

export interface Meant {
  /** The files that may be meant; none: the reports do not know it. */
  readonly files: readonly MergedFile[];
  /** They are named by the whole path. */
  readonly isWhole: boolean;
  /** A file that may be the one meant, and may be another. */
  readonly doubt: MergedFile | null;
}

export interface Endings {
  find(path: string): Meant;
}

/** More folders that all files of a report are in are not looked below. */
const ROOTS = 500;
/** Files that end in less alike have the name alone in common. */
const NAMES_ALIKE = 2;
/** `github.com/owner/repository` before a file. */
const NAMES_OF_MODULE = 3;

/** Builds the search for these files. `sure` are paths that are known to be in the repository: a file with such a whole path is that one and no other. */
export function createEndings(files: readonly MergedFile[], sure: ReadonlySet<string>): Endings {
  const root = newFolder();
  const [whole, byPath] = [new Map<string, Entry[]>(), new Map<string, Entry[]>()];
  for (const file of files) {
    const entry = entryOf(file);
    add(whole, entry.whole, entry);
    add(byPath, entry.path, entry);
    plant(root, entry, !sure.has(entry.written) && packageOf(file.place) === null);
  }
  const roots = rootsOf(files);
  return {
    find(path) {
      const folded = foldedName(path);
      const exact = whole.get(folded);
      if (exact !== undefined) return { files: filesOf(namedSo(exact, path)), isWhole: true, doubt: null };
      const folders = namesIn(folded.slice(0, Math.max(folded.lastIndexOf('/'), 0)));
      const shorter = fitting(folders, namedSo(endsOf(root, folded), path));
      const near = nearest(root, folded, shorter[0]);
      if (shorter.length > 0) {
        const files = filesOf(shorter);
        const isElsewhere = files.every(({ place }) => isOtherPackage(place, folders));
        return { files, isWhole: false, doubt: near ?? (isElsewhere ? (files[0] ?? null) : null) };
      }
      const longer = namedSo(
        roots.flatMap((before) => byPath.get(`${before}/${folded}`) ?? []),
        path,
      );
      return { files: filesOf(longer), isWhole: false, doubt: longer.length > 0 ? null : near };
    },
  };
}

function entryOf(file: MergedFile): Entry {
  const { path, place } = file;
  const written = place === '' ? path : `${place}/${path}`;
  const folded = foldedName(path);
  return { file, path: folded, written, whole: place === '' ? folded : `${foldedName(place)}/${folded}` };
}

function filesOf(entries: readonly Entry[]): MergedFile[] {
  return entries.map(({ file }) => file);
}

/** `isOpen`: nothing tells from where its path is. */
function plant(root: Folder, entry: Entry, isOpen: boolean): void {
  const names = entry.path.split('/').reverse();
  const isOnMachine = isOpen && isAbsolute(entry.path) && !entry.path.startsWith('/usr/');
  const isModule = names.length === NAMES_OF_MODULE + 1 && (names.at(-1)?.indexOf('.') ?? 0) > 0;
  let folder = root;
  names.forEach((name, index) => {
    const next = folder.inside.get(name) ?? newFolder();
    folder.inside.set(name, next);
    folder = next;
    const isAlike = index + 1 >= NAMES_ALIKE;
    if (isOpen && (isAlike || isModule)) folder.through ??= entry.file;
    if (isOnMachine && isAlike) folder.ofMachine ??= entry.file;
  });
  folder.entries.push(entry);
}

/** The files with whose path it ends, the longest first. */
function endsOf(root: Folder, path: string): Entry[] {
  const found: Entry[] = [];
  let folder: Folder | undefined = root;
  for (const name of path.split('/').reverse()) {
    folder = folder.inside.get(name);
    if (folder === undefined) break;
    found.unshift(...folder.entries);
  }
  return found;
}

/** One that ends with the whole path, or is of a machine and ends like it, if that is more than what is `known` of it. */
function nearest(root: Folder, path: string, known: Entry | undefined): MergedFile | null {
  const [names, least] = [path.split('/').reverse(), known?.path.split('/').length ?? 0];
  let alike: MergedFile | null = null;
  let folder: Folder | undefined = root;
  for (const [index, name] of names.entries()) {
    folder = folder.inside.get(name);
    if (folder === undefined) return alike;
    if (index + 1 > least) alike = folder.ofMachine ?? alike;
  }
  return names.length > least ? (folder.through ?? alike) : null;
}

/** Of those that differ by case or composition alone the ones that are named as the path is, where there are some. */
function namedSo(entries: readonly Entry[], path: string): readonly Entry[] {
  const same = entries.filter(({ file }) => path.endsWith(file.path) || file.path.endsWith(path));
  if (same.length === entries.length || same.length === 0) return entries;
  const [kept, known] = [new Set(same), new Set(same.map(({ whole }) => whole))];
  return entries.filter((entry) => kept.has(entry) || !known.has(entry.whole));
}

function fitting(folders: readonly string[], ends: readonly Entry[]): readonly Entry[] {
  if (ends.length < 2) return ends;
  const inPlace = ends.filter(({ file }) => file.place !== '' && isWithin(namesIn(foldedName(file.place)), folders));
  const nowhere = ends.filter(({ file }) => file.place === '');
  const [candidates = []] = [inPlace, nowhere, ends].filter(({ length }) => length > 0);
  const longest = new Map<number, string>();
  return candidates.filter(({ path: own, file: { sources } }) => {
    const isLongest = sources.some((source) => (longest.get(source) ?? own) === own);
    for (const source of sources) if (!longest.has(source)) longest.set(source, own);
    return isLongest;
  });
}

/** The folders around all files of a report, and those around them. */
function rootsOf(files: readonly MergedFile[]): string[] {
  const roots = new Set<string>();
  for (const base of new Set(files.flatMap(({ bases }) => bases))) {
    const names = foldedName(base).split('/');
    for (let end = 1; end <= names.length; end++) roots.add(names.slice(0, end).join('/'));
  }
  return [...roots].toSorted((one, other) => one.length - other.length || (one < other ? -1 : 1)).slice(0, ROOTS);
}

function add(map: Map<string, Entry[]>, key: string, entry: Entry): void {
  const entries = map.get(key);
  if (entries === undefined) map.set(key, [entry]);
  else entries.push(entry);
}

function newFolder(): Folder {
  return { inside: new Map(), entries: [], through: null, ofMachine: null };
}
