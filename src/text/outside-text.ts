// Makes text from outside (logs, names, titles) harmless as characters: bounded, well formed, nothing invisible, no secret.
// What Markdown or GitHub would make of it is markdown.ts's concern. Pure.

import { redact } from './redact.ts';

const INVISIBLE =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u200b\u2060-\u2064\ufeff\ufff9-\ufffb\u{e0000}-\u{e01ff}]/gu;
const DIRECTION = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const ELLIPSIS = '…';

/** The most characters that are shown of a name from outside, with the ellipsis. */
export const NAME_CHARACTERS = 80;
/** The most bytes of one character in UTF-8. */
const CHARACTER_BYTES = 4;
/** The most UTF-16 units of a name that are read: more than are shown, because invisible characters are removed. */
const NAME_READ = 480;
/** The most bytes of a shown name in UTF-8. */
export const NAME_BYTES = NAME_CHARACTERS * CHARACTER_BYTES;

/** The length in bytes of UTF-8. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text);
}

/** The longest beginning of `text` that fits into `maxBytes` of UTF-8, cut between two code points. */
export function cutBytes(text: string, maxBytes: number): string {
  if (byteLength(text) <= maxBytes) return text;
  return text.slice(0, new TextEncoder().encodeInto(text, new Uint8Array(maxBytes)).read);
}

/** The same as `cutBytes`; when something was cut, an ellipsis shows it, and is part of `maxBytes`. */
export function shorten(text: string, maxBytes: number): string {
  if (byteLength(text) <= maxBytes) return text;
  return withEllipsis(cutBytes(text, maxBytes - byteLength(ELLIPSIS)));
}

// What was cut before does not end in two.
function withEllipsis(beginning: string): string {
  const kept = beginning.trimEnd();
  return kept.endsWith(ELLIPSIS) ? kept : `${kept}${ELLIPSIS}`;
}

/** A name on one line (see `oneLine`) of at most `most` characters, cut between two code points. */
export function nameLine(text: string, most = NAME_CHARACTERS): string {
  const line = oneLine(cutUnits(text, NAME_READ), most * CHARACTER_BYTES);
  if (line.length <= most) return line;
  const characters = Array.from(line);
  return characters.length <= most ? line : withEllipsis(characters.slice(0, most - 1).join(''));
}

/** `text` on one line of at most `maxBytes` of UTF-8: each run of white space becomes one space. May be empty. */
export function oneLine(text: string, maxBytes: number): string {
  const folded = redact(bounded(text, maxBytes)).replace(/[\s\u0085]+/g, ' ');
  return shorten(visibleText(folded).trim(), maxBytes);
}

/** The lines of `text` without their ends, each of at most `maxBytes` of UTF-8. Empty lines at the beginning and the end are left out. */
export function linesOf(text: string, maxBytes: number): string[] {
  const lines = redact(text)
    .split(/\r\n|[\r\n\u2028\u2029\u0085]/)
    .map((line) => shorten(visibleText(bounded(line, maxBytes)), maxBytes));
  const first = lines.findIndex((line) => line.trim() !== '');
  const last = lines.findLastIndex((line) => line.trim() !== '');
  return first === -1 ? [] : lines.slice(first, last + 1);
}

// However long the text, the work stays in proportion to what is kept of it.
function bounded(text: string, maxBytes: number): string {
  return cutUnits(text, maxBytes * 4);
}

/** The first UTF-16 units, without half of a pair at the end. */
function cutUnits(text: string, most: number): string {
  if (text.length <= most) return text;
  return text.slice(0, (text.codePointAt(most - 1) ?? 0) > 0xffff ? most - 1 : most);
}

/**
 * The same text, of any length, without what nobody sees. Characters that turn the reading direction are shown by number, so that nobody is
 * deceived by what they hid.
 */
export function visibleText(text: string): string {
  return text
    .toWellFormed()
    .replace(INVISIBLE, '')
    .replace(DIRECTION, (sign) => `[U+${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}]`);
}
