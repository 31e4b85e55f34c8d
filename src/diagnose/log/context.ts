// Keeps the lines around a line of a streamed log, in bounded memory. Pure.
import { type CleanLine, cleanLine } from './clean-log.ts';
import type { Block } from './line-blocks.ts';

/** How many lines before and after a line are kept with it. */
const LINES_BEFORE = 30;
const LINES_AFTER = 20;

const NEWLINE = 0x0a;

/** Where a line stands in a block. */
export interface LineSpan {
  /** Line number in the raw log, from 1. */
  readonly line: number;
  /** Index of its first byte in the block's bytes. */
  readonly start: number;
  /** Index of its newline in the block's bytes. */
  readonly end: number;
}

/** A line with its neighbours, as far as they have been read. */
export interface Surroundings {
  /** Number of the line itself in the raw log, from 1. */
  readonly line: number;
  /** Up to 30 lines before it, the line itself, and up to 20 lines after it, in order. */
  readonly lines: readonly CleanLine[];
  /** How many of the 20 lines after it are not read yet; stays above 0 when the log ends earlier. */
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

/**
 * Collects the neighbours of a line: those in its own block, and before them as many as are needed from `earlier`, the last
 * lines of the blocks before (as `lastLines` returns them).
 */
export function surround(block: Block, span: LineSpan, earlier: readonly CleanLine[]): Surroundings {
  const before = linesBefore(block, span, LINES_BEFORE);
  const older = earlier.slice(Math.max(0, earlier.length - (LINES_BEFORE - before.length)));
  const rest = linesFrom(block, span, 1 + LINES_AFTER);
  const lines = [...older, ...before, ...rest];
  return { line: span.line, lines, missing: 1 + LINES_AFTER - rest.length };
}

/** Adds the missing lines after it from the next block; returns the same object when none are missing. */
export function extend(around: Surroundings, next: Block): Surroundings {
  if (around.missing === 0) return around;
  const more = linesFrom(next, { line: next.firstLine, start: 0, end: 0 }, around.missing);
  return { ...around, lines: [...around.lines, ...more], missing: around.missing - more.length };
}

/** The last lines (at most 30) read so far, in order: from this block and, where it is short, from `earlier`. */
export function lastLines(block: Block, earlier: readonly CleanLine[]): readonly CleanLine[] {
  const end = { line: block.firstLine + block.lineCount, start: block.bytes.length };
  const lines = linesBefore(block, end, LINES_BEFORE);
  return lines.length < LINES_BEFORE ? [...earlier, ...lines].slice(-LINES_BEFORE) : lines;
}
