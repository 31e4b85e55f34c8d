// Where temporary files lie while tests run: in memory, where there is enough. vitest.config.ts and scripts that start servers ask.

import { lstatSync, mkdirSync, statfsSync } from 'node:fs';
import { userInfo } from 'node:os';

/** Present on Linux; https://man7.org/linux/man-pages/man7/shm_overview.7.html. */
const SHARED_MEMORY = '/dev/shm';
/** TMPFS_MAGIC, https://man7.org/linux/man-pages/man2/statfs.2.html. */
const TMPFS = 0x01021994;
/** A run needs a tenth of it: a database has 30 MB, and each worker has one or two. Containers often have 64 MB. */
const NEEDED = 4 * 1024 ** 3;

/**
 * A folder in memory that is ours, made if need be; null where there is none, or too little memory.
 *
 * A database is a thousand files. For each new file ext4 steps over all places that were freed within the last minutes
 * (`recently_deleted` of https://github.com/torvalds/linux/blob/master/fs/ext4/ialloc.c), one by one: where databases come and go,
 * that is half of all processor time.
 */
export function memoryFolder(): string | null {
  try {
    const { type, bavail, bsize } = statfsSync(SHARED_MEMORY);
    if (type !== TMPFS || bavail * bsize < NEEDED || process.availableMemory() < NEEDED) return null;
    const { uid } = userInfo();
    const folder = `${SHARED_MEMORY}/codered-tests-${uid}`;
    // Others may look in: as root the Postgres server runs as a user of its own.
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    const found = lstatSync(folder);
    return found.isDirectory() && found.uid === uid && (found.mode & 0o022) === 0 ? folder : null;
  } catch {
    return null;
  }
}
