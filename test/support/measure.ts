// Reads reports as artifacts are read, in pieces of any size. For test/evidence/.
import { openReport } from '../../src/evidence/formats.ts';
import type { Measurement } from '../../src/evidence/reading/measurement.ts';

/** What a file of this name and content measures; null when it is no report. */
export function measureFile(path: string, content: string | Uint8Array, pieceBytes = 65_536): Measurement | null {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const reader = openReport(path);
  for (let at = 0; at < bytes.length && reader.write(bytes.subarray(at, at + pieceBytes)); at += pieceBytes);
  return reader.end();
}
