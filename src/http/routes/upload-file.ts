// Streams the body of a request into a temporary file that is gone when the work on it is done.
import { createHash } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LIMITS } from '../../config/limits.ts';
import { ApiError, tryAgain } from '../api-error.ts';
import { Pace } from '../bodies/pace.ts';
import type { Slot } from './upload-slots.ts';

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

export interface UploadLimits {
  readonly maxBytes: number;
  /** Where the upload says that its body comes, and can be stopped meanwhile. */
  readonly slot: Pick<Slot, 'receives'>;
}

/** Throws `ApiError` 413 when the body is larger than `maxBytes`, 400 when it is empty or its sender is gone, 408 when it comes too slowly, 503 when it has to make way. */
export async function withUploadedFile<Value>(
  request: IncomingMessage,
  limits: UploadLimits,
  work: (file: UploadedFile) => Promise<Value>,
): Promise<Value> {
  const folder = await mkdtemp(join(tmpdir(), 'codered-upload-'));
  try {
    return await work(await save(request, join(folder, 'body'), limits));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function save(request: IncomingMessage, path: string, { maxBytes, slot }: UploadLimits): Promise<UploadedFile> {
  await using file = await open(path, 'wx', 0o600);
  const hash = createHash('sha256');
  let bytes = 0;
  let magic = Buffer.alloc(0);
  await eachPiece(request, slot, async (piece) => {
    bytes += piece.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    if (magic.length < 4) magic = Buffer.concat([magic, piece.subarray(0, 4 - magic.length)]);
    hash.update(piece);
    await file.appendFile(piece);
  });
  if (bytes === 0) throw new ApiError(400, 'empty', 'The body is empty; send a report or a zip archive of reports');
  return { path, bytes, sha256: hash.digest('hex'), magic };
}

/** Hands on one piece after the other. Leaves the request open when it gives up, so that the answer still reaches the sender. */
async function eachPiece(
  request: IncomingMessage,
  slot: Pick<Slot, 'receives'>,
  take: (piece: Buffer) => Promise<void>,
): Promise<void> {
  const pace = new Pace();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let taking = Promise.resolve();
  const onData = (piece: Buffer) => {
    pace.grew(piece.length);
    request.pause();
    taking = take(piece).then(() => void request.resume());
    taking.catch(reject);
  };
  // The end may come while the last piece is still being taken.
  const onEnd = () => {
    request.off('close', onClose);
    taking.then(resolve, reject);
  };
  const onClose = () => reject(new ApiError(400, 'cut_short', 'The body ended too early'));
  const endWatch = pace.watch(() => reject(new ApiError(408, 'too_slow', 'The body comes too slowly')));
  slot.receives({
    pace,
    giveUp: () => reject(tryAgain(503, 'busy', 'The upload was too slow beside others', LIMITS.retryAfterSeconds)),
  });
  request.on('error', () => {});
  request.on('data', onData).once('end', onEnd).once('close', onClose);
  try {
    await promise;
  } finally {
    endWatch();
    slot.receives(null);
    request.off('data', onData).off('end', onEnd).off('close', onClose);
    // The file is closed next.
    await taking.catch(() => {});
  }
}

function tooLarge(maxBytes: number): ApiError {
  return new ApiError(413, 'too_large', `The body is larger than ${maxBytes} bytes`, {
    details: { max_bytes: maxBytes },
  });
}
