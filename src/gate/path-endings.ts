// Finds the files of the reports that a path may mean, by the ends of both. Pure; changed-coverage.ts uses it.
// A tree of names from the last to the first: a report and a pull request may each have thousands of files of one name, and to hold
// each against each would take minutes.
//
// 1. A file whose whole path it is, with the place where that is known, is meant.
// 2. Else those whose path it ends with, at a slash: a report names files from its package. Where reports tell in which folder or
//    module theirs are, those that fit are meant; of one report's the longest.
// 3. Else those whose path ends with it, where all files of their report are below what stands before: that is the repository's root
//    on another machine, or the name of a module.

import type { MergedFile } from './merge-file.ts';

interface Folder {
  readonly inside: Map<string, Folder>;
  /** The files whose whole path leads here. */
  readonly files: MergedFile[];
}

export interface Endings {
  /** The files that may be meant; none: the reports do not know it. */
  find(path: string): readonly MergedFile[];
}

/** More folders that all files of a report are in are not looked below. */
const ROOTS = 500;

export function createEndings(files: readonly MergedFile[]): Endings {
  const root = newFolder();
  const [whole, byPath] = [new Map<string, MergedFile[]>(), new Map<string, MergedFile[]>()];
  for (const file of files) {
    add(whole, file.place === '' ? file.path : `${file.place}/${file.path}`, file);
    add(byPath, file.path, file);
    let folder = root;
    for (const name of file.path.split('/').reverse()) {
      const next: Folder = folder.inside.get(name) ?? newFolder();
      folder.inside.set(name, next);
      folder = next;
    }
    folder.files.push(file);
  }
  const roots = rootsOf(files);
  return {
    find(path) {
      const exact = whole.get(path);
      if (exact !== undefined) return exact;
      const shorter = fitting(path, endsOf(root, path));
      return shorter.length > 0 ? shorter : roots.flatMap((before) => byPath.get(`${before}/${path}`) ?? []);
    },
  };
}

/** The files with whose path it ends, the longest first. */
function endsOf(root: Folder, path: string): MergedFile[] {
  const found: MergedFile[] = [];
  let folder: Folder | undefined = root;
  for (const name of path.split('/').reverse()) {
    folder = folder.inside.get(name);
    if (folder === undefined) break;
    found.unshift(...folder.files);
  }
  return found;
}

function fitting(path: string, ends: readonly MergedFile[]): readonly MergedFile[] {
  if (ends.length < 2) return ends;
  const folders = namesIn(path.slice(0, Math.max(path.lastIndexOf('/'), 0)));
  const inPlace = ends.filter(({ place }) => place !== '' && isWithin(namesIn(place), folders));
  const nowhere = ends.filter(({ place }) => place === '');
  const [candidates = []] = [inPlace, nowhere, ends].filter(({ length }) => length > 0);
  const longest = new Map<number, string>();
  return candidates.filter(({ path: own, sources }) => {
    const isLongest = sources.some((source) => (longest.get(source) ?? own) === own);
    for (const source of sources) if (!longest.has(source)) longest.set(source, own);
    return isLongest;
  });
}

/** Packages are named with dots as well. */
function namesIn(place: string): string[] {
  return place.split(/[/\\.:]/).filter((name) => name !== '');
}

/** Whether the names come in that order, others between them or not. */
function isWithin(names: readonly string[], folders: readonly string[]): boolean {
  let at = 0;
  for (const folder of folders) if (folder === names[at]) at++;
  return at === names.length;
}

/** The folders around all files of a report, and those around them. */
function rootsOf(files: readonly MergedFile[]): string[] {
  const roots = new Set<string>();
  for (const base of new Set(files.flatMap(({ bases }) => bases))) {
    const names = base.split('/');
    for (let end = 1; end <= names.length; end++) roots.add(names.slice(0, end).join('/'));
  }
  return [...roots].toSorted((one, other) => one.length - other.length || (one < other ? -1 : 1)).slice(0, ROOTS);
}

function add(map: Map<string, MergedFile[]>, key: string, file: MergedFile): void {
  const files = map.get(key);
  if (files === undefined) map.set(key, [file]);
  else files.push(file);
}

function newFolder(): Folder {
  return { inside: new Map(), files: [] };
}
