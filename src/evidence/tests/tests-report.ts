// Counts test cases and keeps the failed ones. Pure.

import type { CaseStatus, Shard, TestCase, TestResult, TestsMeasurement } from '../reading/measurement.ts';
import { KEPT, REPORT_LIMITS } from '../reading/report-limits.ts';
import { createRemarks, messageText, nameText } from '../reading/report-values.ts';
import { collectTestNames } from './test-names.ts';

export interface CaseFound extends Omit<TestCase, 'line'> {
  /** Passed, but not at once. */
  readonly flaky?: boolean;
  /** As the report has it; what is no line of a file is left out. */
  readonly line?: number | null;
}

export interface TestsCollector {
  add(found: CaseFound): void;
  /** Which test a case was: the titles around it, and its own. */
  named(around: string, name: string): void;
  remark(text: string): void;
  /** Failures that the report counts and no case shows; they are red all the same. */
  unshown(count: number, what: string): void;
  /** Tests that a report counts, and a crash may have kept from being listed: none of them passed. */
  unseen(count: number): void;
  /** One that failed may be a try of a test that passed later; nothing shows that it is, and it counts. */
  maybeTried(): void;
  /** Tests of a report that lists none. */
  countUnlisted(counts: Unlisted): void;
  countOf(status: CaseStatus): number;
  /** The report tells of this part of the suite alone. */
  partOf(shard: Shard): void;
  measurement(durationMs: number | null): TestsMeasurement;
}

/** Of `tests` all that did none of the rest passed. */
export interface Unlisted {
  readonly tests: number;
  readonly failed: number;
  readonly errored: number;
  readonly skipped: number;
}

/** The title of a suite with those around it, as many as have room in a name. */
export function titleIn(around: string, own: string): string {
  const begin = nameText(own);
  return nameText(around === '' || own === '' ? around || begin : `${around} › ${begin}`);
}

/** Beside the measurement, which is kept and compared without them. */
const RESULTS = new WeakMap<TestsMeasurement, readonly TestResult[]>();

/** Every case that a report lists, in its order, at most 50,000 and 8 million characters; none for a measurement that was kept. */
export function resultsOf(measurement: TestsMeasurement): readonly TestResult[] {
  return RESULTS.get(measurement) ?? [];
}

export function createTests(format: string): TestsCollector {
  const counts: Record<CaseStatus, number> = { passed: 0, failed: 0, errored: 0, skipped: 0 };
  const cases = createCases();
  const remarks = createRemarks();
  const names = collectTestNames();
  let part: Shard | null = null;
  let [flaky, omitted, unshown, maybeTried] = [0, 0, 0, 0];
  const unseen = (count: number): void => {
    counts.errored += count;
    unshown += count;
  };
  return {
    named: names.add,
    add(found) {
      counts[found.status]++;
      if (found.status === 'passed' && found.flaky === true) flaky++;
      cases.add(found);
    },
    remark: remarks.add,
    unseen,
    maybeTried: () => void maybeTried++,
    countUnlisted(unlisted) {
      omitted += addUnlisted(counts, unlisted);
    },
    unshown(count, what) {
      unseen(count);
      remarks.add(`the report counts ${count} more ${what} than its cases show`);
    },
    countOf: (status) => counts[status],
    partOf: (shard) => (part = shard),
    measurement(durationMs) {
      const measurement: TestsMeasurement = {
        kind: 'tests',
        format,
        ...(part === null ? {} : { shard: part }),
        ...counts,
        flaky,
        ...(unshown === 0 ? {} : { unshown }),
        ...(maybeTried === 0 ? {} : { maybe_tried: maybeTried }),
        duration_ms: durationMs,
        cases: cases.broken,
        cases_omitted: cases.omitted() + omitted + unshown,
        ...namesIn(names.all()),
        remarks: remarks.all(),
      };
      RESULTS.set(measurement, cases.all);
      return measurement;
    },
  };
}

function namesIn(names: TestsMeasurement['names'] | null): Pick<TestsMeasurement, 'names'> {
  return names ? { names } : {};
}

interface Cases {
  add(found: CaseFound): void;
  /** The failed and errored ones. */
  readonly broken: readonly TestCase[];
  /** How many of those had no room. */
  omitted(): number;
  readonly all: readonly TestResult[];
}

/** As many of each kind as there is room for. */
function createCases(): Cases {
  const all: TestResult[] = [];
  const broken: TestCase[] = [];
  let characters = 0;
  let omitted = 0;
  return {
    broken,
    all,
    omitted: () => omitted,
    add(found) {
      const isBroken = found.status === 'failed' || found.status === 'errored';
      const hasRoom = all.length < KEPT.results && characters <= KEPT.resultCharacters;
      const isKept = isBroken && broken.length < KEPT.cases;
      if (isBroken && !isKept) omitted++;
      if (!hasRoom && !isKept) return;
      // To look through the words of a failure costs more than all the rest of it.
      const one = kept(isKept ? found : { ...found, message: null });
      characters += (one.suite?.length ?? 0) + one.name.length + (one.file_path?.length ?? 0);
      if (hasRoom) all.push({ ...one, is_flaky: found.flaky === true });
      if (isKept) broken.push(one);
    },
  };
}

/** How many of them broke. */
function addUnlisted(counts: Record<CaseStatus, number>, { tests, failed, errored, skipped }: Unlisted): number {
  counts.passed += Math.max(0, tests - failed - errored - skipped);
  counts.failed += failed;
  counts.errored += errored;
  counts.skipped += skipped;
  return failed + errored;
}

function kept({ suite, name, file_path, status, duration_ms, message, line = null }: CaseFound): TestCase {
  const isLine = line !== null && Number.isSafeInteger(line) && line > 0 && line <= REPORT_LIMITS.lineNumber;
  return {
    suite: suite === null || suite === '' ? null : nameText(suite),
    name: nameText(name),
    file_path,
    status,
    duration_ms,
    message: message === null || message.trim() === '' ? null : messageText(message.trim()),
    ...(isLine ? { line } : {}),
  };
}
