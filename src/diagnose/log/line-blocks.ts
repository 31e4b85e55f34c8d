// Cuts a stream of bytes into blocks of whole lines. Memory use has a fixed limit, however long a line is. Pure.

/** The most raw bytes that are kept of one line. The rest of a longer line is dropped; line numbers stay right. */
export const MAX_LINE_BYTES = 4096;

/** Bytes that are kept of a line whose rest is dropped: a few more than the limit, to see that it is too long and where its last character ends. */
const KEPT_BYTES = MAX_LINE_BYTES + 4;
const BLOCK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Some whole lines of a stream. */
export interface Block {
  /** The lines, each with its newline (one is added to a last line that has none). Overwritten after the call that passes it. */
  readonly bytes: Buffer;
  /** Number of the block's first line in the raw stream, from 1. */
  readonly firstLine: number;
  readonly lineCount: number;
}

/** Takes the chunks of a stream, of any size and cut anywhere. */
export interface BlockWriter {
  /** Copies what it needs: the caller may use the chunk's memory again. */
  write(chunk: Uint8Array): void;
  /** Passes on the last lines; returns how many lines and raw bytes the stream had. */
  end(): { lineCount: number; byteCount: number };
}

/**
 * Returns a writer that calls `onBlock` with at most about 256 KB of whole lines at a time. How it works:
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
