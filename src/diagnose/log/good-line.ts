// Finds, in the lines of a failed step, the line that most likely says why it failed, when no pattern knows. Pure.
import type { CleanLine } from './clean-log.ts';
import { errorWeight, isNoise, isPlace, isQuiet } from './error-words.ts';
import { isExit, readLogMark, withoutIssueMark } from './log-marks.ts';
import { readingsOf } from './prefixes.ts';

export interface GoodLine extends CleanLine {
  readonly first_line: number;
  readonly last_line: number;
  readonly why: 'error' | 'block' | 'exit';
}

/** A line that was weighed: 0 says nothing of an error, 1 may, 2 does. */
interface Weighed extends CleanLine {
  readonly weight: number;
  readonly isMarked: boolean;
}

const ERROR_MARK = '##[error]';

/**
 * The first line of the last block that looks like an error, after what never says anything was taken out; else the last line
 * before the exit. Lines that the green log has too are passed over while others are left. Null when nothing is left.
 */
export function findGoodLine(lines: readonly CleanLine[], green?: { has(text: string): boolean }): GoodLine | null {
  const own = withoutHeader(lines);
  const fresh = green === undefined ? own : own.filter(({ text }) => !green.has(text));
  if (green === undefined) return inBlocks(weigh(own)) ?? beforeExit(own);
  const exit = beforeExit(own, green);
  return inBlocks(weigh(fresh)) ?? exit ?? inBlocks(weigh(own)) ?? beforeExit(own);
}

/** What the runner prints of a step before it runs it. */
function withoutHeader(lines: readonly CleanLine[]): readonly CleanLine[] {
  if (readLogMark(lines[0]?.text ?? '')?.kind !== 'step') return lines;
  const end = lines.findIndex(({ text }) => text.startsWith('##[endgroup]'));
  return lines.slice(end < 0 ? 1 : end + 1);
}

function weigh(lines: readonly CleanLine[]): Weighed[] {
  const weighed: Weighed[] = [];
  for (const { line, text } of lines) {
    const bare = readingsOf(text).at(-1) ?? text;
    // Of some failures problem matchers mark the line that only says where.
    const isMarked = text.startsWith(ERROR_MARK) && !isPlace(bare);
    if (isNoise(bare) || isNoise(text) || (isMarked && isExit(text.slice(ERROR_MARK.length)))) continue;
    const sounds = isQuiet(text) ? 0 : Math.max(errorWeight(withoutIssueMark(text)), errorWeight(bare));
    weighed.push({ line, text, isMarked, weight: isMarked ? 2 : sounds });
  }
  return weighed;
}

/** The last run of lines that look like an error; one that surely is before one that may be. */
function inBlocks(weighed: readonly Weighed[]): GoodLine | null {
  for (const least of [2, 1]) {
    const end = weighed.findLastIndex(({ weight }) => weight >= least);
    if (end < 0) continue;
    let start = end;
    while (start > 0 && (weighed[start - 1]?.weight ?? 0) >= 1) start--;
    let after = end;
    while ((weighed[after + 1]?.weight ?? 0) >= 1) after++;
    const head = weighed.findIndex(({ weight }, index) => index >= start && weight >= least);
    const last = weighed[head];
    // What is tried again says the same again; people look for where it began.
    const chosen = weighed.find(({ text }) => text === last?.text);
    if (last === undefined || chosen === undefined) continue;
    const length = (weighed[after]?.line ?? last.line) - last.line;
    const why = chosen.isMarked ? 'error' : 'block';
    return { line: chosen.line, text: chosen.text, first_line: chosen.line, last_line: chosen.line + length, why };
  }
  return null;
}

function beforeExit(lines: readonly CleanLine[], green?: { has(text: string): boolean }): GoodLine | null {
  const exit = lines.findLastIndex(({ text }) => readLogMark(text)?.kind === 'exit');
  if (exit < 0) return null;
  const said = lines.slice(0, exit).findLast(({ text }) => !isNoise(text)) ?? lines[exit];
  return said === undefined || green?.has(said.text)
    ? null
    : { ...said, first_line: said.line, last_line: said.line, why: 'exit' };
}
