// The name that git gives a document. Pure.
import { createHash } from 'node:crypto';

/** What git and GitHub call a file of this content, so that the same file is the same spec by API and by mail; a push is known by its commit. */
export function blobSha(content: string): string {
  return createHash('sha1')
    .update(`blob ${Buffer.byteLength(content)}\0`)
    .update(content)
    .digest('hex');
}
