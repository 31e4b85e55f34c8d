// `summary.json`, what a pipeline of document 001 says of a whole run. Pure.
// Format: "Summary JSON Structure" of that document; coverage and Lighthouse are figures without counts there.

import { z } from 'zod';
import type { SummaryMeasurement } from '../reading/measurement.ts';
import { checked, entriesOf, listing, readJson } from '../reading/report-json.ts';
import type { ReportFormat } from '../reading/report-reader.ts';
import { durationOf, nameText } from '../reading/report-values.ts';

const suiteSchema = z.object({
  passed: z.int().nonnegative(),
  failed: z.int().nonnegative(),
  coverage: z.number().min(0).max(1).optional(),
});
const reportSchema = z.object({
  status: z.enum(['PASSED', 'FAILED']),
  tests: z.unknown(),
  lighthouse: z.object({ score: z.number().min(0).max(100) }).optional(),
  artifacts: listing(z.string(), { most: [1_000, 'more than 1000 are listed'] }).default([]),
  duration_seconds: z.number().nonnegative().optional(),
});

function measure(value: unknown): SummaryMeasurement {
  const { status, tests, lighthouse, artifacts, duration_seconds } = checked(reportSchema, value);
  return {
    kind: 'summary',
    format: 'summary',
    status,
    tests: entriesOf(tests ?? {}, 'tests').map(([suite, entry]) => {
      const { passed, failed, coverage } = checked(suiteSchema, entry);
      return { suite: nameText(suite), passed, failed, coverage_ratio: coverage ?? null };
    }),
    lighthouse_score: lighthouse?.score ?? null,
    artifacts: artifacts.map(nameText),
    duration_ms: durationOf(duration_seconds),
    remarks: [],
  };
}

export const summary: ReportFormat = {
  name: 'summary',
  looksLike: ({ text }) =>
    /^\s*\{/.test(text) &&
    /"status"\s*:\s*"(?:PASSED|FAILED)"/.test(text) &&
    /"tests"\s*:\s*\{|"duration_seconds"\s*:/.test(text),
  isNamed: ({ name }) => name === 'summary.json',
  open: () => readJson(measure),
};
