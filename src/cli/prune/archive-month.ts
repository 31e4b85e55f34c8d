// Writes a month of events down as gzipped lines of JSON and reads it back.
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { Brain } from '../../brain/client.ts';
import { asError, Misconfigured } from '../../model/errors.ts';
import type { ArchivePlace } from './archive-place.ts';

/** A month that was archived: how many rows, the SHA-256 of the compressed file in hexadecimal, and where it is. */
export interface Archive {
  readonly rows: number;
  readonly sha256: string;
  readonly place: string;
}

/** What archiving a month needs. */
export interface ArchiveOptions {
  readonly brain: Pick<Brain, 'call'>;
  readonly place: ArchivePlace;
  /** Checked between two batches; when aborted, the promise rejects with the signal's reason. */
  readonly stop: AbortSignal;
  readonly onRows: (rows: number) => void;
  readonly batchRows?: number;
}

/**
 * Archives a month (`YYYY-MM`) as `events-YYYY-MM.ndjson.gz`, with a file `.sha256` beside it that `sha256sum -c` reads. An existing
 * archive is never overwritten: with the same content it counts as written, otherwise the new name gets a number. Throws
 * Misconfigured when the place cannot be used, or returns something else than was written.
 */
export async function archiveMonth(month: string, options: ArchiveOptions): Promise<Archive> {
  const { place } = options;
  const unfinished = join(place.unfinished, `.events-${month.slice(0, 7)}.${randomUUID()}.unfinished`);
  try {
    const written = await writeMonth(month, unfinished, options);
    for (let number = 1; ; number++) {
      const name = `events-${month.slice(0, 7)}${number === 1 ? '' : `-${number}`}.ndjson.gz`;
      const isNew = await place.put(name, unfinished);
      const found = await readBack(name, place, { mayBeBroken: !isNew });
      if (found?.sha256 === written.sha256 && found.rows === written.rows) {
        await putSum(name, written.sha256, unfinished, place);
        return { ...written, place: place.locate(name) };
      }
      if (isNew) throw new Misconfigured(`${place.locate(name)} is not what was written there; nothing was deleted.`);
    }
  } finally {
    await Promise.all([unfinished, `${unfinished}.sum`].map((file) => rm(file, { force: true })));
  }
}

async function writeMonth(
  month: string,
  file: string,
  options: ArchiveOptions,
): Promise<{ rows: number; sha256: string }> {
  const hash = createHash('sha256');
  let rows = 0;
  async function* lines() {
    for await (const batch of batches(month, options)) {
      rows += batch.length;
      options.onRows(rows);
      yield batch.map((line) => `${line}\n`).join('');
    }
  }
  const target = createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true });
  try {
    await pipeline(lines, createGzip(), hashed(hash), target);
  } catch (thrown) {
    if (!(thrown instanceof Error && 'syscall' in thrown)) throw thrown;
    throw new Misconfigured(`${month.slice(0, 7)} can't be archived: ${asError(thrown).message}.`, { cause: thrown });
  }
  return { rows, sha256: hash.digest('hex') };
}

async function* batches(month: string, { brain, stop, batchRows: batch = 1_000 }: ArchiveOptions) {
  let after_id = 0;
  for (;;) {
    stop.throwIfAborted();
    const rows = await brain.call('read_event_month', { month, after_id, batch });
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows.map(({ line }) => line);
    after_id = last.id;
  }
}

type Hash = ReturnType<typeof createHash>;

/** Passes everything through, and has it hashed. */
function hashed(hash: Hash) {
  return async function* (source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      hash.update(chunk);
      yield chunk;
    }
  };
}

/** Null when it can't be unpacked and that may be. */
async function readBack(name: string, place: ArchivePlace, { mayBeBroken }: { mayBeBroken: boolean }) {
  const source = await place.read(name);
  const hash = createHash('sha256');
  let rows = 0;
  try {
    await pipeline(source, hashed(hash), createGunzip(), async (plain: AsyncIterable<Buffer>) => {
      for await (const chunk of plain) rows += linesIn(chunk);
    });
  } catch (thrown) {
    if (mayBeBroken) return null;
    throw new Misconfigured(
      `${place.locate(name)} can't be read back: ${asError(thrown).message}; nothing was deleted.`,
      {
        cause: thrown,
      },
    );
  }
  return { rows, sha256: hash.digest('hex') };
}

function linesIn(chunk: Buffer): number {
  let lines = 0;
  for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines++;
  return lines;
}

async function putSum(name: string, sha256: string, unfinished: string, place: ArchivePlace): Promise<void> {
  await writeFile(`${unfinished}.sum`, `${sha256}  ${name}\n`, { mode: 0o600, flush: true });
  await place.put(`${name}.sha256`, `${unfinished}.sum`, { overwrite: true });
}
