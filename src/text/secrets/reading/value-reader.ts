// Reads the value that follows a name and its sign: where it begins, where it ends, in quotes or not. Pure.

/** A value in a text, without its quotes. */
export interface ReadValue {
  readonly start: number;
  readonly end: number;
  readonly quoted: boolean;
  /** True when only a sign, a comment or the end of the line follows it; false when prose follows. */
  readonly whole: boolean;
}

const SPACES = ' \t\u00a0';
const QUOTES = '"\'`“”‘’«';
const CLOSING: Readonly<Record<string, string>> = { '“': '”', '‘': '’', '«': '»' };
/** What may stand after a closing quote. */
const AFTER_QUOTE = ' \t\r\n,;)]}>&|:\\+.!?"\'`…/#';
const ENDS_BARE = ' \t\r\n\u00a0';

/** Index after the spaces that begin at `at`, within the line, at most `most` further. */
export function skipSpaces(text: string, at: number, most = 60): number {
  let end = at;
  while (end - at < most && end < text.length && SPACES.includes(text.charAt(end))) end++;
  return end;
}

/** Skips backslashes and one quote at `at`: `end` is the index after them, `quote` what was skipped (empty: nothing). */
export function skipQuote(text: string, at: number): { end: number; quote: string } {
  let end = at;
  while (end - at < 8 && text.charAt(end) === '\\') end++;
  const quote = text.charAt(end);
  if (quote === '' || !QUOTES.includes(quote)) return { end: at, quote: '' };
  return { end: end + 1, quote: text.slice(at, end + 1) };
}

/** What programs put before a string or around a value: b"…", Some("…"), !!str. */
const BEFORE_QUOTE = /[bBrRuUfF@$]{1,2}(?=\\?["'])|(?:Some|Secret|SecretString|Just|new String)\(\s?(?=["'])/y;

/** Reads the value that begins at `at`, within its line. `opened` is the quote around name and value together; empty without one. */
export function readValue(text: string, at: number, opened: string): ReadValue {
  BEFORE_QUOTE.lastIndex = at;
  const start = at + (BEFORE_QUOTE.exec(text)?.[0].length ?? 0);
  const { end, quote } = skipQuote(text, start);
  if (quote !== '' && quote !== opened) return readQuoted(text, end, quote);
  return readBare(text, start, opened);
}

function readQuoted(text: string, start: number, quote: string): ReadValue {
  const lineEnd = endOfLine(text, start);
  const sign = quote.at(-1) ?? '"';
  const closing = quote.slice(0, -1) + (CLOSING[sign] ?? sign);
  const known = closingsOf(text, lineEnd, closing);
  const next = (from: number) => nextOnLine(text, closing, { from, lineEnd, known });
  const seen: number[] = [];
  let end = lineEnd;
  for (let at = next(start); at >= 0; ) {
    // From its second quote on a search goes the way of any other that came by there.
    const knownEnd = seen.length === 0 ? undefined : known.ends.get(at);
    const after = at + closing.length;
    if (knownEnd !== undefined) {
      end = knownEnd;
      break;
    }
    seen.push(at);
    if (isEscaped(text, at, start)) at = next(at + 1);
    else if (sign === "'" && text.charAt(after) === "'" && at > start) at = next(after + 1);
    else if (after >= lineEnd || AFTER_QUOTE.includes(text.charAt(after))) {
      end = at;
      break;
    } else at = next(at + 1);
  }
  for (const at of seen.slice(1)) known.ends.set(at, end);
  return { start, end, quoted: true, whole: true };
}

/** What is known of a closing quote on a line: from where on there is none, and where a value ends that has one there. */
interface Closings {
  none: number;
  readonly ends: Map<number, number>;
}

/** Of the line that was read last: a text of nothing but names asks for the same quotes again and again. */
let lineRead = { text: '', lineEnd: -1, closings: new Map<string, Closings>() };

function closingsOf(text: string, lineEnd: number, closing: string): Closings {
  if (text !== lineRead.text || lineEnd !== lineRead.lineEnd) lineRead = { text, lineEnd, closings: new Map() };
  const known = lineRead.closings.get(closing) ?? { none: lineEnd, ends: new Map<number, number>() };
  lineRead.closings.set(closing, known);
  return known;
}

function nextOnLine(
  text: string,
  closing: string,
  { from, lineEnd, known }: { from: number; lineEnd: number; known: Closings },
): number {
  if (from >= known.none) return -1;
  const at = text.slice(from, lineEnd).indexOf(closing);
  if (at < 0) known.none = from;
  return at < 0 ? -1 : from + at;
}

/** Whether an odd number of backslashes stands before the quote; those that belong to the quote itself are not counted. */
function isEscaped(text: string, at: number, start: number): boolean {
  let slashes = 0;
  while (at - slashes > start && slashes < 64 && text.charAt(at - slashes - 1) === '\\') slashes++;
  return slashes % 2 === 1;
}

/** A value without quotes that is longer has no structure: it goes on to the next white space. */
const LONG_VALUE = 600;

/** The white space that was found last. */
let spaced = { text: '', from: 0, end: 0 };

function nextSpace(text: string, at: number): number {
  if (text === spaced.text && at >= spaced.from && at <= spaced.end) return spaced.end;
  const found = text.slice(at).search(/\s/);
  spaced = { text, from: at, end: found < 0 ? text.length : at + found };
  return spaced.end;
}

function readBare(text: string, start: number, opened: string): ReadValue {
  const openSign = opened.at(-1) ?? '';
  let end = start;
  let depth = 0;
  for (; end < text.length; end++) {
    if (end - start > LONG_VALUE) {
      end = nextSpace(text, end);
      break;
    }
    const char = text.charAt(end);
    if (ENDS_BARE.includes(char)) break;
    if (char === openSign && isEnd(text, end + 1)) break;
    if (char === '(' || char === '[' || char === '{') depth++;
    else if ((char === ')' || char === ']' || char === '}') && --depth < 0 && isEnd(text, end + 1)) break;
    else if (char === '\\' && 'nrt"\'`'.includes(text.charAt(end + 1) || ' ')) break;
    else if ((char === '"' || char === "'" || char === '`') && end > start && isEnd(text, end + 1)) break;
    else if (char === '<' && /[/!]/.test(text.charAt(end + 1))) break;
    else if ((char === ',' || char === ';' || char === '&') && separates(text, end + 1)) break;
  }
  const next = skipSpaces(text, end);
  const sign = text.charAt(next);
  return {
    start,
    end,
    quoted: false,
    whole:
      sign === '' ||
      '\r\n#,;)]}"\'|<&\\`-'.includes(sign) ||
      text.startsWith('//', next) ||
      next - end > 1 ||
      isName(text, next),
  };
}

function isEnd(text: string, at: number): boolean {
  const char = text.charAt(at);
  return char === '' || ' \t\r\n,;)]}>|\\"\'`.&'.includes(char);
}

const NAME_AHEAD = /["']?[A-Za-z_][\w.$-]{0,40}["']?[=:]/y;

/** Whether another pair begins here. */
function isName(text: string, at: number): boolean {
  NAME_AHEAD.lastIndex = at;
  return NAME_AHEAD.test(text);
}

const NEXT_NAME = /["']?[A-Za-z_][\w.$ -]{0,40}["']?[=:]/y;

/** Whether what follows a comma, a semicolon or an ampersand is something else: another pair, or nothing. */
function separates(text: string, at: number): boolean {
  const char = text.charAt(at);
  if (char === '' || ' \t\r\n"\'}])\\'.includes(char)) return true;
  NEXT_NAME.lastIndex = at;
  return NEXT_NAME.test(text);
}

/** The line that was measured last: a text of nothing but names asks for the end of the same long line again and again. */
let measured = { text: '', from: 0, end: 0 };

/** Index of the end of the line around `at`. */
export function endOfLine(text: string, at: number): number {
  if (text === measured.text && at >= measured.from && at <= measured.end) return measured.end;
  const newline = text.indexOf('\n', at);
  const end = newline < 0 ? text.length : newline > at && text.charAt(newline - 1) === '\r' ? newline - 1 : newline;
  measured = { text, from: at, end };
  return end;
}

/** Index of the beginning of the line around `at`, at most `most` before it. */
export function startOfLine(text: string, at: number, most: number): number {
  const from = Math.max(0, at - most);
  const newline = text.slice(from, at).lastIndexOf('\n');
  return newline < 0 ? from : from + newline + 1;
}
