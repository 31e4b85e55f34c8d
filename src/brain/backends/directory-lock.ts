// Keeps a second process out of a data directory.
// The embedded database has no server that could refuse: two processes on the same files would destroy them.

import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { Misconfigured } from '../../model/errors.ts';
import { prepareDataDirectory, unusable } from './prepare-directory.ts';

const ownerSchema = z.object({
  pid: z.number().int().positive(),
  /** When the process started, as the kernel counts it; null where /proc does not say. Tells a reused pid from the owner. */
  startedAt: z.string().nullable(),
});
type Owner = z.infer<typeof ownerSchema>;

const heldHere = new Set<string>();

/**
 * Takes the directory (made when it is not there) for this process and gives the function that lets it go. A lock whose
 * process is dead is taken over. Throws Misconfigured when a living process, this one included, holds it.
 */
export function lockDirectory(directory: string): () => void {
  const path = join(resolve(directory), 'lock');
  if (heldHere.has(path)) throw inUse(directory, { pid: process.pid, startedAt: null });
  prepareDataDirectory(directory);
  const mine = join(resolve(directory), `lock.${randomUUID()}`);
  try {
    writeFileSync(mine, JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid) }));
  } catch (error) {
    throw unusable(resolve(directory), error);
  }
  try {
    // A dead owner is removed at most once a try; somebody else may be quicker each time, but then somebody lives.
    for (let tries = 0; tries < 3; tries++) {
      if (linked(mine, path)) {
        heldHere.add(path);
        return () => {
          if (heldHere.delete(path)) rmSync(path, { force: true });
        };
      }
      const owner = ownerOf(path);
      if (owner !== null && isAlive(owner)) throw inUse(directory, owner);
      removeDead(path, owner);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  throw inUse(directory, ownerOf(path));
}

/** The id of the process that has the directory, or had it last; null when that is not known. */
export function holderOf(directory: string): number | null {
  return ownerOf(join(resolve(directory), 'lock'))?.pid ?? null;
}

/** Linking is atomic and fails when the name is taken, with the content already in place. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Moves the dead lock aside. Whoever finds a living one in his hands was too late and puts it back. */
function removeDead(path: string, dead: Owner | null): void {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  const moved = ownerOf(aside);
  if (moved !== null && isAlive(moved) && JSON.stringify(moved) !== JSON.stringify(dead)) linked(aside, path);
  rmSync(aside, { force: true });
}

function ownerOf(path: string): Owner | null {
  try {
    return ownerSchema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data ?? null;
  } catch {
    return null;
  }
}

function isAlive({ pid, startedAt }: Owner): boolean {
  // In a container the next process often has the pid of the last one, so our own pid in a lock we don't hold is a dead one's.
  if (pid === process.pid) return false;
  const started = startOf(pid);
  if (started !== null && startedAt !== null) return started === startedAt;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** Field 22 of /proc/<pid>/stat, counted after the name in parentheses; null where there is no such file. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

/** A living process has the directory, perhaps one that answers over its control socket. */
export class DirectoryInUse extends Misconfigured {}

function inUse(directory: string, owner: Owner | null): DirectoryInUse {
  const who = owner === null ? 'another process' : `process ${owner.pid}`;
  return new DirectoryInUse(
    `The data directory ${resolve(directory)} is in use by ${who}, and the embedded database serves one process at a time. ` +
      'Stop that process, set CODERED_DATA_DIR to another directory, or set DATABASE_URL to share a Postgres server.',
  );
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null;
}
