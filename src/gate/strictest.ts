// Which of several pull requests with one head decides on it. Pure.

import type { GateAnswer } from '../model/gate.ts';

/** The worst first; where nothing is asked for, nothing is held back. */
const ORDER = ['error', 'fail', 'pending', 'pass', null] as const;

/**
 * The number of the pull request with the worst verdict, of several the first; null without any. Whoever opens a second pull
 * request for the same commit, into a branch that asks for less, opens no gate by it.
 */
export function strictestOf(answers: ReadonlyMap<number, GateAnswer>): number | null {
  const rank = ({ gate }: GateAnswer) => ORDER.indexOf(gate?.state ?? null);
  const [worst] = [...answers].toSorted(([, one], [, other]) => rank(one) - rank(other));
  return worst?.[0] ?? null;
}
