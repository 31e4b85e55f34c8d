// Tells whether two tellings of a file speak of the same lines. Pure.

import { createHash } from 'node:crypto';

/**
 * A short text that is the same for the same set of lines, run or not. Two files of one path are one file only where it is: what
 * can run in a file does not depend on what ran.
 */
export function lineSetOf(run: readonly number[], missed: readonly number[]): string {
  const lines = new Int32Array(run.length + missed.length);
  lines.set(run);
  lines.set(missed, run.length);
  lines.sort();
  return createHash('sha256').update(lines).digest('base64');
}
