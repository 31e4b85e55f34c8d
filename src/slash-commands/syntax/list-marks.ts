// What stands before the text of a line in a list: spaces, `-`, `1.`, `[x]`. Pure.

import { isDigits, isInvisible } from './said-words.ts';

/** CommonMark allows a number no more digits. */
const MOST_DIGITS = 9;
const BOXES = ['[ ]', '[x]', '[X]'];
/** Spaces that CommonMark takes for code: at the beginning of a line, and after the mark of a list besides the one that belongs to it. */
const CODE_SPACES = 4;

/** Index at which the text of a line begins, after the marks of lists and tasks and any number of spaces and tabs. */
export function afterMarks(line: string): number {
  let place = afterSpaces(line, 0);
  for (;;) {
    const end = afterMark(line, place);
    if (end === place) return place;
    place = afterSpaces(line, end);
  }
}

/**
 * The same for a line that may be a command: invisible characters are skipped too. Null when the line is indented like code, with four
 * spaces or a tab.
 */
export function afterWrittenMarks(line: string): number | null {
  let gap = afterGap(line, 0);
  for (;;) {
    if (gap.spaces >= CODE_SPACES) return null;
    const end = afterMark(line, gap.end);
    if (end === gap.end) return end;
    gap = afterGap(line, end + 1);
  }
}

/** A tab counts as four spaces. */
function afterGap(line: string, start: number): { readonly end: number; readonly spaces: number } {
  let end = start;
  let spaces = 0;
  for (; ; end += 1) {
    const character = line.charAt(end);
    if (character === ' ') spaces += 1;
    else if (character === '\t') spaces += CODE_SPACES;
    else if (character !== '\u00a0' && !isInvisible(character)) return { end, spaces };
  }
}

/** Past one mark and before the space that has to follow it; `start` where there is none. */
function afterMark(line: string, start: number): number {
  const end = start + markLength(line, start);
  const next = line.charAt(end);
  return end > start && (next === ' ' || next === '\t' || next === '\u00a0') ? end : start;
}

function markLength(line: string, start: number): number {
  if ('-*+'.includes(line.charAt(start) || ' ')) return 1;
  if (BOXES.includes(line.slice(start, start + 3))) return 3;
  let digits = 0;
  while (digits < MOST_DIGITS && isDigits(line.charAt(start + digits))) digits += 1;
  const sign = line.charAt(start + digits);
  return digits > 0 && (sign === '.' || sign === ')') ? digits + 1 : 0;
}

function afterSpaces(line: string, start: number): number {
  let place = start;
  while (line.charAt(place) === ' ' || line.charAt(place) === '\t') place += 1;
  return place;
}
