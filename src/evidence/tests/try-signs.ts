// What shows that cases of one name are tries of one test, and not several tests that share it (parametrised ones, two of one
// title): both are listed alike, so without such a sign the worst counts. Pure.
//
// 1. The suite's own counters are those of the tests with each counted once, by its last try.
// 2. gotestsum: a test's name is there once in a package of Go; with `-count` every test is listed again, so another has to be there once.
// 3. Gradle: a method without parameters, which a class has once, tried again in a round after the others: no new name comes
//    after it, and other cases lie between. Rows of one test are run one right after the other.
// 4. Each try tells when it began, and each began later.

import type { Attributes } from '../reading/report-xml.ts';

/** A name that failed, and passed at last. */
export interface Retried {
  readonly name: string;
  readonly suite: string | null;
  readonly count: number;
  /** Where among the suite's cases the first and the last stand. */
  readonly first: number;
  readonly lastAt: number;
  /** Each began later than the one before it, as it tells. */
  readonly isTimed: boolean;
}

/** What is known of a suite once all its cases are. */
export interface TriedSuite {
  readonly attributes: Attributes;
  readonly isOfGo: boolean;
  readonly cases: number;
  readonly names: number;
  readonly broken: number;
  /** Names that stand there more than once. */
  readonly repeated: number;
  /** Where the last name stands that was not there before. */
  readonly lastNew: number;
  readonly retried: readonly Retried[];
}

/** Returns a test of whether the cases of one name are tries of one test. */
export function tellTries(suite: TriedSuite): (one: Retried) => boolean {
  const { attributes, isOfGo, cases, names, broken, repeated, lastNew, retried } = suite;
  const before = retried.reduce((sum, { count }) => sum + count - 1, 0);
  const { tests, failures = '', errors, timestamp, hostname, name } = attributes;
  const countsOnce =
    before > 0 &&
    tests === String(cases - before) &&
    Number(failures || 'none') + Number(errors ?? 0) === broken - before;
  const isGo = isOfGo && names > repeated;
  const isOfGradle = timestamp !== undefined && hostname !== undefined && tests === String(cases);
  const isRound = ({ name: own, suite: ofClass, count, first, lastAt }: Retried) =>
    own.endsWith('()') && ofClass === name && lastAt - first >= count && lastAt > lastNew;
  return (one) => countsOnce || isGo || one.isTimed || (isOfGradle && isRound(one));
}
