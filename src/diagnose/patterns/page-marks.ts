// Finds in a block where steps begin, and what the runner calls an error. Pure.
import { cleanLine } from '../log/clean-log.ts';
import type { Block } from '../log/line-blocks.ts';
import { ERROR_MARK, type LogMark, readLogMark } from '../log/log-marks.ts';
import { readingsOf } from '../log/prefixes.ts';
import type { StretchTracker } from './ignores.ts';
import { type Page, readingsAt, spanOf, textOf } from './log-page.ts';

/** A part of a page that lies within one step: its lines, bytes and pairs of candidates. */
export interface Part {
  readonly firstLine: number;
  readonly start: number;
  readonly firstPair: number;
  /** What begins with it; null for the part that goes on with the step before. */
  readonly opens: Extract<LogMark, { name: string }> | null;
}

/** A line that the runner marks as an error. */
interface MarkedError {
  readonly line: number;
  /** Whether it ends the step, and says nothing of the cause. */
  readonly isExit: boolean;
  readonly isCancel: boolean;
  /** Whether it ends a script. */
  readonly ofScript: boolean;
}

export interface MarkedPage {
  readonly parts: readonly Part[];
  readonly errors: readonly MarkedError[];
}

export interface MarkState {
  /** Slots from here on are no patterns. */
  readonly firstMark: number;
  /** Whether a step began without anything before the runner's mark: then a mark behind something is a tool's own output. */
  hasBareSteps: boolean;
  /** Whether such a tool shows what the runner calls an error. */
  hasQuotedErrors: boolean;
  /** How many more marks are read. */
  left: number;
  /** Is shown each line that holds what is no pattern's. */
  readonly onLine: (line: number, text: string) => void;
}

/** Forward through the lines with marks: where steps and stretches begin, and what the runner calls an error. */
export function readMarks(page: Page, marks: MarkState): MarkedPage {
  const { slot, at } = page.candidates;
  const { block } = page;
  const parts: Part[] = [{ firstLine: block.firstLine, start: 0, firstPair: 0, opens: null }];
  const errors: MarkedError[] = [];
  let last = -1;
  let firstPair = 0;
  for (let pair = 0; pair < slot.length; pair++) {
    const index = at[pair] ?? 0;
    if (index !== at[pair - 1]) firstPair = pair;
    if (index === last || (slot[pair] ?? 0) < marks.firstMark) continue;
    last = index;
    const { line, start } = spanOf(page, index);
    marks.onLine(line, textOf(page, index));
    const mark = marks.left > 0 ? markAt(page, index, marks) : null;
    if (mark === null) continue;
    marks.left--;
    if ('name' in mark) parts.push({ firstLine: line, start, firstPair, opens: mark });
    else {
      const isExit = mark.kind === 'exit';
      errors.push({ line, isExit, ofScript: isExit && mark.ofScript, isCancel: isExit && mark.isCancel });
    }
  }
  return { parts, errors };
}

/** A step begins where the mark is bare, and behind a prefix only in a log where all are. */
function markAt(page: Page, index: number, state: MarkState): LogMark | null {
  const bare = readLogMark(textOf(page, index));
  if (bare !== null && bare.kind !== 'error') {
    state.hasBareSteps ||= bare.kind === 'step';
    return bare;
  }
  if (state.hasBareSteps && bare === null) {
    state.hasQuotedErrors ||= readingsAt(page, index).some((reading) => reading.startsWith(ERROR_MARK));
    return null;
  }
  const marks = readingsAt(page, index).map(readLogMark);
  const inner = marks.find((mark) => mark?.kind === 'exit' || (mark !== null && 'name' in mark && !state.hasBareSteps));
  return inner ?? bare ?? marks.find((mark) => mark !== null) ?? null;
}

const NEWLINE = 0x0a;

/** Tells the tracker of one line. */
export function markStretch(stretches: StretchTracker, line: number, text: string): void {
  stretches.mark(line, [text, ...readingsOf(text)]);
}

/** Tells the tracker of all lines of a block. */
export function markEveryLine(stretches: StretchTracker, { bytes, firstLine }: Block): void {
  let line = firstLine;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(NEWLINE, start);
    markStretch(stretches, line, cleanLine(bytes, start, end));
    start = end + 1;
  }
}
