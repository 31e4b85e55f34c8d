// What is stored of the patterns that matched a log: the rows of `error_matches`. Without secrets, and bounded. Pure.

import type { PatternRank } from '../model/failure.ts';
import { redact } from '../text/redact.ts';
import { redactLines } from './excerpt.ts';
import { findLocation } from './location.ts';
import type { CleanLine } from './log/clean-log.ts';
import type { Step } from './log/log-marks.ts';
import type { Anchor, LogMatch, PatternMatch } from './patterns/match.ts';

/** One pattern that matched. */
export type MatchRow = {
  bug_pattern_id: string;
  line_number: number;
  line_text: string;
  captures: string[];
  is_primary: boolean;
  /** Its place among the causes that do not follow from each other, from 1; null for what is none. */
  cause_position: number | null;
  rank: PatternRank;
  demoted: PatternMatch['demoted'];
  step_name: string | null;
  /** How many other lines it matched there, and of a cause the first three of them. */
  others: number;
  other_lines: { line_number: number; text: string; file_path: string | null; line: number | null }[];
  file_path: string | null;
  line: number | null;
};

const MAX_MESSAGE_CHARACTERS = 1_000;
/** Three lines of it with their places, escaped as JSON, stay below what the column takes. */
const MAX_OTHER_CHARACTERS = 300;
const MAX_OTHER_PATH = 200;
const MAX_STEP_CHARACTERS = 200;
const MOST_OTHERS = 2 ** 31 - 1;
/** A log with more was written to have them, and each takes time and room. */
const MOST_ROWS = 100;

/** The rows of what matched, the best 100 and what is shown; patterns without a row of their own have none. */
export function matchRows({ matches, primary, causes, anchor }: LogMatch): MatchRow[] {
  return matches.flatMap((match, index) => {
    const is_primary = match === primary;
    const at = primary === null ? -1 : causes.indexOf(match);
    if (index >= MOST_ROWS && !is_primary && at < 0) return [];
    return toRow(match, anchor, { is_primary, cause_position: at < 0 ? null : at + 1 });
  });
}

function toRow(
  { pattern, line, text, captures, step, others, demoted }: PatternMatch,
  anchor: Anchor | null,
  place: Pick<MatchRow, 'is_primary' | 'cause_position'>,
): MatchRow[] {
  if (pattern.id === null) return [];
  const shown = shownLine({ line, text }, anchor);
  return [
    {
      bug_pattern_id: pattern.id,
      line_number: line,
      line_text: shortened(shown),
      captures: captures.map((capture) => shortened(shownCapture(capture, shown))),
      ...place,
      rank: pattern.rank,
      demoted,
      step_name: shownStep(step),
      others: Math.min(others.count, MOST_OTHERS),
      // Of what is not told nobody sees them, and redacting takes time.
      other_lines: (place.is_primary || place.cause_position !== null ? others.lines : []).map((other) => ({
        line_number: other.line,
        text: shortened(shownLine(other, anchor), MAX_OTHER_CHARACTERS),
        ...placeOf(other.text),
      })),
      ...(findLocation([text]) ?? { file_path: null, line: null }),
    },
  ];
}

/** Where another line points; a longer path has no room in the column. */
function placeOf(text: string): Pick<MatchRow, 'file_path' | 'line'> {
  const place = findLocation([text]);
  return place === null || place.file_path.length > MAX_OTHER_PATH ? { file_path: null, line: null } : place;
}

/** What the log calls the step, fit to be shown: it may be the first line of a script. */
export function shownStep(step: Step | null): string | null {
  const name = step === null ? '' : shortened(redact(step.name), MAX_STEP_CHARACTERS);
  return name === '' ? null : name;
}

/** The line redacted, with its neighbours to tell by where they are known. */
export function shownLine({ line, text }: CleanLine, anchor: Anchor | null): string {
  return redactLines(anchor?.lines ?? []).find((shown) => shown.line === line)?.text ?? redact(text);
}

/** A captured text may only be a secret because of the text around it (`password=…`): it is shown only when the redacted line shows it. */
function shownCapture(capture: string, shownText: string): string {
  const shown = redact(capture);
  return shownText.includes(shown) ? shown : '[redacted]';
}

/** As much of a text as is stored of a line. */
export function shortened(text: string, most = MAX_MESSAGE_CHARACTERS): string {
  const folded = text.replaceAll('\0', '\uFFFD').toWellFormed().trim();
  return folded.length <= most ? folded : `${folded.slice(0, most - 1).toWellFormed()}…`;
}
