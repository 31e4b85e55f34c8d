// The hash that git gives a document. Pure.
import { createHash } from 'node:crypto';

/**
 * The SHA-1 of git's blob with this content, 40 hexadecimal digits: by it the same document is the same spec, whether it came by API
 * or by mail. (A spec that was pushed is known by its commit.)
 */
export function blobSha(content: string): string {
  return createHash('sha1')
    .update(`blob ${Buffer.byteLength(content)}\0`)
    .update(content)
    .digest('hex');
}
