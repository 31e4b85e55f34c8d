// Finds in a streamed log what a set of patterns knows. Pure; diagnose.ts and commands/ use it.
import { RE2JS } from 're2js';
import type { Pattern } from '../../model/failure.ts';
import type { CleanLine } from '../log/clean-log.ts';
import { createBlocks } from '../log/line-blocks.ts';
import { LOG_MARKS, type Step } from '../log/log-marks.ts';
import { groupForEveryLine } from './every-line.ts';
import { IGNORE_NOTHING, type Ignores, type LineTest } from './ignores.ts';
import { indexLiterals } from './literal-index.ts';
import { type Clause, clausesOfRegex, requiredClauses } from './literals.ts';
import { createLogReader, type LogReader, type MatchPlan, MOST_TRIED_CHARACTERS } from './log-reader.ts';

/** A pattern's last matching line in a log. */
export interface PatternMatch {
  readonly pattern: Pattern;
  /** 1-based, in the raw log. */
  readonly line: number;
  /** The cleaned line; not redacted. */
  readonly text: string;
  /** The groups that took part, in order; with no group in the pattern, the whole match. */
  readonly captures: readonly string[];
}

/**
 * The line that speaks for a log: the primary match; else the last `##[error]` that says more than an exit code; else the
 * last one that says the exit code (its cause stands before it); else the last line.
 */
export interface Anchor extends CleanLine {
  readonly kind: 'match' | 'error' | 'exit' | 'tail';
  /** The step the line stands in; null when the log does not show it. */
  readonly step: Step | null;
  /** The line and its neighbours (at most 30 before and 20 after), in order; not redacted. */
  readonly lines: readonly CleanLine[];
}

/** What a whole log comes to. */
export interface LogMatch {
  /** Highest priority, then earliest in the list of patterns; null when nothing matched. */
  readonly primary: PatternMatch | null;
  /** Every pattern that matched, in that same order. */
  readonly matches: readonly PatternMatch[];
  /** Null for an empty log. */
  readonly anchor: Anchor | null;
  readonly lineCount: number;
  readonly byteCount: number;
}

/** A compiled set of patterns; costs much to make, little to use, and may serve many logs at a time. */
export interface Matcher {
  /** Begins a log: its bytes in chunks cut anywhere, then `end`. Memory is bounded whatever comes. */
  start(): LogMatching;
}

export interface LogMatching {
  write(chunk: Uint8Array): void;
  end(): LogMatch;
}

/** Compiles patterns and ignores that a pattern file's parser has accepted; throws re2js's exception on others. */
export function compilePatterns(
  patterns: readonly Pattern[],
  ignores: Ignores = IGNORE_NOTHING,
  mostTried: number = MOST_TRIED_CHARACTERS,
): Matcher {
  // Sorting is stable: among equal priorities the earlier in the list stays first.
  const ranked = patterns.toSorted((a, b) => b.priority - a.priority);
  const plan = makePlan(ranked, ignores);
  return { start: () => startLog(createLogReader(plan, mostTried), ranked) };
}

function makePlan(ranked: readonly Pattern[], ignores: Ignores): MatchPlan {
  const marks = LOG_MARKS.map((text): Clause[] => [[{ text, fold: false }]]);
  const stretchEnds = ignores.ignore_between.flatMap(({ start, stop }) => [start, stop].map(clausesOfRegex));
  const tests = ranked.map(compileTest);
  const index = indexLiterals([...ranked.map(requiredClauses), ...marks, ...stretchEnds]);
  const unlit = index.unlit.filter((slot) => slot < ranked.length);
  return {
    tests,
    everyLine: groupForEveryLine(unlit, ranked, tests),
    ignore: ignores.ignore.map((pattern) => RE2JS.compile(pattern)),
    stretches: ignores.ignore_between.map(({ start, stop }) => ({
      start: RE2JS.compile(start),
      stop: RE2JS.compile(stop),
    })),
    stretchesUnlit: index.unlit.length > unlit.length,
    index,
  };
}

function compileTest({ kind, pattern }: Pattern): LineTest {
  return kind === 'literal' ? { test: (text) => text.includes(pattern) } : RE2JS.compile(pattern);
}

function startLog(reader: LogReader, ranked: readonly Pattern[]): LogMatching {
  const blocks = createBlocks(reader.read);
  return {
    write: blocks.write,
    end() {
      const { lineCount, byteCount } = blocks.end();
      const matches = ranked.flatMap((pattern, slot): PatternMatch[] => {
        const line = reader.found[slot];
        return line ? [{ pattern, ...line, captures: captureFrom(pattern, line.text) }] : [];
      });
      return { primary: matches[0] ?? null, matches, anchor: findAnchor(reader), lineCount, byteCount };
    },
  };
}

/** What identifies a match of the pattern on a line it matches: the groups that took part, or the whole match. */
export function captureFrom({ kind, pattern }: Pick<Pattern, 'kind' | 'pattern'>, text: string): readonly string[] {
  if (kind === 'literal') return [pattern];
  const matcher = RE2JS.compile(pattern).matcher(text);
  if (!matcher.find()) return [];
  const groups = Array.from({ length: matcher.groupCount() }, (_, i) => matcher.group(i + 1));
  return groups.length === 0 ? [matcher.group() ?? ''] : groups.filter((group) => group !== null);
}

function findAnchor(reader: LogReader): Anchor | null {
  for (const kind of ['match', 'error', 'exit'] as const) {
    const witness = reader.witnesses[kind];
    const at = witness?.around.lines.find(({ line }) => line === witness.around.line);
    if (witness && at) return { ...at, kind, step: witness.step, lines: witness.around.lines };
  }
  const { lines, step } = reader.tail();
  const last = lines.findLast(({ text }) => text.trim() !== '') ?? lines.at(-1);
  return last ? { ...last, kind: 'tail', step, lines } : null;
}
