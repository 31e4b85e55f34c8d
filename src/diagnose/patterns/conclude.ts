// Decides, once a log has been read, which match speaks for it and which line is quoted. Pure.
import { type EvidenceReason, PATTERN_RANKS, type Pattern } from '../../model/failure.ts';
import type { CleanLine } from '../log/clean-log.ts';
import { findGoodLine, type GoodLine } from '../log/good-line.ts';
import { lineBehind } from '../log/headings.ts';
import { readLogMark, type Step } from '../log/log-marks.ts';
import { isReporting, type Places } from './failed-step.ts';
import { around, paragraph } from './neighbours.ts';
import { firstNearEnd, isDoubtful, isOutlived } from './outlived.ts';
import type { FoundLine, Hit, Hits } from './segment.ts';
import { findSilence, isCancel, type RankedPatterns } from './silence.ts';

/** Why a match comes after all others. */
export type Demotion = 'outside-of-failed-step' | 'after-the-steps' | 'in-green-log' | 'no-failure-near';

/** The line of a pattern that counts in a log. */
export interface PatternMatch {
  readonly pattern: Pattern;
  /** 1-based, in the raw log. */
  readonly line: number;
  /** The cleaned line; not redacted. */
  readonly text: string;
  /** The groups that took part, in order; with no group in the pattern, the whole match. */
  readonly captures: readonly string[];
  readonly step: Step | null;
  /** How many other lines the pattern matched there, as far as they were counted, and the first three of them. */
  readonly others: { readonly count: number; readonly lines: readonly CleanLine[] };
  /** Null for a match that counts in full. */
  readonly demoted: Demotion | null;
}

/** The line that is quoted for a log, with the first and last of the lines that belong to it and what stands around them. */
export interface Anchor extends CleanLine {
  readonly kind: EvidenceReason;
  readonly first_line: number;
  readonly last_line: number;
  /** The step the line stands in; null when the log does not show it. */
  readonly step: Step | null;
  /** The line and its neighbours (at most 30 before and 20 after), in order; not redacted. */
  readonly lines: readonly CleanLine[];
}

/** What a whole log comes to. */
export interface LogMatch {
  /** The best that is not demoted; a demoted one only when the failed step has nothing to say; null when nothing speaks. */
  readonly primary: PatternMatch | null;
  /** Every pattern that matched, at most 1,000: not demoted first, then by rank, priority, order in the list. */
  readonly matches: readonly PatternMatch[];
  /** Causes of the failed step that do not follow from each other, the primary one first. */
  readonly causes: readonly PatternMatch[];
  /** Null for an empty log. */
  readonly anchor: Anchor | null;
  /** GitHub's name of the failed step; null when it did not tell one. */
  readonly failedStep: string | null;
  readonly lineCount: number;
  readonly byteCount: number;
}

/** What a run of the same job that passed has said. */
export interface GreenLog {
  /** Whether it has a line that is the same but for details. */
  has(text: string): boolean;
}

interface Reading extends RankedPatterns {
  /** What identifies a match of the pattern on a text that it matches. */
  readonly capturesAt: (slot: number, text: string) => readonly string[];
  readonly green: GreenLog | undefined;
  readonly lineCount: number;
  readonly byteCount: number;
}

/** Matches nearer to each other than this are taken for one failure and its echo. */
const ECHO_LINES = 6;
const MOST_CAUSES = 20;
/** No log of itself speaks to so many patterns; those of the failed step are told first. */
const MOST_MATCHES = 1_000;
const NAMED_OTHERS = 3;

/** What the places come to: the primary match, the others in order, and the line to be quoted. */
export function concludeLog(places: Places, { lineCount, byteCount, ...reading }: Reading): LogMatch {
  const counts = { lineCount, byteCount, failedStep: places.name };
  const lines = places.failed?.tail.lines() ?? [];
  const lastLine = places.failed?.lastLine ?? 0;
  const found = orderMatches(places, reading);
  const isQuiet = isReporting(places.failed?.step?.name ?? '');
  const firstNear = isQuiet ? Number.POSITIVE_INFINITY : firstNearEnd({ lines, lastLine });
  const hasCause = speaksForItself(found[0], lastLine) && !isCancel(found[0]?.text ?? '');
  const silent = hasCause ? [] : silentMatch(places, lines, reading);
  const near = [...silent, ...(places.isUnmarked ? found.map((match) => nearEnd(match, firstNear)) : found)];
  const isKnown = !places.hasPassed && speaksForItself(near[0], lastLine);
  // Half the time goes into it, and a cause that is known needs none.
  const good = places.failed === null || isKnown ? null : findGoodLine(lines, reading.green);
  const matches = withoutOutlived(near, { good, lastLine });
  const inFailed = matches.filter(({ demoted }) => demoted === null);
  const primary = places.hasPassed ? null : choosePrimary(matches, { good, places });
  const anchor = findAnchor(places, { primary, good, lines });
  return { primary, matches, causes: findCauses(inFailed, primary), anchor, ...counts };
}

const LATER: readonly Demotion[] = ['in-green-log', 'outside-of-failed-step', 'no-failure-near', 'after-the-steps'];
const DEMOTIONS: readonly (Demotion | null)[] = [null, ...LATER];
const byDemotion = (a: PatternMatch, b: PatternMatch) => DEMOTIONS.indexOf(a.demoted) - DEMOTIONS.indexOf(b.demoted);

function orderMatches(places: Places, reading: Omit<Reading, 'lineCount' | 'byteCount'>): PatternMatch[] {
  const { failedHits, elsewhere, after } = places;
  const told = new Set<number>();
  const inPlace = (hits: Hits, place: Demotion | null) =>
    [...hits]
      .sort(([a], [b]) => a - b)
      .flatMap(([slot, hit]): PatternMatch[] => {
        if (told.has(slot) || told.size === MOST_MATCHES) return [];
        told.add(slot);
        return [toMatch(slot, hit, { ...reading, place })];
      });
  return [
    ...inPlace(failedHits, null),
    ...inPlace(elsewhere, 'outside-of-failed-step'),
    ...inPlace(after, 'after-the-steps'),
  ].sort(byDemotion);
}

function toMatch(
  slot: number,
  hit: Hit,
  { patternAt, capturesAt, green, place }: Omit<Reading, 'lineCount' | 'byteCount'> & { place: Demotion | null },
): PatternMatch {
  const pattern = patternAt(slot);
  const { found, isGreen } = countingLine(pattern, hit, green);
  const { line, text, said, step } = found;
  const lines = hit.some.filter((one) => one.line !== line).slice(0, NAMED_OTHERS);
  return {
    ...{ pattern, line, text, step, captures: capturesAt(slot, said) },
    others: { count: hit.count - 1, lines },
    demoted: isGreen && place === null ? 'in-green-log' : place,
  };
}

/** The picked line, or another one of the pattern that the green log does not have. */
function countingLine(
  { pick }: Pattern,
  { first, last, some }: Hit,
  green: GreenLog | undefined,
): { found: FoundLine; isGreen: boolean } {
  const picked = pick === 'first' ? first : last;
  if (green === undefined) return { found: picked, isGreen: false };
  const another = [picked, last, first].find(({ text }) => !green.has(text));
  if (another !== undefined) return { found: another, isGreen: false };
  const short = some.find(({ text }) => !green.has(text));
  if (short === undefined) return { found: picked, isGreen: true };
  return { found: { ...short, said: short.text, step: picked.step }, isGreen: false };
}

function nearEnd(match: PatternMatch, firstLine: number): PatternMatch {
  const isNear = match.demoted === null && match.line >= firstLine;
  const isFar = !isNear && (match.demoted === null || match.demoted === 'outside-of-failed-step');
  return isFar ? { ...match, demoted: 'no-failure-near' } : match;
}

/** A step that hung until its job was cancelled, with the last line that it printed. */
function silentMatch({ failed }: Places, lines: readonly CleanLine[], patterns: RankedPatterns): PatternMatch[] {
  const silence = failed === null ? null : findSilence(lines, failed.tail, patterns);
  if (silence === null || silence.pattern === null || failed === null) return [];
  const { pattern, last } = silence;
  return [{ ...last, pattern, captures: [], step: failed.step, others: { count: 0, lines: [] }, demoted: null }];
}

/** The same in order, where what the step went on after comes later. */
function withoutOutlived(
  matches: readonly PatternMatch[],
  { good, lastLine }: { good: GoodLine | null; lastLine: number },
): readonly PatternMatch[] {
  const hasEnded = (one: PatternMatch) =>
    one.demoted === null && isDoubtful(one, lastLine) && isOutlived(one.line, good);
  if (!matches.some(hasEnded)) return matches;
  return matches.map((one) => (hasEnded(one) ? { ...one, demoted: 'no-failure-near' as const } : one)).sort(byDemotion);
}

function isConsequence({ pattern: { rank } }: PatternMatch): boolean {
  return rank === 'consequence';
}

/** A cause in the failed step: nothing else is asked. */
function speaksForItself(best: PatternMatch | undefined, lastLine: number): boolean {
  if (best === undefined || best.demoted !== null || best.pattern.rank !== PATTERN_RANKS[0]) return false;
  return !isDoubtful(best, lastLine);
}

function choosePrimary(
  matches: readonly PatternMatch[],
  { good, places }: { good: GoodLine | null; places: Places },
): PatternMatch | null {
  const [best] = matches;
  if (best === undefined) return null;
  const says = best.demoted === null && !isConsequence(best);
  if (says) return best;
  if (good !== null && good.why !== 'exit') return best.demoted === null ? best : null;
  if (best.demoted === 'no-failure-near') return null;
  // A step that ended well is asked only where the one that failed ended without a word of its own.
  const isMute = good === null || best.demoted === null || readLogMark(good.text)?.kind === 'exit';
  const isAsked = isMute || places.hasErrorElsewhere;
  const outside = matches.find((one) => isAsked && one.demoted === 'outside-of-failed-step' && !isConsequence(one));
  return outside ?? (best.demoted === null ? best : null);
}

/** Of the causes in the failed step, those that are not the echo of a better one. */
function findCauses(inFailed: readonly PatternMatch[], primary: PatternMatch | null): PatternMatch[] {
  const causes: PatternMatch[] = [];
  for (const match of inFailed) {
    if (match.pattern.rank !== 'cause' || causes.length === MOST_CAUSES) continue;
    if (causes.every((cause) => !isEcho(match, cause))) causes.push(match);
  }
  return causes.length === 0 && primary !== null ? [primary] : causes;
}

function isEcho(match: PatternMatch, cause: PatternMatch): boolean {
  if (Math.abs(match.line - cause.line) < ECHO_LINES) return true;
  const captured = new Set(cause.captures.filter(({ length }) => length > 3));
  return match.captures.some((capture) => captured.has(capture)) || match.text === cause.text;
}

/** A pattern of rank cause speaks by its own line; what others know is told, and the better line is quoted. */
function findAnchor(
  places: Places,
  { primary, good, lines }: { primary: PatternMatch | null; good: GoodLine | null; lines: readonly CleanLine[] },
): Anchor | null {
  const isBetter =
    good !== null && good.why !== 'exit' && primary !== null && primary.pattern.rank !== PATTERN_RANKS[0];
  if (primary !== null && !isBetter) return anchorAt(primary, places, lines);
  const step = places.failed?.step ?? null;
  if (good !== null) {
    const { line, text, first_line, last_line, why } = good;
    return { ...{ line, text, first_line, last_line, step }, kind: why, lines: around(lines, line) };
  }
  const last = lines.findLast(({ text }) => text.trim() !== '') ?? lines.at(-1);
  if (last === undefined) return null;
  const span = { first_line: last.line, last_line: last.line };
  return { ...last, ...span, kind: 'tail', step, lines: around(lines, last.line) };
}

function anchorAt({ line, text, step }: PatternMatch, places: Places, lines: readonly CleanLine[]): Anchor {
  const sources = [lines, places.failed?.around?.lines ?? [], places.elsewhereAround?.lines ?? []];
  const source = sources.find((one) => one.some((candidate) => candidate.line === line)) ?? [{ line, text }];
  const said = lineBehind(source, line) ?? { line, text };
  const shown = around(source, said.line).map((one) => (one.line === line ? { line, text } : one));
  return { ...said, step, ...paragraph(shown, said.line), kind: 'match', lines: shown };
}
