// Opens the logs that commands are given: files, or standard input as `-`.
import { open } from 'node:fs/promises';
import process from 'node:process';
import { fileProblem } from './file-problem.ts';
import { notALog } from './not-a-log.ts';

const CHUNK_BYTES = 256 * 1024;

/** Passes the bytes of a file to `onChunk` in chunks of 256 KB. Returns why it could not be read, in words; null when all was read. */
export function readBytes(path: string, onChunk: (chunk: Uint8Array) => void): Promise<string | null> {
  return readWhile(path, (chunk) => {
    onChunk(chunk);
    return true;
  });
}

/** The same for a file that should be a log: a binary file or a private key is refused, and nothing of it is passed on. */
export async function readLog(path: string, onChunk: (chunk: Uint8Array) => void): Promise<string | null> {
  let isBegun = false;
  let refused: string | null = null;
  const failed = await readWhile(path, (chunk) => {
    if (!isBegun) refused = notALog(chunk);
    isBegun = true;
    if (refused === null) onChunk(chunk);
    return refused === null;
  });
  return failed ?? (refused === null ? null : `${path === '-' ? 'standard input' : path} is no log: ${refused}`);
}

/** Reads on for as long as `onChunk` says true. */
async function readWhile(path: string, onChunk: (chunk: Uint8Array) => boolean): Promise<string | null> {
  try {
    const chunks: AsyncIterable<unknown> = path === '-' ? process.stdin : chunksOf(path);
    for await (const chunk of chunks) if (chunk instanceof Uint8Array && !onChunk(chunk)) break;
    return null;
  } catch (thrown) {
    return `cannot read ${path}: ${fileProblem(thrown)}`;
  }
}

/** What a file holds. Node's streams take longer to load than most logs to read. */
async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  await using file = await open(path);
  for (;;) {
    const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}
