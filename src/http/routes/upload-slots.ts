// How many uploads there are at once, and which of them goes when one more comes.
import type { Pace } from '../bodies/pace.ts';

/** Looked at when there is no slot left: who comes slower than this makes way. */
const SLOW_BYTES_PER_SECOND = 256 * 1024;

/** An upload whose body still comes; made by upload-file.ts. */
export interface OpenUpload {
  readonly pace: Pace;
  readonly giveUp: () => void;
}

/** An upload from when its sender is known until its report is kept. */
export interface Slot {
  /** Said by the upload itself while its body comes, which can be made to give up then; null when it is there. */
  readonly receives: (upload: OpenUpload | null) => void;
  readonly leave: () => void;
}

/** Anybody with a job in some repository may upload, so that slow uploads must not keep out the others. */
export class UploadSlots {
  readonly #most: number;
  readonly #slots = new Map<Slot, OpenUpload | null>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Null when all are taken by uploads that go on well. */
  enter(): Slot | null {
    if (this.#slots.size >= this.#most && !this.#makeWay()) return null;
    const slot: Slot = {
      receives: (upload) => {
        if (this.#slots.has(slot)) this.#slots.set(slot, upload);
      },
      leave: () => this.#slots.delete(slot),
    };
    this.#slots.set(slot, null);
    return slot;
  }

  #makeWay(): boolean {
    const open = [...this.#slots].flatMap(([slot, upload]) => (upload === null ? [] : [{ slot, upload }]));
    const [slowest] = open.toSorted((one, other) => one.upload.pace.rate() - other.upload.pace.rate());
    if (slowest === undefined || slowest.upload.pace.rate() >= SLOW_BYTES_PER_SECOND) return false;
    slowest.slot.leave();
    slowest.upload.giveUp();
    return true;
  }
}
