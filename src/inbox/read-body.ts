// Reads a request's body without letting it, or all of them together, take more memory than allowed. receive.ts and
// web/read-json.ts import it.
import type { IncomingMessage } from 'node:http';

/** Nearly all webhooks are smaller. */
const SMALL_BODY_BYTES = 1024 * 1024;

/** Memory for bodies, shared by all requests of a process; large ones leave half of it to the small. */
export class ByteBudget {
  #free: number;
  readonly #keptForSmall: number;

  constructor(bytes: number) {
    this.#free = bytes;
    this.#keptForSmall = bytes / 2;
  }

  /** Takes so many bytes more for a body that has `length` with them; false when there is no room, and then takes nothing. */
  take(bytes: number, length: number): boolean {
    const kept = length > SMALL_BODY_BYTES ? this.#keptForSmall : 0;
    if (bytes > this.#free - kept) return false;
    this.#free -= bytes;
    return true;
  }

  give(bytes: number): void {
    this.#free += bytes;
  }
}

/** `too large` and `no room` leave the rest of the body unread; `cut short`: the sender is gone. */
export type BodyRead =
  | { readonly kind: 'whole'; readonly bytes: Buffer; readonly release: () => void }
  | { readonly kind: 'too large' | 'no room' | 'cut short' };

/** Reads up to `maxBytes`, charged to `budget` until `release` is called. Never rejects. */
export function readBody(request: IncomingMessage, budget: ByteBudget, maxBytes: number): Promise<BodyRead> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > maxBytes) return Promise.resolve({ kind: 'too large' });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let charged = 0;
    const release = () => {
      budget.give(charged);
      charged = 0;
    };
    const giveUp = (kind: 'too large' | 'no room' | 'cut short') => {
      request.off('data', onData);
      release();
      resolve({ kind });
    };
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBytes) return giveUp('too large');
      // What is announced and never sent takes no room from others.
      if (!budget.take(chunk.length, length)) return giveUp('no room');
      charged += chunk.length;
      chunks.push(chunk);
    };
    const onCutShort = () => giveUp('cut short');
    request.on('data', onData);
    request.once('error', onCutShort);
    request.once('close', onCutShort);
    request.once('end', () => {
      request.off('close', onCutShort);
      resolve({ kind: 'whole', bytes: Buffer.concat(chunks, length), release });
    });
  });
}
