// Which of several pull requests with the same head commit decides on it. Pure.

import type { GateAnswer } from '../model/gate.ts';

/** From worst to best; a pull request of which nothing is asked comes last. */
const ORDER = ['error', 'fail', 'pending', 'pass', null] as const;

/**
 * Returns the number of the pull request with the worst verdict, the first of several; null for an empty map. So nobody can open the
 * gate with a second pull request for the same commit, into a branch that asks for less.
 */
export function strictestOf(answers: ReadonlyMap<number, GateAnswer>): number | null {
  const rank = ({ gate }: GateAnswer) => ORDER.indexOf(gate?.state ?? null);
  const [worst] = [...answers].toSorted(([, one], [, other]) => rank(one) - rank(other));
  return worst?.[0] ?? null;
}
