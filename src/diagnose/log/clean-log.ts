// Cleans a job's log: bytes in, lines of text out, without GitHub's timestamps and terminal escapes. Pure.
import { createBlocks, MAX_LINE_BYTES } from './line-blocks.ts';
import { stripEscapes } from './strip-escapes.ts';

const ESC = 0x1b;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;

/** The time that GitHub writes before every line (docs/github.md#job-logs); a zero stands for any digit. */
const TIMESTAMP_FORM = Buffer.from('0000-00-00T00:00:00.0000000Z');
const DIGIT_ZERO = 0x30;

/** One line of a log after cleaning: the form in which patterns are tried on it. */
export interface CleanLine {
  /** Line number in the log as it was fetched, from 1. Only `\n` ends a line. */
  readonly line: number;
  /** The line without its newline, timestamp and terminal escapes; at most `MAX_LINE_BYTES` bytes of it. Secrets are still in it. */
  readonly text: string;
}

function isTimestamp(bytes: Buffer, start: number, end: number): boolean {
  if (end - start < TIMESTAMP_FORM.length) return false;
  for (let i = 0; i < TIMESTAMP_FORM.length; i++) {
    const form = TIMESTAMP_FORM[i];
    const byte = bytes[start + i] ?? 0;
    if (form === DIGIT_ZERO ? byte < DIGIT_ZERO || byte > DIGIT_ZERO + 9 : byte !== form) return false;
  }
  return true;
}

/** When GitHub wrote the line that begins at `start`, in milliseconds; null for a line without its stamp. */
export function readStamp(bytes: Buffer, start: number): number | null {
  const from = bytes[start] === 0xef ? start + 3 : start;
  if (!isTimestamp(bytes, from, bytes.length)) return null;
  const time = Date.parse(`${bytes.toString('latin1', from, from + 23)}Z`);
  return Number.isNaN(time) ? null : time;
}

/** The colour in which the runner shows the script that a step is about to run, and nearly nobody else writes. */
const SCRIPT = Buffer.from('\u001b[36;1m');

/** Whether the line that begins at `start` shows a part of a script, which has not said anything yet. */
export function isScript(bytes: Buffer, start: number): boolean {
  const at = isTimestamp(bytes, start, bytes.length) ? start + TIMESTAMP_FORM.length + 1 : start;
  return bytes.subarray(at, at + SCRIPT.length).equals(SCRIPT);
}

/** Moves an end that a cut has put inside a UTF-8 sequence back to the sequence's start. */
function wholeCharacters(bytes: Buffer, start: number, end: number): number {
  let lead = end;
  while (lead > start && end - lead < 3 && ((bytes[lead] ?? 0) & 0xc0) === 0x80) lead--;
  return (bytes[lead] ?? 0) >= 0xc0 ? lead : end;
}

/**
 * One raw line (without its newline) as the bytes that count: cut at `MAX_LINE_BYTES`, without byte order mark, trailing
 * carriage return, GitHub's timestamp and terminal escapes. May be a view of the given bytes.
 */
export function cleanBytes(bytes: Buffer, lineStart: number, lineEnd: number): Buffer {
  let start = lineStart;
  let end = lineEnd;
  if (end - start > MAX_LINE_BYTES) {
    // Of a progress bar counts what a terminal shows in the end.
    const redrawn = bytes.subarray(0, end - 1).indexOf(CARRIAGE_RETURN, end - MAX_LINE_BYTES);
    if (redrawn >= 0) start = redrawn + 1;
    else end = wholeCharacters(bytes, start, start + MAX_LINE_BYTES);
  }
  if (end > start && bytes[end - 1] === CARRIAGE_RETURN) end--;
  if (bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf) start = Math.min(start + 3, end);
  if (isTimestamp(bytes, start, end)) {
    start += TIMESTAMP_FORM.length;
    if (start < end && bytes[start] === SPACE) start++;
  }
  const line = bytes.subarray(start, end);
  return line.includes(ESC) ? stripEscapes(line) : line;
}

/** Cleaned bytes as text: what is not UTF-8, and NUL (which Postgres cannot store), becomes U+FFFD. */
function decodeLine(cleaned: Buffer): string {
  const text = cleaned.toString('utf8');
  return text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text;
}

/** The cleaned text of the raw line that takes up `bytes[lineStart]` to `bytes[lineEnd - 1]`, without its newline. */
export function cleanLine(bytes: Buffer, lineStart: number, lineEnd: number): string {
  return decodeLine(cleanBytes(bytes, lineStart, lineEnd));
}

/**
 * Cleans a stream: returns a writer for its bytes and calls `onLine` for every line, in order. Chunks may be cut anywhere,
 * even inside a character. Lines come with some delay: the last ones when `end` is called. Memory use has a fixed limit.
 */
export function createLineCleaner(onLine: (line: CleanLine) => void): ReturnType<typeof createBlocks> {
  return createBlocks(({ bytes, firstLine }) => {
    let line = firstLine;
    for (let start = 0; start < bytes.length; line++) {
      const end = bytes.indexOf(NEWLINE, start);
      onLine({ line, text: cleanLine(bytes, start, end) });
      start = end + 1;
    }
  });
}
