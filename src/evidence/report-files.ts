// Reads files of a disk as if they were the entries of an artifact. An effect file (the disk), but with no knowledge of GitHub
// or the brain.

import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ArchiveResult, EntrySink } from './archive.ts';
import type { ArchiveLimits } from './archive-entry.ts';

/** All files below a folder, or one file by itself. */
export type FileSource = { readonly folder: string } | { readonly file: string };

interface Found {
  /** With `/`, from the folder. */
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

/**
 * Gives each file's content to the sink that `open` answers, in the order of names, within the limits that an archive has.
 * Links are not followed, and what is neither file nor folder is left alone. Throws what the disk says.
 */
export async function readFiles(
  source: FileSource,
  limits: ArchiveLimits,
  open: (name: string) => EntrySink | null,
): Promise<ArchiveResult> {
  const files = await listFiles(source, limits.entries + 1);
  if (files.length > limits.entries) {
    return { state: 'refused', reason: `there are more than the ${limits.entries} files that are allowed` };
  }
  let total = 0;
  for (const file of files) {
    const sink = open(file.name);
    if (sink === null) continue;
    if (file.bytes > limits.entryBytes) {
      await sink.end(`the file has ${file.bytes} bytes; ${limits.entryBytes} are allowed`);
      continue;
    }
    total += await readFile(file.path, sink);
    if (total > limits.totalBytes) {
      return { state: 'refused', reason: `the files hold more than the ${limits.totalBytes} bytes that are allowed` };
    }
    await sink.end(null);
  }
  return { state: 'read', entries: files.length, inflatedBytes: total };
}

async function readFile(path: string, sink: EntrySink): Promise<number> {
  let bytes = 0;
  for await (const chunk of createReadStream(path)) {
    if (!(chunk instanceof Uint8Array)) continue;
    bytes += chunk.length;
    if (!sink.write(chunk)) break;
  }
  return bytes;
}

/** Not more than `most`. */
async function listFiles(source: FileSource, most: number): Promise<Found[]> {
  if ('file' in source) {
    const { size } = await stat(source.file);
    return [{ name: basename(source.file), path: source.file, bytes: size }];
  }
  const files: Found[] = [];
  const folders = [''];
  for (let folder = folders.shift(); folder !== undefined && files.length < most; folder = folders.shift()) {
    const entries = await readdir(join(source.folder, folder), { withFileTypes: true });
    for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      const path = join(source.folder, name);
      if (entry.isDirectory()) folders.push(name);
      else if (entry.isFile() && files.length < most) files.push({ name, path, bytes: (await stat(path)).size });
    }
  }
  return files;
}
