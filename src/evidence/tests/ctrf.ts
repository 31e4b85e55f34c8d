// Common Test Report Format: one JSON for reporters of many tools. Pure.
// Format: https://github.com/ctrf-io/ctrf (specification and schema/ctrf.schema.json, version 0.2.0); what its reporters write beyond
// that is read too: a suite as one text, and files from before `reportFormat` was required.
//
// 1. Documents of one `runId` are shards of one run: each lists other tests, so they add up, and a test of two of them is one whose
//    worst result counts.
// 2. A flake is what passed and is marked as tried again: `flaky`, `retries`, or a failed one of `retryAttempts`.
// 3. `other` is whatever no other word fits: unless its own word says that it was left out, it is no success.

import { z } from 'zod';
import type { CaseStatus, Measurement } from '../reading/measurement.ts';
import { checked, listing, readJson } from '../reading/report-json.ts';
import { REPORT_LIMITS } from '../reading/report-limits.ts';
import { holdsBefore } from '../reading/report-names.ts';
import { type ReportFormat, Unreadable } from '../reading/report-reader.ts';
import { durationOf, nameText, repositoryPath, shown } from '../reading/report-values.ts';
import { skimJson } from '../reading/skim-json.ts';
import { statusOf } from './junit-status.ts';
import { plainText } from './playwright.ts';
import { createTests, type TestsCollector } from './tests-report.ts';

const status = z.enum(['passed', 'failed', 'skipped', 'pending', 'other']);
const count = z.int().nonnegative();
/** No suite of itself is nested deeper, and no test is tried more often. */
const MOST_TITLES = REPORT_LIMITS.suiteDepth;
const MOST_TRIES = 1_000;

const attemptSchema = z.object({ status, message: z.string().nullish(), trace: z.string().nullish() });
const testSchema = z.object({
  name: z.string().min(1),
  status,
  duration: z.number().nullish(),
  suite: z.preprocess(
    (suite) => (typeof suite === 'string' ? [suite] : suite),
    listing(z.string(), { most: [MOST_TITLES, `suites are nested deeper than ${MOST_TITLES}`] }).nullish(),
  ),
  message: z.string().nullish(),
  trace: z.string().nullish(),
  rawStatus: z.string().nullish(),
  filePath: z.string().nullish(),
  line: z.number().nullish(),
  retries: count.nullish(),
  retryAttempts: listing(attemptSchema, {
    most: [MOST_TRIES, `a test is tried more than ${MOST_TRIES} times`],
  }).nullish(),
  flaky: z.boolean().nullish(),
});
type Test = z.output<typeof testSchema>;

const reportSchema = z.object({
  reportFormat: z.literal('CTRF').optional(),
  specVersion: z.string().max(40).optional(),
  results: z.object({
    tool: z.object({ name: z.string().min(1) }),
    summary: z.object({
      tests: count,
      passed: count,
      failed: count,
      skipped: count,
      pending: count,
      other: count,
      start: z.number().nullish(),
      stop: z.number().nullish(),
    }),
    tests: listing(testSchema),
  }),
});
type Summary = z.output<typeof reportSchema>['results']['summary'];

function measure(value: unknown): Measurement {
  const { specVersion, results } = checked(reportSchema, value);
  // Until 1.0 what is read here has stayed what it was; of a later one nobody knows.
  if (specVersion !== undefined && !/^0\.\d{1,6}\.\d{1,6}/.test(specVersion))
    throw new Unreadable(`specVersion is ${shown(specVersion)}; 0.x.y is read`);
  const tests = createTests('ctrf');
  for (const test of results.tests) addTest(tests, test);
  compare(tests, results.summary, results.tests.length);
  const { start, stop } = results.summary;
  return tests.measurement(durationOf(((stop ?? Number.NaN) - (start ?? Number.NaN)) / 1000));
}

function addTest(tests: TestsCollector, test: Test): void {
  const found = statusOfTest(test);
  const suite = suiteOf(test.suite);
  const isBroken = found === 'failed' || found === 'errored';
  tests.named(suite, test.name);
  tests.add({
    suite,
    name: test.name,
    file_path: test.filePath ? repositoryPath(test.filePath) : null,
    status: found,
    flaky: found === 'passed' && isTriedAgain(test),
    duration_ms: durationOf((test.duration ?? Number.NaN) / 1000),
    message: isBroken ? plainText(test.message || test.trace || null) : null,
    line: test.line ?? null,
  });
}

/** As many of the titles as have room in a name. */
function suiteOf(titles: Test['suite']): string {
  return nameText((titles ?? []).map((title) => nameText(title)).join(' › '));
}

function statusOfTest({ status: told, rawStatus }: Test): CaseStatus {
  if (told === 'passed' || told === 'failed') return told;
  if (told !== 'other') return 'skipped';
  return statusOf(null, { status: rawStatus || 'other' }).status === 'skipped' ? 'skipped' : 'errored';
}

function isTriedAgain({ flaky, retries, retryAttempts }: Test): boolean {
  if (flaky === false) return false;
  return flaky === true || (retries ?? 0) > 0 || (retryAttempts ?? []).some((one) => one.status === 'failed');
}

/** What the summary counts and no test shows was red all the same, and may not have run. */
function compare(tests: TestsCollector, summary: Summary, listed: number): void {
  const broken = tests.countOf('failed') + tests.countOf('errored');
  if (summary.failed > broken) tests.unshown(summary.failed - broken, 'failures');
  else if (summary.tests > listed) tests.unshown(summary.tests - listed, 'tests');
  const passed = tests.countOf('passed');
  if (summary.passed !== passed) tests.remark(`the report says ${summary.passed} passed, ${passed} are listed`);
}

export const ctrf: ReportFormat = {
  name: 'ctrf',
  looksLike: ({ text }) => {
    if (!/^\s*\{/.test(text)) return false;
    if (/^\s*\{\s*"results"\s*:\s*\{\s*"tool"\s*:/.test(text)) return true;
    const { keys } = skimJson(text);
    return keys.has('reportFormat') && /"reportFormat"\s*:\s*"CTRF"/.test(text);
  },
  isNamed: ({ name }) => holdsBefore(name, 'ctrf', '.json'),
  open: () => readJson(measure),
};
