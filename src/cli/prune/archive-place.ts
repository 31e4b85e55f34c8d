// Where archives of months go: a directory, or the bucket of a Supabase project.
import { createReadStream, openAsBlob } from 'node:fs';
import { link, mkdtemp, open, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { makeDirectory } from '../../brain/backends/prepare-directory.ts';
import type { Brain } from '../../brain/client.ts';
import { BUCKET, ensureBucket, isDuplicate } from '../../brain/objects/bucket-objects.ts';
import { asError, Misconfigured } from '../../model/errors.ts';

/** A place for archives. Files are written elsewhere first and put here when they are complete. All functions throw Misconfigured when the place cannot be used. */
export interface ArchivePlace {
  /** A local directory for files that are being written. */
  readonly unfinished: string;
  /** Reads the archive of that name. */
  readonly read: (name: string) => Promise<Readable>;
  /** Moves the file here under that name. Returns false, and does nothing, when the name is taken and `overwrite` is not set. */
  readonly put: (name: string, file: string, how?: { overwrite: boolean }) => Promise<boolean>;
  /** Where people find the archive of that name: a path or an address. */
  readonly locate: (name: string) => string;
  readonly close: () => Promise<void>;
}

/** Opens a directory as a place for archives; creates it when it does not exist. */
export async function openDirectory(path: string): Promise<ArchivePlace> {
  const directory = resolve(path);
  const explain = (thrown: unknown) =>
    new Misconfigured(
      `The archive can't be written to ${directory}: ${asError(thrown).message}. ` +
        'Name a directory that is writable and has room: --archive DIR.',
      { cause: thrown },
    );
  try {
    makeDirectory(directory, 0o777);
  } catch (thrown) {
    throw explain(thrown);
  }
  return {
    unfinished: directory,
    read: async (name) => createReadStream(join(directory, name)),
    put: async (name, file, { overwrite } = { overwrite: false }) => {
      try {
        const target = join(directory, name);
        if (overwrite) await rename(file, target);
        else if (!(await linked(file, target))) return false;
        await syncDirectory(directory);
        return true;
      } catch (thrown) {
        throw explain(thrown);
      }
    },
    locate: (name) => join(directory, name),
    close: async () => {},
  };
}

/** Unlike a rename, a link never takes another file's place. */
async function linked(file: string, target: string): Promise<boolean> {
  try {
    await link(file, target);
  } catch (thrown) {
    if (codeOf(thrown) === 'EEXIST') return false;
    // Not every file system has links.
    if ((await stat(target).catch(() => null)) !== null) return false;
    await rename(file, target);
    return true;
  }
  await rm(file);
  return true;
}

/** Without it a power failure may take the name, though not the content. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const FOLDER = 'archive/events';

/** Opens the bucket of a Supabase project as a place for archives; creates it, as a private one, when it does not exist. */
export async function openBucket(storage: NonNullable<Brain['storage']>): Promise<ArchivePlace> {
  await ensureBucket(storage);
  const files = storage.from(BUCKET);
  const unfinished = await mkdtemp(join(tmpdir(), 'codered-archive-'));
  return {
    unfinished,
    read: async (name) => {
      const { data, error } = await files.download(`${FOLDER}/${name}`).asStream();
      if (error !== null) throw refused(`read ${name} from`, error);
      return Readable.from(data);
    },
    put: async (name, file, { overwrite } = { overwrite: false }) => {
      const body = await openAsBlob(file);
      const how = { contentType: name.endsWith('.gz') ? 'application/gzip' : 'text/plain', upsert: overwrite };
      const { error } = await files.upload(`${FOLDER}/${name}`, body, how);
      if (error !== null && isDuplicate(error)) return false;
      if (error !== null) throw refused(`write ${name} to`, error);
      await rm(file);
      return true;
    },
    locate: (name) => `${BUCKET}/${FOLDER}/${name}`,
    close: () => rm(unfinished, { recursive: true, force: true }),
  };
}

function refused(what: string, error: { readonly message: string }): Misconfigured {
  return new Misconfigured(
    `Supabase Storage did not let us ${what} the bucket ${BUCKET}: ${error.message}. ` +
      'See that SUPABASE_SERVICE_ROLE_KEY is the service role key and that the project has room, or name a directory: --archive DIR.',
    { cause: error },
  );
}

function codeOf(thrown: unknown): unknown {
  return thrown instanceof Error && 'code' in thrown ? thrown.code : null;
}
