// Finds secrets in headers of requests: Authorization of every scheme, cookies, and `Bearer …` anywhere. Pure.
import { runEnd } from './reading/alphabets.ts';
import { isRandomLooking } from './reading/randomness.ts';
import { MARK, type Span } from './reading/span.ts';
import { endOfLine, skipQuote, skipSpaces } from './reading/value-reader.ts';

const HEADER = /authorization|cookie2?|extraheader/gi;
const KIND = 'authorization';
/** Schemes whose name is followed by what is secret. */
const SCHEMES = new Set(
  'basic bearer token digest negotiate ntlm oauth hawk sharedkey sharedkeylite aws4-hmac-sha256 aws4-ecdsa-p256-sha256 aws apikey api-key key ssws geniekey splunk dpop signature gnap mutual scram-sha-1 scram-sha-256 vapid hoba klaviyo-api-key googlelogin private-token jwt discord bot wsse usernametoken mac acs hmac hmac-sha256 zoho-oauthtoken siteapikey'.split(
    ' ',
  ),
);
const PLACEHOLDER = /^(?:[<${[(%*].*|\*+|x+|string|null|undefined|none|required|missing|invalid|header|true|false)$/i;

/** The places of the values of such headers. */
export function findHeaders(text: string): Span[] {
  const found: Span[] = [];
  HEADER.lastIndex = 0;
  for (let name = HEADER.exec(text); name !== null; name = HEADER.exec(text)) {
    const value = readHeader(text, name.index, name.index + name[0].length);
    if (value === null) continue;
    const span = name[0].toLowerCase().startsWith('cookie') ? cookies(text, value) : credentials(text, value);
    if (span === null) continue;
    found.push(span);
    HEADER.lastIndex = Math.max(span.end, HEADER.lastIndex);
  }
  return [...found, ...bearers(text)];
}

/** Where a header's value begins, its first characters, and the quote that ends it before the line does. */
interface HeaderValue {
  readonly start: number;
  readonly said: string;
  readonly quote: string;
}

/** What stands after the header's colon. */
function readHeader(text: string, nameStart: number, nameEnd: number): HeaderValue | null {
  const name = skipQuote(text, nameEnd);
  let at = skipSpaces(text, name.end, 5);
  const sign = text.charAt(at);
  if (sign !== ':' && sign !== '=' && !(sign === ',' && name.quote !== '')) return null;
  at = skipSpaces(text, at + (text.startsWith('=>', at) ? 2 : 1), 5);
  // A list of headers.
  if (text.charAt(at) === '[') at = skipSpaces(text, at + 1, 3);
  const value = skipQuote(text, at);
  const quote = value.quote || (name.quote === '' ? quoteBefore(text, nameStart) : '');
  const [line = ''] = text.slice(value.end, value.end + 500).split(/\r?\n/, 1);
  const closing = quote === '' ? -1 : line.indexOf(quote);
  const said = closing >= 0 ? line.slice(0, closing) : line;
  return said === '' ? null : { start: value.end, said, quote };
}

/** Where the header's value ends: with the quotes that it stands in, else with the line. */
function endOf(text: string, { start, quote }: HeaderValue): number {
  const line = text.slice(start, endOfLine(text, start));
  const closing = quote === '' ? -1 : line.indexOf(quote);
  return start + (closing >= 0 ? closing : line.length);
}

/** The quote that the whole header stands in: -H 'Authorization: …', also with a prefix like http.extraheader= before. */
function quoteBefore(text: string, nameStart: number): string {
  const before = /["'](?=(?:proxy-|set-|x-)?$)/i.exec(text.slice(Math.max(0, nameStart - 7), nameStart));
  return before?.[0] ?? '';
}

function credentials(text: string, value: HeaderValue): Span | null {
  const { start, said } = value;
  const schemeEnd = runEnd(said, 0, 'name');
  const isScheme = SCHEMES.has(said.slice(0, schemeEnd).toLowerCase());
  // http.extraheader = "AUTHORIZATION: …" holds a header of its own.
  if (said.charAt(schemeEnd) === ':' && !isRandomLooking(said.slice(0, schemeEnd))) return null;
  const skipped = isScheme ? skipSpaces(said, schemeEnd, 5) : 0;
  const line = said.slice(skipped);
  const from = start + skipped;
  const words = line.trim().split(/[\s,;]+/);
  const [first = ''] = words;
  if (line.startsWith(MARK) || PLACEHOLDER.test(line.trim()) || PLACEHOLDER.test(first)) return null;
  const alone = words.length === 1;
  const isDrawn = words.slice(0, 40).some((word) => isRandomLooking(word, isScheme ? 6 : 12));
  if (isScheme && first.length >= 4 && (alone || isDrawn))
    return { start: from, end: endOfCredentials(text, from, value), kind: KIND };
  if (alone ? isRandomLooking(first) || (first.length >= 16 && !/^[a-z-]+$/.test(first)) : isDrawn)
    return { start: from, end: alone ? endOfWord(text, from, endOf(text, value)) : endOf(text, value), kind: KIND };
  return null;
}

/** A scheme with parameters goes on to the end; one with a single word ends with it. */
function endOfCredentials(text: string, from: number, value: HeaderValue): number {
  const end = endOf(text, value);
  const line = text.slice(from, Math.min(end, from + 500));
  return /^[\w-]{1,60}="?[^=\s]|^\S{1,300},\s?[\w-]{1,60}=/.test(line) &&
    !/^[A-Za-z0-9+/_-]+={1,2}(?:[\s,;]|$)/.test(line)
    ? end
    : endOfWord(text, from, end);
}

function endOfWord(text: string, from: number, limit: number): number {
  let at = from;
  while (at < limit && !' \t",;\'\\<)}]'.includes(text.charAt(at))) at++;
  return at;
}

/** All cookies of a header go as one; a mention of cookies has no pair, or one of a program's words. */
function cookies(text: string, value: HeaderValue): Span | null {
  const pair = /^[\w.!#$%&'*+^|~-]{1,100}=([^;\s]*)/.exec(value.said);
  if (pair === null || (pair[1] ?? '').startsWith('=') || PLACEHOLDER.test(pair[1] ?? '')) return null;
  const end = endOf(text, value);
  return isHarmless(text.slice(value.start, Math.min(end, value.start + 500)))
    ? null
    : { start: value.start, end, kind: KIND };
}

/** Cookies that keep how somebody likes a page, and what is said of any cookie. */
const PREFERENCE =
  /^(?:(?:ui|user|app|site|next|pref|prefs)[-_.])?(?:theme|lang|language|locale|i18n|currency|country|region|tz|timezone|consent|cookie[-_]consent|color[-_](?:scheme|mode)|dark[-_]?mode|sidebar|layout|font[-_]?size)$/i;
const ATTRIBUTE = /^(?:path|domain|expires|max-age|samesite|priority|httponly|secure|partitioned)$/i;

/** Whether every cookie of the header is one of these, with a short word for its value. */
function isHarmless(header: string): boolean {
  return header.split(';').every((pair) => {
    const [name = '', ...values] = pair.trim().split('=');
    const said = values.join('=');
    if (ATTRIBUTE.test(name) || pair.trim() === '') return true;
    return PREFERENCE.test(name) && /^[\w./-]{0,24}$/.test(said) && !isRandomLooking(said);
  });
}

const BEARER = /\bbearer[ \t:=]{1,5}/gi;

function bearers(text: string): Span[] {
  const found: Span[] = [];
  BEARER.lastIndex = 0;
  for (let word = BEARER.exec(text); word !== null; word = BEARER.exec(text)) {
    const start = word.index + word[0].length;
    const end = runEnd(text, start, 'any');
    if (end - start >= 16 && (isRandomLooking(text.slice(start, Math.min(end, start + 300))) || end - start >= 24))
      found.push({ start, end, kind: KIND });
    BEARER.lastIndex = Math.max(end, BEARER.lastIndex);
  }
  return found;
}
