// Memory for bodies, all requests of one receiver together: who may take how much, and who has to leave when it is full.
import { Pace } from './pace.ts';

/** Nearly all webhooks are smaller. */
const SMALL_BODY_BYTES = 1024 * 1024;
/** Of one address, when addresses are known. */
const UNFINISHED_OF_ONE_ADDRESS = 32;

/** Who sends a body. */
export interface Sender {
  /** What Content-Length says; null when it says nothing. */
  readonly announced: number | null;
  /** Whose share of the room it takes; null when nobody knows, or when it is GitHub. */
  readonly address: string | null;
  /** Called when the body has to leave for a faster one. */
  readonly onEvicted: () => void;
}

/** A body in the room, from its first byte until `leave`. */
export interface Guest {
  readonly pace: Pace;
  /** False when there is no room for so many bytes more; then nothing was taken. */
  readonly take: (bytes: number) => boolean;
  /** Nothing more will come: it is no longer asked to leave. */
  readonly finish: () => void;
  /** Gives back what was taken. Twice is fine. */
  readonly leave: () => void;
}

interface Body extends Sender {
  readonly pace: Pace;
  length: number;
}

/**
 * Strangers may fill it, as nobody has proven anything before a body is whole; so
 *
 * 1. bodies over a megabyte leave half of it to the small,
 * 2. what is unfinished leaves a quarter to small bodies that are whole with the bytes that ask,
 * 3. one address has a quarter of it for what is unfinished, and 32 such bodies,
 * 4. when it is full, the slowest unfinished body goes, unless the one that asks is slower still.
 */
export class BodyRoom {
  readonly #now: () => number;
  readonly #bytes: number;
  readonly #shareBytes: number;
  readonly #unfinished = new Set<Body>();
  #taken = 0;
  #takenUnfinished = 0;

  /** `largest`: the share of an address is never smaller than this. */
  constructor(bytes: number, largest = 0, now: () => number = () => performance.now()) {
    this.#now = now;
    this.#bytes = bytes;
    this.#shareBytes = Math.max(largest, bytes / 4);
  }

  enter(sender: Sender): Guest {
    let isInside = true;
    const finish = () => {
      if (this.#unfinished.delete(body)) this.#takenUnfinished -= body.length;
    };
    const leave = () => {
      if (!isInside) return;
      isInside = false;
      finish();
      this.#taken -= body.length;
    };
    const onEvicted = () => {
      leave();
      sender.onEvicted();
    };
    const body: Body = { ...sender, onEvicted, pace: new Pace(this.#now), length: 0 };
    this.#unfinished.add(body);
    return { pace: body.pace, take: (bytes) => isInside && this.#take(body, bytes), finish, leave };
  }

  #take(body: Body, bytes: number): boolean {
    body.pace.grew(bytes);
    const finished = this.#taken - this.#takenUnfinished;
    if (finished + bytes > this.#roomFor(body, bytes)) return false;
    const hasWay =
      this.#makeWay(body, body.address, () => this.#hasShare(body, bytes)) &&
      this.#makeWay(body, null, () => this.#hasRoom(body, bytes));
    if (!hasWay) return false;
    body.length += bytes;
    this.#taken += bytes;
    this.#takenUnfinished += bytes;
    return true;
  }

  /** Asks the slowest to leave, of one address if it is given, until what is wanted is there; false when it can't be had. */
  #makeWay(asking: Body, address: string | null, isThere: () => boolean): boolean {
    while (!isThere()) {
      const slowest = this.#slowest(asking, address);
      if (slowest === null) return false;
      slowest.onEvicted();
    }
    return true;
  }

  #roomFor({ length }: Body, bytes: number): number {
    return length + bytes <= SMALL_BODY_BYTES ? this.#bytes : this.#bytes / 2;
  }

  #hasRoom(body: Body, bytes: number): boolean {
    if (this.#taken + bytes > this.#roomFor(body, bytes)) return false;
    const length = body.length + bytes;
    const isSmallAndWhole = length <= SMALL_BODY_BYTES && length === body.announced;
    return isSmallAndWhole || this.#takenUnfinished + bytes <= 0.75 * this.#bytes;
  }

  #hasShare({ address }: Body, bytes: number): boolean {
    if (address === null) return true;
    const ofAddress = [...this.#unfinished].filter((body) => body.address === address);
    const taken = ofAddress.reduce((sum, { length }) => sum + length, 0);
    return taken + bytes <= this.#shareBytes && ofAddress.length <= UNFINISHED_OF_ONE_ADDRESS;
  }

  /** The slowest of those that are slower than the one that asks; null: it is the slowest itself. */
  #slowest(asking: Body, address: string | null): Body | null {
    let found: Body | null = null;
    let least = asking.pace.rate();
    for (const body of this.#unfinished) {
      if (body === asking || (address !== null && body.address !== address)) continue;
      const rate = body.pace.rate();
      if (rate >= least) continue;
      found = body;
      least = rate;
    }
    return found;
  }
}
