// Reads the diff that stands in a file, or comes on standard input as `-`.
import type { ChangedFile } from '../../gate/model/changed-lines.ts';
import { NoDiff, readDiff } from '../../gate/model/read-diff.ts';
import { readBytes } from '../terminal/log-input.ts';

/** The files of the diff; in words why there is none, or it can't be read whole. */
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
