// Keeps the last megabyte of a stretch of a log, for what is asked only at its end. Pure.
import { type CleanLine, cleanLine, readStamp } from './clean-log.ts';

const KEPT_BYTES = 1024 * 1024;
const LEAST_BYTES = 16 * 1024;
const MOST_LINES = 50_000;
const MOST_BEFORE_TIME = 120;
const NEWLINE = 0x0a;

/** The last lines of a stretch. */
export interface Tail {
  /** Adds whole lines, of which the first has this raw number; the bytes are copied. */
  push(bytes: Buffer, firstLine: number): void;
  /** The lines kept, cleaned, in order. */
  lines(): CleanLine[];
  /** When GitHub wrote one of them, in milliseconds; null for one without its stamp. */
  timeOf(line: number): number | null;
  /** Forgets all, to be used for another stretch. */
  clear(): void;
}

interface Piece {
  readonly at: number;
  readonly line: number;
}

/** An empty tail; memory grows with what is put in, up to some two megabytes. */
export function createTail(): Tail {
  let buffer = Buffer.alloc(0);
  let length = 0;
  /** Where what was put in begins, and with which raw line. */
  let pieces: Piece[] = [];

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

  const kept = () => ({ bytes: buffer.subarray(0, length), piece: pieces.at(-1) ?? { at: 0, line: 1 } });

  return {
    push(bytes, firstLine) {
      makeRoom(bytes.length);
      pieces.push({ at: length, line: firstLine });
      bytes.copy(buffer, length);
      length += bytes.length;
    },
    lines: () => startsOf(kept()).map(({ line, start, end }) => ({ line, text: cleanLine(buffer, start, end) })),
    timeOf(line) {
      const found = startsOf(kept()).find((one) => one.line === line);
      // A wrapper's words may stand before GitHub's time.
      for (
        let at = found?.start ?? length;
        at < Math.min(found?.end ?? 0, (found?.start ?? 0) + MOST_BEFORE_TIME);
        at++
      ) {
        const time = readStamp(kept().bytes, at);
        if (time !== null) return time;
      }
      return null;
    },
    clear() {
      length = 0;
      pieces = [];
    },
  };
}

/** Where the last lines of the bytes lie; the last piece says what their numbers are. */
function startsOf({ bytes, piece }: { readonly bytes: Buffer; readonly piece: Piece }) {
  const starts: number[] = [];
  for (let at = bytes.length; at > 0 && starts.length < MOST_LINES; ) {
    at = at < 2 ? 0 : bytes.lastIndexOf(NEWLINE, at - 2) + 1;
    starts.push(at);
  }
  let last = piece.line - 1;
  for (let at = bytes.indexOf(NEWLINE, piece.at); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) last++;
  return starts.reverse().map((start, index) => {
    const end = (starts[index + 1] ?? bytes.length) - 1;
    return { line: last - (starts.length - 1 - index), start, end };
  });
}
