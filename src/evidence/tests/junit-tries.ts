// Which cases of one JUnit suite are tries of one test: Gradle's test retry and gotestsum's --rerun-fails list each try as a
// case of its own. Pure. https://docs.gradle.org/current/javadoc/org/gradle/api/tasks/testing/JUnitXmlReport.html
//
// A name that stands more than once may as well be several tests that share it (parametrised ones, a data provider's rows, two `it`
// of one title): then the worst counts. So tries are taken for such only when all of this holds:
// 1. They stand in one and the same <testsuite>, with class, name, file and line alike.
// 2. All failed but one, which passed, and it is the last: also by their times, where they have any.
// 3. No other name of the suite is there more than once in any other way than this, or failed each time: names are unique here.
// 4. The suite is of no tool that lists a test once however often it was tried (Vitest, Jest, mocha, Playwright, Node, pytest,
//    RSpec), marks tries by tags of its own (Surefire, cargo-nextest, Gradle's mergeReruns), or gives rows one name (TestNG).
// 5. Something beyond their order shows it (try-signs.ts).

import type { Attributes } from '../reading/report-xml.ts';
import type { CaseFound, TestsCollector } from './tests-report.ts';
import { tellTries } from './try-signs.ts';

export interface TriedCase extends CaseFound {
  /** The same for tries of one test. */
  readonly key: string;
  /** When it began, in milliseconds; NaN when unknown. */
  readonly at: number;
  /** A tag of the case marks tries: the tool has its own way. */
  readonly marksTries: boolean;
  /** Its `status` is "run", and nothing tells how that ended: as doctest writes. */
  readonly isBareRun: boolean;
}

export interface Tries {
  /** Adds the case, which is passed on at once where the format lists no tries. */
  add(found: TriedCase, tests: TestsCollector): void;
  addFinalTries(tests: TestsCollector): void;
}

/** The suite that the cases stand in. */
export interface SuiteAround {
  readonly attributes: Attributes;
  /** A property of it says so; known before its cases are. */
  isOfGo: boolean;
}

interface OfOneName {
  count: number;
  failed: number;
  passed: number;
  last: TriedCase;
  /** Times go up, as far as they are given. */
  inOrder: boolean;
  /** And are given for each, and no two the same. */
  isTimed: boolean;
  /** Where among the cases of the suite the first and the last stand. */
  readonly first: number;
  lastAt: number;
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

/** How many cases of a report may be held until their suites end; of suites with more no tries are known. */
export interface Room {
  left: number;
}
export const roomForTries = (): Room => ({ left: 50_000 });

/** `around`: null where no tries are known. */
export function createTries(around: SuiteAround | null, room: Room): Tries {
  let isClear = around !== null;
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
      if (known === undefined) names.set(found.key, ofOne(found, cases.length));
      else addTry(known, found, cases.length);
    },
    addFinalTries(tests) {
      const retried = around === null ? new Set() : retriedOf(around, cases, names);
      for (const found of release()) {
        const name = names.get(found.key);
        if (name === undefined || !isRetried(name)) tests.add(found);
        else if (!retried.has(name)) {
          tests.add(found);
          if (name.last !== found) tests.maybeTried();
        } else if (name.last === found) tests.add({ ...found, flaky: true });
      }
    },
  };
}

/** The names of which something shows that their cases are tries of one test. */
function retriedOf(
  around: SuiteAround,
  cases: readonly TriedCase[],
  names: ReadonlyMap<string, OfOneName>,
): ReadonlySet<OfOneName> {
  const repeated = [...names.values()].filter(({ count }) => count > 1);
  if (!repeated.every((one) => isRetried(one) || one.failed === one.count)) return new Set();
  const retried = repeated.filter(isRetried).map((one) => ({ ...one, ...namesOf(one), one }));
  const isTriedAgain = tellTries({
    ...around,
    cases: cases.length,
    names: names.size,
    broken: [...names.values()].reduce((sum, { failed }) => sum + failed, 0),
    repeated: repeated.length,
    lastNew: [...names.values()].reduce((last, { first }) => Math.max(last, first), 0),
    retried,
  });
  return new Set(retried.filter(isTriedAgain).map(({ one }) => one));
}

function namesOf({ last }: OfOneName): { readonly name: string; readonly suite: string | null } {
  return { name: last.name, suite: last.suite };
}

/** Jest names a class like its test. */
function isOfJavaScript({ suite, name, file_path }: TriedCase): boolean {
  return suite === name || (file_path !== null && IN_JAVASCRIPT.test(file_path));
}

function ofOne(found: TriedCase, at: number): OfOneName {
  const { failed, passed } = countsOf(found);
  return {
    count: 1,
    failed,
    passed,
    last: found,
    inOrder: true,
    isTimed: !Number.isNaN(found.at),
    first: at,
    lastAt: at,
  };
}

function addTry(known: OfOneName, found: TriedCase, at: number): void {
  const { failed, passed } = countsOf(found);
  known.count++;
  known.failed += failed;
  known.passed += passed;
  if (found.at < known.last.at) known.inOrder = false;
  if (!(found.at > known.last.at)) known.isTimed = false;
  known.last = found;
  known.lastAt = at;
}

function countsOf({ status }: TriedCase): { readonly failed: number; readonly passed: number } {
  return { failed: status === 'failed' || status === 'errored' ? 1 : 0, passed: status === 'passed' ? 1 : 0 };
}

function isRetried({ count, failed, passed, last, inOrder }: OfOneName): boolean {
  return count > 1 && passed === 1 && failed === count - 1 && last.status === 'passed' && inOrder;
}
