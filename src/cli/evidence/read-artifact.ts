// Reads a file, zip or folder as if a job had uploaded it as an artifact.
import { open, stat } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import { type Artifact, readArtifact } from '../../evidence/artifact.ts';
import { unreadable } from '../../evidence/reading/measurement.ts';
import { asError } from '../../model/errors.ts';

/** An artifact with its name. */
export interface NamedArtifact {
  readonly name: string;
  readonly artifact: Artifact;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'there is no such file or folder',
  EACCES: 'may not be read by this user',
};

/** Reads the artifact at a path; when nothing of it can be read, the artifact is a refused one with the reason. */
export async function readArtifactAt(path: string): Promise<NamedArtifact> {
  try {
    const isFolder = (await stat(path)).isDirectory();
    const name = nameOf(resolve(path), isFolder);
    if (isFolder) return { name, artifact: await readArtifact({ folder: path }) };
    return { name, artifact: await readArtifact((await isZip(path)) ? { path } : { file: path }) };
  } catch (thrown) {
    const error = asError(thrown);
    const reason = ('code' in error ? REASONS[String(error.code)] : undefined) ?? error.message;
    return {
      name: nameOf(resolve(path), false),
      artifact: { state: 'refused', measurement: unreadable(null, reason) },
    };
  }
}

/** A folder's name has no extension, though there may be a dot in it. */
function nameOf(path: string, isFolder: boolean): string {
  const name = basename(path);
  return isFolder ? name : basename(name, extname(name));
}

/** By its first bytes: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.7 and 4.3.16 (an empty one). */
async function isZip(path: string): Promise<boolean> {
  await using file = await open(path);
  const { bytesRead, buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
  return bytesRead === 4 && /^PK(?:\x03\x04|\x05\x06)/.test(buffer.toString('latin1'));
}
