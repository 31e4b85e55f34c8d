// Keeps what takes long to make in a file of this user's own, for the next start. What is found there is believed only when nobody
// else can have written it, and when it is whole.
import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import process from 'node:process';

const DIGEST_BYTES = 32;
const MOST_BYTES = 64 * 1024 * 1024;

/** What was kept under the name, in the first of the folders that has it whole; null when none has. */
export function readKept(name: string, folders: readonly string[]): Buffer | null {
  for (const folder of folders) {
    const kept = readWhole(path.join(folder, name));
    if (kept !== null) return kept;
  }
  return null;
}

/** Keeps it in the first of the folders that takes it; where none does, it is made again at the next start. */
export function keep(name: string, content: Uint8Array, folders: readonly string[]): void {
  folders.some((folder) => isKeptIn(folder, name, content));
}

function readWhole(file: string): Buffer | null {
  let descriptor: number | null = null;
  try {
    descriptor = openSync(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    const found = fstatSync(descriptor);
    if (!found.isFile() || !isOwn(found) || !isGuarded(found) || found.size > MOST_BYTES) return null;
    const bytes = readFileSync(descriptor);
    const content = bytes.subarray(DIGEST_BYTES);
    return digestOf(path.basename(file), content).equals(bytes.subarray(0, DIGEST_BYTES)) ? content : null;
  } catch {
    return null;
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

function isKeptIn(folder: string, name: string, content: Uint8Array): boolean {
  const unfinished = path.join(folder, `${name}.${process.pid}`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    const found = lstatSync(folder);
    if (!found.isDirectory() || !isOwn(found)) return false;
    // `wx`: what lies there already is not written to, nor what it points at.
    writeFileSync(unfinished, Buffer.concat([digestOf(name, content), content]), { mode: 0o644, flag: 'wx' });
    renameSync(unfinished, path.join(folder, name));
    forgetOlder(folder, name);
    return true;
  } catch {
    forget(unfinished);
    return false;
  }
}

/** Where it can't be, it was never written. */
function forget(unfinished: string): void {
  try {
    rmSync(unfinished, { force: true });
  } catch {
    // A folder on the way to it is none.
  }
}

/** What was kept under other names with the same beginning, up to the hyphen. */
function forgetOlder(folder: string, name: string): void {
  const beginning = name.slice(0, name.indexOf('-') + 1);
  const older = readdirSync(folder).filter((one) => beginning !== '' && one.startsWith(beginning) && one !== name);
  for (const one of older) rmSync(path.join(folder, one), { force: true });
}

/** Of this user or of root, who can do everything anyway; always so where files have no such owner. */
function isOwn({ uid }: Stats): boolean {
  const own = process.getuid?.();
  return own === undefined || uid === own || uid === 0;
}

/** Whether only its owner may write it. */
function isGuarded({ mode }: Stats): boolean {
  return process.getuid === undefined || (mode & 0o022) === 0;
}

function digestOf(name: string, content: Uint8Array): Buffer {
  return createHash('sha256').update(`${name}\n`).update(content).digest();
}
