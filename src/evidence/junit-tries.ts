// Which cases of one JUnit suite are tries of one test: Gradle's test retry and gotestsum's --rerun-fails list each try as a
// case of its own. Pure; junit-suite.ts uses it. https://docs.gradle.org/current/javadoc/org/gradle/api/tasks/testing/JUnitXmlReport.html
//
// A name that stands more than once may as well be several tests that share it (parametrised ones, a data provider's rows, two `it`
// of one title): then the worst counts. So tries are taken for such only when all of this holds:
// 1. They stand in one and the same <testsuite>, with class, name, file and line alike.
// 2. All failed but one, which passed, and it is the last: also by their times, where they have any.
// 3. No other name of the suite is there more than once in any other way than this, or failed each time: names are unique here.
// 4. The suite is of no tool that lists a test once however often it was tried (Vitest, Jest, mocha, Playwright, Node, pytest,
//    RSpec), marks tries by tags of its own (Surefire, cargo-nextest, Gradle's mergeReruns), or gives rows one name (TestNG).

import type { Attributes } from './report-xml.ts';
import type { CaseFound, TestsCollector } from './tests-report.ts';

export interface TriedCase extends CaseFound {
  /** The same for tries of one test. */
  readonly key: string;
  /** When it began, in milliseconds; NaN when it is not told. */
  readonly at: number;
  /** A tag of the case marks tries: the tool has its own way. */
  readonly marksTries: boolean;
  /** Its `status` is "run", and nothing tells how that ended: as doctest writes. */
  readonly isBareRun: boolean;
}

export interface Tries {
  /** Hands it on at once where no tries are told. */
  add(found: TriedCase, tests: TestsCollector): void;
  settle(tests: TestsCollector): void;
}

interface OfOneName {
  count: number;
  failed: number;
  passed: number;
  last: TriedCase;
  /** Times go up, as far as they are told. */
  inOrder: boolean;
}

const LISTS_ONCE = /^(?:vitest|jest|mocha) tests$|^pytest(?: tests)?$|^rspec/i;
/** A tool's name is shorter; a suite's may be anything. */
const LONGEST_TOOL = 40;
const IN_JAVASCRIPT = /\.[cm]?[jt]sx?$/;

/** Whether the suite, as its tag tells and as it is named like a file, is of a tool that lists no tries. */
export function toolListsOnce(
  { name = '', ignored, 'xsi:noNamespaceSchemaLocation': schema = '' }: Attributes,
  path: string | null,
): boolean {
  if (path !== null && IN_JAVASCRIPT.test(path)) return true;
  return LISTS_ONCE.test(name.slice(0, LONGEST_TOOL)) || schema.includes('surefire') || ignored !== undefined;
}

/** How many cases of a report may be held until their suites end; of suites with more no tries are told. */
export interface Room {
  left: number;
}
export const roomForTries = (): Room => ({ left: 50_000 });

export function createTries(mayRetry: boolean, room: Room): Tries {
  let isClear = mayRetry;
  let cases: TriedCase[] = [];
  const names = new Map<string, OfOneName>();
  const release = (): readonly TriedCase[] => {
    const held = cases;
    room.left += held.length;
    cases = [];
    return held;
  };
  return {
    add(found, tests) {
      if (found.marksTries || isOfJavaScript(found) || room.left === 0) isClear = false;
      if (!isClear) {
        for (const held of [...release(), found]) tests.add(held);
        return names.clear();
      }
      room.left--;
      cases.push(found);
      const known = names.get(found.key);
      if (known === undefined) names.set(found.key, ofOne(found));
      else addTry(known, found);
    },
    settle(tests) {
      const repeated = [...names.values()].filter(({ count }) => count > 1);
      const areTries = repeated.every((one) => isRetried(one) || one.failed === one.count);
      for (const found of release()) {
        const name = names.get(found.key);
        if (!areTries || name === undefined || !isRetried(name)) tests.add(found);
        else if (name.last === found) tests.add({ ...found, flaky: true });
      }
    },
  };
}

/** Jest names a class like its test. */
function isOfJavaScript({ suite, name, file_path }: TriedCase): boolean {
  return suite === name || (file_path !== null && IN_JAVASCRIPT.test(file_path));
}

function ofOne(found: TriedCase): OfOneName {
  const { failed, passed } = countsOf(found);
  return { count: 1, failed, passed, last: found, inOrder: true };
}

function addTry(known: OfOneName, found: TriedCase): void {
  const { failed, passed } = countsOf(found);
  known.count++;
  known.failed += failed;
  known.passed += passed;
  if (found.at < known.last.at) known.inOrder = false;
  known.last = found;
}

function countsOf({ status }: TriedCase): { readonly failed: number; readonly passed: number } {
  return { failed: status === 'failed' || status === 'errored' ? 1 : 0, passed: status === 'passed' ? 1 : 0 };
}

function isRetried({ count, failed, passed, last, inOrder }: OfOneName): boolean {
  return count > 1 && passed === 1 && failed === count - 1 && last.status === 'passed' && inOrder;
}
