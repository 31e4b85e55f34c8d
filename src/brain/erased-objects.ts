// The stored files of what is erased: on Supabase, in the private bucket. Only erasure.ts imports it.
import { z } from 'zod';
import { asJson, Misconfigured, Transient } from '../model.ts';
import type { Brain } from './client.ts';

const BUCKET = 'codered-artifacts';
/** Storage takes up to 1,000 at once: https://supabase.com/docs/reference/javascript/storage-from-remove */
const BATCH = 500;
/** A project's folder may hold folders; deeper ones nobody makes. */
const MOST_LEVELS = 6;

const paths = z.array(z.string());

/**
 * Removes what rows of the scope point at, and whatever lies in the folders of projects that go whole; returns how many.
 * Elsewhere than on Supabase there is no storage. Throws Misconfigured when
 * storage refuses, and Transient when it fails.
 */
export async function erasedObjects(
  brain: Pick<Brain, 'call' | 'client' | 'home'>,
  scope: { readonly projects: readonly string[] },
  stop: AbortSignal,
): Promise<number> {
  if (brain.home !== 'supabase') return 0;
  let removed = 0;
  let after = '';
  while (!stop.aborted) {
    const found = paths.parse(await brain.call('erasable_objects', { scope: asJson(scope), after, batch: BATCH }));
    removed += await remove(brain, found);
    after = found.at(-1) ?? after;
    if (found.length < BATCH) break;
  }
  for (const project of scope.projects) removed += await removeFolder(brain, project, stop, MOST_LEVELS);
  return removed;
}

async function removeFolder(
  brain: Pick<Brain, 'client'>,
  folder: string,
  stop: AbortSignal,
  levels: number,
): Promise<number> {
  let removed = 0;
  let offset = 0;
  while (!stop.aborted && levels > 0) {
    const { data, error } = await bucketOf(brain).list(folder, { limit: BATCH, offset });
    if (error !== null && isMissing(error)) return removed;
    if (error !== null) throw refused('list files of', error);
    // A folder has no id; it is gone with its last file.
    const folders = data.filter(({ id }) => id === null);
    for (const { name } of folders) removed += await removeFolder(brain, `${folder}/${name}`, stop, levels - 1);
    const files = data.filter(({ id }) => id !== null).map(({ name }) => `${folder}/${name}`);
    const gone = await remove(brain, files);
    removed += gone;
    if (data.length < BATCH) break;
    offset = gone > 0 ? 0 : offset + BATCH;
  }
  return removed;
}

async function remove(brain: Pick<Brain, 'client'>, found: readonly string[]): Promise<number> {
  if (found.length === 0) return 0;
  const { data, error } = await bucketOf(brain).remove([...found]);
  if (error !== null && isMissing(error)) return 0;
  if (error !== null) throw refused('remove files from', error);
  return data.length;
}

function bucketOf({ client }: Pick<Brain, 'client'>) {
  return client.storage.from(BUCKET);
}

/** There is no such bucket, so nothing in it. https://supabase.com/docs/guides/storage/debugging/error-codes */
function isMissing(error: object): boolean {
  return 'statusCode' in error && String(error.statusCode) === '404';
}

function refused(what: string, error: { readonly message: string }): Misconfigured | Transient {
  const status = 'status' in error ? Number(error.status) : Number.NaN;
  if (!(status < 500)) return new Transient(`Supabase Storage failed: ${error.message}`, { cause: error });
  return new Misconfigured(
    `Supabase Storage did not let us ${what} the bucket ${BUCKET}: ${error.message}. Nothing that points at them was erased. ` +
      'See that SUPABASE_SERVICE_ROLE_KEY is the service role key, and run it again.',
    { cause: error },
  );
}
