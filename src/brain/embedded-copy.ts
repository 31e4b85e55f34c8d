// Starts the embedded database in memory from a kept copy of a migrated one, as making one takes seconds.
// Copies lie in a folder of this user alone under the system's temporary one; a lost copy costs only time.

import { randomUUID } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync } from 'node:fs';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { type EmbeddedBackend, type EmbeddedOptions, openEmbedded } from './backends/embedded.ts';
import { migrateBackend } from './migrate.ts';
import { hashOfFiles, type MigrationFiles } from './migration-files.ts';

/** Each is 40 MB; while somebody works on the migrations there is a new one every few minutes. */
const mostKept = 4;

/** A migrated database in memory: 0.6 s when a copy for these files is kept, otherwise 4 s and a copy of 40 MB is kept. `open`: by default in this thread otherwise. */
export async function openEmbeddedCopy(
  files: MigrationFiles,
  open: (options: EmbeddedOptions) => Promise<EmbeddedBackend> = openEmbedded,
): Promise<EmbeddedBackend> {
  const folder = folderOfCopies();
  const path = folder && join(folder, `pglite-${pgliteVersion()}-${hashOfFiles(files).slice(0, 32)}.tar`);
  const kept = path && (await readFile(path).catch(() => null));
  if (kept) return open({ directory: null, dump: new Blob([kept]) });
  const backend = await open({ directory: null });
  try {
    await migrateBackend(backend, files);
    if (folder && path) await keepCopy(folder, path, await backend.dump());
  } catch (error) {
    await backend.close();
    throw error;
  }
  return backend;
}

/** Null where the folder is not safely ours: a copy that somebody else can write would be loaded with our rights. */
function folderOfCopies(): string | null {
  const { uid } = userInfo();
  const folder = join(tmpdir(), `codered-databases-${uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  const onWindows = uid === -1;
  const ours = found.isDirectory() && (onWindows || (found.uid === uid && (found.mode & 0o022) === 0));
  return ours ? folder : null;
}

/** Best effort: a full disk must not stop a database that is already running. The oldest copies go. */
async function keepCopy(folder: string, path: string, copy: Blob): Promise<void> {
  const unfinished = `${path}.${randomUUID()}`;
  try {
    await writeFile(unfinished, copy.stream());
    await rename(unfinished, path);
    const copies = (await readdir(folder)).map((name) => join(folder, name));
    const dated = await Promise.all(copies.map(async (name) => ({ name, at: (await stat(name)).mtimeMs })));
    const old = dated.sort((one, other) => other.at - one.at).slice(mostKept);
    await Promise.all(old.map(({ name }) => rm(name, { force: true })));
  } catch {
    await rm(unfinished, { force: true });
  }
}

function pgliteVersion(): string {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  const { version } = JSON.parse(readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8'));
  return String(version);
}
