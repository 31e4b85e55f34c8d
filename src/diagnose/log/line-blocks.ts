// Cuts a stream of bytes into blocks of whole lines, in bounded memory whatever comes. Pure.

/** A line is cut here, in raw bytes; what follows is dropped, the count of lines stays right. */
export const MAX_LINE_BYTES = 4096;

/** What is kept of a line that is dropped half-way: enough to see that it is too long, and where its last character ends. */
const KEPT_BYTES = MAX_LINE_BYTES + 4;
const BLOCK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Whole lines, each ended by a newline (one is added to a last line that has none). The bytes are only valid during the call. */
export interface Block {
  readonly bytes: Buffer;
  /** 1-based number of the block's first line in the raw stream. */
  readonly firstLine: number;
  readonly lineCount: number;
}

/** Takes a stream's chunks, of any size and cut anywhere. */
export interface BlockWriter {
  /** The chunk may be reused by the caller afterwards. */
  write(chunk: Uint8Array): void;
  /** Hands over what is left; returns how many lines and bytes there were. */
  end(): { lineCount: number; byteCount: number };
}

/**
 * Calls `onBlock` with about 256 KB of whole lines at a time.
 *
 * 1. Between two calls of `write`, the buffer starts at the start of a line.
 * 2. A line that outgrows `KEPT_BYTES` at the end of a full buffer keeps that many bytes, and bytes are dropped up to its newline.
 */
export function createBlocks(onBlock: (block: Block) => void): BlockWriter {
  // Not from Buffer's shared pool, and one byte more for the newline of a last line without one.
  const buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES + 1);
  let filled = 0;
  let skipping = false;
  let lineCount = 0;
  let byteCount = 0;

  function handOver(end: number): void {
    const bytes = buffer.subarray(0, end);
    const lines = countLines(bytes);
    onBlock({ bytes, firstLine: lineCount + 1, lineCount: lines });
    lineCount += lines;
  }

  function makeRoom(): void {
    const newline = buffer.lastIndexOf(NEWLINE, filled - 1) + 1;
    if (newline > 0) handOver(newline);
    const end = newline > 0 ? newline : redrawnFrom(buffer, filled);
    buffer.copyWithin(0, end, filled);
    filled -= end;
    skipping = filled > KEPT_BYTES;
    filled = Math.min(filled, KEPT_BYTES);
  }

  return {
    write(chunk) {
      byteCount += chunk.length;
      let from = 0;
      while (from < chunk.length) {
        if (skipping) {
          from = chunk.indexOf(NEWLINE, from);
          if (from < 0) return;
          skipping = false;
        }
        const to = Math.min(chunk.length, from + BLOCK_BYTES - filled);
        buffer.set(chunk.subarray(from, to), filled);
        filled += to - from;
        from = to;
        if (filled === BLOCK_BYTES) makeRoom();
      }
    },
    end() {
      if (filled > 0 && buffer[filled - 1] !== NEWLINE) buffer[filled++] = NEWLINE;
      if (filled > 0) handOver(filled);
      filled = 0;
      return { lineCount, byteCount };
    },
  };
}

/** Of a progress bar as long as a block, where what was not drawn over begins; 0 for any other line. */
function redrawnFrom(buffer: Buffer, filled: number): number {
  return buffer.subarray(0, filled - 1).indexOf(CARRIAGE_RETURN, filled - MAX_LINE_BYTES) + 1;
}

function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) lines++;
  return lines;
}
