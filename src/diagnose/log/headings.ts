// Knows lines that only announce a failure or count failures, and finds the one near them that says it. Pure.
import type { CleanLine } from './clean-log.ts';
import { errorWeight, isNoise, isPlace } from './error-words.ts';
import { isRunnersOwn, withoutIssueMark } from './log-marks.ts';
import { readingsOf } from './prefixes.ts';

/** `⎯⎯ Unhandled Errors ⎯⎯`, `  2) Error:`: what broke stands on the next line. */
const HEADING = /^[^\w]*(?:Unhandled (?:Error|Rejection)s?[^\w]*$|(?:\d{1,4}\) )?(?:Error|Failure):$)/;
/** `✖   found 2 problems, 0 warnings`, `jq: 3 compile errors`: what broke stands before it. */
const COUNT = /^[^\w]*(?:\w[\w-]*:? )?(?:found )?\d{1,6} (?:compile )?(?:errors?|failures?|problems?)\b/;
const ENDED = /finished with problems\b|compiled with \d{1,6} errors?\b/;
/** What says more behind the number than how many files or warnings there are speaks for itself. */
const SHORT = 60;
/** RSpec's: the code that failed; where it threw something, that stands behind it. */
const ASSERTION = /^\s*Failure\/Error: /;
const THROWN = /^\s*[A-Z]\w*(?:::[A-Z]\w*){1,8}:/;
/** Lines of code that a runner shows, its own notes and rules. */
const FRAME = /^\s*(?:>\s*)?\d{1,6} ?[|│]|^Vitest caught \d|^This error /;
const LINES_ON = 8;
const LINES_BACK = 40;

/** The line that says what a heading announces or a summary counts; null where the line says it itself, or none near it does. */
export function lineBehind(lines: readonly CleanLine[], line: number): CleanLine | null {
  const at = lines.findIndex((one) => one.line === line);
  const text = bareText(lines[at]?.text ?? '');
  if (HEADING.test(text)) return lines.slice(at + 1, at + 1 + LINES_ON).find(({ text: next }) => says(next)) ?? null;
  if (ASSERTION.test(text))
    return lines.slice(at + 1, at + 1 + LINES_ON).find(({ text: next }) => isThrown(next)) ?? null;
  return isSummary(text) ? lastBlockBefore(lines, at) : null;
}

function isSummary(text: string): boolean {
  const [count] = COUNT.exec(text) ?? [];
  return ENDED.test(text) || (count !== undefined && text.length - count.length <= SHORT);
}

/** The first of the nearest lines before it that follow each other and begin as errors do; else of those that sound like one. */
function lastBlockBefore(lines: readonly CleanLine[], at: number): CleanLine | null {
  const before = lines.slice(Math.max(0, at - LINES_BACK), at);
  const weights = before.map(({ text }) =>
    says(text) && !isSummary(bareText(text)) ? errorWeight(bareText(text)) : 0,
  );
  for (const least of [2, 1]) {
    const end = weights.findLastIndex((weight) => weight >= least);
    if (end < 0) continue;
    const start = weights.findLastIndex((weight, index) => index < end && weight < least);
    return before[start + 1] ?? null;
  }
  return null;
}

function says(text: string): boolean {
  const bare = bareText(text);
  return (
    bare.trim() !== '' &&
    !isRunnersOwn(text) &&
    !isNoise(bare) &&
    !isPlace(bare) &&
    !HEADING.test(bare) &&
    !FRAME.test(bare)
  );
}

function isThrown(text: string): boolean {
  return THROWN.test(bareText(text));
}

function bareText(text: string): string {
  return readingsOf(text).at(-1) ?? withoutIssueMark(text);
}
