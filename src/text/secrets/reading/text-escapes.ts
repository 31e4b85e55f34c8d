// Reads one escape of a text: of a terminal, in percent, of JSON and programming languages, of HTML; and characters that nobody
// sees. Pure.
import { isIn, runEnd } from './alphabets.ts';

/** The character that an escape stands for (empty: none), and the index after the escape. */
export interface Escape {
  readonly stands: string;
  readonly end: number;
}

const ESC = '\u001b';
const INVISIBLE =
  /^(?:\u00ad|\u034f|\u061c|\u115f|\u1160|\u17b4|\u17b5|\u200d|[\u180b-\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|[\ufe00-\ufe0f])$/;
const ENTITIES: Readonly<Record<string, string>> = { quot: '"', amp: '&', lt: '<', gt: '>', apos: "'", nbsp: ' ' };
const SINGLE: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '"': '"',
  "'": "'",
  '/': '/',
  '\\': '\\',
};
/** How programs write an ESC, after a backslash. */
const WRITTEN_ESC = ['u001b', 'u001B', 'x1b', 'x1B', '033', 'e'];
/** The most parameters of a terminal's escape that are read over. */
const MOST_PARAMETERS = 40;

/** Reads the escape or invisible character that begins at `at`; null when there is none. */
export function readEscape(text: string, at: number): Escape | null {
  const sign = text.charAt(at);
  if (sign === ESC) return readTerminal(text, at + 1) ?? { stands: '', end: at + 1 };
  if (sign === '^') return text.startsWith('^[[', at) ? readTerminal(text, at + 2) : null;
  if (sign === '%') return readHex(text, at + 1, 2);
  if (sign === '&') return readEntity(text, at);
  if (sign === '\\') return readBackslash(text, at + 1);
  const alike = readAlike(text, at);
  if (alike !== null) return alike;
  if (INVISIBLE.test(sign)) return { stands: '', end: at + 1 };
  // Tags, which are written as two units each.
  return sign === '\udb40' ? { stands: '', end: at + 2 } : null;
}

/** A full-width letter or sign, or one of the alphabets of mathematics and in circles, that stands for one of ASCII. */
function readAlike(text: string, at: number): Escape | null {
  const code = text.codePointAt(at) ?? 0;
  const isAlike =
    (code >= 0xff01 && code <= 0xff5e) || (code >= 0x1d400 && code <= 0x1d7ff) || (code >= 0x2460 && code <= 0x24ea);
  if (!isAlike) return null;
  const char = String.fromCodePoint(code);
  const stands = char.normalize('NFKC');
  return stands.length === 1 && stands < '\u007f' ? { stands, end: at + char.length } : null;
}

/** A control sequence, after its ESC. */
function readTerminal(text: string, at: number): Escape | null {
  const kind = text.charAt(at);
  if (kind === '[') {
    let end = at + 1;
    while (end - at < MOST_PARAMETERS && text.charCodeAt(end) >= 0x20 && text.charCodeAt(end) <= 0x3f) end++;
    const last = text.charCodeAt(end);
    return last >= 0x40 && last <= 0x7e ? { stands: '', end: end + 1 } : null;
  }
  if (kind === ']') {
    const part = text.slice(at, at + 400);
    const bell = part.indexOf('\u0007');
    const string = part.indexOf(`${ESC}\\`);
    if (bell >= 0 && (string < 0 || bell < string)) return { stands: '', end: at + bell + 1 };
    return string < 0 ? null : { stands: '', end: at + string + 2 };
  }
  return kind === '(' || kind === ')' ? { stands: '', end: at + 2 } : null;
}

/** So many hexadecimal digits that stand for a character of ASCII. */
function readHex(text: string, at: number, digits: number): Escape | null {
  if (runEnd(text, at, 'hex', at + digits) < at + digits) return null;
  const code = Number.parseInt(text.slice(at, at + digits), 16);
  if (code === 0 || code > 0x7f) {
    const char = String.fromCharCode(code);
    return digits === 4 && INVISIBLE.test(char) ? { stands: '', end: at + digits } : null;
  }
  return { stands: String.fromCharCode(code), end: at + digits };
}

function readEntity(text: string, at: number): Escape | null {
  const written = text.slice(at + 1, at + 9);
  const end = written.indexOf(';');
  if (end <= 0) return null;
  const name = written.slice(0, end);
  if (name.startsWith('#')) {
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code > 0x1f && code < 0x7f ? { stands: String.fromCharCode(code), end: at + 2 + end } : null;
  }
  const stands = ENTITIES[name];
  return stands === undefined ? null : { stands, end: at + 2 + end };
}

function readBackslash(text: string, at: number): Escape | null {
  const escaped = WRITTEN_ESC.find(
    (written) => text.startsWith(written, at) && text.charAt(at + written.length) === '[',
  );
  if (escaped !== undefined) {
    const terminal = readTerminal(text, at + escaped.length);
    if (terminal !== null) return terminal;
  }
  const kind = text.charAt(at);
  if (kind === 'u' && !isIn(text, at + 1, 'hex')) return null;
  if (kind === 'u') return readHex(text, at + 1, 4);
  if (kind === 'x') return readHex(text, at + 1, 2);
  const stands = SINGLE[kind];
  return stands === undefined ? null : { stands, end: at + 1 };
}
