// Which files of a coverage report are the changed files of a pull request. Pure; measure.ts uses it.
// Reports name files as their tools do: from the repository's root, from a module (Go), from a package (JaCoCo).

import type { CoveredLines } from './gathered.ts';

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
  const exact = new Map(files.map((file) => [file.path, file]));
  // Two paths of which one ends with the other share their last name: no report is searched from end to end.
  const byName = Map.groupBy(files, ({ path }) => nameOf(path));
  const entries = Object.entries(changed).filter(([, lines]) => lines.length > 0);
  const found = entries.flatMap(([path, lines]) => {
    const alike = byName.get(nameOf(path)) ?? [];
    const file =
      exact.get(path) ?? onlyOne(alike.filter((one) => endsWith(one.path, path) || endsWith(path, one.path)));
    return file === null ? [] : [{ file, changed: lines }];
  });
  const kinds = new Set(files.map(({ path }) => kindOf(path)));
  const knowsNone = found.length === 0 && entries.some(([path]) => kinds.has(kindOf(path)));
  return knowsNone ? null : found;
}

function onlyOne(files: readonly CoveredLines[]): CoveredLines | null {
  const [file, ...others] = files;
  return file === undefined || others.length > 0 ? null : file;
}

function endsWith(path: string, end: string): boolean {
  return path.endsWith(`/${end}`);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function kindOf(path: string): string {
  return /\.[^./]+$/.exec(path)?.[0] ?? '';
}
