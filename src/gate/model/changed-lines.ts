// Which lines a pull request adds or changes, out of the patches that GitHub lists. Pure.

import type { ChangedLines } from './evidence-model.ts';

/** One file as GitHub's list of a pull request's files has it: docs/github.md#pull-requests */
export interface ChangedFile {
  readonly filename: string;
  readonly status: string;
  readonly additions: number;
  /** Unified diff of the file; GitHub leaves it out for binary and very large files. */
  readonly patch: string | null;
}

const HUNK = /^@@ -\d{1,10}(?:,\d{1,10})? \+(\d{1,10})(?:,\d{1,10})? @@/;

/**
 * By path, the lines that are new; null for a file of which GitHub tells that it has such lines, and not all of which: it leaves a
 * patch out, or cuts it. A file without a patch and without new lines (binary, only renamed) is left out.
 */
export function changedLines(files: readonly ChangedFile[]): ChangedLines {
  const changed = new Map<string, readonly number[] | null>();
  for (const { filename, status, additions, patch } of files) {
    if (status === 'removed' || status === 'unchanged') continue;
    if (patch === null && additions === 0) continue;
    const added = patch === null ? [] : addedLines(patch);
    changed.set(filename, added.length < additions ? null : added);
  }
  return Object.fromEntries(changed);
}

function addedLines(patch: string): number[] {
  const added: number[] = [];
  let line = 0;
  for (const text of patch.split('\n')) {
    const start = HUNK.exec(text)?.[1];
    if (start !== undefined) {
      line = Number(start);
      continue;
    }
    if (text.startsWith('+')) added.push(line);
    // "\ No newline at end of file" is no line of the file.
    if (text.startsWith('+') || text.startsWith(' ')) line++;
  }
  return added;
}
