// Puts text into GitHub's Markdown so that it stays the text it was. Pure. Rules: https://github.github.com/gfm/ and what
// GitHub links by itself outside of code: docs/github.md#comments

import { nameLine, oneLine } from './outside-text.ts';
import { redact } from './redact.ts';

const ZERO_WIDTH_SPACE = '\u200b';

const URL_CHARACTERS = 500;

/** The longest word that a column of a table has room for on a phone. */
const WORD_CHARACTERS = 22;
/** Where a long word is best broken, if that leaves enough of it on the line. */
const JOINTS = '/._:-';
const SHORTEST_PART = 8;

/** The bytes that are shown of a text from outside when the caller asks for no other limit. */
const LINE_BYTES = 120;

/** Text from outside as code within a line (not for tables): on one line, cut at `maxBytes`. An empty text becomes words that say so. */
export function codeSpan(text: string, maxBytes = LINE_BYTES): string {
  return inCode(oneLine(text, maxBytes));
}

function inCode(line: string): string {
  const content = noDefinition(noHtmlComment(line));
  if (content === '') return '(empty)';
  const ticks = '`'.repeat(longestBacktickRun(content) + 1);
  const space = content.startsWith('`') || content.endsWith('`') ? ' ' : '';
  return ticks + space + content + space + ticks;
}

/** Lines from outside (as `linesOf` returns them) as a block of code; ends without a newline. */
export function fence(lines: readonly string[]): string {
  const content = noHtmlComment(lines.join('\n'));
  const ticks = '`'.repeat(Math.max(3, longestBacktickRun(content) + 1));
  return `${ticks}text\n${content}\n${ticks}`;
}

/**
 * Text from outside as prose on one line, also safe in a table's cell and in a link's text: no Markdown, HTML, mention,
 * reference, emoji or link comes of it. `maxBytes` limits the text, not what escaping adds (at most six times as much).
 */
export function plain(text: string, maxBytes = LINE_BYTES): string {
  return lineBegin(escapeProse(oneLine(text, maxBytes)));
}

/** A name from outside as code, cut at 80 characters. */
export function nameCode(name: string): string {
  return inCode(nameLine(name));
}

/** A name from outside as prose (see `plain`), cut at 80 characters. */
export function namePlain(name: string): string {
  return lineBegin(escapeProse(nameLine(name)));
}

/** The same as `plain`, for a narrow cell of a table: long words get places at which they may be broken. */
export function plainInCell(text: string, maxBytes: number): string {
  return lineBegin(oneLine(text, maxBytes).split(' ').map(brokenWord).join(' '));
}

function brokenWord(word: string): string {
  const parts: string[] = [];
  let rest = Array.from(word);
  while (rest.length > WORD_CHARACTERS) {
    const joint = rest.slice(0, WORD_CHARACTERS).findLastIndex((sign) => JOINTS.includes(sign));
    const length = joint < SHORTEST_PART ? WORD_CHARACTERS : joint + 1;
    parts.push(rest.slice(0, length).join(''));
    rest = rest.slice(length);
  }
  return [...parts, rest.join('')].map(escapeProse).join(ZERO_WIDTH_SPACE);
}

function lineBegin(line: string): string {
  return line.replace(/^(?=[-+=])/, '\\').replace(/^(\d{1,9})(?=[.)])/, '$1\\');
}

/** Prose of a pattern file on one line: its code spans stay code, everything else is as in `plain`. */
export function patternProse(text: string, maxBytes: number): string {
  const parts = oneLine(text, maxBytes).split(/(?<!`)`([^`]+)`(?!`)/);
  return parts.map((part, index) => (index % 2 === 1 ? codeSpan(part, maxBytes) : escapeProse(part))).join('');
}

/**
 * A link around `markdown`, which must be safe already. Returns `markdown` alone when `url` is null, longer than 500 characters,
 * not http or https, or holds a user name or a secret.
 */
export function link(markdown: string, url: string | null): string {
  const target = url === null ? null : safeUrl(url);
  return target === null ? markdown : `[${markdown}](${target})`;
}

/** The same as `link`, for words that are useless without it: an empty list when there can be no link. */
export function linkIfAny(markdown: string, url: string | null): string[] {
  const linked = link(markdown, url);
  return linked === markdown ? [] : [linked];
}

/** A part that is folded until somebody opens it. `summary` goes into HTML as it is, so it must be our own words. */
export function details(summary: string, body: string): string {
  return `<details><summary>${summary}</summary>\n\n${body}\n</details>`;
}

/** `1 job`, `2 jobs`, `1,000 jobs`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}

function safeUrl(url: string): string | null {
  const parsed = URL.parse(url);
  if (parsed === null || !['http:', 'https:'].includes(parsed.protocol)) return null;
  if (parsed.username !== '' || parsed.password !== '' || redact(url) !== url) return null;
  const encoded = parsed.href.replace(
    /[^\w\-.~:/?#@&+,;=%]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return encoded.length > URL_CHARACTERS ? null : encoded.replaceAll('&', '&amp;');
}

function escapeProse(text: string): string {
  return text
    .replace(/[\\`*_[\]~$]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/@|:(?=\S)|www(?=\.)|gh-(?=\d)|[0-9a-f]{6}(?=[0-9a-f])/gi, `$&${ZERO_WIDTH_SPACE}`)
    .replaceAll('#', `#${ZERO_WIDTH_SPACE}`)
    .replaceAll('|', '&#124;');
}

// Inside code nothing is HTML to GitHub, but whoever looks for our marker must not find another.
function noHtmlComment(text: string): string {
  return text.replaceAll('<!--', `<${ZERO_WIDTH_SPACE}!--`);
}

/** A line that begins with a link whose text holds this would be a definition of one, and not be shown at all. */
function noDefinition(text: string): string {
  return text.replaceAll(']:', `]${ZERO_WIDTH_SPACE}:`);
}

function longestBacktickRun(text: string): number {
  return Math.max(0, ...Array.from(text.matchAll(/`+/g), (run) => run[0].length));
}
