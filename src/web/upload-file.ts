// Streams the body of a request into a temporary file that is gone when the work on it is done. evidence-upload.ts uses it.
import { createHash } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiError } from './api-error.ts';

export interface UploadedFile {
  readonly path: string;
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
  /** The first bytes, enough to know a zip archive by. */
  readonly magic: Buffer;
}

/** Throws `ApiError` 413 when the sender announces more than `maxBytes`. */
export function checkAnnounced({ headers }: IncomingMessage, maxBytes: number): void {
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
}

/** Throws `ApiError` 413 when the body is larger than `maxBytes`, 400 when it is empty or its sender is gone. */
export async function withUploadedFile<Value>(
  request: IncomingMessage,
  maxBytes: number,
  work: (file: UploadedFile) => Promise<Value>,
): Promise<Value> {
  const folder = await mkdtemp(join(tmpdir(), 'codered-upload-'));
  try {
    return await work(await save(request, join(folder, 'body'), maxBytes));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function save(request: IncomingMessage, path: string, maxBytes: number): Promise<UploadedFile> {
  await using file = await open(path, 'wx', 0o600);
  const hash = createHash('sha256');
  let bytes = 0;
  let magic = Buffer.alloc(0);
  for await (const chunk of chunksOf(request)) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    if (magic.length < 4) magic = Buffer.concat([magic, chunk.subarray(0, 4 - magic.length)]);
    hash.update(chunk);
    await file.appendFile(chunk);
  }
  if (bytes === 0) throw new ApiError(400, 'empty', 'The body is empty; send a report or a zip archive of reports');
  return { path, bytes, sha256: hash.digest('hex'), magic };
}

/** Leaves the request open when it is not read to its end, so that the answer still reaches the sender. */
async function* chunksOf(request: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    yield* request.iterator({ destroyOnReturn: false });
  } catch {
    throw new ApiError(400, 'cut_short', 'The body ended too early');
  }
}

function tooLarge(maxBytes: number): ApiError {
  return new ApiError(413, 'too_large', `The body is larger than ${maxBytes} bytes`, {
    details: { max_bytes: maxBytes },
  });
}
