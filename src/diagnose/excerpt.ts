// Cuts out of a log the lines that prove its verdict. Pure.

import { redact } from '../text/redact.ts';
import type { CleanLine } from './log/clean-log.ts';
import { readLogMark } from './log/log-marks.ts';
import type { Anchor } from './patterns/match.ts';

export const MAX_EXCERPT_BYTES = 4096;

/** At most this many lines before and after the line that speaks; where it only ends the story, more stand before it. */
const REACH = {
  match: { before: 10, after: 10 },
  error: { before: 20, after: 5 },
  block: { before: 10, after: 15 },
  exit: { before: 25, after: 0 },
  tail: { before: 25, after: 0 },
} as const;

/** Lines of a log, fit to be shown. */
export interface Excerpt {
  /** Redacted, at most 4,096 bytes of UTF-8. */
  readonly text: string;
  /** 1-based, in the raw log. */
  readonly first_line: number;
  readonly last_line: number;
}

/**
 * The anchor's line with as many neighbours as have room, nearest first, and never beyond the step it stands in. Redaction
 * sees all the neighbours, so that a key block that is cut off at the excerpt's edge is still known as one.
 */
export function cutExcerpt(anchor: Anchor): Excerpt {
  const lines = redactLines(anchor.lines);
  const at = lines.findIndex(({ line }) => line === anchor.line);
  const { before, after } = REACH[anchor.kind];
  let first = at;
  let last = at;
  let room = MAX_EXCERPT_BYTES - cost(lines[at]);
  let up = true;
  let down = true;
  while (up || down) {
    up &&= at - first < before && !beginsStep(lines[first]) && first > 0 && cost(lines[first - 1]) <= room;
    if (up) room -= cost(lines[--first]);
    down &&=
      last - at < after && last + 1 < lines.length && !beginsStep(lines[last + 1]) && cost(lines[last + 1]) <= room;
    if (down) room -= cost(lines[++last]);
  }
  const chosen = trimBlank(lines.slice(first, last + 1), anchor.line);
  return {
    text: cutBytes(chosen.map(({ text }) => text).join('\n')),
    first_line: chosen[0]?.line ?? anchor.line,
    last_line: chosen.at(-1)?.line ?? anchor.line,
  };
}

/** The lines as they may be shown; each sees the others, so that a line out of the midst of a key block is known as one. */
export function redactLines(lines: readonly CleanLine[]): readonly CleanLine[] {
  const known = redacted.get(lines);
  if (known !== undefined) return known;
  const safe = redact(lines.map(({ text }) => text).join('\n')).split('\n');
  const shown = lines.map(({ line }, index) => ({ line, text: safe[index] ?? '' }));
  redacted.set(lines, shown);
  return shown;
}

/** Every match of a log asks for the lines around its anchor again. */
const redacted = new WeakMap<readonly CleanLine[], readonly CleanLine[]>();

function cost(line: CleanLine | undefined): number {
  return Buffer.byteLength(line?.text ?? '') + 1;
}

function beginsStep(line: CleanLine | undefined): boolean {
  const mark = readLogMark(line?.text ?? '');
  return mark !== null && 'name' in mark;
}

/** Without the empty lines at both ends. */
function trimBlank(lines: readonly CleanLine[], keep: number): readonly CleanLine[] {
  const isKept = ({ line, text }: CleanLine) => line === keep || text.trim() !== '';
  return lines.slice(lines.findIndex(isKept), lines.findLastIndex(isKept) + 1);
}

/** Cuts at the limit, at a character's border: only an anchor's line that fills the excerpt alone needs it. */
function cutBytes(text: string): string {
  if (Buffer.byteLength(text) <= MAX_EXCERPT_BYTES) return text;
  return new TextDecoder().decode(Buffer.from(text).subarray(0, MAX_EXCERPT_BYTES), { stream: true });
}
