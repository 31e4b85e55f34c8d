// Reads the small files of text that commands are given: policies, patterns, agents.
import { createReadStream } from 'node:fs';

/** Far more than a file that a person wrote has, and little enough to be read at once. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * The text of a file, decoded as UTF-8. Throws the error of the system when it can't be read, and an error that says so in words when it
 * has more than 16 MB: a device may have no end.
 */
export async function readTextFile(path: string): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error('it has more than 16 MB, which no such file needs');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
