// Objects in a directory.
import { randomUUID } from 'node:crypto';
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { asError, Misconfigured } from '../../model/errors.ts';
import { makeDirectory } from '../backends/prepare-directory.ts';
import { isObjectPath, type ObjectStore } from './object-store.ts';

/** Made with the first object; nobody but the user that CodeRed runs as reads it. */
export function directoryObjects(path: string): ObjectStore {
  const directory = resolve(path);
  const explain = (thrown: unknown) =>
    new Misconfigured(
      `The directory ${directory}, where documents are kept, does not serve: ${asError(thrown).message}. ` +
        'See that it is writable and has room, or set CODERED_OBJECTS_DIR to another one.',
      { cause: thrown },
    );
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (thrown) {
      throw explain(thrown);
    }
  };
  /** Rows that members write may name anything; what is no path of ours was never put here. */
  const fileOf = (name: string) => (isObjectPath(name) ? join(directory, name) : null);
  return {
    put: (name, bytes) =>
      attempt(async () => {
        const file = fileOf(name);
        if (file === null) throw new Error(`${JSON.stringify(name)} is no path of ours`);
        makeDirectory(dirname(file), 0o700);
        await writeWhole(file, bytes);
      }),
    read: (name) =>
      attempt(async () => {
        const file = fileOf(name);
        return file === null ? null : readFile(file).catch(nullIfMissing);
      }),
    remove: (names) =>
      attempt(async () => {
        let removed = 0;
        for (const name of names) if (await isRemoved(fileOf(name))) removed += 1;
        return removed;
      }),
    removeFolder: (name) => attempt(() => removeWhole(fileOf(name))),
  };
}

/** False: it was not there. */
async function isRemoved(file: string | null): Promise<boolean> {
  if (file === null) return false;
  try {
    await rm(file);
    return true;
  } catch (thrown) {
    if (!isMissing(thrown)) throw thrown;
    return false;
  }
}

/** Returns how many files lay there. */
async function removeWhole(folder: string | null): Promise<number> {
  if (folder === null) return 0;
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(nullIfMissing);
  await rm(folder, { recursive: true, force: true });
  return found?.filter((entry) => !entry.isDirectory()).length ?? 0;
}

/** Under another name first, so that a process killed halfway leaves nothing that looks like the object. */
async function writeWhole(file: string, bytes: Uint8Array): Promise<void> {
  const unfinished = `${file}.${randomUUID()}.unfinished`;
  try {
    const handle = await open(unfinished, 'wx', 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, file);
  } catch (thrown) {
    await rm(unfinished, { force: true });
    throw thrown;
  }
}

function nullIfMissing(thrown: unknown): null {
  if (isMissing(thrown)) return null;
  throw thrown;
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR');
}
