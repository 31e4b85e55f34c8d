// Finds a step that printed nothing for a long time, until its job was cancelled: only the times in the log show that it hung. Pure.
import { RE2JS } from 're2js';
import type { Pattern } from '../../model/failure.ts';
import type { CleanLine } from '../log/clean-log.ts';
import type { Tail } from '../log/tail.ts';

/** What works without a word is mostly done by then. */
const LEAST_MINUTES = 30;
const CANCEL = '##[error]The operation was canceled.';
const MINUTE_MS = 60_000;
const WORDS = 'printed nothing for ';

/** Patterns by their slots: the lower, the better. */
export interface RankedPatterns {
  readonly count: number;
  readonly patternAt: (slot: number) => Pattern;
}

/** A step that went silent. */
export interface Silence {
  /** The last line before it. */
  readonly last: CleanLine;
  /** Which says it; null when none does. */
  readonly pattern: Pattern | null;
}

/** Whether the runner says there that it cancelled the job. */
export function isCancel(text: string): boolean {
  return text.endsWith(CANCEL);
}

/** The silence before the cancel, where it lasted half an hour or longer; null when it did not, or the lines have no times. */
export function findSilence(lines: readonly CleanLine[], tail: Tail, patterns: RankedPatterns): Silence | null {
  const at = lines.findLastIndex(({ text }) => isCancel(text));
  const last = lines.slice(0, Math.max(0, at)).findLast(({ text }) => text.trim() !== '');
  const cancel = lines[at];
  if (cancel === undefined || last === undefined) return null;
  const [from, to] = [tail.timeOf(last.line), tail.timeOf(cancel.line)];
  const minutes = from === null || to === null ? 0 : Math.floor((to - from) / MINUTE_MS);
  return minutes < LEAST_MINUTES ? null : { last, pattern: patternFor(minutes, patterns) };
}

/** Patterns read words, so it is put into some. */
function patternFor(minutes: number, { count, patternAt }: RankedPatterns): Pattern | null {
  const said = `The step ${WORDS}${minutes} minutes before the job was cancelled`;
  for (let slot = 0; slot < count; slot++) {
    const one = patternAt(slot);
    if (one.kind === 'regex' && one.pattern.includes(WORDS) && RE2JS.compile(one.pattern).test(said)) return one;
  }
  return null;
}
