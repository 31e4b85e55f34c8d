// Finds secrets inside of base64: a key block, a published token, the credentials of an address. Pure.
import { findInAddresses } from './addresses.ts';
import { runEnd } from './reading/alphabets.ts';
import type { Span } from './reading/span.ts';
import { findTokens } from './token-forms.ts';

/** Shorter ones hold no token. */
const LEAST = 24;
/** The most signs that fill base64 up. */
const PADDING = 2;
/** The sixteen first bytes have to be text for the rest to be looked at. */
const HEAD = 24;
const PRINTABLE = /^[\t\n\r\x20-\x7e]+$/;

/** The places of base64 that holds a secret when decoded; `depth` is how many times base64 may be encoded again. */
export function findEncoded(text: string, depth = 1): Span[] {
  const found: Span[] = [];
  for (let at = 0; at < text.length; at++) {
    const run = runEnd(text, at, 'both64');
    if (run - at >= LEAST) {
      const end = runEnd(text, run, 'b64', run + PADDING);
      const start = secretFrom(text, at, { end, depth });
      if (start >= 0) found.push({ start, end, kind: 'encoded-secret' });
    }
    at = run;
  }
  return found;
}

/** Where the base64 with the secret begins: with the run, or behind a sign that is no part of it; -1 when there is none. */
function secretFrom(text: string, start: number, { end, depth }: { end: number; depth: number }): number {
  let from = start;
  for (let tries = 0; tries < 4 && end - from >= LEAST; tries++) {
    if (isText(text.slice(from, from + HEAD))) {
      return holdsSecret(Buffer.from(text.slice(from, end), 'base64').toString('latin1'), depth) ? from : -1;
    }
    const next = text.slice(from, Math.min(end, from + 200)).search(/[/_+-]/);
    if (next < 0) return -1;
    from += next + 1;
  }
  return -1;
}

function isText(encoded: string): boolean {
  return PRINTABLE.test(Buffer.from(encoded, 'base64').toString('latin1'));
}

function holdsSecret(decoded: string, depth: number): boolean {
  if (decoded.includes('PRIVATE KEY-----') || findTokens(decoded).length > 0 || findInAddresses(decoded).length > 0)
    return true;
  return depth > 0 && findEncoded(decoded, depth - 1).length > 0;
}
