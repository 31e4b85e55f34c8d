// Finds the file of a report that a path means, by the ends of both. Pure; changed-coverage.ts uses it.
// A tree of names from the last to the first: a report and a pull request may each have thousands of files of one name, and to hold
// each against each would take minutes.

import type { CoveredLines } from './gathered.ts';

interface Folder {
  readonly inside: Map<string, Folder>;
  /** The file whose whole path leads here, and how many have it. */
  file: CoveredLines | null;
  count: number;
  /** One of those whose path goes on, and how many do. */
  longer: CoveredLines | null;
  longerCount: number;
}

export interface Endings {
  /** The file with this very path; else the only one whose path ends with it at a slash, or with whose path it ends. */
  find(path: string): CoveredLines | null;
}

export function createEndings(files: readonly CoveredLines[]): Endings {
  const root = newFolder();
  for (const file of files) {
    let folder = root;
    for (const name of namesFromEnd(file.path)) {
      folder.longer ??= file;
      folder.longerCount++;
      const next = folder.inside.get(name) ?? newFolder();
      folder.inside.set(name, next);
      folder = next;
    }
    // Of several with one path the last counts, as long as it is asked for by that path.
    folder.file = file;
    folder.count++;
  }
  return { find: (path) => findIn(root, path) };
}

function findIn(root: Folder, path: string): CoveredLines | null {
  let folder: Folder | undefined = root;
  let shorter: CoveredLines | null = null;
  let count = 0;
  for (const name of namesFromEnd(path)) {
    shorter ??= folder.file;
    count += folder.count;
    folder = folder.inside.get(name);
    if (folder === undefined) return count === 1 ? shorter : null;
  }
  if (folder.file !== null) return folder.file;
  return count + folder.longerCount === 1 ? (shorter ?? folder.longer) : null;
}

function newFolder(): Folder {
  return { inside: new Map(), file: null, count: 0, longer: null, longerCount: 0 };
}

function namesFromEnd(path: string): string[] {
  return path.split('/').reverse();
}
