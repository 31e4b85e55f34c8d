// Finds the commands in a comment's Markdown: lines that begin with /codered and are read as text. Pure; normalise/ uses it.
//
// CommonMark decides what is text, for a line in code, in HTML or in a quote is nobody's command here and now. The parser
// keeps no offsets of lines, so each line that might be a command gets a mark in its place before it is parsed; whichever
// mark comes out as text is one. A mark is read as the word that it stands for would be.

import MarkdownIt, { type Token } from 'markdown-it';
import { linesOf } from './comment-text.ts';

/** A comment has room for more commands than anybody needs to give at once: what is past them is not followed. */
export const MOST_COMMANDS = 10;

/** Longest command, in UTF-16 units; of a longer line no more is kept. */
export const MOST_COMMAND_CHARACTERS = 4_000;

/** GitHub allows 65,536 characters, each of at most two UTF-16 units. */
const MOST_BODY_UNITS = 131_072;

const WORD = '/codered';
const OPEN = '\uE000';
const CLOSE = '\uE001';

// Parses any 128 KB in a quarter of a second, whatever is nested in it; test/gate/command-lines.test.ts attacks it.
const markdown = new MarkdownIt('commonmark');

/**
 * What stands after `/codered`, trimmed, for each command of a comment in order; one more than `MOST_COMMANDS` at the most,
 * which tells that there are too many.
 */
export function commandLines(body: string): string[] {
  if (body.length > MOST_BODY_UNITS) return [];
  const lines = linesOf(body.replaceAll(OPEN, '\uFFFD').replaceAll(CLOSE, '\uFFFD'));
  const candidates: string[] = [];
  const marked = lines.map(({ text, end, mayBelongAbove }) => {
    const said = mayBelongAbove ? null : afterWord(text);
    if (said === null) return text + end;
    candidates.push(said);
    return `${indentOf(text)}${OPEN}${candidates.length - 1}${CLOSE}${afterIndent(text).slice(WORD.length)}${end}`;
  });
  if (candidates.length === 0) return [];
  const found = marksRead(marked.join(''));
  return found
    .slice(0, MOST_COMMANDS + 1)
    .flatMap((place) => candidates[place] ?? [])
    .map((said) => said.slice(0, MOST_COMMAND_CHARACTERS));
}

/** Three spaces at most: four, or a tab, make a code block of a line, or look like one in a paragraph. */
function indentOf(line: string): string {
  let spaces = 0;
  while (spaces < 4 && line.charAt(spaces) === ' ') spaces += 1;
  return ' '.repeat(spaces);
}

const afterIndent = (line: string): string => line.slice(indentOf(line).length);

/** What follows the word that begins a line, in whatever case; null where it begins otherwise, or goes on as another word. */
function afterWord(line: string): string | null {
  if (indentOf(line).length > 3) return null;
  const text = afterIndent(line);
  if (text.slice(0, WORD.length).toLowerCase() !== WORD) return null;
  const rest = text.slice(WORD.length);
  return rest === '' || rest.charAt(0).trim() === '' ? rest.trim() : null;
}

/** The numbers of the marks that are text of the comment itself, in order. */
function marksRead(source: string): number[] {
  const found: number[] = [];
  let quotes = 0;
  let hidden = 0;
  const read = (token: Token) => {
    if (token.type === 'html_inline' || token.type === 'html_block')
      hidden = Math.max(0, hidden + opened(token.content));
    if (token.type === 'text' && quotes === 0 && hidden === 0) found.push(...marksIn(token.content));
  };
  for (const token of markdown.parse(source, {})) {
    if (token.type === 'blockquote_open') quotes += 1;
    if (token.type === 'blockquote_close') quotes -= 1;
    for (const one of token.children ?? [token]) read(one);
  }
  return found;
}

function marksIn(text: string): number[] {
  const [, ...parts] = text.split(OPEN);
  return parts.map((part) => Number(part.slice(0, part.indexOf(CLOSE))));
}

/** Elements that show what is in them as code, as somebody else's words, as taken back, or not at once. */
const HIDING = [
  'pre',
  'code',
  'samp',
  'kbd',
  'tt',
  'xmp',
  'blockquote',
  'q',
  'details',
  'template',
  'del',
  's',
  'strike',
];

/** How many such elements HTML opens, less those that it closes. */
function opened(html: string): number {
  let count = 0;
  // What stands in a comment opens nothing.
  const told = html.startsWith('<!--') ? html.slice(html.indexOf('-->')) : html;
  for (const part of told.split('<').slice(1)) {
    const isEnd = part.startsWith('/');
    const tag = part.slice(isEnd ? 1 : 0, 12).toLowerCase();
    const name = HIDING.find((one) => tag.startsWith(one) && !isLetter(tag.charAt(one.length)));
    if (name !== undefined) count += isEnd ? -1 : 1;
  }
  return count;
}

const isLetter = (character: string): boolean => character.toLowerCase() !== character.toUpperCase();
