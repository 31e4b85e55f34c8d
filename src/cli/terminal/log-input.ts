// Opens the logs that commands are given: files, or standard input as `-`. The commands that read lists and logs import it.
import { createReadStream } from 'node:fs';
import process from 'node:process';
import { asError } from '../../model/errors.ts';

const CHUNK_BYTES = 256 * 1024;

/** Hands the file's bytes over chunk by chunk, however large it is; returns what is wrong with it, or null when all was read. */
export async function readLog(path: string, onChunk: (chunk: Uint8Array) => void): Promise<string | null> {
  try {
    const stream: AsyncIterable<unknown> =
      path === '-' ? process.stdin : createReadStream(path, { highWaterMark: CHUNK_BYTES });
    for await (const chunk of stream) if (chunk instanceof Uint8Array) onChunk(chunk);
    return null;
  } catch (thrown) {
    return `cannot read ${path}: ${asError(thrown).message}`;
  }
}
