// Finds private keys in PEM or PGP armour, also when only a part of the block is there: without its beginning, without its end,
// or a line out of the middle. Pure.
import { runStart } from './reading/alphabets.ts';
import { bitsPerCharacter } from './reading/randomness.ts';
import type { Span } from './reading/span.ts';

const BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;
const END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;
/** Certificates and public keys are there to be shown. */
const OTHER_BEGIN = /-----BEGIN [A-Z0-9 ]{1,60}-----/;
const OTHER_END = /-----END [A-Z0-9 ]{1,60}-----/;
const HEADER = /(?:^|[\s|:>'"])(?:Proc-Type|DEK-Info|Version|Comment|Hash): ?\S/;
const KIND = 'private-key';

/** How long the full lines of armour are: PEM, OpenSSH, and what base64 makes of a file. */
const FULL_LINES: ReadonlySet<number> = new Set([64, 70, 72, 76]);
/** Base64 of a key has more, sums and words have less. */
const MIN_BITS_PER_CHARACTER = 4.4;

interface Line {
  readonly start: number;
  readonly text: string;
}

/** The places of key material in the text. */
export function findKeyBlocks(text: string): Span[] {
  if (text.length < 64 && !text.includes('-----')) return [];
  const lines = linesOf(text);
  const found: Span[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i];
    if (line === undefined) break;
    if (!line.text.includes('-----')) {
      i = passLoneLines(lines, i, found);
    } else if (BEGIN.test(line.text)) i = passBlock(lines, i, found);
    else if (END.test(line.text)) passEnd(lines, i, found);
    else if (OTHER_BEGIN.test(line.text)) i = passMaterial(lines, i + 1) - 1;
  }
  return found;
}

function linesOf(text: string): Line[] {
  let start = 0;
  return text.split('\n').map((line) => {
    const at = start;
    start += line.length + 1;
    return { start: at, text: line };
  });
}

/** Takes the block that begins on this line; gives its last line. Without an end it is over where the armour is. */
function passBlock(lines: readonly Line[], first: number, found: Span[]): number {
  const { text = '', start = 0 } = lines[first] ?? {};
  for (let at = 0; ; ) {
    const begin = BEGIN.exec(text.slice(at));
    if (begin === null) return first;
    const end = END.exec(text.slice(at + begin.index));
    if (end === null) {
      at += begin.index;
      break;
    }
    const after = at + begin.index + end.index + end[0].length;
    found.push({ start: start + at + begin.index, end: start + after, kind: KIND });
    at = after;
    if (!BEGIN.test(text.slice(at))) return first;
  }
  const begin = text.lastIndexOf('-----BEGIN');
  const next = passMaterial(lines, first + 1);
  const closing = lines[next];
  const end = closing === undefined ? null : END.exec(closing.text);
  const last = lines[next - 1];
  if (closing !== undefined && end !== null) {
    found.push({ start: start + begin, end: closing.start + end.index + end[0].length, kind: KIND });
    return next;
  }
  found.push({ start: start + begin, end: (last?.start ?? 0) + (last?.text.length ?? 0), kind: KIND });
  return next - 1;
}

/** The first line from `first` on that is no part of a block. */
function passMaterial(lines: readonly Line[], first: number): number {
  let next = first;
  for (let line = lines[next]; line !== undefined; line = lines[++next]) {
    if (line.text.includes('-----') || !(isEmpty(line.text) || isMaterial(line.text))) break;
  }
  // Empty lines behind a block are not its own.
  while (next > first && isEmpty(lines[next - 1]?.text ?? 'x')) next--;
  return next;
}

/** Takes the end of a block whose beginning is not in the text, or on the same line but cut. */
function passEnd(lines: readonly Line[], at: number, found: Span[]): void {
  const line = lines[at];
  const end = line === undefined ? null : END.exec(line.text);
  if (line === undefined || end === null) return;
  let from = end.index;
  while (from > 0 && /[A-Za-z0-9+/=\\ ]/.test(line.text.charAt(from - 1))) from--;
  let first = at;
  const former = lines[at - 1]?.text ?? '';
  const isFramed = isSameFrame(line.text.slice(0, end.index), former.slice(0, armourIn(former)?.start ?? 0));
  if (isFramed || isDecoration(line.text.slice(0, from))) {
    while (first > 0 && isOfBlock(lines[first - 1]?.text ?? '')) first--;
  }
  const start = first < at ? (lines[first]?.start ?? 0) : line.start + from;
  found.push({ start, end: line.start + end.index + end[0].length, kind: KIND });
}

/** Whether a line may stand in the midst of a block. Where another block begins or ends, this one does not go on. */
function isOfBlock(text: string): boolean {
  return !text.includes('-----') && isMaterial(text);
}

/** Takes lines that stand alone and can be nothing but base64 of something long; gives the last one looked at. */
function passLoneLines(lines: readonly Line[], first: number, found: Span[]): number {
  let last = first;
  while (isLoneLine(lines, last)) last++;
  if (last === first) return first;
  const next = lines[last];
  if (next !== undefined && OTHER_END.test(next.text) && !END.test(next.text)) return last;
  const rest = next === undefined ? null : armourIn(next.text);
  if (next !== undefined && rest !== null) {
    const before = next.text.slice(0, rest.start);
    const isFramed = isDecoration(before) || isSameFrame(before, frameOf(lines[last - 1]?.text ?? ''));
    if (isFramed && isRest(next.text.slice(rest.start, rest.end))) last++;
  }
  if (next !== undefined && last > 0 && END.test(lines[last]?.text ?? '')) return last - 1;
  for (const line of lines.slice(first, last)) {
    const armour = armourIn(line.text);
    if (armour !== null) found.push({ start: line.start + armour.start, end: line.start + armour.end, kind: KIND });
  }
  return last - 1;
}

/** What a container's or a package's name stands before is a line of a key where its neighbour is one too, behind the same. */
function isLoneLine(lines: readonly Line[], at: number): boolean {
  const before = frameOf(lines[at]?.text ?? '');
  if (before === null) return false;
  if (isDecoration(before)) return true;
  return [at - 1, at + 1].some((other) => isSameFrame(before, frameOf(lines[other]?.text ?? '')));
}

/** What stands before a full line of base64; null for any other line. */
function frameOf(text: string): string | null {
  if (text.length < 64 || text.length > 200) return null;
  const armour = armourIn(text);
  if (armour === null || !FULL_LINES.has(armour.end - armour.start)) return null;
  const content = text.slice(armour.start, armour.end);
  const isKey =
    /[A-Z]/.test(content) &&
    /[a-z]/.test(content) &&
    /\d/.test(content) &&
    // The beginning of a public key of SSH.
    !/^AAAA[BCE]/.test(content) &&
    bitsPerCharacter(content) >= MIN_BITS_PER_CHARACTER;
  return isKey ? text.slice(0, armour.start) : null;
}

/** Equal but for digits: stamps go on. */
function isSameFrame(one: string, other: string | null): boolean {
  if (one.length !== other?.length) return false;
  const isDigit = (char: string | undefined) => char !== undefined && char >= '0' && char <= '9';
  return [...one].every((char, at) => char === other[at] || (isDigit(char) && isDigit(other[at])));
}

function isRest(content: string): boolean {
  return (
    content.endsWith('=') ||
    (content.length >= 16 && /[A-Z]/.test(content) && /[a-z]/.test(content) && /\d/.test(content))
  );
}

function isDecoration(before: string): boolean {
  return before.length <= 40 && !/[A-Za-z]/.test(before);
}

/** A line with nothing on it but what a log puts before it. */
function isEmpty(text: string): boolean {
  return text.length < 40 && /^[\s|:>'"#*+-]*$/.test(text);
}

function isMaterial(text: string): boolean {
  if (HEADER.test(text.slice(0, 200))) return true;
  const armour = armourIn(text);
  if (armour === null) return false;
  const content = text.slice(armour.start, Math.min(armour.end, armour.start + 200));
  return content.length >= 16 || content.endsWith('=') || /^=[A-Za-z0-9+/]{4}$/.test(content);
}

/** The base64 that a line ends with; null when it ends otherwise. Quotes, commas and a written line's end may follow. */
function armourIn(text: string): { start: number; end: number } | null {
  let end = text.length;
  while (end > 0 && ' \t\r\'",\\'.includes(text.charAt(end - 1))) end--;
  if (text.startsWith('\\n', end - 2)) end -= 2;
  else if (text.charAt(end - 1) === 'n' && text.charAt(end - 2) === '\\') end -= 2;
  const start = runStart(text, end, 'b64');
  const before = text.charAt(start - 1);
  return start < end && (start === 0 || ' \t\r|:>]\'"'.includes(before)) ? { start, end } : null;
}
