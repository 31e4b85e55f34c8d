// Whether an expression takes more than linear time on any text: proven by recheck where it can, and counted on attacks. No clock
// decides. For linear.test.ts and linear.slow.test.ts.
import { createRequire } from 'node:module';
import type { check } from 'recheck';
import { type Attack, attacksOn, attackText } from './attacks.ts';
import { MOST_STEPS, stepCounter } from './step-matcher.ts';
import { parseExpression } from './step-program.ts';

// The package's main file runs a binary or Java where there is one, in a thread; the browser's is the same checker in plain JavaScript.
const recheck: { checkSync: (...given: Parameters<typeof check>) => Awaited<ReturnType<typeof check>> } = createRequire(
  import.meta.url,
)('recheck/lib/browser.js');

/** What recheck's automata say of one match; null where they don't know it (what looks around, or refers back). */
export function provenLinear({ source, flags }: RegExp): boolean | null {
  const { status } = recheck.checkSync(source, flags, { checker: 'automaton', timeout: null });
  return status === 'unknown' ? null : status === 'safe';
}

/** The attack that takes most steps, and how many it takes on texts of growing length. */
export interface WorstAttack {
  readonly attack: Attack;
  readonly steps: readonly number[];
}

const LENGTHS = [1_024, 2_048, 4_096] as const;
/** The first attempt takes a short text; the attacks that are worst on it are tried on longer ones. */
const FIRST_LENGTH = 256;
const TRIED = 8;
/** Bounded repeats of a few hundred characters are linear, and cost as much for each. */
const MOST_STEPS_PER_CHARACTER = 2_000;

export function worstAttack({ source, flags }: RegExp): WorstAttack {
  const parsed = parseExpression(source, flags);
  const count = stepCounter(parsed);
  const ranked = attacksOn(parsed)
    .map((attack) => ({ attack, steps: count(attackText(attack, FIRST_LENGTH)) }))
    .toSorted((one, other) => other.steps - one.steps)
    .slice(0, TRIED);
  let worst: WorstAttack | null = null;
  for (const { attack } of ranked) {
    const tried = { attack, steps: LENGTHS.map((length) => count(attackText(attack, length))) };
    if (worst === null || (tried.steps.at(-1) ?? 0) > (worst.steps.at(-1) ?? 0)) worst = tried;
    if (!isLinear(tried)) return tried;
  }
  if (worst === null) throw new Error(`${source}: no attack was found`);
  return worst;
}

/** Twice the text may take twice the steps, and some for where a bounded repeat comes to its end. */
export function isLinear({ steps }: WorstAttack): boolean {
  const [, half = 0, whole = 0] = steps;
  return whole < MOST_STEPS && whole <= half * 2.25 && whole <= MOST_STEPS_PER_CHARACTER * LENGTHS[2];
}
