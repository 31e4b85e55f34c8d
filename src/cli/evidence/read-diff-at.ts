// Reads a diff from a file, or from standard input for `-`.
import type { ChangedFile } from '../../gate/model/changed-lines.ts';
import { NoDiff, readDiff } from '../../gate/model/read-diff.ts';
import { readBytes } from '../terminal/log-input.ts';

/** The changed files of the diff; `problem` says in words why there is no file, or which line is not understood. */
export async function readDiffAt(path: string): Promise<readonly ChangedFile[] | { readonly problem: string }> {
  const chunks: Uint8Array[] = [];
  const problem = await readBytes(path, (chunk) => chunks.push(chunk));
  if (problem !== null) return { problem };
  try {
    return readDiff(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    if (error instanceof NoDiff) return { problem: `the diff can't be read: ${error.message}` };
    throw error;
  }
}
