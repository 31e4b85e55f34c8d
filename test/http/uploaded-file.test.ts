// The body of a request in a temporary file: whole, within its limit to the byte, and gone afterwards.

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { access, readFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ApiError } from '../../src/http/api-error.ts';
import { checkAnnounced, withUploadedFile } from '../../src/http/routes/upload-file.ts';
import type { OpenUpload } from '../../src/http/routes/upload-slots.ts';

const MOST = 1_000;

interface Came {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly magic: string;
  readonly content: string;
}

describe('an uploaded body', () => {
  let server: Server;
  let port: number;
  /** What became of each request, in turn. */
  let outcome: PromiseWithResolvers<Came | ApiError>;
  let slot: (upload: OpenUpload | null) => void;

  beforeEach(async () => {
    outcome = Promise.withResolvers();
    slot = () => {};
    server = createServer(async (incoming, response) => {
      try {
        checkAnnounced(incoming, MOST);
        const limits = { maxBytes: MOST, slot: { receives: (upload: OpenUpload | null) => slot(upload) } };
        const came = await withUploadedFile(incoming, limits, async ({ path, bytes, sha256, magic }) => {
          const content = await readFile(path, 'utf8');
          return { path, bytes, sha256, magic: magic.toString(), content };
        });
        outcome.resolve(came);
      } catch (error) {
        if (error instanceof ApiError) outcome.resolve(error);
        else outcome.reject(error);
      }
      response.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  /** Sends these pieces, a length announced or not. */
  const send = (pieces: readonly string[], headers: Readonly<Record<string, string>> = {}) => {
    const sending = request({ port, host: '127.0.0.1', method: 'POST', headers });
    sending.on('error', () => {});
    for (const piece of pieces) sending.write(piece);
    return sending;
  };
  const became = async (pieces: readonly string[], headers?: Readonly<Record<string, string>>) => {
    send(pieces, headers).end();
    return outcome.promise;
  };

  test('is whole, with its size, its sum and its first four bytes, and gone after the work', async () => {
    const content = 'PK-and-more';
    const came = await became(['P', 'K-', content.slice(3)]);
    expect(came).toMatchObject({
      bytes: content.length,
      content,
      magic: 'PK-a',
      sha256: createHash('sha256').update(content).digest('hex'),
    });
    await expect(access((came as Came).path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('may be as large as the limit', async () => {
    expect(await became(['x'.repeat(MOST)], { 'content-length': String(MOST) })).toMatchObject({ bytes: MOST });
  });

  test('is refused with one byte more, announced or not', async () => {
    const tooLarge = { status: 413, code: 'too_large', details: { max_bytes: MOST } };
    expect(await became(['x'.repeat(MOST + 1)])).toMatchObject(tooLarge);
    outcome = Promise.withResolvers();
    expect(await became(['x'], { 'content-length': String(MOST + 1) })).toMatchObject(tooLarge);
  });

  test('is refused when it is empty', async () => {
    expect(await became([])).toMatchObject({ status: 400, code: 'empty' });
  });

  test('is refused when its sender is gone before its end', async () => {
    const sending = send(['x'], { 'content-length': '10' });
    slot = (upload) => {
      if (upload !== null) sending.destroy();
    };
    expect(await outcome.promise).toMatchObject({ status: 400, code: 'cut_short' });
  });

  test('is given up when it has to make way', async () => {
    const told: boolean[] = [];
    slot = (upload) => {
      told.push(upload !== null);
      upload?.giveUp();
    };
    send(['x'], { 'content-length': '10' });
    expect(await outcome.promise).toMatchObject({ status: 503, code: 'busy' });
    expect(told).toEqual([true, false]);
  });
});
