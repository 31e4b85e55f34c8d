// Reads the one line that comes over a connection, up to so many bytes.

import type { Socket } from 'node:net';
import { Transient } from '../../model/errors.ts';

/** The text before the first line feed. Rejects with Transient when it is longer, or does not come whole within `withinMs`; null: no limit. */
export function readLine(
  socket: Socket,
  { bytes, withinMs }: { bytes: number; withinMs: number | null },
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const chunks: Buffer[] = [];
  let length = 0;
  const giveUp = (why: string) => reject(new Transient(`the connection to the running CodeRed ${why}`));
  const timer = withinMs === null ? undefined : setTimeout(() => giveUp('was silent for too long'), withinMs);
  const onData = (chunk: Buffer) => {
    const end = chunk.indexOf(0x0a);
    const part = end === -1 ? chunk : chunk.subarray(0, end);
    length += part.length;
    if (length > bytes) giveUp('brought more than is read');
    else {
      chunks.push(part);
      if (end !== -1) resolve(Buffer.concat(chunks).toString('utf8'));
    }
  };
  socket.on('data', onData);
  socket.on('error', () => giveUp('broke'));
  socket.on('close', () => giveUp('ended before a line was whole'));
  return promise.finally(() => {
    clearTimeout(timer);
    socket.off('data', onData);
    socket.resume();
  });
}
