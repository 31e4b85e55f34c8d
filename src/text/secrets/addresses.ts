// Finds secrets in addresses (URLs): user and password, keys and signatures in the query. Pure.
import { isIn, runEnd, runStart } from './reading/alphabets.ts';
import { isRandomLooking, isWordy } from './reading/randomness.ts';
import { kindOf } from './reading/secret-names.ts';
import { MARK, type Span } from './reading/span.ts';

/** An address ends here. */
const END = /[\s"'`<>]/g;

/** The places of the credentials in all addresses of the text. */
export function findInAddresses(text: string): Span[] {
  return [...userinfos(text), ...dataSources(text), ...queryValues(text)];
}

function userinfos(text: string): Span[] {
  const found: Span[] = [];
  let stop = 0;
  for (let at = text.indexOf('://'); at >= 0; at = text.indexOf('://', at + 3)) {
    const start = at + 3;
    if (text.startsWith(MARK, start)) continue;
    if (stop < start) {
      END.lastIndex = start;
      stop = END.exec(text)?.index ?? text.length;
    }
    // Two addresses in one word, as in a list.
    const next = text.indexOf('://', start);
    const limit = next >= 0 && next < stop ? next : stop;
    const end = userinfoEnd(text.slice(start, Math.min(limit, start + 3000)));
    if (end > 0) found.push({ start, end: start + end, kind: 'url-credentials' });
    at = Math.max(at, Math.min(limit, text.length) - 3);
  }
  return found;
}

const HOST =
  /^(?:\[[0-9a-fA-F:.]{2,60}\]|(?!sha(?:256|512|1):)[\w.${}-]{1,253})(?::[\d${}\w]{1,40})?(?:[/?#,)\]};:.]|$)/;

/** How long the user and the password before the host are; 0 when there are none. */
function userinfoEnd(address: string): number {
  const colon = address.indexOf(':');
  const slash = address.search(/[/?#]/);
  const firstAt = address.indexOf('@');
  if (firstAt <= 0 || address.startsWith('[')) return 0;
  if (colon < 0 || colon > firstAt) return lonely(address, firstAt, slash);
  if (slash >= 0 && slash < colon) return 0;
  // host:port/path@… has no password.
  if (slash >= 0 && slash < firstAt && /^\d{1,5}$/.test(address.slice(colon + 1, slash))) return 0;
  if (/^\d{1,5}$|^\[redacted/.test(address.slice(colon + 1)) || isHidden(address.slice(colon + 1, firstAt))) return 0;
  const last = lastHost(address, firstAt, slash);
  if (last <= colon + 1) return 0;
  return slash >= 0 && slash < firstAt && /^\.{0,2}$/.test(address.slice(colon + 1, slash)) ? 0 : last;
}

/** The last @ that a host follows: a password may hold others, and / and # as well, but then hardly a whole path. */
function lastHost(address: string, firstAt: number, slash: number): number {
  const limit = slash > firstAt ? slash : address.length;
  for (let at = address.lastIndexOf('@', limit); at >= firstAt; at = address.lastIndexOf('@', at - 1)) {
    if (HOST.test(address.slice(at + 1, at + 400))) return at;
  }
  return 0;
}

/** A key alone before the @; a short name without a password (git@) is none. */
function lonely(address: string, firstAt: number, slash: number): number {
  if (slash >= 0 && slash < firstAt) return 0;
  return firstAt >= 20 && !isHidden(address.slice(0, firstAt)) ? firstAt : 0;
}

function isHidden(password: string): boolean {
  return /^(?:password|passwd|pwd|\*+|x{3,}|\.{3}|\$\{?\w*\}?|\$\{\{.*\}\}|<[^>]*>|%[A-Z_]+%)$/i.test(password);
}

/** `user:password@tcp(host:3306)/name`, as Go's drivers have it; a scheme is not needed. */
function dataSources(text: string): Span[] {
  const found: Span[] = [];
  if (!text.includes('@')) return found;
  const oracle = /\bjdbc:oracle:\w{1,20}:[^\s/@]{1,100}\//g;
  for (let at = oracle.exec(text); at !== null; at = oracle.exec(text)) {
    const start = at.index + at[0].length;
    const end = text.slice(start, start + 200).search(/[@\s]/);
    if (end > 0 && text.charAt(start + end) === '@' && !text.startsWith(MARK, start))
      found.push({ start, end: start + end, kind: 'url-credentials' });
  }
  const driver = /@(?:tcp|unix|udp)\(/g;
  for (let at = driver.exec(text); at !== null; at = driver.exec(text)) {
    const from = Math.max(0, at.index - 300);
    const word = text.slice(from, at.index);
    const begun =
      from +
      Math.max(
        word.lastIndexOf(' '),
        word.lastIndexOf('\n'),
        word.lastIndexOf('"'),
        word.lastIndexOf("'"),
        word.lastIndexOf('='),
      ) +
      1;
    const sign = text.slice(begun, at.index).indexOf(':');
    const start = begun + sign + 1;
    if (sign >= 0 && start > 1 && !text.startsWith(MARK, start))
      found.push({ start, end: at.index, kind: 'url-credentials' });
  }
  return found;
}

/** Parameters of a query that let somebody in; those of the second kind only where the value looks drawn at random. */
const QUERY =
  /[?&](?:amp;)?((?:[\w.-]{0,40}?(?:sig|signature|token|secret|passw(?:or)?d|pwd|credential|apikey|api[_-]key|access[_-]key|subscription-key|jwt|assertion|ticket|hmac|auth))|(key|code|state|session|sid|t|k|hash|p|id_token|samlresponse))=/gi;

function queryValues(text: string): Span[] {
  const found: Span[] = [];
  if (!text.includes('=')) return found;
  QUERY.lastIndex = 0;
  for (let name = QUERY.exec(text); name !== null; name = QUERY.exec(text)) {
    const start = name.index + name[0].length;
    if (text.startsWith(MARK, start)) continue;
    let end = start;
    while (end < text.length && end - start < 8000 && isIn(text, end, 'path') && !'&;#'.includes(text.charAt(end)))
      end++;
    const value = text.slice(start, Math.min(end, start + 300));
    const least = name[2] === undefined ? 4 : 16;
    const isSecret =
      name[2] === undefined
        ? !/^(?:true|false|null|\d{1,4}|[A-Z_]+|%?[$*{].*)$/.test(value)
        : isRandomLooking(value) && !isWordy(value);
    if (value.length >= least && isSecret) found.push({ start, end, kind: kindOf(name[1] ?? 'key') });
    QUERY.lastIndex = Math.max(end, QUERY.lastIndex);
  }
  return [...found, ...bareKeys(text)];
}

const BARE = /\b(?:key|sig|code|signature)=/g;

/** `key=…` and `sig=…` outside of a query, where the value is nothing but drawn at random. */
function bareKeys(text: string): Span[] {
  const found: Span[] = [];
  BARE.lastIndex = 0;
  for (let name = BARE.exec(text); name !== null; name = BARE.exec(text)) {
    const start = name.index + name[0].length;
    const end = runEnd(text, start, 'any');
    const value = text.slice(start, Math.min(end, start + 300));
    const before = text.charAt(runStart(text, name.index, 'w') - 1);
    if (
      before !== '-' &&
      value.length >= 16 &&
      isRandomLooking(value) &&
      !isWordy(value) &&
      !/[:/]/.test(value.slice(0, 12))
    ) {
      found.push({ start, end, kind: name[0].startsWith('sig') ? 'azure-key' : 'token' });
    }
    BARE.lastIndex = Math.max(end, BARE.lastIndex);
  }
  return found;
}
