// What every stream does: it reads what is new, waits until there may be more, and from time to time has the right to it asked again.
import { type EventStream, HEARTBEAT } from './event-stream.ts';

/** What came of one look: `more` may be had at once, `quiet` for now, or there will be nothing any more and `last` is said. */
export type Found =
  | { readonly state: 'more' | 'quiet'; readonly events: readonly Buffer[] }
  | { readonly state: 'over'; readonly last: Buffer };

interface Followed {
  readonly stream: EventStream;
  /** Reads what is new, as the person; throws when they may not any more. */
  readonly look: () => Promise<Found>;
  /** Throws when the token is not good any more. */
  readonly checkToken: () => Promise<unknown>;
  /** The event that says what was thrown. */
  readonly refusal: (thrown: unknown) => Buffer;
  readonly heartbeatMs: number;
  /** Of a number of streams the same, so that they ask together. */
  readonly rhythm: string;
}

/** Lets a stream sleep until it is woken; woken before, it does not sleep at all. */
export class Alarm {
  #isRung = false;
  #wake: (() => void) | null = null;

  /** Wakes. */
  readonly ring = (): void => {
    this.#isRung = true;
    this.#wake?.();
  };

  /** Resolves when it is woken. */
  async wait(): Promise<void> {
    if (!this.#isRung) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#wake = null;
    this.#isRung = false;
  }
}

/** `first`: what was found before the stream was opened. Resolves when the stream is over, which it has said then. Throws nothing. */
export async function follow(
  { stream, look, checkToken, refusal, ...rhythm }: Followed,
  { alarm, first }: { alarm: Alarm; first: Found },
): Promise<void> {
  let found = first;
  const beat = startBeat(rhythm, alarm.ring);
  stream.onGone(alarm.ring);
  let isDue = false;
  try {
    for (;;) {
      if (found.state === 'over') return stream.end(found.last);
      await stream.send(isDue ? [...found.events, HEARTBEAT] : found.events);
      if (found.state === 'quiet') await alarm.wait();
      if (stream.isGone) return;
      isDue = beat.takeDue();
      if (isDue) await checkToken();
      // Each look asks for the right to what it reads.
      found = await look();
    }
  } catch (thrown) {
    stream.end(refusal(thrown));
  } finally {
    beat.stop();
  }
}

/** Rings when a stream is to show that it is there: those of one rhythm at the same time. */
function startBeat({ heartbeatMs, rhythm }: Pick<Followed, 'heartbeatMs' | 'rhythm'>, ring: () => void) {
  const offset = Number.parseInt(rhythm.slice(0, 8), 16) % heartbeatMs || 0;
  let isDue = false;
  const beat = () => {
    isDue = true;
    timer = next();
    ring();
  };
  const next = () => setTimeout(beat, heartbeatMs - ((Date.now() + offset) % heartbeatMs));
  let timer = next();
  return {
    /** Whether it was due since this was last asked. */
    takeDue: () => {
      const was = isDue;
      isDue = false;
      return was;
    },
    stop: () => clearTimeout(timer),
  };
}
