// Picks lines of a log and makes them fit to be shown: a range, or those with a text in them; redacted among their neighbours, bounded,
// without invisible characters. Pure.
import { redactLines } from '../../diagnose/excerpt.ts';
import type { CleanLine } from '../../diagnose/log/clean-log.ts';
import { linesOf, shorten } from '../../text/outside-text.ts';
import { redact } from '../../text/redact.ts';

/** Which lines: those from one number to another, or those that hold a text in whatever case. */
export type WantedLines = { readonly from: number; readonly to: number } | { readonly search: string };

/** The most lines of a range. */
export const MOST_LINES = 400;
/** The most lines that a search finds. */
export const MOST_FOUND = 20;
/** The most bytes of one shown line, and of all together. */
const LINE_BYTES = 500;
const ALL_BYTES = 16_000;
/** So many lines before and after are read with a line: a key's block is known by its beginning, or its end. */
const BEFORE = 100;
const AFTER = 10;
/** So much of a line beside those that are wanted, in UTF-16 units: it only tells whether they are of a key's block. */
const BESIDE_UNITS = 300;
/** Of a line of a range, which is shown to its 500th byte: more is read, so that a secret at the cut is recognised. */
const RANGE_UNITS = 2 * LINE_BYTES;
/** So many lines that hold the text are looked at closely: a log can be written so that all do, and none may be shown. */
const MOST_TRIED = 1_000;

/** Lines of a log, as they may be shown. */
export interface PickedLines {
  readonly lines: readonly { readonly line: number; readonly text: string }[];
  /** The number of the last line that was looked at. */
  readonly last_read: number;
  /** Where to go on, when there was no room for all; null: that is all of what was looked at. */
  readonly next_line: number | null;
}

/** Looks at the lines of a log in order. */
export interface LinePicker {
  /** Returns false when no more lines are needed. */
  readonly take: (line: CleanLine) => boolean;
  readonly end: () => PickedLines;
}

/** Returns what picks the wanted lines; `from` is the first line of a search. */
export function pickLines(wanted: WantedLines, from = 1): LinePicker {
  const begin = 'from' in wanted ? wanted.from : from;
  const groups: CleanLine[][] = [];
  const chosen = new Set<number>();
  const needle = 'search' in wanted ? wanted.search.toLowerCase() : null;
  let lead: CleanLine[] = [];
  let last = 0;
  let lastRead = 0;
  let tried = 0;
  let isFull = false;
  const isWanted = ({ line, text }: CleanLine) => {
    if (line < begin || isFull) return false;
    if ('from' in wanted) return line <= wanted.to;
    if (!holds(text, needle)) return false;
    tried += 1;
    isFull = tried === MOST_TRIED;
    // What stands in a secret alone is not there: else one could be guessed letter by letter.
    return holds(redact(text), needle);
  };
  const keep = (one: CleanLine) => {
    if (last === 0 || one.line - last > AFTER + lead.length + 1) groups.push([]);
    groups.at(-1)?.push(...lead, needle === null ? beginning(one, RANGE_UNITS) : one);
    lead = [];
  };
  const beside = (one: CleanLine) => beginning(one, BESIDE_UNITS);
  const take = (one: CleanLine): boolean => {
    if (!isFull) lastRead = one.line;
    if (isWanted(one)) {
      chosen.add(one.line);
      keep(one);
      last = one.line;
      isFull ||= 'search' in wanted ? chosen.size === MOST_FOUND : one.line === wanted.to;
    } else if (last > 0 && one.line - last <= AFTER) groups.at(-1)?.push(beside(one));
    else {
      lead.push(beside(one));
      if (lead.length > BEFORE) lead.shift();
    }
    return !isFull || one.line - last < AFTER;
  };
  return { take, end: () => shown({ groups, chosen, needle, lastRead, isFull: isFull && needle !== null }) };
}

/** A line of which no more is looked at than has to be: to find secrets in thousands of long lines takes seconds. */
function beginning(one: CleanLine, units: number): CleanLine {
  return one.text.length <= units ? one : { ...one, text: one.text.slice(0, units) };
}

interface Kept {
  readonly groups: readonly (readonly CleanLine[])[];
  readonly chosen: ReadonlySet<number>;
  readonly needle: string | null;
  readonly lastRead: number;
  readonly isFull: boolean;
}

function holds(text: string, needle: string | null): boolean {
  return needle === null || text.toLowerCase().includes(needle);
}

function shown({ groups, chosen, needle, lastRead, isFull }: Kept): PickedLines {
  const lines: { line: number; text: string }[] = [];
  let room = ALL_BYTES;
  for (const { line, text } of groups.flatMap((group) => redactLines(group))) {
    if (!chosen.has(line) || !holds(text, needle)) continue;
    const safe = shorten(linesOf(text, LINE_BYTES).join(' '), LINE_BYTES);
    room -= Buffer.byteLength(safe) + 1;
    if (room < 0) return { lines, last_read: lastRead, next_line: line };
    lines.push({ line, text: safe });
  }
  return { lines, last_read: lastRead, next_line: isFull ? lastRead + 1 : null };
}
