// Keeps the lines around a line of a streamed log, in bounded memory. Pure.
import { type CleanLine, cleanLine } from './clean-log.ts';
import type { Block } from './line-blocks.ts';

/** How many lines before and after a line are kept with it. */
const LINES_BEFORE = 30;
const LINES_AFTER = 20;

const NEWLINE = 0x0a;

/** A line of a block: its raw number, and where it stands in the block's bytes. */
export interface LineSpan {
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

/** A line with its neighbours, as far as they have been read. */
export interface Surroundings {
  readonly line: number;
  readonly lines: readonly CleanLine[];
  /** How many lines after it are still to come. */
  readonly missing: number;
}

function linesFrom(block: Block, span: LineSpan, count: number): CleanLine[] {
  const lines: CleanLine[] = [];
  let { line, start } = span;
  while (lines.length < count && start < block.bytes.length) {
    const end = block.bytes.indexOf(NEWLINE, start);
    lines.push({ line, text: cleanLine(block.bytes, start, end) });
    start = end + 1;
    line++;
  }
  return lines;
}

function linesBefore(block: Block, span: { line: number; start: number }, count: number): CleanLine[] {
  const lines: CleanLine[] = [];
  let { line, start: end } = span;
  while (lines.length < count && end > 0) {
    // The newline before `end` is the line's own.
    const start = end < 2 ? 0 : block.bytes.lastIndexOf(NEWLINE, end - 2) + 1;
    line--;
    lines.push({ line, text: cleanLine(block.bytes, start, end - 1) });
    end = start;
  }
  return lines.reverse();
}

/** The line with what stands around it in its block, and before it in `earlier`, the last lines of the blocks before. */
export function surround(block: Block, span: LineSpan, earlier: readonly CleanLine[]): Surroundings {
  const before = linesBefore(block, span, LINES_BEFORE);
  const older = earlier.slice(Math.max(0, earlier.length - (LINES_BEFORE - before.length)));
  const rest = linesFrom(block, span, 1 + LINES_AFTER);
  const lines = [...older, ...before, ...rest];
  return { line: span.line, lines, missing: 1 + LINES_AFTER - rest.length };
}

/** The same, with the lines that the next block brings. */
export function extend(around: Surroundings, next: Block): Surroundings {
  if (around.missing === 0) return around;
  const more = linesFrom(next, { line: next.firstLine, start: 0, end: 0 }, around.missing);
  return { ...around, lines: [...around.lines, ...more], missing: around.missing - more.length };
}

/** The last lines of the blocks so far. */
export function lastLines(block: Block, earlier: readonly CleanLine[]): readonly CleanLine[] {
  const end = { line: block.firstLine + block.lineCount, start: block.bytes.length };
  const lines = linesBefore(block, end, LINES_BEFORE);
  return lines.length < LINES_BEFORE ? [...earlier, ...lines].slice(-LINES_BEFORE) : lines;
}
