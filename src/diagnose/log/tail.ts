// Keeps the last megabyte of a stretch of a log, for what is asked only at its end. Pure.
import { type CleanLine, cleanLine } from './clean-log.ts';

const KEPT_BYTES = 1024 * 1024;
const LEAST_BYTES = 16 * 1024;
const NEWLINE = 0x0a;

/** The last lines of a stretch. */
export interface Tail {
  /** Adds whole lines, of which the first has this raw number; the bytes are copied. */
  push(bytes: Buffer, firstLine: number): void;
  /** The lines kept, cleaned, in order. */
  lines(): CleanLine[];
  /** Forgets all, to be used for another stretch. */
  clear(): void;
}

/** An empty tail; memory grows with what is put in, up to some two megabytes. */
export function createTail(): Tail {
  let buffer = Buffer.alloc(0);
  let length = 0;
  let first = 1;

  function makeRoom(more: number): void {
    if (length + more <= buffer.length) return;
    if (length + more <= 2 * KEPT_BYTES) {
      const larger = Buffer.allocUnsafeSlow(Math.min(2 * KEPT_BYTES, Math.max(LEAST_BYTES, 2 * (length + more))));
      buffer.copy(larger, 0, 0, length);
      buffer = larger;
      return;
    }
    const kept = Math.max(0, length - KEPT_BYTES);
    const start = buffer.subarray(0, length).indexOf(NEWLINE, kept) + 1;
    for (let at = buffer.indexOf(NEWLINE); at >= 0 && at < start; at = buffer.indexOf(NEWLINE, at + 1)) first++;
    buffer.copyWithin(0, start, length);
    length -= start;
  }

  return {
    push(bytes, firstLine) {
      if (length === 0) first = firstLine;
      makeRoom(bytes.length);
      bytes.copy(buffer, length);
      length += bytes.length;
    },
    lines() {
      const lines: CleanLine[] = [];
      for (let start = 0; start < length; ) {
        const newline = buffer.subarray(0, length).indexOf(NEWLINE, start);
        const end = newline < 0 ? length : newline;
        lines.push({ line: first + lines.length, text: cleanLine(buffer, start, end) });
        start = end + 1;
      }
      return lines;
    },
    clear() {
      length = 0;
    },
  };
}
