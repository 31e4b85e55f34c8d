// Counts test cases and keeps the failed ones. Pure; src/evidence/ only.

import type { CaseStatus, TestCase, TestsMeasurement } from './measurement.ts';
import { KEPT } from './report-limits.ts';
import { createRemarks, messageText, nameText } from './report-values.ts';
import { collectTestNames } from './test-names.ts';

export interface CaseFound extends TestCase {
  /** Passed, but not at once. */
  readonly flaky?: boolean;
}

export interface TestsCollector {
  add(found: CaseFound): void;
  /** Which test a case was: the titles around it, and its own. */
  named(around: string, name: string): void;
  /** A case of which nothing is kept. */
  count(status: 'passed' | 'skipped', flaky: boolean): void;
  remark(text: string): void;
  /** Failures that the report counts and no case shows; they are red all the same. */
  unshown(count: number, what: string): void;
  countOf(status: CaseStatus): number;
  measurement(durationMs: number | null): TestsMeasurement;
}

/** The title of a suite with those around it, as many as have room in a name. */
export function titleIn(around: string, own: string): string {
  const begin = nameText(own);
  return nameText(around === '' || own === '' ? around || begin : `${around} › ${begin}`);
}

export function createTests(format: string): TestsCollector {
  const counts: Record<CaseStatus, number> = { passed: 0, failed: 0, errored: 0, skipped: 0 };
  const cases: TestCase[] = [];
  const remarks = createRemarks();
  const names = collectTestNames();
  let flaky = 0;
  let omitted = 0;
  const count = (status: 'passed' | 'skipped', isFlaky: boolean): void => {
    counts[status]++;
    if (status === 'passed' && isFlaky) flaky++;
  };
  return {
    count,
    named: names.add,
    add(found) {
      if (found.status === 'passed' || found.status === 'skipped') return count(found.status, found.flaky === true);
      counts[found.status]++;
      if (cases.length < KEPT.cases) cases.push(kept(found));
      else omitted++;
    },
    remark: remarks.add,
    unshown(count, what) {
      counts.errored += count;
      omitted += count;
      remarks.add(`the report counts ${count} more ${what} than its cases show`);
    },
    countOf: (status) => counts[status],
    measurement(durationMs) {
      const known = names.all();
      return {
        kind: 'tests',
        format,
        ...counts,
        flaky,
        duration_ms: durationMs,
        cases,
        cases_omitted: omitted,
        ...(known === null ? {} : { names: known }),
        remarks: remarks.all(),
      };
    },
  };
}

function kept({ suite, name, file_path, status, duration_ms, message }: CaseFound): TestCase {
  return {
    suite: suite === null || suite === '' ? null : nameText(suite),
    name: nameText(name),
    file_path,
    status,
    duration_ms,
    message: message === null || message.trim() === '' ? null : messageText(message.trim()),
  };
}
