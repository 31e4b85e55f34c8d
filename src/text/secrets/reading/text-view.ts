// Other forms of a text in which a hidden secret can be found: without invisible characters, with escapes resolved, with lines
// joined. A view knows where each of its characters came from. Pure.
import { isIn, runEnd, runStart } from './alphabets.ts';
import type { Span } from './span.ts';
import { readEscape } from './text-escapes.ts';

/** A text made from another one. */
export interface TextView {
  readonly text: string;
  /** For each character of the view: the range of the original that it came from, from `starts` to before `ends`. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /** Indices in the view at which the end of a line was removed: of the first character after it. */
  readonly joins: readonly number[];
}

/** Turns a span of a view into the span of the original text. */
export function spanBehind({ starts, ends }: TextView, { start, end, kind }: Span): Span {
  return { start: starts[start] ?? 0, end: ends[end - 1] ?? 0, kind };
}

/** Collects a view's characters, those that stay as they are and those that stand for several. */
class ViewBuilder {
  readonly #parts: string[] = [];
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;
  readonly joins: number[] = [];
  #length = 0;

  constructor(mostCharacters: number) {
    this.#starts = new Uint32Array(mostCharacters);
    this.#ends = new Uint32Array(mostCharacters);
  }

  copy(text: string, start: number, end: number): void {
    if (end <= start) return;
    this.#parts.push(text.slice(start, end));
    for (let at = start; at < end; at++) this.#put(at, at + 1);
  }

  stand(characters: string, start: number, end: number): void {
    this.#parts.push(characters);
    for (let at = 0; at < characters.length; at++) this.#put(start, end);
  }

  join(): void {
    this.joins.push(this.#length);
  }

  build(): TextView {
    const { joins } = this;
    return {
      text: this.#parts.join(''),
      starts: this.#starts.subarray(0, this.#length),
      ends: this.#ends.subarray(0, this.#length),
      joins,
    };
  }

  #put(start: number, end: number): void {
    this.#starts[this.#length] = start;
    this.#ends[this.#length] = end;
    this.#length++;
  }
}

/** What an escape begins with, of whatever kind: of terminals, percent, JSON, HTML; and all that is not ASCII. */
const SIGNS = /[\u001b%\\&^\u0080-\uffff]/g;

/** The text without invisible characters and terminal escapes, and with its escapes resolved; null when it has none. */
export function decodedView(text: string): TextView | null {
  const view = new ViewBuilder(text.length);
  let at = 0;
  SIGNS.lastIndex = 0;
  for (let sign = SIGNS.exec(text); sign !== null; sign = SIGNS.exec(text)) {
    const read = readEscape(text, sign.index);
    if (read === null) continue;
    view.copy(text, at, sign.index);
    view.stand(read.stands, sign.index, read.end);
    at = read.end;
    SIGNS.lastIndex = at;
  }
  if (at === 0) return null;
  view.copy(text, at, text.length);
  return view.build();
}

/** What may stand between the two parts of something that was broken over two lines. */
const BETWEEN = new Set(' \t\r\\"\'+|>*#`,');
const MOST_BETWEEN = 40;
/** From here on a line may have been broken for its length. */
const LONG_LINE = 60;

/**
 * A view of the words that may have been broken over lines, joined again, one on each line: where the next line is a single word, or
 * this line is as long as lines are that get broken. Null when there are none.
 */
export function joinedView(text: string): TextView | null {
  const view = new ViewBuilder(text.length);
  let lineStart = 0;
  // Where the word that the last line ended with goes on.
  let open = -1;
  for (let line = text.indexOf('\n'); line >= 0; line = text.indexOf('\n', line + 1)) {
    const left = before(text, line, lineStart);
    const right = after(text, line + 1);
    const isLong = line - lineStart >= LONG_LINE;
    lineStart = line + 1;
    if (!isIn(text, left - 1, 'any') || !isIn(text, right, 'any') || !(isLong || isAlone(text, right))) continue;
    if (open >= 0 && runEnd(text, open, 'any') >= left) view.copy(text, open, left);
    else {
      endWord(view, text, open);
      view.copy(text, runStart(text, left, 'any', Math.max(open, 0)), left);
    }
    view.join();
    open = right;
  }
  if (open < 0) return null;
  endWord(view, text, open);
  return view.build();
}

function endWord(view: ViewBuilder, text: string, open: number): void {
  if (open < 0) return;
  const end = runEnd(text, open, 'any');
  view.copy(text, open, end);
  view.stand('\n', end, end);
}

/** Whether the line has nothing but the word that begins at `at`. */
function isAlone(text: string, at: number): boolean {
  const end = after(text, runEnd(text, at, 'any'));
  return end >= text.length || text.charAt(end) === '\n' || ')]};'.includes(text.charAt(end));
}

function before(text: string, line: number, limit: number): number {
  // A quoted-printable text ends its lines so.
  let left = text.charAt(line - 1) === '=' ? line - 1 : line;
  while (left > limit && line - left < MOST_BETWEEN && BETWEEN.has(text.charAt(left - 1))) left--;
  return left;
}

function after(text: string, start: number): number {
  let right = start;
  while (right - start < MOST_BETWEEN && BETWEEN.has(text.charAt(right))) right++;
  return right;
}
