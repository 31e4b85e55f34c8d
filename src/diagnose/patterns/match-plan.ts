// The patterns of a library as tests, each compiled when a line first asks for it. Pure.
import { RE2JS } from 're2js';
import type { Pattern } from '../../model/failure.ts';
import { type LiteralIndex, openIndex } from '../literals/candidates.ts';
import { holds, type Need } from '../literals/needs.ts';
import { LOG_MARKS } from '../log/log-marks.ts';
import { captureFrom } from './captures.ts';
import { groupForEveryLine, type LineGroup } from './every-line.ts';
import type { LineTest, PatternTest } from './ignores.ts';
import type { Library, Sieved } from './library.ts';

/** Compiled patterns, best first; a slot below `count` is one's. Slots above are marks, commands and ends of stretches. */
export interface MatchPlan {
  readonly count: number;
  readonly testAt: (slot: number) => PatternTest;
  readonly everyLine: readonly LineGroup[];
  readonly ignore: readonly LineTest[];
  readonly stretches: readonly { readonly start: LineTest; readonly stop: LineTest }[];
  /** True when a stretch can begin or end on a line that the index does not find. */
  readonly stretchesUnlit: boolean;
  readonly index: LiteralIndex;
  /** The slot of a mark that is encoded in workflow commands. */
  readonly encoded: number;
}

/** The plan of a library. */
export function makePlan({ count, patternAt, needAt, index, ...ignores }: Library): MatchPlan {
  const tests: PatternTest[] = [];
  const testAt = (slot: number) => {
    tests[slot] ??= compileTest(patternAt(slot), needAt(slot));
    return tests[slot];
  };
  const unlit = index.unlit.filter((slot) => slot < count);
  return {
    count,
    testAt,
    everyLine: groupForEveryLine(unlit, { patternAt, testAt }),
    ignore: ignores.ignore.map(compileSieved),
    stretches: ignores.ignore_between.map(({ start, stop }) => ({
      start: compileSieved(start),
      stop: compileSieved(stop),
    })),
    stretchesUnlit: index.unlit.length > unlit.length,
    index: openIndex(index),
    encoded: count + LOG_MARKS.length,
  };
}

function compileSieved({ pattern, need }: Sieved): PatternTest {
  return compileTest({ kind: 'regex', pattern, pick: 'last' }, need);
}

/** Compiled when a line first holds what the pattern needs: for most patterns none does. */
function compileTest({ kind, pattern, pick }: Pick<Pattern, 'kind' | 'pattern' | 'pick'>, need: Need): PatternTest {
  const takesFirst = pick === 'first';
  if (kind === 'literal') {
    const test = (text: string) => text.includes(pattern);
    return { test, mayMatch: test, captures: () => [pattern], isAnchored: false, takesFirst };
  }
  let compiled: RE2JS | null = null;
  const mayMatch = (text: string) => holds(text, need, 'part');
  const compile = () => {
    compiled ??= RE2JS.compile(pattern);
    return compiled;
  };
  const test = (text: string) => holds(text, need, 'whole') && compile().test(text);
  const captures = (text: string) => captureFrom({ kind, pattern }, text, compile);
  return { test, mayMatch, captures, isAnchored: /[\^$]|\\[AzbB]/.test(pattern), takesFirst };
}
