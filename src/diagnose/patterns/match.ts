// Compiles patterns, so that logs can be matched with them. Pure.
import type { Pattern } from '../../model/failure.ts';
import { IGNORE_NOTHING, type Ignores } from './ignores.ts';
import { makeLibrary } from './library.ts';
import { type Matcher, openLibrary } from './matcher.ts';
import { type Clock, MOST_TRIED_CHARACTERS, NO_CLOCK } from './tried-budget.ts';

export type { Anchor, GreenLog, LogMatch, PatternMatch } from './conclude.ts';
export type { JobStep } from './failed-step.ts';
export type { LogMatching, Matcher } from './matcher.ts';

/** Compiles patterns and ignores that a pattern file's parser has accepted. With a `clock` slow patterns end a block early. */
export function compilePatterns(
  patterns: readonly Pattern[],
  ignores: Ignores = IGNORE_NOTHING,
  mostTried: number = MOST_TRIED_CHARACTERS,
  clock: Clock = NO_CLOCK,
): Matcher {
  return openLibrary(makeLibrary(patterns, ignores), { mostTried, clock });
}
