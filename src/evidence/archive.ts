// Reads a zip archive that a stranger may have made, entry by entry in bounded time and memory. An effect file (the disk), but
// with no knowledge of GitHub or the brain.

import { stat } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { type Entry, fromBufferPromise, openPromise, type ZipFile } from 'yauzl';
import { type ArchiveLimits, checkEntry, checkOverlap, entryRefusal, Refused } from './archive-entry.ts';

export type ArchiveSource = { readonly bytes: Uint8Array } | { readonly path: string };

/** What one entry's content goes to. */
export interface EntrySink {
  /** The bytes are only valid during the call. False when no more are wanted. */
  write(bytes: Uint8Array): boolean;
  /** `refusal` says why the entry was not read, or not to its end; null when it was, or when the sink wanted no more. */
  end(refusal: string | null): void | Promise<void>;
}

/** `refused` voids what the sinks were given before: nothing in such an archive can be trusted. */
export type ArchiveResult =
  | { readonly state: 'read'; readonly entries: number; readonly inflatedBytes: number }
  | { readonly state: 'refused'; readonly reason: string };

/**
 * 1. All names, sizes and kinds are looked at before anything is unpacked; one that is not allowed refuses the archive.
 * 2. An entry that is too large, or packed too well, is refused alone.
 * 3. An entry whose content is not what the archive says of it (size, checksum) refuses the archive.
 * Directories and what `open` answers null to are never unpacked. Throws when the file can't be opened, never for its content.
 */
export async function readArchive(
  source: ArchiveSource,
  limits: ArchiveLimits,
  open: (name: string) => EntrySink | null,
): Promise<ArchiveResult> {
  const size = 'bytes' in source ? source.bytes.length : (await stat(source.path)).size;
  if (size > limits.compressedBytes) {
    return { state: 'refused', reason: `the archive has ${size} bytes; ${limits.compressedBytes} are allowed` };
  }
  try {
    const zip = await fromArchive(openZip(source));
    try {
      return await readEntries(zip, limits, open);
    } finally {
      zip.close();
    }
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown;
    return { state: 'refused', reason: thrown.message };
  }
}

function openZip(source: ArchiveSource): Promise<ZipFile> {
  const options = { autoClose: false };
  return 'bytes' in source
    ? fromBufferPromise(Buffer.from(source.bytes.buffer, source.bytes.byteOffset, source.bytes.length), options)
    : openPromise(source.path, options);
}

/** What goes wrong while the archive is read is the archive's fault. */
async function fromArchive<Value>(reading: Promise<Value>): Promise<Value> {
  try {
    return await reading;
  } catch (thrown) {
    throw thrown instanceof Refused
      ? thrown
      : new Refused(`the archive is damaged: ${thrown instanceof Error ? thrown.message : 'unknown'}`);
  }
}

async function listEntries(zip: ZipFile, limits: ArchiveLimits): Promise<Entry[]> {
  if (zip.entryCount > limits.entries)
    throw new Refused(`there are ${zip.entryCount} entries; ${limits.entries} are allowed`);
  const names = new Set<string>();
  const entries: Entry[] = [];
  for await (const entry of zip.eachEntry()) {
    checkEntry(entry, names, limits);
    entries.push(entry);
  }
  checkOverlap(entries);
  return entries;
}

async function readEntries(
  zip: ZipFile,
  limits: ArchiveLimits,
  open: (name: string) => EntrySink | null,
): Promise<ArchiveResult> {
  const entries = await fromArchive(listEntries(zip, limits));
  let inflatedBytes = 0;
  for (const entry of entries) {
    const sink = entry.fileName.endsWith('/') ? null : open(entry.fileName);
    if (sink === null) continue;
    const refusal = entryRefusal(entry, limits);
    if (refusal === null) inflatedBytes = await readEntry(zip, entry, sink, { limits, inflatedBytes });
    await sink.end(refusal);
  }
  return { state: 'read', entries: entries.length, inflatedBytes };
}

/** The bytes unpacked so far, with this entry's. */
async function readEntry(
  zip: ZipFile,
  entry: Entry,
  sink: EntrySink,
  { limits, inflatedBytes }: { limits: ArchiveLimits; inflatedBytes: number },
): Promise<number> {
  // yauzl counts what comes out against the size that the archive says, and fails at the first byte too many.
  const stream = await fromArchive(zip.openReadStreamPromise(entry));
  const pieces = stream[Symbol.asyncIterator]();
  let total = inflatedBytes;
  let checksum = 0;
  try {
    for (;;) {
      const { done, value: piece } = await fromArchive<IteratorResult<Buffer>>(pieces.next());
      if (done) break;
      total += piece.length;
      if (total > limits.totalBytes)
        throw new Refused(`the entries hold more than the ${limits.totalBytes} bytes that are allowed`);
      checksum = crc32(piece, checksum);
      if (!sink.write(piece)) return total;
    }
  } finally {
    stream.destroy();
  }
  if (checksum !== entry.crc32) throw new Refused(`the checksum of ${entry.fileName} does not fit its content`);
  return total;
}
