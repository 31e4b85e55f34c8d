// Finds where commands begin and end in a text. Pure.

/** At most so much of a command is read. */
const MOST_OF_COMMAND = 1_000;

/** The arguments of a command: the text after the words by which it was found. `from` is their index in the whole text. */
export interface CalledCommand {
  readonly from: number;
  readonly line: string;
}

/** Every command of the text that these words (a global regular expression) find, in order. */
export function* commandsIn(text: string, words: RegExp): Generator<CalledCommand> {
  words.lastIndex = 0;
  for (let called = words.exec(text); called !== null; called = words.exec(text)) {
    const from = called.index + called[0].length;
    if (!isCalled(text, called.index, from)) continue;
    const line = text.slice(from, endOfCommand(text, from));
    yield { from, line };
    words.lastIndex = from + line.length;
  }
}

/** Whether the words stand alone: they are no part of a longer name, of a file's, or what something is called. */
function isCalled(text: string, start: number, end: number): boolean {
  if (/[-.@:=]$|--name ["']?$/.test(text.slice(Math.max(0, start - 9), start))) return false;
  const after = text.slice(end, end + 6);
  return after === '' || /^(?:\.exe)?["'})]{0,2}\s/.test(`${after} `);
}

/** Where a command ends: with its line, unless a backslash takes it on to the next, or before the one that follows. */
function endOfCommand(text: string, from: number): number {
  const rest = text.slice(from, from + MOST_OF_COMMAND);
  for (let at = 0; at < rest.length; at++) {
    const char = rest.charAt(at);
    if (char === '\n' && !/\\\r?$/.test(rest.slice(Math.max(0, at - 2), at))) return from + at;
    if (isSeparator(rest, at)) return from + at;
    at = endOfQuoted(rest, at);
  }
  return from + rest.length;
}

/** Index after the closing quote of the text in quotes that begins at `at`; `at` itself when none begins there or it is not closed. */
export function endOfQuoted(line: string, at: number): number {
  const quote = line.charAt(at);
  if (quote !== '"' && quote !== "'") return at;
  const closing = line.indexOf(quote, at + 1);
  return closing < 0 || line.slice(at, closing).includes('\n') ? at : closing;
}

/** `a && b`, `a || b`, `a | b`, `a; b`: a password may hold these signs, but not with a space after them. */
function isSeparator(line: string, at: number): boolean {
  const two = line.slice(at, at + 2);
  return two === '&&' || two === '||' || two === '| ' || two === '; ';
}
