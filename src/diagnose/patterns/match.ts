// Tries a set of patterns on a streamed log, and finds the line that best explains the failure. Pure.
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

/** A pattern that matched, with the last line of the log that it matched. */
export interface PatternMatch {
  readonly pattern: Pattern;
  /** Line number in the raw log, from 1. */
  readonly line: number;
  /** The cleaned line. Secrets are still in it. */
  readonly text: string;
  /** The texts of the pattern's groups that matched, in order; for a pattern without groups, the text of the whole match. */
  readonly captures: readonly string[];
}

/**
 * The line that best explains why the job failed: the primary match; else the last `##[error]` that says more than an exit
 * code; else the last line with an exit code (the cause stands before it); else the last line that is not blank.
 */
export interface Anchor extends CleanLine {
  readonly kind: 'match' | 'error' | 'exit' | 'tail';
  /** The step that the line stands in; null when the log does not say it. */
  readonly step: Step | null;
  /** The line and its neighbours (at most 30 before and 20 after), in order. Secrets are still in them. */
  readonly lines: readonly CleanLine[];
}

/** What was found in a whole log. */
export interface LogMatch {
  /** The match of the highest priority; among equal ones, of the pattern that comes first in the list. Null when nothing matched. */
  readonly primary: PatternMatch | null;
  /** Every pattern that matched, best first in the same way. */
  readonly matches: readonly PatternMatch[];
  /** Null for an empty log. */
  readonly anchor: Anchor | null;
  readonly lineCount: number;
  readonly byteCount: number;
}

/** A compiled set of patterns. Slow to make and quick to use; several logs can be read with it at the same time. */
export interface Matcher {
  /** Begins a log. Memory use has a fixed limit, however long the log is. */
  start(): LogMatching;
}

/** A log that is being read. */
export interface LogMatching {
  /** Takes the next bytes of the log; chunks may be cut anywhere. */
  write(chunk: Uint8Array): void;
  /** Says that the log is complete; returns what was found in it. */
  end(): LogMatch;
}

/**
 * Compiles patterns and ignores. They must be ones that `parsePatternFile` accepts: others throw the exception of re2js.
 * `mostTried` limits the work for one log (see `MOST_TRIED_CHARACTERS`).
 */
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

/**
 * The captures of a pattern (see `PatternMatch`) on a cleaned line. For a literal pattern, its own text; an empty list when a
 * regular expression does not match the line.
 */
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
