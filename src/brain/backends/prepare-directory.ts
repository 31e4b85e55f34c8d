// Makes a directory that is to hold data, and refuses one that holds something else: writing into a home folder, or beside the files of
// a Postgres server, would mix two owners' files.
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { asError, Misconfigured } from '../../model/errors.ts';

const OTHER =
  'Set CODERED_DATA_DIR to a directory of its own, which is made when it is not there, or DATABASE_URL to a server.';

/** What stands in a data directory of ours beside the database, and what a fresh volume brings along. */
const OURS: readonly string[] = ['objects', 'archive', 'lost+found', '.gitignore', '.gitkeep'];

/**
 * Makes the directory with all above it (mode 0700, as what CI said is in it), or sees that the one that is there is empty or holds
 * our database. Throws Misconfigured in words that say what is wrong and what to do.
 */
export function prepareDataDirectory(path: string): void {
  const directory = resolve(path);
  const names = listed(directory);
  if (names.includes('PG_VERSION'))
    throw refusal(directory, 'is the data directory of a Postgres server', `Leave it to that server. ${OTHER}`);
  const database = join(directory, 'postgres');
  if (names.includes('postgres')) {
    if (!listed(database).includes('PG_VERSION'))
      throw refusal(directory, 'holds a folder postgres that is no database of CodeRed', OTHER);
    return;
  }
  const others = names.filter((name) => !OURS.includes(name) && !isOfAStart(name));
  if (others.length === 0) return;
  const shown = others.slice(0, 3).join(', ');
  const more = others.length > 3 ? ` and ${others.length - 3} more` : '';
  throw refusal(directory, `holds other files (${shown}${more}) and no database of CodeRed`, OTHER);
}

/** The names in the directory, which is made when it is not there. */
function listed(directory: string): string[] {
  try {
    makeDirectory(directory, 0o700);
    return readdirSync(directory);
  } catch (thrown) {
    throw unusable(directory, thrown);
  }
}

/** What a start that was killed, or one that is under way, leaves. */
function isOfAStart(name: string): boolean {
  return name === 'lock' || name.startsWith('lock.') || name.startsWith('postgres.') || name.endsWith('.sock');
}

/**
 * Makes the directory and those above it that are not there. One level at a time: node's own `recursive` never ends where a
 * file system answers ENOENT to every attempt, as /proc does. Throws what mkdir throws.
 */
export function makeDirectory(directory: string, mode: number): void {
  const missing: string[] = [];
  let at = resolve(directory);
  while (!existsSync(at) && dirname(at) !== at) {
    missing.unshift(at);
    at = dirname(at);
  }
  for (const one of missing) {
    try {
      mkdirSync(one, { mode });
    } catch (thrown) {
      // Somebody else may have been quicker.
      if (codeOf(thrown) !== 'EEXIST' || !statSync(one).isDirectory()) throw thrown;
    }
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOTDIR: 'is a file, or lies below one',
  ENOENT: 'can not be made there',
  EROFS: 'lies on a file system that can only be read',
};

/** The error that says why a data directory can't be used. */
export function unusable(directory: string, thrown: unknown): Misconfigured {
  const code = codeOf(thrown);
  if (code === 'EACCES' || code === 'EPERM') {
    const owner = ownerAbove(directory);
    const who = owner === null ? 'another user' : `user ${owner}`;
    const advice = `Give it to this one (chown -R ${process.geteuid?.() ?? '<user>'} ${directory}), or start as its owner. ${OTHER}`;
    return refusal(
      directory,
      `belongs to ${who} and may not be used by user ${process.geteuid?.() ?? 'of this process'}`,
      advice,
    );
  }
  // Another directory would begin with an empty database.
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return refusal(directory, 'lies on a disk that is full', 'Make room there, then start again.', thrown);
  const reason = REASONS[code] ?? `does not serve: ${asError(thrown).message}`;
  return refusal(directory, reason, OTHER, thrown);
}

/** The user of the directory, or of the closest one above it that is there. */
function ownerAbove(directory: string): number | null {
  for (let at = directory; ; at = dirname(at)) {
    try {
      return statSync(at).uid;
    } catch {
      if (dirname(at) === at) return null;
    }
  }
}

function refusal(directory: string, reason: string, advice: string, cause?: unknown): Misconfigured {
  return new Misconfigured(`The data directory ${directory} ${reason}. ${advice}`, { cause });
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
}
