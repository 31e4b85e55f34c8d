// Where the control socket of a data directory lies: in a folder that only its own user can enter.

import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

/** The path of a Unix socket has room in a field of 108 bytes on Linux and 104 on macOS, with the NUL at its end. */
const PATH_BYTES = 103;
const ELSEWHERE = 'codered-control-';

const folderOf = (directory: string) => join(resolve(directory), 'control');
/** Holds the socket's path where it does not fit into the data directory's own. */
const pointerOf = (directory: string) => join(folderOf(directory), 'place');

/** Makes the place for whoever holds the directory's lock: what an earlier process left there goes. */
export function makePlace(directory: string): { readonly path: string; readonly remove: () => void } {
  clear(directory);
  const folder = folderOf(directory);
  mkdirSync(folder, { mode: 0o700 });
  chmodSync(folder, 0o700);
  const own = join(folder, 'socket');
  const remove = () => clear(directory);
  if (Buffer.byteLength(own) <= PATH_BYTES) return { path: own, remove };
  const path = join(mkdtempSync(join(tmpdir(), ELSEWHERE)), 'socket');
  writeFileSync(pointerOf(directory), path, { mode: 0o600 });
  return { path, remove };
}

/** The socket's path; null when there is none, or one that is not our own user's. */
export function findPlace(directory: string): string | null {
  const path = pointedTo(directory) ?? join(folderOf(directory), 'socket');
  return isOurs(dirname(path), 'folder') && isOurs(path, 'socket') ? path : null;
}

function clear(directory: string): void {
  const elsewhere = pointedTo(directory);
  if (elsewhere !== null && isOurs(dirname(elsewhere), 'folder')) rmSync(dirname(elsewhere), { recursive: true });
  rmSync(folderOf(directory), { recursive: true, force: true });
}

function pointedTo(directory: string): string | null {
  try {
    const path = readFileSync(pointerOf(directory), 'utf8');
    return basename(dirname(path)).startsWith(ELSEWHERE) && basename(path) === 'socket' ? path : null;
  } catch {
    return null;
  }
}

/** Whether it is there, no link, and nobody else can have put it there. */
function isOurs(path: string, kind: 'folder' | 'socket'): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.uid !== process.getuid?.()) return false;
  return kind === 'socket' ? found.isSocket() : found.isDirectory() && (found.mode & 0o077) === 0;
}
