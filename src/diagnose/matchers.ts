// Keeps the patterns of projects compiled, for as long as they stay the same.
import { createHash } from 'node:crypto';
import process from 'node:process';
import { setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { PatternLibrary } from '../brain/pattern-library.ts';
import type { Pattern } from '../model/failure.ts';
import { type Demand, demandsOf } from './literals/literals.ts';
import { refusalOf } from './pattern-files/pattern-refusal.ts';
import type { Ignores } from './patterns/ignores.ts';
import { makeLibrary } from './patterns/library.ts';
import { type Matcher, openLibrary } from './patterns/matcher.ts';

/** The compiled patterns of a project. */
export type MatcherSource = (projectId: string) => Promise<Matcher>;

/**
 * Compiles the patterns of projects once for as long as they stay the same. A pattern in the database that RE2 does not
 * take is left out and logged: one person's slip must not stop everybody's diagnoses.
 */
export function keepMatchers(patternsOf: PatternLibrary, ignores: Ignores, log: Logger): MatcherSource {
  const compiled = new WeakMap<readonly Pattern[], Promise<Matcher>>();
  return async (projectId) => {
    const patterns = await patternsOf(projectId);
    const kept = compiled.get(patterns) ?? compile(patterns, ignores, log);
    compiled.set(patterns, kept);
    return kept;
  };
}

/** The last sets that were compiled, by what is in them: to compile the library takes a second. */
const recent = new Map<string, Matcher>();
const MOST_RECENT = 2;
/** So many are checked before other work has its turn: what holds the process up for seconds is ended. */
const CHECKED_AT_ONCE = 50;

async function compile(patterns: readonly Pattern[], ignores: Ignores, log: Logger): Promise<Matcher> {
  const key = createHash('sha256')
    .update(JSON.stringify([patterns, ignores]))
    .digest('hex');
  const known = recent.get(key);
  if (known !== undefined) return known;
  const usable = new Map<Pattern, readonly Demand[]>();
  for (let at = 0; at < patterns.length; at += CHECKED_AT_ONCE) {
    for (const pattern of patterns.slice(at, at + CHECKED_AT_ONCE))
      if (isUsable(pattern, log)) usable.set(pattern, demandsOf(pattern));
    await setImmediate();
  }
  const demandsAre = (pattern: Pattern) => usable.get(pattern) ?? demandsOf(pattern);
  const matcher = openLibrary(makeLibrary([...usable.keys()], ignores, demandsAre), { clock: workedSeconds });
  // One that leaves something out says so each time.
  if (usable.size === patterns.length) recent.set(key, matcher);
  if (recent.size > MOST_RECENT) recent.delete(recent.keys().next().value ?? key);
  return matcher;
}

function isUsable(pattern: Pattern, log: Logger): boolean {
  const refusal = refusalOf(pattern);
  if (refusal !== null) log.warn({ pattern: pattern.name, id: pattern.id, refusal }, 'a pattern is left out');
  return refusal === null;
}

function workedSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
}
