// Mochawesome's JSON report, as Cypress and mocha write it, also merged. Pure.
// Format: https://github.com/adamgruber/mochawesome and https://github.com/adamgruber/mochawesome-report-generator (types of the report)

import { z } from 'zod';
import type { CaseStatus, Measurement } from '../reading/measurement.ts';
import { checked, listing, readJson } from '../reading/report-json.ts';
import { REPORT_LIMITS } from '../reading/report-limits.ts';
import { holdsBefore } from '../reading/report-names.ts';
import { type ReportFormat, Unreadable } from '../reading/report-reader.ts';
import { durationOf, repositoryPath } from '../reading/report-values.ts';
import { createTests, type TestsCollector, titleIn } from './tests-report.ts';

const testSchema = z.object({
  title: z.string().default(''),
  duration: z.number().nullish(),
  state: z.string().nullish(),
  pass: z.boolean().default(false),
  fail: z.boolean().default(false),
  pending: z.boolean().default(false),
  skipped: z.boolean().default(false),
  err: z.object({ message: z.string().nullish(), estack: z.string().nullish() }).nullish(),
});
type Test = z.output<typeof testSchema>;
const suiteSchema = z.object({
  title: z.string().default(''),
  file: z.string().nullish(),
  fullFile: z.string().nullish(),
  beforeHooks: listing(testSchema).default([]),
  afterHooks: listing(testSchema).default([]),
  tests: listing(testSchema).default([]),
  suites: z.array(z.unknown()).default([]),
});
const reportSchema = z.object({
  stats: z.object({
    tests: z.int().nonnegative(),
    passes: z.int().nonnegative(),
    failures: z.int().nonnegative(),
    duration: z.number().optional(),
    passPercent: z.number().min(0).max(100).nullish(),
  }),
  results: z.array(z.unknown()),
});

interface Place {
  readonly suite: z.output<typeof suiteSchema>;
  /** The titles from the outermost suite to this one, as many as have room in a name. */
  readonly title: string;
  readonly depth: number;
  readonly file: string | null;
}
type Around = Pick<Place, 'title' | 'depth' | 'file'>;

function measure(value: unknown): Measurement {
  const { stats, results } = checked(reportSchema, value);
  const tests = createTests('mochawesome');
  const nowhere: Around = { title: '', depth: 0, file: null };
  // A run without a test has `false` among its results.
  const roots = results.filter((suite) => suite !== false);
  const open = roots.map((suite) => placeOf(suite, nowhere)).reverse();
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    addSuite(tests, place);
    for (const inner of place.suite.suites.toReversed()) open.push(placeOf(inner, place));
  }
  const broken = tests.countOf('failed') + tests.countOf('errored');
  if (stats.failures > broken) tests.unshown(stats.failures - broken, 'failures');
  const passed = tests.countOf('passed');
  if (stats.passes !== passed) tests.remark(`the report says ${stats.passes} passed, ${passed} are listed`);
  return tests.measurement(durationOf((stats.duration ?? Number.NaN) / 1000));
}

function placeOf(value: unknown, around: Around): Place {
  if (around.depth > REPORT_LIMITS.suiteDepth) {
    throw new Unreadable(`suites are nested deeper than ${REPORT_LIMITS.suiteDepth}`);
  }
  const suite = checked(suiteSchema, value);
  const own = suite.file || suite.fullFile;
  return {
    suite,
    title: titleIn(around.title, suite.title),
    depth: around.depth + 1,
    file: own ? pathOf(own) : around.file,
  };
}

function pathOf(file: string): string {
  return repositoryPath(file.startsWith('/') ? file.slice(1) : file);
}

/** Hooks are listed when they fail: then their tests have not run. */
function addSuite(tests: TestsCollector, { suite, title, file }: Place): void {
  const add = (test: Test, status: CaseStatus): void => {
    tests.named(title, test.title);
    tests.add({
      suite: title,
      name: test.title,
      file_path: file,
      status,
      duration_ms: durationOf((test.duration ?? Number.NaN) / 1000),
      message: test.err?.message ?? test.err?.estack ?? null,
    });
  };
  for (const hook of [...suite.beforeHooks, ...suite.afterHooks])
    if (hook.fail || hook.state === 'failed') add(hook, 'errored');
  for (const test of suite.tests) add(test, statusOf(test));
}

/** A test that is none of them never ran. */
function statusOf({ pass, fail, state }: Test): CaseStatus {
  if (fail || state === 'failed') return 'failed';
  return pass || state === 'passed' ? 'passed' : 'skipped';
}

export const mochawesome: ReportFormat = {
  name: 'mochawesome',
  looksLike: ({ text }) => /^\s*\{\s*"stats"\s*:\s*\{/.test(text) && /"(?:passPercent|testsRegistered)"\s*:/.test(text),
  isNamed: ({ name }) => holdsBefore(name, 'mochawesome', '.json'),
  open: () => readJson(measure),
};
