// Keeps a second process out of a data directory.
// The embedded database has no server that could refuse: two processes on the same files would destroy them.

import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, readlinkSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { Misconfigured } from '../../model/errors.ts';
import { prepareDataDirectory, unusable } from './prepare-directory.ts';
import { endSignOfLife, giveSignOfLife, givesSignOfLife } from './sign-of-life.ts';

const ownerSchema = z.object({
  pid: z.number().int().positive(),
  /** When the process started, as the kernel counts it; null where /proc does not say. Tells a reused pid from the owner. */
  startedAt: z.string().nullable(),
  /** In which the pid counts; null where the kernel has none, or an earlier version wrote the lock. */
  namespace: z.string().nullable().default(null),
  /** The socket that says whether the owner lives to who can't see its pid, as another container. */
  socket: z.uuid().nullable().default(null),
});
type Owner = z.infer<typeof ownerSchema>;

const heldHere = new Set<string>();

/**
 * Takes the directory (made when it is not there) for this process and gives the function that lets it go. A lock whose
 * process is dead is taken over. Throws Misconfigured when a living process, this one included, holds it.
 */
export async function lockDirectory(named: string): Promise<() => void> {
  prepareDataDirectory(named);
  // Two names of one directory are one lock.
  const directory = realpathSync(named);
  const path = join(directory, 'lock');
  if (heldHere.has(path)) throw inUse(named, { ...SELF, socket: null });
  heldHere.add(path);
  const sign = await giveSignOfLife(directory);
  const letGo = () => {
    sign?.end();
    heldHere.delete(path);
  };
  try {
    await takeLock(directory, named, { ...SELF, socket: sign?.id ?? null });
  } catch (error) {
    letGo();
    throw error;
  }
  return () => {
    if (heldHere.has(path)) rmSync(path, { force: true });
    letGo();
  };
}

async function takeLock(directory: string, named: string, self: Owner): Promise<void> {
  const path = join(directory, 'lock');
  const mine = join(directory, `lock.${randomUUID()}`);
  try {
    write(mine, self, named);
    // A dead owner is removed at most once a try; somebody else may be quicker each time, but then somebody lives.
    for (let tries = 0; tries < 3; tries++) {
      if (linked(mine, path)) return;
      const owner = ownerOf(path);
      if (owner !== null && (await isAlive(owner, directory))) throw inUse(named, owner);
      await removeDead(directory, owner);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  throw inUse(named, ownerOf(path));
}

function write(file: string, self: Owner, named: string): void {
  try {
    writeFileSync(file, JSON.stringify(self));
  } catch (error) {
    throw unusable(resolve(named), error);
  }
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
async function removeDead(directory: string, dead: Owner | null): Promise<void> {
  const path = join(directory, 'lock');
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  const moved = ownerOf(aside);
  const isAnother = moved !== null && JSON.stringify(moved) !== JSON.stringify(dead);
  if (isAnother && (await isAlive(moved, directory))) linked(aside, path);
  else if (moved !== null && moved.socket !== null) endSignOfLife(directory, moved.socket);
  rmSync(aside, { force: true });
}

function ownerOf(path: string): Owner | null {
  try {
    return ownerSchema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data ?? null;
  } catch {
    return null;
  }
}

async function isAlive({ pid, startedAt, namespace, socket }: Owner, directory: string): Promise<boolean> {
  // Of another container the pid says nothing: it may be our own, or nobody's here.
  if (namespace !== null && SELF.namespace !== null && namespace !== SELF.namespace)
    return socket !== null && (await givesSignOfLife(directory, socket));
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

/** https://man7.org/linux/man-pages/man7/pid_namespaces.7.html; null where there is none. */
function namespaceOfPids(): string | null {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return null;
  }
}

const SELF = { pid: process.pid, startedAt: startOf(process.pid), namespace: namespaceOfPids() };

/** A living process has the directory, perhaps one that answers over its control socket. */
export class DirectoryInUse extends Misconfigured {}

function inUse(directory: string, owner: Owner | null): DirectoryInUse {
  const isElsewhere = owner !== null && owner.namespace !== null && owner.namespace !== SELF.namespace;
  const who = owner === null ? 'another process' : `process ${owner.pid}${isElsewhere ? ' of another container' : ''}`;
  return new DirectoryInUse(
    `The data directory ${resolve(directory)} is in use by ${who}, and the embedded database serves one process at a time. ` +
      'Stop that process, set CODERED_DATA_DIR to another directory, or set DATABASE_URL to share a Postgres server.',
  );
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null;
}
