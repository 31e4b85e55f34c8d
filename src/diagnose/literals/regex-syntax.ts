// Reads a regular expression in RE2 syntax into a small tree that shows which texts it needs. Pure.

/** A piece of a pattern. `chars` matches one character of a few, in either ASCII case where `fold` is true. */
export type RegexNode =
  /** Any text: nothing is known about it. */
  | { readonly kind: 'any' }
  /** The empty text, such as `$` or `\b`; with `start` where the line begins. */
  | { readonly kind: 'empty' | 'start' }
  | { readonly kind: 'chars'; readonly chars: readonly string[]; readonly fold: boolean }
  | { readonly kind: 'concat' | 'alternate'; readonly parts: readonly RegexNode[] }
  /** `part`, `min` to `max` times; `max` is null when there is no upper limit. */
  | { readonly kind: 'repeat'; readonly part: RegexNode; readonly min: number; readonly max: number | null };

interface Reader {
  readonly chars: readonly string[];
  at: number;
  /** True after `(?i)`: case is ignored. */
  fold: boolean;
}

/** Thrown and caught in this file only: the pattern holds something that this reader does not know. */
class Unsure extends Error {}

const ANY: RegexNode = { kind: 'any' };
const EMPTY: RegexNode = { kind: 'empty' };
const START: RegexNode = { kind: 'start' };
const CONTROL_ESCAPES: Readonly<Record<string, string>> = { a: '\x07', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };
/** A character class of more characters than this counts as `any`. */
const MAX_CLASS = 8;

/** Returns the tree of a pattern that re2js accepts; null when the pattern holds something that this reader does not know. */
export function readRegex(pattern: string): RegexNode | null {
  const reader: Reader = { chars: [...pattern], at: 0, fold: false };
  try {
    const node = readAlternation(reader);
    return reader.at === reader.chars.length ? node : null;
  } catch (thrown) {
    if (thrown instanceof Unsure) return null;
    throw thrown;
  }
}

function peek(reader: Reader): string | undefined {
  return reader.chars[reader.at];
}

function take(reader: Reader): string {
  const char = reader.chars[reader.at++];
  if (char === undefined) throw new Unsure();
  return char;
}

function takeIf(reader: Reader, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (reader.chars[reader.at + i] !== text[i]) return false;
  reader.at += text.length;
  return true;
}

function takeUntil(reader: Reader, end: string): string {
  let text = '';
  while (!takeIf(reader, end)) text += take(reader);
  return text;
}

function char(reader: Reader, text: string): RegexNode {
  return { kind: 'chars', chars: [text], fold: reader.fold };
}

function readAlternation(reader: Reader): RegexNode {
  const parts: RegexNode[] = [readConcatenation(reader)];
  while (takeIf(reader, '|')) parts.push(readConcatenation(reader));
  return parts.length === 1 && parts[0] ? parts[0] : { kind: 'alternate', parts };
}

function readConcatenation(reader: Reader): RegexNode {
  const parts: RegexNode[] = [];
  for (let next = peek(reader); next !== undefined && next !== '|' && next !== ')'; next = peek(reader)) {
    if (takeIf(reader, '\\Q')) {
      // The last `\E` may be left out; a repetition after it is of the last character alone.
      while (reader.at < reader.chars.length && !takeIf(reader, '\\E')) parts.push(char(reader, take(reader)));
      const last = parts.pop();
      if (last) parts.push(readRepetitions(reader, last));
    } else {
      parts.push(readRepetitions(reader, readAtom(reader)));
    }
  }
  return { kind: 'concat', parts };
}

function readRepetitions(reader: Reader, atom: RegexNode): RegexNode {
  let node = atom;
  for (;;) {
    const range = readRange(reader);
    if (range === null) return node;
    takeIf(reader, '?');
    node = { kind: 'repeat', part: node, ...range };
  }
}

function readRange(reader: Reader): { min: number; max: number | null } | null {
  if (takeIf(reader, '*')) return { min: 0, max: null };
  if (takeIf(reader, '+')) return { min: 1, max: null };
  if (takeIf(reader, '?')) return { min: 0, max: 1 };
  if (peek(reader) !== '{') return null;
  // What does not have the form of a count is the text `{`.
  const count = /^\{(\d{1,4})(,?)(\d{0,4})\}/.exec(reader.chars.slice(reader.at, reader.at + 12).join(''));
  if (!count) return null;
  reader.at += count[0].length;
  const min = Number(count[1]);
  if (count[2] === '') return count[3] === '' ? { min, max: min } : { min: 0, max: null };
  return { min, max: count[3] === '' ? null : Number(count[3]) };
}

function readAtom(reader: Reader): RegexNode {
  const next = take(reader);
  if (next === '(') return readGroup(reader);
  if (next === '[') return readClass(reader);
  if (next === '\\') return readEscape(reader);
  if (next === '.') return ANY;
  if (next === '^') return START;
  if (next === '$') return EMPTY;
  return char(reader, next);
}

function readGroup(reader: Reader): RegexNode {
  const outer = reader.fold;
  if (takeIf(reader, '?')) {
    if (takeIf(reader, 'P<') || takeIf(reader, '<')) {
      if (!/^\w+$/.test(takeUntil(reader, '>'))) throw new Unsure();
    } else {
      const flags = readFlags(reader);
      reader.fold = flags.fold;
      // `(?i)` holds to the end of the group it stands in.
      if (flags.end === ')') return EMPTY;
    }
  }
  const node = readAlternation(reader);
  if (!takeIf(reader, ')')) throw new Unsure();
  reader.fold = outer;
  return node;
}

function readFlags(reader: Reader): { fold: boolean; end: ')' | ':' } {
  let fold = reader.fold;
  let on = true;
  for (;;) {
    const flag = take(reader);
    if (flag === ')' || flag === ':') return { fold, end: flag };
    if (flag === '-') on = false;
    else if (flag === 'i') fold = on;
    else if (!'msU'.includes(flag)) throw new Unsure();
  }
}

function readEscape(reader: Reader): RegexNode {
  const next = take(reader);
  if (next === 'A') return START;
  if ('zbB'.includes(next)) return EMPTY;
  if ('dDsSwWC'.includes(next)) return ANY;
  if (next === 'p' || next === 'P') {
    if (take(reader) === '{') takeUntil(reader, '}');
    return ANY;
  }
  return char(reader, readEscapedChar(reader, next));
}

/** The one character that `\` and `next` (already taken) stand for. */
function readEscapedChar(reader: Reader, next: string): string {
  const control = CONTROL_ESCAPES[next];
  if (control !== undefined) return control;
  if (next === 'x') {
    const digits = takeIf(reader, '{') ? takeUntil(reader, '}') : take(reader) + take(reader);
    if (!/^[0-9a-fA-F]{1,6}$/.test(digits)) throw new Unsure();
    return String.fromCodePoint(Number.parseInt(digits, 16));
  }
  // Octal and back references, and letters that mean nothing to us.
  if (/^[0-9A-Za-z]$/.test(next)) throw new Unsure();
  return next;
}

function readClass(reader: Reader): RegexNode {
  const negated = takeIf(reader, '^');
  const chars: string[] = [];
  let known = !negated;
  for (let first = true; first || peek(reader) !== ']'; first = false) {
    if (takeIf(reader, '[:')) {
      takeUntil(reader, ':]');
      known = false;
      continue;
    }
    const low = readClassChar(reader);
    if (low === null) known = false;
    else if (peek(reader) === '-' && reader.chars[reader.at + 1] !== ']') {
      reader.at++;
      const high = readClassChar(reader);
      if (high === null) throw new Unsure();
      known &&= addRange(chars, low, high);
    } else chars.push(low);
  }
  reader.at++;
  return known && chars.length <= MAX_CLASS ? { kind: 'chars', chars, fold: reader.fold } : ANY;
}

/** Null for an escape that stands for several characters. */
function readClassChar(reader: Reader): string | null {
  const next = take(reader);
  if (next !== '\\') return next;
  const escaped = take(reader);
  if ('dDsSwW'.includes(escaped)) return null;
  if (escaped === 'p' || escaped === 'P') {
    if (take(reader) === '{') takeUntil(reader, '}');
    return null;
  }
  return readEscapedChar(reader, escaped);
}

/** False when the range has too many characters to be listed. */
function addRange(chars: string[], low: string, high: string): boolean {
  const from = low.codePointAt(0) ?? 0;
  const to = high.codePointAt(0) ?? 0;
  if (to - from >= MAX_CLASS) return false;
  for (let code = from; code <= to; code++) chars.push(String.fromCodePoint(code));
  return true;
}
