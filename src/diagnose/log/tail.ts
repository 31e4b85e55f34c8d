// Keeps the last megabyte of a stretch of a log, for what is asked only at its end. Pure.
import { type CleanLine, cleanLine } from './clean-log.ts';

const KEPT_BYTES = 1024 * 1024;
const LEAST_BYTES = 16 * 1024;
const MOST_LINES = 50_000;
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
  /** Where what was put in begins, and with which raw line. */
  let pieces: { at: number; line: number }[] = [];

  function makeRoom(more: number): void {
    if (length + more <= buffer.length) return;
    if (length + more <= 2 * KEPT_BYTES) {
      const larger = Buffer.allocUnsafeSlow(Math.min(2 * KEPT_BYTES, Math.max(LEAST_BYTES, 2 * (length + more))));
      buffer.copy(larger, 0, 0, length);
      buffer = larger;
      return;
    }
    const start = pieces.find(({ at }) => at >= length - KEPT_BYTES)?.at ?? length;
    pieces = pieces.filter(({ at }) => at >= start).map(({ at, line }) => ({ at: at - start, line }));
    buffer.copyWithin(0, start, length);
    length -= start;
  }

  /** The raw number of the last line. */
  function lastLine(): number {
    const piece = pieces.at(-1) ?? { at: 0, line: 1 };
    let line = piece.line - 1;
    const kept = buffer.subarray(0, length);
    for (let at = kept.indexOf(NEWLINE, piece.at); at >= 0; at = kept.indexOf(NEWLINE, at + 1)) line++;
    return line;
  }

  return {
    push(bytes, firstLine) {
      makeRoom(bytes.length);
      pieces.push({ at: length, line: firstLine });
      bytes.copy(buffer, length);
      length += bytes.length;
    },
    lines() {
      const kept = buffer.subarray(0, length);
      const starts: number[] = [];
      for (let at = length; at > 0 && starts.length < MOST_LINES; ) {
        at = at < 2 ? 0 : kept.lastIndexOf(NEWLINE, at - 2) + 1;
        starts.push(at);
      }
      const last = lastLine();
      return starts.reverse().map((start, index) => {
        const end = (starts[index + 1] ?? length) - 1;
        return { line: last - (starts.length - 1 - index), text: cleanLine(kept, start, end) };
      });
    },
    clear() {
      length = 0;
      pieces = [];
    },
  };
}
