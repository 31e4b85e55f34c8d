// Rule 5: it fails and passes, here and on the base branch. Pure.

import type { FailingTest, VerdictEvidence } from './evidence.ts';
import { knownBy } from './known-by.ts';
import { no, type Rule, type RuleAnswer } from './rule.ts';
import { THRESHOLDS } from './thresholds.ts';
import { baseBranch, counted, firstOf, sentenceOf, shortSha, testsNamed } from './words.ts';

/**
 * It passed in another attempt on the same sources, and it flaked on the base branch too. One without the other is not enough: a
 * race that the change brings in fails and passes as well, and a known flaky test finds real faults.
 */
export const flaky: Rule = { name: 'flaky_here_and_on_base', exonerates: true, answer };

function answer(evidence: VerdictEvidence): RuleAnswer {
  const known = knownBy(evidence);
  if (known.by === null) return no(known.not);
  const passed = passedAttempt(evidence);
  if (passed === null) return no('no other attempt on the same sources passed');
  const here = `failed in attempt ${evidence.failure.attempt} and passed in attempt ${passed} on ${shortSha(evidence.failure.head_sha)}`;
  const branch = baseBranch(evidence);
  if (known.by === 'tests') {
    const steady = known.tests.filter(({ base_mixed: mixed }) => mixed !== true).map(({ name }) => name);
    if (steady.length > 0) return no(`${firstOf(steady, 'test')} is not known to have flaked on ${branch}`);
    return {
      holds: true,
      verdict: 'flaky',
      sentence: sentenceOf(
        `${testsNamed(known.tests)} ${here}, and flaked on ${branch} too`,
        `(${ratesOf(known.tests)}).`,
      ),
    };
  }
  const { base_flakes: flakes } = evidence;
  if (flakes === null) return no(`how often it flaked on ${branch} is not known`);
  if (flakes < THRESHOLDS.flakesOnBase) return no(`it did not flake on ${branch} within the window`);
  return {
    holds: true,
    verdict: 'flaky',
    sentence: sentenceOf(
      `It ${here}, and the same error failed and passed on ${counted(flakes, 'commit')} of ${branch}.`,
    ),
  };
}

/** The lowest other attempt on the same sources that passed; null when none did. */
export function passedAttempt({ failure, own_attempts: attempts }: VerdictEvidence): number | null {
  const passed = attempts
    .filter(({ attempt, conclusion }) => attempt !== failure.attempt && conclusion === 'success')
    .map(({ attempt }) => attempt);
  return passed.length === 0 ? null : Math.min(...passed);
}

/** How often the tests fail on the base branch: the one that fails most. */
function ratesOf(tests: readonly FailingTest[]): string {
  const rate = ({ failed, runs }: FailingTest) => (runs === 0 ? 0 : failed / runs);
  const [most] = tests.toSorted((one, other) => rate(other) - rate(one) || other.runs - one.runs);
  return most === undefined || most.runs === 0
    ? 'how often is not counted'
    : `failed in ${most.failed} of ${counted(most.runs, 'run')} there`;
}

/** What is told of failing tests that are known to be flaky or broken, though it excuses nothing; null when none is. */
export function knownUnsteady(evidence: VerdictEvidence): string | null {
  const told = (state: 'broken' | 'flaky') => (evidence.failure.tests ?? []).filter((test) => test.state === state);
  const branch = baseBranch(evidence);
  for (const state of ['broken', 'flaky'] as const) {
    const tests = told(state);
    if (tests.length > 0) return `Known to be ${state} on ${branch}: ${testsNamed(tests)}, ${ratesOf(tests)}.`;
  }
  return null;
}
