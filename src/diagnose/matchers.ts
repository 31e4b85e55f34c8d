// Keeps the patterns of projects compiled, for as long as they stay the same.
import type { Logger } from 'pino';
import type { PatternLibrary } from '../brain/pattern-library.ts';
import type { Pattern } from '../model/failure.ts';
import type { Ignores } from './patterns/ignores.ts';
import { compilePatterns, type Matcher } from './patterns/match.ts';
import { refusalOf } from './patterns/pattern-refusal.ts';

/** The compiled patterns of a project. */
export type MatcherSource = (projectId: string) => Promise<Matcher>;

/**
 * Compiles the patterns of projects once for as long as they stay the same. A pattern in the database that RE2 does not
 * take is left out and logged: one person's slip must not stop everybody's diagnoses.
 */
export function keepMatchers(patternsOf: PatternLibrary, ignores: Ignores, log: Logger): MatcherSource {
  const compiled = new WeakMap<readonly Pattern[], Matcher>();
  return async (projectId) => {
    const patterns = await patternsOf(projectId);
    const kept = compiled.get(patterns);
    if (kept !== undefined) return kept;
    const matcher = compilePatterns(
      patterns.filter((pattern) => isUsable(pattern, log)),
      ignores,
    );
    compiled.set(patterns, matcher);
    return matcher;
  };
}

function isUsable(pattern: Pattern, log: Logger): boolean {
  const refusal = refusalOf(pattern);
  if (refusal !== null) log.warn({ pattern: pattern.name, id: pattern.id, refusal }, 'a pattern is left out');
  return refusal === null;
}
