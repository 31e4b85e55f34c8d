// Which files of a coverage report are the changed files of a pull request. Pure; measure.ts uses it.
// Reports name files as their tools do: from the repository's root, from a module (Go), from a package (JaCoCo).

import type { CoveredLines } from './gathered.ts';
import { createEndings } from './path-endings.ts';

/** A file of the report with the lines that changed in it. */
export interface ChangedFile {
  readonly file: CoveredLines;
  readonly changed: readonly number[];
}

/**
 * The changed files that the report knows; null when it knows none though it counts files of their kind: then its paths are
 * not the repository's, and nothing can be said.
 *
 * 1. A path that is the same is the same file.
 * 2. Else one path has to end with the other, at a slash, and be the only one that does.
 */
export function changedFiles(
  files: readonly CoveredLines[],
  changed: Readonly<Record<string, readonly number[]>>,
): ChangedFile[] | null {
  const byEnd = createEndings(files);
  const entries = Object.entries(changed).filter(([, lines]) => lines.length > 0);
  const found = entries.flatMap(([path, lines]) => {
    const file = byEnd.find(path);
    return file === null ? [] : [{ file, changed: lines }];
  });
  const kinds = new Set(files.map(({ path }) => kindOf(path)));
  const knowsNone = found.length === 0 && entries.some(([path]) => kinds.has(kindOf(path)));
  return knowsNone ? null : found;
}

function kindOf(path: string): string {
  return /\.[^./]+$/.exec(path)?.[0] ?? '';
}
