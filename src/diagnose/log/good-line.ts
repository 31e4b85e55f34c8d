// Finds, in the lines of a failed step, the line that most likely says why it failed, when no pattern knows. Pure.
import type { CleanLine } from './clean-log.ts';
import { errorWeight, isNoise, isPlace, isQuiet } from './error-words.ts';
import { ERROR_MARK, isExit, readLogMark, withoutIssueMark } from './log-marks.ts';
import { readingsOf } from './prefixes.ts';

export interface GoodLine extends CleanLine {
  readonly first_line: number;
  readonly last_line: number;
  readonly why: 'error' | 'block' | 'exit';
  /** Whether it begins as only errors do, or the runner marks it. */
  readonly isSure: boolean;
  /** The raw line on which it was said for the last time. */
  readonly lastSaid: number;
}

/** A line that was weighed: 0 says nothing of an error, 1 may, 2 does. */
interface Weighed extends CleanLine {
  readonly weight: number;
  readonly isMarked: boolean;
}

const GRADLE_REPORT = '* What went wrong:';
/** Says that something ended badly, and not how. */
const POINTER = /[Ss]ee (?:the compiler|log)|non-zero exit value|finished with errors|\$\w+$/;

/**
 * The first line of the last block that looks like an error, after what never says anything was taken out; else the last line
 * before the exit. Lines that the green log has too are passed over while others are left. Null when nothing is left.
 */
export function findGoodLine(lines: readonly CleanLine[], green?: { has(text: string): boolean }): GoodLine | null {
  const own = withoutHeader(lines);
  const fresh = green === undefined ? own : own.filter(({ text }) => !green.has(text));
  if (green === undefined) return saidWorst(own) ?? beforeExit(own);
  const exit = beforeExit(own, green);
  return saidWorst(fresh) ?? exit ?? saidWorst(own) ?? beforeExit(own);
}

function saidWorst(lines: readonly CleanLine[]): GoodLine | null {
  const found = inBlocks(weigh(lines));
  const report = lines.findIndex(({ text }) => text === GRADLE_REPORT);
  if (report < 0) return found;
  const end =
    lines.find(({ text }, at) => at > report && text.startsWith('BUILD FAILED in'))?.line ?? Number.POSITIVE_INFINITY;
  if (found !== null && (found.line < (lines[report]?.line ?? 0) || found.line > end)) return found;
  return gradleReason(lines.slice(report + 1)) ?? inBlocks(weigh(lines.slice(0, report))) ?? found;
}

/** Gradle tells the outer failure first: what broke stands deepest, unless it only points at the lines before. */
function gradleReason(lines: readonly CleanLine[]): GoodLine | null {
  const end = lines.findIndex(({ text }) => text.trim() === '');
  const reasons = lines.slice(0, end < 0 ? lines.length : end).filter(({ text }) => /^ *> /.test(text));
  const deepest = reasons.at(-1);
  if (deepest === undefined || POINTER.test(deepest.text)) return null;
  const span = { first_line: deepest.line, last_line: deepest.line, lastSaid: deepest.line };
  return { ...deepest, ...span, why: 'block', isSure: true };
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
    const readings = readingsOf(text);
    const bare = readings.at(-1) ?? text;
    // Of some failures problem matchers mark the line that only says where.
    const isMarked = text.startsWith(ERROR_MARK) && !isPlace(bare);
    if (isNoise(bare) || isNoise(text) || (isMarked && isExit(text.slice(ERROR_MARK.length)))) continue;
    const isUnsure = [text, ...readings].some(isQuiet);
    const sounds = isUnsure ? 0 : Math.max(errorWeight(withoutIssueMark(text)), errorWeight(bare));
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
    const span = { first_line: chosen.line, last_line: chosen.line + length };
    return { line: chosen.line, text: chosen.text, ...span, why, isSure: least === 2, lastSaid: last.line };
  }
  return null;
}

function beforeExit(lines: readonly CleanLine[], green?: { has(text: string): boolean }): GoodLine | null {
  const exit = lines.findLastIndex(({ text }) => readLogMark(text)?.kind === 'exit');
  if (exit < 0) return null;
  const said = lines.slice(0, exit).findLast(({ text }) => !isNoise(text)) ?? lines[exit];
  return said === undefined || green?.has(said.text)
    ? null
    : { ...said, first_line: said.line, last_line: said.line, why: 'exit', isSure: false, lastSaid: said.line };
}
