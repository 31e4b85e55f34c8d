// Playwright's blob report, which every shard of a suite writes for `merge-reports`: a zip with `report.jsonl`, one event a line.
// Pure. Format: https://playwright.dev/docs/test-sharding and
// https://github.com/microsoft/playwright/blob/main/packages/playwright/src/isomorphic/teleReceiver.ts

import { z } from 'zod';
import type { Measurement } from '../reading/measurement.ts';
import { checked, listing, parseJson, readText } from '../reading/report-json.ts';
import { REPORT_LIMITS } from '../reading/report-limits.ts';
import { type ReportFormat, Unreadable } from '../reading/report-reader.ts';
import { durationOf, repositoryPath, shown } from '../reading/report-values.ts';
import { plainText, shardSchema } from './playwright.ts';
import { createTests, type TestsCollector, titleIn } from './tests-report.ts';

const VERSIONS: readonly number[] = [1, 2];
const errorSchema = z.object({ message: z.string().optional(), value: z.string().optional() });
const metadataSchema = z.object({ version: z.number(), shard: shardSchema.nullish() });
const projectSchema = z.object({
  project: z.object({ name: z.string().default(''), suites: z.array(z.unknown()).default([]) }),
});
const place = z.object({ file: z.string().optional() }).optional();
/** A suite, or with `testId` a test. Version 1 has the two apart. */
const entrySchema = z.object({
  testId: z.string().optional(),
  title: z.string().default(''),
  location: place,
  entries: z.array(z.unknown()).default([]),
  suites: z.array(z.unknown()).default([]),
  tests: z.array(z.unknown()).default([]),
});
const testEndSchema = z.object({
  test: z.object({ testId: z.string(), expectedStatus: z.string() }),
  result: z.object({
    status: z.string(),
    duration: z.number().optional(),
    errors: listing(errorSchema).default([]),
  }),
});
const endSchema = z.object({ result: z.object({ status: z.string(), duration: z.number().optional() }) });
const eventSchema = z.object({ method: z.string(), params: z.unknown().optional() });
type TestEnd = z.output<typeof testEndSchema>;

interface PlannedTest {
  readonly suite: string;
  readonly name: string;
  readonly file_path: string | null;
  readonly results: TestEnd[];
}

/** What the events said so far. */
interface Run {
  metadata: z.output<typeof metadataSchema> | null;
  end: z.output<typeof endSchema> | null;
  readonly planned: Map<string, PlannedTest>;
  readonly errors: z.output<typeof errorSchema>[];
}

/** `report.jsonl`, in a blob's archive or out of it. */
export const playwrightBlob: ReportFormat = {
  name: 'playwright',
  looksLike: ({ text }) => text.startsWith('{"method":"onBlobReportMetadata"'),
  isNamed: () => false,
  open: () => readText(measure),
};

function measure(text: string): Measurement {
  const run: Run = { metadata: null, end: null, planned: new Map(), errors: [] };
  for (const line of text.split('\n')) {
    if (line.trim() !== '' && !/^\{"method":"on(?:Step|Attach|StdIO)/.test(line.slice(0, 40))) take(run, line);
  }
  const { metadata, end, planned, errors } = run;
  if (metadata === null) throw new Unreadable('the blob report says nothing of itself');
  if (!VERSIONS.includes(metadata.version)) {
    throw new Unreadable(`the blob report is of version ${shown(metadata.version)}; upload the JSON report instead`);
  }
  if (end === null) throw new Unreadable('the blob report does not tell how the run ended: it was cut off');
  const tests = createTests('playwright');
  if (metadata.shard) tests.partOf(metadata.shard);
  for (const test of planned.values()) addTest(tests, test);
  for (const { message, value } of errors) addBroken(tests, plainText(message ?? value ?? null));
  const isRed = tests.countOf('failed') + tests.countOf('errored') > 0;
  if (end.result.status !== 'passed' && !isRed) addBroken(tests, `the run ended as ${shown(end.result.status)}`);
  return tests.measurement(durationOf((end.result.duration ?? Number.NaN) / 1000));
}

function take(run: Run, line: string): void {
  const { method, params } = checked(eventSchema, parseJson(line));
  if (method === 'onBlobReportMetadata') run.metadata = checked(metadataSchema, params);
  else if (method === 'onProject') plan(run.planned, params);
  else if (method === 'onError') run.errors.push(checked(z.object({ error: errorSchema }), params).error);
  else if (method === 'onEnd') run.end = checked(endSchema, params);
  else if (method === 'onTestEnd') {
    const ended = checked(testEndSchema, params);
    const test = run.planned.get(ended.test.testId);
    if (test === undefined) throw new Unreadable('a test ended that is none of the suite');
    test.results.push(ended);
  }
}

function plan(planned: Map<string, PlannedTest>, params: unknown): void {
  const { project } = checked(projectSchema, params);
  const open = project.suites.map((entry) => ({ entry, title: titleIn(project.name, ''), depth: 0 })).reverse();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { testId, title, location, entries, suites, tests } = checked(entrySchema, next.entry);
    if (testId !== undefined) {
      const file_path = location?.file === undefined ? null : repositoryPath(location.file);
      planned.set(testId, { suite: next.title, name: title, file_path, results: [] });
      continue;
    }
    if (next.depth > REPORT_LIMITS.suiteDepth) {
      throw new Unreadable(`suites are nested deeper than ${REPORT_LIMITS.suiteDepth}`);
    }
    const around = { title: titleIn(next.title, title), depth: next.depth + 1 };
    for (const entry of [...entries, ...suites, ...tests].reverse()) open.push({ entry, ...around });
  }
}

/** As Playwright decides: flaky is what failed and then did as expected. */
function addTest(tests: TestsCollector, { results, ...test }: PlannedTest): void {
  const is = (fits: (ended: TestEnd) => boolean): boolean => results.some(fits);
  const expected = is(
    ({ test: { expectedStatus }, result }) => result.status === expectedStatus && result.status !== 'skipped',
  );
  const wrong = results.findLast(
    ({ test: { expectedStatus }, result: { status } }) =>
      status !== expectedStatus && status !== 'skipped' && status !== 'interrupted',
  );
  const isInterrupted = !expected && wrong === undefined && is(({ result }) => result.status === 'interrupted');
  const broken = wrong === undefined || expected ? 'passed' : 'failed';
  const status = isInterrupted ? 'errored' : wrong === undefined && !expected ? 'skipped' : broken;
  const [error] = wrong?.result.errors ?? [];
  const last = results.at(-1)?.result.duration;
  tests.add({
    ...test,
    status,
    flaky: status === 'passed' && wrong !== undefined,
    duration_ms: durationOf((last ?? Number.NaN) / 1000),
    message: isInterrupted ? 'the run was interrupted' : plainText(error?.message ?? error?.value ?? null),
  });
}

function addBroken(tests: TestsCollector, message: string | null): void {
  const nowhere = { suite: null, file_path: null, duration_ms: null };
  tests.add({ ...nowhere, name: 'outside of a test', status: 'errored', message });
}
