// What a place for objects can do: documents that are too large for a row lie there. Pure types; brain/ implements them four
// times, and web/ puts documents there.

/**
 * Objects by path: ids of our own with slashes between them. All throw Misconfigured when the place does not let us, and
 * Transient when it fails.
 */
export interface ObjectStore {
  /** Written whole or not at all; takes the place of what lies there. */
  readonly put: (path: string, bytes: Uint8Array) => Promise<void>;
  /** Null: there is nothing of that name. */
  readonly read: (path: string) => Promise<Uint8Array | null>;
  /** Returns how many were there, or were asked to go where the place does not tell; what is not there is gone already. */
  readonly remove: (paths: readonly string[]) => Promise<number>;
  /** Takes whatever else lies in the folder of a project, where the place can list it; heeds `stop` between two batches. */
  readonly removeFolder: (folder: string, stop: AbortSignal) => Promise<number>;
}

/** An S3-compatible service; requests name the bucket in the path. */
export interface S3Settings {
  readonly kind: 's3';
  /** Without a slash at the end. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What a setting may name. */
export type ObjectSettings = { readonly kind: 'directory'; readonly directory: string } | S3Settings;

/** Whether a path can be one of ours: nothing in it climbs out of the place or means anything to a file system. */
export function isObjectPath(path: string): boolean {
  if (path.length > 1_000 || !/^[\w./-]+$/.test(path)) return false;
  return path.split('/').every((step) => step !== '' && step !== '.' && step !== '..');
}
