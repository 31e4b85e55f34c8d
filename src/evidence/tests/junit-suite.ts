// What a JUnit suite says of itself against the cases in it, and which of its cases are tries of one test. Pure; junit.ts uses it.
//
// 1. A suite in which no case is listed counts by its own figures, or by those of the suites in it, where they are larger.
// 2. Of a suite that lists cases, tests and failures that it counts beyond them were not seen: the run may have broken off. They
//    never passed. Catch2 and doctest count assertions there, so that theirs are failures alone.
// 3. Each suite is held against what is in it, so that nesting neither doubles nor loses one.

import { countOf } from '../reading/report-values.ts';
import type { Attributes } from '../reading/report-xml.ts';
import type { TriedCase, Tries } from './junit-tries.ts';
import type { TestsCollector } from './tests-report.ts';

interface Counts {
  readonly tests: number;
  readonly failed: number;
  readonly errored: number;
  readonly skipped: number;
}

/** What a suite and all in it come to. */
export interface SuiteTotals {
  /** Cases that are listed. */
  shown: number;
  /** Of suites that list none. */
  counted: Counts;
  /** All that is accounted for, listed or counted. */
  tests: number;
  broken: number;
  /** Counted by a suite that lists others. */
  unseenTests: number;
  unseenBroken: number;
  /** As many as these two name at least: a test that is not seen may be one of the failures. */
  unseen: number;
}

export interface SuiteCounts {
  /** A case right in the suite, not in one that it holds. */
  add(found: TriedCase): void;
  /** What a suite in it came to. */
  hold(inner: SuiteTotals): void;
  /** Hands on the cases, and says what it came to. */
  close(): SuiteTotals;
}

const NONE: Counts = { tests: 0, failed: 0, errored: 0, skipped: 0 };

/** What nothing comes to. */
export const noTotals = (): SuiteTotals => ({
  shown: 0,
  counted: NONE,
  tests: 0,
  broken: 0,
  unseenTests: 0,
  unseenBroken: 0,
  unseen: 0,
});

/** `tries` tells which of the cases right in the suite are tries of one test. */
export function createSuiteCounts(attributes: Attributes, tries: Tries, tests: TestsCollector): SuiteCounts {
  const own = ownCounts(attributes);
  const total = noTotals();
  let assertionsAlone = attributes.hostname === 'tbd';
  return {
    add(found) {
      total.shown++;
      total.tests++;
      if (found.status === 'failed' || found.status === 'errored') total.broken++;
      assertionsAlone ||= found.isBareRun;
      tries.add(found, tests);
    },
    hold: (inner) => addTotals(total, inner),
    close() {
      tries.addFinalTries(tests);
      const broken = own.failed + own.errored;
      if (total.shown === 0) {
        total.counted = largest({ ...own, skipped: ownSkipped(attributes) }, total.counted);
        total.broken = total.counted.failed + total.counted.errored;
        total.tests = Math.max(total.counted.tests, total.broken + total.counted.skipped);
        return total;
      }
      const missing = assertionsAlone ? 0 : Math.max(0, own.tests - total.tests);
      const missingBroken = Math.max(0, broken - total.broken);
      total.unseenTests += missing;
      total.unseenBroken += missingBroken;
      total.unseen += Math.max(missing, missingBroken);
      total.tests += missing;
      total.broken += missingBroken;
      return total;
    },
  };
}

function ownCounts({ tests, failures, errors }: Attributes): Omit<Counts, 'skipped'> {
  return { tests: claim(tests, 'tests'), failed: claim(failures, 'failures'), errored: claim(errors, 'errors') };
}

/** GoogleTest counts those disabled apart, TestNG those ignored. */
function ownSkipped({ skipped, skip, disabled, ignored }: Attributes): number {
  return claim(skipped ?? skip, 'skipped') + claim(disabled, 'disabled') + claim(ignored, 'ignored');
}

function claim(value: string | undefined, what: string): number {
  return value === undefined || value === '' ? 0 : countOf(value, what);
}

function largest(one: Counts, other: Counts): Counts {
  return {
    tests: Math.max(one.tests, other.tests),
    failed: Math.max(one.failed, other.failed),
    errored: Math.max(one.errored, other.errored),
    skipped: Math.max(one.skipped, other.skipped),
  };
}

function addTotals(total: SuiteTotals, inner: SuiteTotals): void {
  total.shown += inner.shown;
  total.tests += inner.tests;
  total.broken += inner.broken;
  total.unseenTests += inner.unseenTests;
  total.unseenBroken += inner.unseenBroken;
  total.unseen += inner.unseen;
  const { counted } = total;
  total.counted = {
    tests: counted.tests + inner.counted.tests,
    failed: counted.failed + inner.counted.failed,
    errored: counted.errored + inner.counted.errored,
    skipped: counted.skipped + inner.counted.skipped,
  };
}
