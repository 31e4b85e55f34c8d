// Chooses the lines of a failure's excerpt that are shown, within a limit. Pure.

import type { ReportFailure } from '../../model/pull-request.ts';
import { byteLength, linesOf, shorten } from '../../text/outside-text.ts';

const LINE_BYTES = 1000;

export interface ShownExcerpt {
  /** Where the lines stand, in words: `Lines 211–216 of the log`. */
  readonly title: string;
  readonly lines: readonly string[];
}

/**
 * The excerpt of a failure in at most `maxBytes` of UTF-8; where it has to be shortened, the lines around the matched one
 * (or else the last) are kept. Null when the failure has none.
 */
export function shownExcerpt(failure: ReportFailure, maxBytes: number): ShownExcerpt | null {
  const lines = linesOf(failure.excerpt ?? '', Math.min(LINE_BYTES, maxBytes));
  if (lines.length === 0) return null;
  const kept = around(lines, matchedIndex(failure, lines.length), maxBytes);
  const title = titleOf(failure);
  return { title: kept.length < lines.length ? `${title}, shortened` : title, lines: kept };
}

function titleOf({ excerpt_first_line: first, excerpt_last_line: last }: ReportFailure): string {
  if (first === null || last === null) return 'What it said';
  return first === last ? `Line ${first} of the log` : `Lines ${first}–${last} of the log`;
}

function matchedIndex(failure: ReportFailure, count: number): number {
  const { line_number: matched, excerpt_first_line: first } = failure;
  const index = matched === null || first === null ? count - 1 : matched - first;
  return Math.max(0, Math.min(count - 1, index));
}

function around(lines: readonly string[], centre: number, maxBytes: number): string[] {
  const size = (index: number) => byteLength(lines[index] ?? '') + 1;
  let [from, to] = [centre, centre];
  let left = maxBytes - size(centre);
  for (let grew = true; grew; ) {
    grew = false;
    if (from > 0 && size(from - 1) <= left) {
      from -= 1;
      left -= size(from);
      grew = true;
    }
    if (to < lines.length - 1 && size(to + 1) <= left) {
      to += 1;
      left -= size(to);
      grew = true;
    }
  }
  return lines.slice(from, to + 1).map((line) => shorten(line, maxBytes));
}
