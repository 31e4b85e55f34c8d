// Reads a request's body without letting it, or all of them together, take more memory or time than allowed.
import type { IncomingMessage } from 'node:http';
import type { BodyRoom } from './body-room.ts';
import { Chunks } from './chunks.ts';
import type { PaceLimits } from './pace.ts';

/** `too large`, `too slow` and `no room` leave the rest of the body unread; `cut short`: the sender is gone. */
export type BodyRead =
  | { readonly kind: 'whole'; readonly join: () => Buffer; readonly release: () => void }
  | { readonly kind: 'too large' | 'too slow' | 'no room' | 'cut short' };

export interface BodyLimits {
  readonly room: BodyRoom;
  readonly maxBytes: number;
  /** Whose share of the room it takes. */
  readonly address: string | null;
  /** Called with each piece in order. */
  readonly onPiece?: (piece: Buffer) => void;
  readonly pace?: PaceLimits | undefined;
}

/** Null when the sender does not say, or not plainly. */
function announcedBytes({ headers }: IncomingMessage): number | null {
  const text = headers['content-length'];
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** Reads up to `maxBytes`, counted in the room until `release` is called. Never rejects. */
export function readBody(request: IncomingMessage, limits: BodyLimits): Promise<BodyRead> {
  const { room, maxBytes, address, onPiece, pace } = limits;
  const announced = announcedBytes(request);
  if (announced !== null && announced > maxBytes) return Promise.resolve({ kind: 'too large' });
  return new Promise((resolve) => {
    const chunks = new Chunks();
    let length = 0;
    const guest = room.enter({ announced, address, onEvicted: () => giveUp('no room') });
    const giveUp = (kind: 'too large' | 'too slow' | 'no room' | 'cut short') => {
      stop();
      guest.leave();
      resolve({ kind });
    };
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBytes) return giveUp('too large');
      // What is announced and never sent takes no room from others.
      if (!guest.take(chunk.length)) return giveUp('no room');
      chunks.add(chunk);
      onPiece?.(chunk);
    };
    const onCutShort = () => giveUp('cut short');
    const onEnd = () => {
      stop();
      guest.finish();
      resolve({ kind: 'whole', join: () => chunks.join(), release: guest.leave });
    };
    const endWatch = guest.pace.watch(() => giveUp('too slow'), pace);
    const stop = () => {
      endWatch();
      request.off('data', onData).off('close', onCutShort).off('end', onEnd);
    };
    request.on('data', onData).once('close', onCutShort).once('end', onEnd);
    // An error comes before 'close'; somebody has to listen to it.
    request.on('error', () => {});
  });
}
