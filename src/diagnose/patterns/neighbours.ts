// The lines around a line that is quoted. Pure.
import type { CleanLine } from '../log/clean-log.ts';
import { isRunnersOwn } from '../log/log-marks.ts';

const LINES_BEFORE = 30;
const LINES_AFTER = 20;

/** The line and its neighbours up to the next blank line or mark. */
export function paragraph(lines: readonly CleanLine[], line: number): { first_line: number; last_line: number } {
  const at = lines.findIndex((one) => one.line === line);
  const isEdge = (one: CleanLine | undefined) => one === undefined || one.text.trim() === '' || isRunnersOwn(one.text);
  let [first, last] = [at, at];
  while (at - first < 5 && !isEdge(lines[first - 1])) first--;
  while (last - at < 5 && !isEdge(lines[last + 1])) last++;
  return { first_line: lines[first]?.line ?? line, last_line: lines[last]?.line ?? line };
}

/** The line and as many before and after it as are shown, in order. */
export function around(lines: readonly CleanLine[], line: number): readonly CleanLine[] {
  const at = lines.findIndex((one) => one.line === line);
  return lines.slice(Math.max(0, at - LINES_BEFORE), at + LINES_AFTER + 1);
}
