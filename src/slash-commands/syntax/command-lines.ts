// Finds the commands in a comment's Markdown: lines that begin with /codered and are read as text. Pure.
//
// CommonMark decides what is text, for a line in code, in HTML or in a quote is nobody's command here and now. The parser
// keeps no offsets of lines, so each line that might be a command gets a mark in its place before it is parsed; whichever
// mark comes out as text is one. A mark is read as the word that it stands for would be.

import MarkdownIt from 'markdown-it';
import { linesOf } from './comment-text.ts';
import { hiddenAfter, hidingTags, type Tag } from './hiding-tags.ts';
import { afterWrittenMarks } from './list-marks.ts';
import { isInvisible } from './said-words.ts';

/** The most commands of one comment that are followed; the others are not. */
export const MOST_COMMANDS = 10;

/** The most UTF-16 units that are kept of a command's line. */
export const MOST_COMMAND_CHARACTERS = 4_000;

/** GitHub allows 65,536 characters, each of at most two UTF-16 units. */
const MOST_BODY_UNITS = 131_072;

const WORD = '/codered';
const OPEN = '\uE000';
const CLOSE = '\uE001';

// Parses any 128 KB in a quarter of a second, whatever is nested in it; test/slash-commands/command-lines.test.ts attacks it.
const markdown = new MarkdownIt('commonmark');

/**
 * Finds the commands in a comment: returns the trimmed text after `/codered` of each, in order. At most `MOST_COMMANDS` plus one:
 * the extra one shows that there are too many.
 */
export function commandLines(body: string): string[] {
  if (body.length > MOST_BODY_UNITS) return [];
  const lines = linesOf(body.replaceAll(OPEN, '\uFFFD').replaceAll(CLOSE, '\uFFFD'));
  const candidates: string[] = [];
  const marked = lines.map(({ text, end, mayBelongAbove }) => {
    const found = mayBelongAbove ? null : findWord(text);
    if (found === null) return text + end;
    candidates.push(found.said);
    const rest = text.slice(found.place + WORD.length);
    return `${text.slice(0, found.place)}${OPEN}${candidates.length - 1}${CLOSE}${rest}${end}`;
  });
  if (candidates.length === 0) return [];
  const found = marksRead(marked.join(''));
  return found
    .slice(0, MOST_COMMANDS + 1)
    .flatMap((place) => candidates[place] ?? [])
    .map((said) => said.slice(0, MOST_COMMAND_CHARACTERS));
}

/**
 * Where the word stands that begins a line, in whatever case and perhaps in a list, and what follows it; null where the line
 * begins otherwise, or the word goes on as another.
 */
function findWord(line: string): { readonly place: number; readonly said: string } | null {
  const place = afterWrittenMarks(line);
  if (place === null) return null;
  const end = place + WORD.length;
  if (line.slice(place, end).toLowerCase() !== WORD) return null;
  const next = line.charAt(end);
  if (next === ':' || next === ',') return { place, said: line.slice(end + 1).trim() };
  return next.trim() === '' || isInvisible(next) ? { place, said: line.slice(end).trim() } : null;
}

/** The numbers of the marks that are text of the comment itself, in order. */
function marksRead(source: string): number[] {
  const found: { readonly mark: number; readonly after: number }[] = [];
  const tags: Tag[] = [];
  let quotes = 0;
  for (const token of markdown.parse(source, {})) {
    if (token.type === 'blockquote_open') quotes += 1;
    if (token.type === 'blockquote_close') quotes -= 1;
    for (const { type, content } of token.children ?? [token]) {
      if (type === 'html_inline' || type === 'html_block') tags.push(...hidingTags(content, type === 'html_block'));
      if (type === 'text' && quotes === 0)
        found.push(...marksIn(content).map((mark) => ({ mark, after: tags.length })));
    }
  }
  const hidden = hiddenAfter(tags);
  return found.filter(({ after }) => hidden[after] !== true).map(({ mark }) => mark);
}

function marksIn(text: string): number[] {
  const [, ...parts] = text.split(OPEN);
  return parts.map((part) => Number(part.slice(0, part.indexOf(CLOSE))));
}
