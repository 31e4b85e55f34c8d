// Objects in the private bucket of a Supabase project.
import type { SupabaseClient } from '@supabase/supabase-js';
import { Misconfigured, Transient } from '../../model/errors.ts';
import type { ObjectStore } from './object-store.ts';

/** Everything of ours that lies in Supabase Storage. */
export const BUCKET = 'codered-artifacts';
/** Storage takes up to 1,000 at once: https://supabase.com/docs/reference/javascript/storage-from-remove */
const BATCH = 500;
/** A project's folder may hold folders; deeper ones nobody makes. */
const MOST_LEVELS = 6;

type Storage = SupabaseClient['storage'];

/** The bucket is made, private, with the first object that is put. */
export function bucketObjects(storage: Storage): ObjectStore {
  const files = storage.from(BUCKET);
  const remove = async (paths: readonly string[]): Promise<number> => {
    let removed = 0;
    for (let from = 0; from < paths.length; from += BATCH) {
      const { data, error } = await files.remove(paths.slice(from, from + BATCH));
      if (error !== null && isMissing(error)) return removed;
      if (error !== null) throw refused('remove files from', error);
      removed += data.length;
    }
    return removed;
  };
  const removeFolder = async (folder: string, stop: AbortSignal, levels: number): Promise<number> => {
    let removed = 0;
    let offset = 0;
    while (!stop.aborted && levels > 0) {
      const { data, error } = await files.list(folder, { limit: BATCH, offset });
      if (error !== null && isMissing(error)) return removed;
      if (error !== null) throw refused('list files of', error);
      // A folder has no id; it is gone with its last file.
      const folders = data.filter(({ id }) => id === null);
      for (const { name } of folders) removed += await removeFolder(`${folder}/${name}`, stop, levels - 1);
      const gone = await remove(data.filter(({ id }) => id !== null).map(({ name }) => `${folder}/${name}`));
      removed += gone;
      if (data.length < BATCH) break;
      offset = gone > 0 ? 0 : offset + BATCH;
    }
    return removed;
  };
  return {
    put: async (path, bytes) => {
      const body = new Blob([new Uint8Array(bytes)]);
      const upload = () => files.upload(path, body, { contentType: 'application/octet-stream', upsert: true });
      let { error } = await upload();
      if (error !== null && isMissing(error)) {
        await ensureBucket(storage);
        ({ error } = await upload());
      }
      if (error !== null) throw refused('write to', error);
    },
    read: async (path) => {
      const { data, error } = await files.download(path);
      if (error !== null && isMissing(error)) return null;
      if (error !== null) throw refused('read from', error);
      return new Uint8Array(await data.arrayBuffer());
    },
    remove,
    removeFolder: (folder, stop) => removeFolder(folder, stop, MOST_LEVELS),
  };
}

/** Makes the bucket, private, when it is not there. Throws Misconfigured when it is public, or can't be made. */
export async function ensureBucket(storage: Storage): Promise<void> {
  const { data: bucket, error } = await storage.getBucket(BUCKET);
  if (bucket?.public) {
    throw new Misconfigured(
      `The bucket ${BUCKET} is public; make it private (Storage settings) before anything goes there.`,
    );
  }
  if (error === null) return;
  const made = await storage.createBucket(BUCKET, { public: false });
  if (made.error !== null && !isDuplicate(made.error)) throw refused('make', made.error);
}

/** https://supabase.com/docs/guides/storage/debugging/error-codes: the status of the answer is 400 where the body says 409. */
export function isDuplicate(error: object): boolean {
  return 'statusCode' in error && String(error.statusCode) === '409';
}

/** There is no such bucket, or nothing of that name in it. */
function isMissing(error: object): boolean {
  return 'statusCode' in error && String(error.statusCode) === '404';
}

function refused(what: string, error: { readonly message: string }): Misconfigured | Transient {
  const status = 'status' in error ? Number(error.status) : Number.NaN;
  if (!(status < 500)) return new Transient(`Supabase Storage failed: ${error.message}`, { cause: error });
  return new Misconfigured(
    `Supabase Storage did not let us ${what} the bucket ${BUCKET}: ${error.message}. ` +
      'See that SUPABASE_SERVICE_ROLE_KEY is the service role key, and run it again.',
    { cause: error },
  );
}
