// Lighthouse's own JSON reports and the manifest of Lighthouse CI. Pure.
// Formats: https://github.com/GoogleChrome/lighthouse/blob/main/docs/understanding-results.md and
// https://github.com/GoogleChrome/lighthouse-ci/blob/main/docs/configuration.md#target-filesystem
//
// Neither has counts. Which run stands for a page is lighthouse-runs.ts' to say. Over pages the lowest counts: an average would hide
// a slow page; one without a score leaves the whole without one.

import { z } from 'zod';
import { TEXT_LIMITS } from '../../text/storable-text.ts';
import type { LighthouseMeasurement, LighthousePage, LighthouseScore } from '../reading/measurement.ts';
import { checked, entriesOf, listing, readJson } from '../reading/report-json.ts';
import { holdsBefore } from '../reading/report-names.ts';
import { type ReportFormat, Unreadable } from '../reading/report-reader.ts';
import { nameText, shown } from '../reading/report-values.ts';
import { combineScores, scoresOfRuns } from './lighthouse-runs.ts';

/** Lighthouse has five categories; more are other people's. */
const MOST_CATEGORIES = 50;
const MOST_RUNS = 5_000;

const url = z.string().min(1).max(TEXT_LIMITS.url);
const audit = z.object({ numericValue: z.number().optional() });
const reportSchema = z.object({
  lighthouseVersion: z.string(),
  requestedUrl: url.optional(),
  finalDisplayedUrl: url.optional(),
  finalUrl: url.optional(),
  runtimeError: z.object({ code: z.string(), message: z.string().default('') }).nullish(),
  fetchTime: z.string().optional(),
  configSettings: z.object({ formFactor: z.string().optional() }).optional(),
  audits: z
    .object({ 'first-contentful-paint': audit.optional(), interactive: audit.optional() })
    .optional()
    .catch(undefined),
  categories: z.unknown(),
});
const manifestSchema = listing(
  z.object({
    url,
    isRepresentativeRun: z.boolean().default(false),
    jsonPath: z.string().default(''),
    summary: z.unknown(),
  }),
  {
    least: [1, 'the manifest lists no run'],
    most: [MOST_RUNS, `the manifest lists more than ${MOST_RUNS} runs`],
  },
);
const categorySchema = z.object({ score: z.unknown() });

function measureReport(value: unknown): LighthouseMeasurement {
  const report = checked(reportSchema, value);
  const { runtimeError: error } = report;
  if (error && error.code !== 'NO_ERROR')
    throw new Unreadable(`Lighthouse could not load the page: ${nameText(`${error.code} ${error.message}`)}`);
  const address = report.requestedUrl ?? report.finalDisplayedUrl ?? report.finalUrl;
  if (address === undefined) throw new Unreadable('the report names no page');
  const categories = entriesOf(report.categories, 'categories').map(([category, entry]): [string, unknown] => [
    category,
    checked(categorySchema, entry).score,
  ]);
  return measurementOf('lighthouse', [{ url: address, runs: 1, scores: scoresOf(categories), ...runOf(report) }]);
}

function runOf({ fetchTime, configSettings, audits }: z.output<typeof reportSchema>): Partial<LighthousePage> {
  const first_paint = audits?.['first-contentful-paint']?.numericValue;
  const interactive = audits?.interactive?.numericValue;
  const form_factor = configSettings?.formFactor;
  return {
    ...(form_factor === undefined ? {} : { form_factor: nameText(form_factor) }),
    ...(fetchTime === undefined ? {} : { at: nameText(fetchTime) }),
    ...(first_paint === undefined || interactive === undefined ? {} : { metrics: { first_paint, interactive } }),
  };
}

function measureManifest(value: unknown): LighthouseMeasurement {
  const runs = checked(manifestSchema, value).map(({ url: address, isRepresentativeRun, jsonPath, summary }) => ({
    url: address,
    isRepresentative: isRepresentativeRun,
    file: nameText(jsonPath.replaceAll('\\', '/').split('/').at(-1) ?? ''),
    scores: scoresOf(entriesOf(summary, 'summary')),
  }));
  const pages = [...Map.groupBy(runs, ({ url: address }) => address)].map(([address, ofPage]): LighthousePage => {
    const representative = ofPage.filter(({ isRepresentative }) => isRepresentative);
    const [marked] = representative;
    return {
      url: address,
      runs: ofPage.length,
      scores: scoresOfRuns(representative.length > 0 ? representative : ofPage),
      files: ofPage.map(({ file }) => file),
      ...(marked === undefined ? {} : { representative: marked.file }),
    };
  });
  return measurementOf('lighthouse-manifest', pages);
}

function scoresOf(categories: readonly [string, unknown][]): LighthouseScore[] {
  if (categories.length > MOST_CATEGORIES) throw new Unreadable(`there are more than ${MOST_CATEGORIES} categories`);
  return categories.map(([category, score]) => ({ category: nameText(category), score: percentOf(score, category) }));
}

/** Lighthouse writes 0 to 1. */
function percentOf(score: unknown, category: string): number | null {
  if (score === null || score === undefined) return null;
  if (typeof score === 'number' && score >= 0 && score <= 1) return Math.round(score * 10_000) / 100;
  throw new Unreadable(`the score of ${nameText(category)} is ${shown(score)}; 0 to 1 is allowed`);
}

/** The pages, of which one at least has to have been measured. */
function measurementOf(format: string, pages: readonly LighthousePage[]): LighthouseMeasurement {
  if (pages.every(({ scores }) => scores.length === 0))
    throw new Unreadable('the report has no category: nothing was measured');
  const lowest = combineScores(pages, (scores) => scores.reduce((one, other) => Math.min(one, other)));
  return { kind: 'lighthouse', format, pages, lowest, remarks: [] };
}

export const lighthouse: ReportFormat = {
  name: 'lighthouse',
  looksLike: ({ text }) => /^\s*\{/.test(text) && /"lighthouseVersion"\s*:/.test(text),
  isNamed: ({ name }) =>
    (name.startsWith('lhr') && holdsBefore(name, 'lhr', '.json')) || holdsBefore(name, 'lighthouse', '.json'),
  open: () => readJson(measureReport),
};

export const lighthouseManifest: ReportFormat = {
  name: 'lighthouse-manifest',
  looksLike: ({ text }) => /^\s*\[/.test(text) && /"isRepresentativeRun"\s*:/.test(text),
  isNamed: () => false,
  open: () => readJson(measureManifest),
};
