// Reads the one line that comes over a connection, up to so many bytes.

import type { Socket } from 'node:net';

/** Why no line came whole: nothing came for too long, the whole took too long, it was too long, or the connection broke or ended. */
export class NoLine extends Error {
  override readonly name = 'NoLine';
  readonly reason: 'silent' | 'late' | 'too large' | 'ended';
  constructor(reason: NoLine['reason']) {
    super(reason);
    this.reason = reason;
  }
}

/**
 * The text before the first line feed. Rejects with NoLine when it is longer than `bytes`, does not come whole within `withinMs`,
 * or when for `silentMs` not a byte comes; that limit is left out: only the whole counts.
 */
export function readLine(
  socket: Socket,
  { bytes, withinMs, silentMs = withinMs }: { bytes: number; withinMs: number; silentMs?: number },
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const chunks: Buffer[] = [];
  let length = 0;
  const giveUp = (reason: NoLine['reason']) => reject(new NoLine(reason));
  const whole = setTimeout(giveUp, withinMs, 'late');
  const silence = setTimeout(giveUp, silentMs, 'silent');
  const onData = (chunk: Buffer) => {
    silence.refresh();
    const end = chunk.indexOf(0x0a);
    const part = end === -1 ? chunk : chunk.subarray(0, end);
    length += part.length;
    if (length > bytes) giveUp('too large');
    else {
      chunks.push(part);
      if (end !== -1) resolve(Buffer.concat(chunks).toString('utf8'));
    }
  };
  socket.on('data', onData);
  socket.on('error', () => giveUp('ended'));
  socket.on('close', () => giveUp('ended'));
  return promise.finally(() => {
    clearTimeout(whole);
    clearTimeout(silence);
    socket.off('data', onData);
    socket.resume();
  });
}
