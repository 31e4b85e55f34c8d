// Takes terminal escapes (ECMA-48: colours, cursor moves, hyperlinks, titles) out of one line's bytes. Pure.

const BEL = 0x07;
const ESC = 0x1b;
const BACKSLASH = 0x5c;
const CSI = 0x5b;
/** Introducers of strings that run to BEL or ESC \: OSC `]`, DCS `P`, SOS `X`, PM `^`, APC `_`. */
const STRING_INTRODUCERS: ReadonlySet<number> = new Set([0x5d, 0x50, 0x58, 0x5e, 0x5f]);

interface ByteRange {
  readonly low: number;
  readonly high: number;
  readonly most: number;
}
const PARAMETERS: ByteRange = { low: 0x30, high: 0x3f, most: Number.POSITIVE_INFINITY };
const INTERMEDIATES: ByteRange = { low: 0x20, high: 0x2f, most: Number.POSITIVE_INFINITY };
const CSI_FINALS: ByteRange = { low: 0x40, high: 0x7e, most: 1 };
const FINALS: ByteRange = { low: 0x30, high: 0x7e, most: 1 };

/** What is known about a line while its escapes are skipped one by one; `skipEscape` changes it. */
interface EscapedLine {
  /** Index after the line's last byte. */
  limit: number;
  /** Begins as true. False once a control string without an end was found: the later ones have no end either and are not searched. */
  stringsEnd: boolean;
}

/**
 * Returns the index after the escape that begins at `bytes[at]`, which must be an ESC. An incomplete escape ends with its
 * last valid byte. Of a control string without an end only the two bytes that begin it are skipped, so that it cannot hide
 * the rest of the line.
 */
function skipEscape(bytes: Buffer, at: number, line: EscapedLine): number {
  const kind = at + 1 < line.limit ? (bytes[at + 1] ?? 0) : 0;
  if (line.stringsEnd && STRING_INTRODUCERS.has(kind)) {
    const end = endOfString(bytes, at + 2, line.limit);
    if (end >= 0) return end;
    line.stringsEnd = false;
  }
  if (kind === CSI) {
    const parameters = skipRange(bytes, at + 2, line.limit, PARAMETERS);
    return skipRange(bytes, skipRange(bytes, parameters, line.limit, INTERMEDIATES), line.limit, CSI_FINALS);
  }
  if (kind >= 0x20 && kind <= 0x2f) {
    return skipRange(bytes, skipRange(bytes, at + 1, line.limit, INTERMEDIATES), line.limit, FINALS);
  }
  return kind >= 0x30 && kind <= 0x7e ? at + 2 : at + 1;
}

function skipRange(bytes: Buffer, at: number, limit: number, { low, high, most }: ByteRange): number {
  const end = Math.min(limit, at + most);
  let index = at;
  while (index < end && (bytes[index] ?? 0) >= low && (bytes[index] ?? 0) <= high) index++;
  return index;
}

/** Index after the terminator of a control string whose text begins at `at`; -1 when the line holds none. */
function endOfString(bytes: Buffer, at: number, limit: number): number {
  for (let i = at; i < limit; i++) {
    if (bytes[i] === BEL) return i + 1;
    if (bytes[i] === ESC && i + 1 < limit && bytes[i + 1] === BACKSLASH) return i + 2;
  }
  return -1;
}

/** Returns a copy of the line's bytes without any terminal escape. */
export function stripEscapes(line: Buffer): Buffer {
  const kept = Buffer.allocUnsafe(line.length);
  const escapes: EscapedLine = { limit: line.length, stringsEnd: true };
  let length = 0;
  for (let at = 0; at < line.length; ) {
    const byte = line[at] ?? 0;
    if (byte === ESC) at = skipEscape(line, at, escapes);
    else {
      kept[length++] = byte;
      at++;
    }
  }
  return kept.subarray(0, length);
}
