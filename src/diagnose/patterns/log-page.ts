// One block of a log, and what was made of it so far. Pure.

import type { Candidates } from '../literals/candidates.ts';
import { cleanLine } from '../log/clean-log.ts';
import type { LineSpan } from '../log/context.ts';
import type { Block } from '../log/line-blocks.ts';
import { readingsOf } from '../log/prefixes.ts';

/** One block and what was made of it so far. */
export interface Page {
  readonly block: Block;
  readonly candidates: Candidates;
  /** By index of the candidate line; decoded when first asked for. */
  readonly texts: (string | undefined)[];
  readonly readings: (readonly string[] | undefined)[];
  /** By raw line number, where it has been asked. */
  readonly ignored: Map<number, boolean>;
}

/** Where the candidate line with this index stands. */
export function spanOf({ candidates }: Page, index: number): LineSpan {
  return { line: candidates.line[index] ?? 0, start: candidates.start[index] ?? 0, end: candidates.end[index] ?? 0 };
}

/** Its text, cleaned. */
export function textOf(page: Page, index: number): string {
  const known = page.texts[index];
  if (known !== undefined) return known;
  const { start, end } = spanOf(page, index);
  const text = cleanLine(page.block.bytes, start, end);
  page.texts[index] = text;
  return text;
}

/** What it may be read as besides. */
export function readingsAt(page: Page, index: number): readonly string[] {
  const known = page.readings[index];
  if (known !== undefined) return known;
  const readings = readingsOf(textOf(page, index));
  page.readings[index] = readings;
  return readings;
}
