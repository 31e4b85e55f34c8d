// A comment's text line by line, and whether a line may belong to what stands above it. Pure.

import { afterMarks } from './list-marks.ts';

/** A line of a comment. */
export interface Line {
  readonly text: string;
  /** The characters that end it; empty for the last. */
  readonly end: string;
  /**
   * Whether a quote, a link definition or open HTML stands right above, with no blank line between. Parsers do not always
   * agree on whether those take such a line in.
   */
  readonly mayBelongAbove: boolean;
}

/** What ends a line for Markdown; the last line ends with nothing. */
const MARKDOWN_ENDS = ['\n', '\r', '\r\n', ''];
/** VT, FF, NEL and the two separators of Unicode end a line as well, though not for Markdown. */
const ENDS = new Set(['\n', '\r', '\v', '\f', '\u0085', '\u2028', '\u2029']);
const OPENERS = [
  ['<!--', '-->'],
  ['<?', '?>'],
  ['<![CDATA[', ']]>'],
] as const;

/** Splits a text into lines by every character that can end one. All `text` and `end` joined in order give the text again. */
export function linesOf(body: string): Line[] {
  const lines: Line[] = [];
  let above = NOTHING;
  let beginsRow = true;
  let start = 0;
  for (let place = 0; place <= body.length; place += 1) {
    const character = body.charAt(place);
    if (character !== '' && !ENDS.has(character)) continue;
    const end = character === '\r' && body.charAt(place + 1) === '\n' ? '\r\n' : character;
    const text = body.slice(start, place);
    lines.push({ text, end, mayBelongAbove: above.takesIn || above.open.some((one) => one) });
    const endsRow = MARKDOWN_ENDS.includes(end);
    above = beginsRow && endsRow && isBlank(text) ? NOTHING : withLine(above, text);
    beginsRow = endsRow;
    place += Math.max(0, end.length - 1);
    start = place + 1;
  }
  return lines;
}

interface Above {
  readonly takesIn: boolean;
  /** Whether a line began with a bracket that none has closed: a link definition's name may have several lines. */
  readonly inBrackets: boolean;
  /** In the order of `OPENERS`. */
  readonly open: readonly boolean[];
}

const NOTHING: Above = { takesIn: false, inBrackets: false, open: [false, false, false] };

function withLine({ takesIn, inBrackets, open }: Above, text: string): Above {
  const rest = text.slice(afterMarks(text));
  const begins = inBrackets || rest.startsWith('[');
  return {
    // A definition begins a line, in a list or not: `as in [1]: fine` is none.
    takesIn: takesIn || rest.startsWith('>') || (begins && rest.includes(']:')),
    inBrackets: begins && !closesBracket(rest),
    open: OPENERS.map(([opener, closer], index) => {
      const [last, closed] = [text.lastIndexOf(opener), text.lastIndexOf(closer)];
      return last === closed ? (open[index] ?? false) : last > closed;
    }),
  };
}

function closesBracket(text: string): boolean {
  for (let place = text.indexOf(']'); place !== -1; place = text.indexOf(']', place + 1))
    if (text.charAt(place - 1) !== '\\') return true;
  return false;
}

function isBlank(text: string): boolean {
  for (const character of text) if (character !== ' ' && character !== '\t') return false;
  return true;
}
