// Tries a set of patterns on a streamed log, and finds the line that best explains the failure. Pure.
import { RE2JS } from 're2js';
import { PATTERN_RANKS, type Pattern } from '../../model/failure.ts';
import { createBlocks } from '../log/line-blocks.ts';
import { LOG_MARKS } from '../log/log-marks.ts';
import { concludeLog, type GreenLog, type LogMatch } from './conclude.ts';
import { groupForEveryLine } from './every-line.ts';
import type { JobStep } from './failed-step.ts';
import { IGNORE_NOTHING, type Ignores, type PatternTest } from './ignores.ts';
import { indexLiterals, type LiteralIndex } from './literal-index.ts';
import { type Clause, clausesOfRegex, requiredClauses } from './literals.ts';
import { createLogReader, type MatchPlan } from './log-reader.ts';
import { type Clock, MOST_TRIED_CHARACTERS, NO_CLOCK, openBudget } from './tried-budget.ts';

export type { Anchor, GreenLog, LogMatch, PatternMatch } from './conclude.ts';
export type { JobStep } from './failed-step.ts';
export type { LiteralIndex } from './literal-index.ts';

/** A compiled set of patterns. Slow to make and quick to use; several logs can be read with it at the same time. */
export interface Matcher {
  /**
   * Begins a log: its bytes in chunks cut anywhere, then `end`. Memory is bounded whatever comes. `steps` are those of the
   * log's job, as far as GitHub told them; without them the log's own marks tell which failed.
   */
  start(steps?: readonly JobStep[]): LogMatching;
}

/** A log that is being read. */
export interface LogMatching {
  /** Takes the next bytes of the log; chunks may be cut anywhere. */
  write(chunk: Uint8Array): void;
  /** May be asked again with another green log; nothing may be written afterwards. */
  end(green?: GreenLog): LogMatch;
}

/** Compiles patterns and ignores that a pattern file's parser has accepted. With a `clock` slow patterns end a block early. */
export function compilePatterns(
  patterns: readonly Pattern[],
  ignores: Ignores = IGNORE_NOTHING,
  mostTried: number = MOST_TRIED_CHARACTERS,
  index: LiteralIndex = indexPatterns(patterns, ignores),
  clock: Clock = NO_CLOCK,
): Matcher {
  const ranked = inOrder(patterns);
  const plan = makePlan(ranked, ignores, index);
  return {
    start(steps = []) {
      const reader = createLogReader(plan, openBudget(mostTried, clock), steps);
      const blocks = createBlocks(reader.read);
      let read: { places: ReturnType<typeof reader.end>; counts: ReturnType<typeof blocks.end> } | null = null;
      return {
        write: blocks.write,
        end(green) {
          if (read === null) {
            const counts = blocks.end();
            read = { counts, places: reader.end() };
          }
          return concludeLog(read.places, { ranked, green, ...read.counts });
        },
      };
    },
  };
}

/** `%25` in a workflow command may stand for a character of a literal. */
const ENCODED: Clause = [{ text: '%25', fold: false }];

/** Best first. Sorting is stable: among equals the earlier in the list stays first. */
function inOrder(patterns: readonly Pattern[]): Pattern[] {
  const rankOf = ({ rank }: Pattern) => PATTERN_RANKS.indexOf(rank);
  return patterns.toSorted((a, b) => rankOf(a) - rankOf(b) || b.priority - a.priority);
}

/** The slowest part of compiling, whose result can be kept: it is plain data. */
export function indexPatterns(patterns: readonly Pattern[], ignores: Ignores): LiteralIndex {
  const marks = LOG_MARKS.map((text): Clause[] => [[{ text, fold: false }]]);
  const stretchEnds = ignores.ignore_between.flatMap(({ start, stop }) => [start, stop].map(clausesOfRegex));
  return indexLiterals([...inOrder(patterns).map(requiredClauses), ...marks, [ENCODED], ...stretchEnds]);
}

function makePlan(ranked: readonly Pattern[], ignores: Ignores, index: LiteralIndex): MatchPlan {
  const tests = ranked.map(compileTest);
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
    encoded: ranked.length + LOG_MARKS.length,
  };
}

/** Compiled when a line first asks for it: most patterns are never asked. */
function compileTest({ kind, pattern, pick }: Pattern): PatternTest {
  const takesFirst = pick === 'first';
  if (kind === 'literal') return { test: (text) => text.includes(pattern), isAnchored: false, takesFirst };
  let compiled: RE2JS | null = null;
  const test = (text: string) => {
    compiled ??= RE2JS.compile(pattern);
    return compiled.test(text);
  };
  return { test, isAnchored: /[\^$]|\\[AzbB]/.test(pattern), takesFirst };
}
