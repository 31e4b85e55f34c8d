// Opens the store of large documents that belongs to a database which is reached with SQL.

import { join } from 'node:path';
import { directoryObjects } from './directory-objects.ts';
import { memoryObjects } from './memory-objects.ts';
import type { ObjectSettings, ObjectStore } from './object-store.ts';
import { s3Objects } from './s3-objects.ts';

/**
 * The place that `objects` says, else a folder beside the embedded database, which lies in `directory` (null: in memory). Null on a Postgres
 * server (`directory` left out) without such a setting.
 */
export function openObjects({
  objects: named = null,
  directory,
}: {
  readonly objects?: ObjectSettings | null;
  readonly directory?: string | null;
}): ObjectStore | null {
  if (named !== null) return named.kind === 's3' ? s3Objects(named) : directoryObjects(named.directory);
  if (directory === undefined) return null;
  return directory === null ? memoryObjects() : directoryObjects(join(directory, 'objects'));
}
