// Playwright's JSON report. Pure.
// Format: https://playwright.dev/docs/api/class-testresult and the types JSONReport… of
// https://github.com/microsoft/playwright/blob/main/packages/playwright/types/testReporter.d.ts

import { z } from 'zod';
import type { Measurement } from '../reading/measurement.ts';
import { checked, listing, readJson } from '../reading/report-json.ts';
import { REPORT_LIMITS } from '../reading/report-limits.ts';
import { holdsBefore } from '../reading/report-names.ts';
import { type ReportFormat, Unreadable } from '../reading/report-reader.ts';
import { durationOf, repositoryPath } from '../reading/report-values.ts';
import { skimJson } from '../reading/skim-json.ts';
import { createTests, type TestsCollector, titleIn } from './tests-report.ts';

const failure = z.object({ message: z.string().optional(), value: z.string().optional() });
const testSchema = z.object({
  projectName: z.string().optional(),
  status: z.enum(['expected', 'unexpected', 'flaky', 'skipped']),
  results: listing(
    z.object({
      status: z.string().optional(),
      duration: z.number().optional(),
      error: failure.optional(),
      errors: listing(failure).optional(),
    }),
  ),
});
const suiteSchema = z.object({
  title: z.string().default(''),
  file: z.string().optional(),
  specs: listing(
    z.object({
      title: z.string(),
      file: z.string().optional(),
      line: z.number().optional(),
      tests: listing(testSchema),
    }),
  ).default([]),
  suites: z.array(z.unknown()).default([]),
});
/** The most parts of a suite: the gate waits for each, and no real suite has more. */
const MOST_SHARDS = 10_000;
export const shardSchema = z
  .object({ current: z.int().positive(), total: z.int().positive().max(MOST_SHARDS) })
  .refine(({ current, total }) => current <= total, 'more than all of them');
const reportSchema = z.object({
  config: z.object({ shard: shardSchema.nullish() }).default({}),
  suites: z.array(z.unknown()),
  errors: listing(failure).default([]),
  stats: z.object({
    duration: z.number().optional(),
    expected: z.int().nonnegative(),
    unexpected: z.int().nonnegative(),
    flaky: z.int().nonnegative(),
    skipped: z.int().nonnegative(),
  }),
});

const STATUS = { expected: 'passed', flaky: 'passed', unexpected: 'failed', skipped: 'skipped' } as const;

/** What the report holds about a suite and the suites around it. */
interface Place {
  readonly suite: z.output<typeof suiteSchema>;
  /** The titles from the outermost suite to this one, as many as have room in a name. */
  readonly title: string;
  readonly depth: number;
  readonly file_path: string | null;
}

function measure(value: unknown): Measurement {
  const { config, suites, errors, stats } = checked(reportSchema, value);
  const tests = createTests('playwright');
  if (config.shard) tests.partOf(config.shard);
  const open = suites.map((suite) => placeOf(suite, OUTSIDE)).reverse();
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    addSpecs(tests, place);
    for (const inner of place.suite.suites.toReversed()) open.push(placeOf(inner, place));
  }
  for (const { message, value: thrown } of errors) {
    const text = message ?? thrown ?? null;
    tests.add({
      suite: null,
      name: 'outside of a test',
      file_path: null,
      status: 'errored',
      duration_ms: null,
      message: text,
    });
  }
  const failed = tests.countOf('failed');
  if (stats.unexpected > failed) tests.unshown(stats.unexpected - failed, 'failures');
  const passed = stats.expected + stats.flaky;
  if (passed !== tests.countOf('passed'))
    tests.remark(`the report says ${passed} passed, ${tests.countOf('passed')} are listed`);
  return tests.measurement(durationOf((stats.duration ?? Number.NaN) / 1000));
}

const OUTSIDE: Pick<Place, 'title' | 'depth'> = { title: '', depth: 0 };

function placeOf(value: unknown, around: Pick<Place, 'title' | 'depth'>): Place {
  if (around.depth > REPORT_LIMITS.suiteDepth)
    throw new Unreadable(`suites are nested deeper than ${REPORT_LIMITS.suiteDepth}`);
  const suite = checked(suiteSchema, value);
  const { title, file } = suite;
  return { suite, title: titleIn(around.title, title), depth: around.depth + 1, file_path: pathIn(file) };
}

function pathIn(file: string | undefined): string | null {
  return file === undefined ? null : repositoryPath(file);
}

function addSpecs(tests: TestsCollector, { suite, title: inSuites, file_path }: Place): void {
  for (const { title, file, line, tests: runs } of suite.specs) {
    const path = file === undefined ? file_path : pathIn(file);
    for (const { projectName = '', status: reported, results } of runs) {
      // Playwright counts what was interrupted as skipped, but nobody chose to leave it out.
      const isInterrupted = reported === 'skipped' && results.some(({ status }) => status === 'interrupted');
      const status = isInterrupted ? 'errored' : STATUS[reported];
      const last = results.at(-1);
      tests.named(inSuites, title);
      tests.add({
        suite: titleIn(projectName, inSuites),
        name: title,
        file_path: path,
        status,
        flaky: reported === 'flaky',
        duration_ms: durationOf((last?.duration ?? Number.NaN) / 1000),
        message: plainText(last?.error?.message ?? last?.errors?.[0]?.message ?? null),
        ...(line === undefined ? {} : { line }),
      });
    }
  }
}

/** Without the colours that Playwright leaves in. */
export function plainText(message: string | null): string | null {
  return message === null ? null : message.replace(/\x1b\[[\d;]*m/g, '');
}

export const playwright: ReportFormat = {
  name: 'playwright',
  looksLike: ({ text }) =>
    /^\s*\{/.test(text) &&
    (/^\s*\{\s*"config"\s*:/.test(text) || skimJson(text).keys.has('suites')) &&
    /"(?:rootDir|forbidOnly|fullyParallel|globalSetup|projectName)"\s*:/.test(text),
  isNamed: ({ name }) => holdsBefore(name, 'playwright', '.json'),
  open: () => readJson(measure),
};
