// Finds secrets that stand beside their name instead of behind it: `{"name": "DB_PASSWORD", "value": "…"}` in either order and
// over lines, `<add key="Password" value="…"/>`, netrc, the data of a Kubernetes secret. Pure.
import { runEnd } from './reading/alphabets.ts';
import { kindOf, strengthOf } from './reading/secret-names.ts';
import { isSecretValue } from './reading/secret-values.ts';
import { MARK, type Span } from './reading/span.ts';
import { readValue, skipQuote, skipSpaces } from './reading/value-reader.ts';

/** Properties that hold a name, and those that hold its value. */
const PROPERTY =
  /(?<![\w-])(?:(name|key|variable|var|id|field|parameter|property|header|label|setting|option|env|parameterkey|variablename|attribute|type)|(value|val|parametervalue|plaintext|secretstring|content|data|text|default))(?=\\{0,3}["']?\s{0,4}[:=>]|>)/gi;
/** So far apart the two may be, in characters and in lines. */
const MOST_APART = 400;
const MOST_LINES = 6;
const MOST_OF_NAME = 120;

interface Property {
  readonly isName: boolean;
  readonly start: number;
  readonly end: number;
  readonly said: string;
  readonly quoted: boolean;
}

/** The places of the values of such pairs. */
export function findInPairs(text: string): Span[] {
  // Either has a sign between two words, or the words of a netrc.
  if (!/[:=>]|password /.test(text)) return [];
  return [...properties(text), ...netrc(text), ...kubernetes(text)];
}

function properties(text: string): Span[] {
  const found: Span[] = [];
  let name: Property | null = null;
  let value: Property | null = null;
  PROPERTY.lastIndex = 0;
  for (let word = PROPERTY.exec(text); word !== null; word = PROPERTY.exec(text)) {
    if (text.charAt(word.index - 1) === '/') continue;
    const property = readProperty(text, word.index + word[0].length, word[1] !== undefined);
    if (property === null) continue;
    // Before its name a value is only what is called so.
    if (!property.isName) value = name !== null || /^(?:parameter)?val(?:ue)?$/i.test(word[0]) ? property : null;
    else if (strengthOf(property.said) !== null) {
      name = property;
      const content = contentOf(text, property);
      if (content !== null) value = content;
    } else if (/^(?:name|key|variable|parameterkey)$/i.test(word[0])) {
      // A name that tells nothing ends what could have been a pair.
      name = null;
      value = null;
    }
    const span = name === null || value === null ? null : spanOf(text, name, value);
    if (span === null) continue;
    found.push(span);
    name = null;
    value = null;
  }
  return found;
}

const CONTENT = /["'](?:\s[^<>\n]{0,100})?>(?=[^<\s])|<\/\w{1,20}>\s{0,40}<(?:string|data|value)>(?=[^<\s])/y;

/** What an element holds whose attribute is the name, or the one behind the name's: `<entry key="…">…`, `<key>…</key><string>…`. */
function contentOf(text: string, { end }: Property): Property | null {
  CONTENT.lastIndex = end;
  const begun = CONTENT.exec(text);
  if (begun === null) return null;
  const start = end + begun[0].length;
  const content = text.slice(start, start + 2_000);
  const close = content.indexOf('</');
  if (close <= 0) return null;
  return { isName: false, start, end: start + close, said: content.slice(0, Math.min(close, 300)), quoted: true };
}

function readProperty(text: string, at: number, isName: boolean): Property | null {
  const closed = skipQuote(text, at).end;
  let start = skipSpaces(text, closed, 4);
  if (!/[:=>]/.test(text.charAt(start))) return null;
  start = skipSpaces(text, start + (text.startsWith('=>', start) ? 2 : 1), 10);
  if (text.startsWith('<![CDATA[', start)) start += 9;
  const { start: from, end: read, quoted } = readValue(text, start, '');
  const bracket = text.slice(from, Math.min(read, from + 400)).search(/<\/|\/>/);
  const end = bracket >= 0 && !quoted ? from + bracket : read;
  const said = text.slice(from, Math.min(end, from + 300));
  // No name is so long.
  if (isName && end - from > MOST_OF_NAME) return null;
  if (said === '' || said.startsWith(MARK) || /^[{[(]/.test(said)) return null;
  return { isName, start: from, end, said, quoted };
}

function spanOf(text: string, name: Property, value: Property): Span | null {
  const [first, second] = name.start < value.start ? [name, value] : [value, name];
  const between = text.slice(first.end, second.start);
  if (
    between.length > MOST_APART ||
    between.split('\n').length > MOST_LINES ||
    /[}\]]\s{0,40},?\s{0,40}[{[]|\/>|<\/(?:add|server|env|property)/.test(between)
  )
    return null;
  const strength = strengthOf(name.said);
  if (strength === null) return null;
  const isSecret = isSecretValue(value.said, { strength, tie: value.quoted ? 'quoted' : 'equals' });
  return isSecret ? { start: value.start, end: value.end, kind: kindOf(name.said) } : null;
}

const NETRC =
  /\b(?:login|account|user)[ \t]{1,8}\S{1,200}\s{1,40}(?:(?:account)[ \t]{1,8}\S{1,100}\s{1,40})?password[ \t]{1,8}|\b(?:machine)[ \t]{1,8}\S{1,200}\s{1,40}password[ \t]{1,8}/g;

/** `machine … login … password …`, on one line or several. */
function netrc(text: string): Span[] {
  const found: Span[] = [];
  NETRC.lastIndex = 0;
  for (let password = NETRC.exec(text); password !== null; password = NETRC.exec(text)) {
    if (!/machine|default|^login/.test(text.slice(Math.max(0, password.index - 300), password.index + 10))) continue;
    const { start, end } = readValue(text, password.index + password[0].length, '');
    const said = text.slice(start, Math.min(end, start + 300));
    if (isSecretValue(said, { strength: 'password', tie: 'equals' })) found.push({ start, end, kind: 'password' });
  }
  return found;
}

/** Below `data:` or `stringData:` of a manifest of kind Secret, every value is one. */
function kubernetes(text: string): Span[] {
  if (!/\bkind["']?[ \t]{0,3}:[ \t]{0,3}["']?Secret\b/.test(text)) return [];
  const found: Span[] = [];
  let document = 0;
  for (const part of text.split(/^---/m)) {
    if (/\bkind["']?[ \t]{0,3}:[ \t]{0,3}["']?Secret\b/.test(part)) found.push(...dataOf(part, document));
    document += part.length + 3;
  }
  return found;
}

function dataOf(document: string, offset: number): Span[] {
  const found: Span[] = [];
  let at = 0;
  let depth = -1;
  for (const line of document.split('\n')) {
    const indent = runOfSpaces(line);
    if (/^(?:string)?data["']?[ \t]{0,3}:/i.test(line.slice(indent).replace(/^["']/, ''))) depth = indent;
    else if (depth >= 0 && line.trim() !== '' && indent <= depth) depth = -1;
    else if (depth >= 0) {
      const colon = line.indexOf(':');
      const start = colon >= 0 && runEnd(line, indent, 'name') >= colon - 1 ? skipSpaces(line, colon + 1) : indent;
      const value = readValue(line, start, '');
      const isSecret = value.end - value.start >= 4 && !/^[{|>]|^\[redacted:/.test(line.slice(value.start));
      if (isSecret)
        found.push({ start: offset + at + value.start, end: offset + at + value.end, kind: 'kubernetes-secret' });
    }
    at += line.length + 1;
  }
  return found;
}

function runOfSpaces(line: string): number {
  return skipSpaces(line, 0, 200);
}
