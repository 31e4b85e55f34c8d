// A comment's text line by line, and whether a line may belong to what stands above it. Pure; command-lines.ts uses it.

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
/** What can stand before the sign of a quote. */
const BEFORE_QUOTE = ' \t-*+.)0123456789';
const OPENERS = [
  ['<!--', '-->'],
  ['<?', '?>'],
  ['<![CDATA[', ']]>'],
] as const;

/** The lines of a text, of every kind, in order; put together again they are the text. */
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
  /** In the order of `OPENERS`. */
  readonly open: readonly boolean[];
}

const NOTHING: Above = { takesIn: false, open: [false, false, false] };

function withLine({ takesIn, open }: Above, text: string): Above {
  return {
    takesIn: takesIn || isQuote(text) || text.includes(']:'),
    open: OPENERS.map(([opener, closer], index) => {
      const [last, closed] = [text.lastIndexOf(opener), text.lastIndexOf(closer)];
      return last === closed ? (open[index] ?? false) : last > closed;
    }),
  };
}

function isQuote(text: string): boolean {
  let place = 0;
  while (place < text.length && BEFORE_QUOTE.includes(text.charAt(place))) place += 1;
  return text.charAt(place) === '>';
}

function isBlank(text: string): boolean {
  for (const character of text) if (character !== ' ' && character !== '\t') return false;
  return true;
}
