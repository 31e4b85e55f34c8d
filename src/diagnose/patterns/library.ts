// Makes of patterns what is needed to try them quickly on logs. Slow, and plain data, so that it can be kept. Pure.
import { PATTERN_RANKS, type Pattern } from '../../model/failure.ts';
import { indexLiterals, type KeptIndex } from '../literals/literal-index.ts';
import { type Clause, clausesOf, type Demand, demandsOf, needOf } from '../literals/literals.ts';
import type { Need } from '../literals/needs.ts';
import { LOG_MARKS } from '../log/log-marks.ts';
import type { Ignores } from './ignores.ts';

/** A pattern in RE2 syntax, and what a text must hold for it to be worth trying. */
export interface Sieved {
  readonly pattern: string;
  readonly need: Need;
}

/** The ignores of pattern files, sieved. */
export interface SievedIgnores {
  readonly ignore: readonly Sieved[];
  readonly ignore_between: readonly { readonly start: Sieved; readonly stop: Sieved }[];
}

/** Patterns with all that is made of them before a log is read. A slot is a pattern's place: the best is in slot 0. */
export interface Library extends SievedIgnores {
  readonly count: number;
  readonly patternAt: (slot: number) => Pattern;
  /** What a text must hold for the pattern to be worth trying on it. */
  readonly needAt: (slot: number) => Need;
  readonly index: KeptIndex;
}

/** `%25` in a workflow command may stand for a character of a literal. */
const ENCODED: Clause = [{ text: '%25', fold: false }];

/** Of patterns and ignores that a pattern file's parser has accepted. `demandsAre` knows the patterns' demands where they were made before. */
export function makeLibrary(
  patterns: readonly Pattern[],
  { ignore, ignore_between }: Ignores,
  demandsAre: (pattern: Pattern) => readonly Demand[] = demandsOf,
): Library {
  const ranked = inOrder(patterns);
  const demands = ranked.map(demandsAre);
  const needs = demands.map(needOf);
  const ends = ignore_between.flatMap(({ start, stop }) => [start, stop]);
  return {
    count: ranked.length,
    patternAt: (slot) => at(ranked, slot),
    needAt: (slot) => at(needs, slot),
    ignore: ignore.map(sieved),
    ignore_between: ignore_between.map(({ start, stop }) => ({ start: sieved(start), stop: sieved(stop) })),
    index: indexDemands(demands, ends.map(demandsOfRegex)),
  };
}

/** Best first. Sorting is stable: among equals the earlier in the list stays first. */
function inOrder(patterns: readonly Pattern[]): Pattern[] {
  const rankOf = ({ rank }: Pattern) => PATTERN_RANKS.indexOf(rank);
  return patterns.toSorted((a, b) => rankOf(a) - rankOf(b) || b.priority - a.priority);
}

function at<T>(list: readonly T[], slot: number): T {
  const found = list[slot];
  if (found === undefined) throw new RangeError(`there is no pattern in slot ${slot}`);
  return found;
}

function demandsOfRegex(pattern: string): readonly Demand[] {
  return demandsOf({ kind: 'regex', pattern });
}

function sieved(pattern: string): Sieved {
  return { pattern, need: needOf(demandsOfRegex(pattern)) };
}

/** The slots above the patterns are marks of the runner, encoded commands and ends of stretches, in this order. */
function indexDemands(ofPatterns: readonly (readonly Demand[])[], ofEnds: readonly (readonly Demand[])[]): KeptIndex {
  const marks = LOG_MARKS.map((text): Clause[] => [[{ text, fold: false }]]);
  return indexLiterals([...ofPatterns.map(clausesOf), ...marks, [ENCODED], ...ofEnds.map(clausesOf)]);
}
