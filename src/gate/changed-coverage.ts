// Which files of the reports are the changed files of a pull request. Pure; measure-coverage.ts uses it.
// Reports name files as their tools do: from the repository's root, from a module (Go), from a package (JaCoCo).

import type { ChangedLines } from './gathered.ts';
import type { MergedFile } from './merge-file.ts';
import { createEndings } from './path-endings.ts';

/** A changed file that the reports know. */
export interface ChangedFile {
  readonly path: string;
  /** Those that it may be, at least one: nothing tells which, so the worst counts. */
  readonly files: readonly MergedFile[];
  /** Null: GitHub does not tell them. */
  readonly lines: readonly number[] | null;
}

/**
 * The changed files that the reports know; null when they know none though they count files of their kind: then their paths are
 * not the repository's, and nothing can be said.
 */
export function changedFiles(files: readonly MergedFile[], changed: ChangedLines): ChangedFile[] | null {
  const endings = createEndings(files);
  const entries = Object.entries(changed).filter(([, lines]) => lines === null || lines.length > 0);
  const found = entries.flatMap(([path, lines]) => {
    const meant = endings.find(path);
    return meant.length === 0 ? [] : [{ path, files: meant, lines }];
  });
  const kinds = new Set(files.map(({ path }) => kindOf(path)));
  const knowsNone = found.length === 0 && entries.some(([path]) => kinds.has(kindOf(path)));
  return knowsNone ? null : found;
}

function kindOf(path: string): string {
  return /\.[^./]+$/.exec(path)?.[0] ?? '';
}
