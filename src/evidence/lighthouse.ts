// Lighthouse's own JSON reports and the manifest of Lighthouse CI. Pure; src/evidence/ only.
// Formats: https://github.com/GoogleChrome/lighthouse/blob/main/docs/understanding-results.md and
// https://github.com/GoogleChrome/lighthouse-ci/blob/main/docs/configuration.md#target-filesystem
//
// Neither has counts. 1. A page's score is that of the run that Lighthouse CI marks as representative, else the lower median of
// its runs (of two the worse). 2. Over pages the lowest counts: an average would hide a slow page. 3. One run without a
// score leaves its page, and the whole, without one.

import { z } from 'zod';
import { TEXT_LIMITS } from '../normalise/text.ts';
import type { LighthouseMeasurement, LighthousePage, LighthouseScore } from './measurement.ts';
import { checked, entriesOf, listing, readJson } from './report-json.ts';
import { holdsBefore } from './report-names.ts';
import { type ReportFormat, Unreadable } from './report-reader.ts';
import { nameText, shown } from './report-values.ts';

/** One page load. */
export interface LighthouseRun {
  readonly url: string;
  readonly isRepresentative: boolean;
  readonly scores: readonly LighthouseScore[];
}

/** Lighthouse has five categories; more are other people's. */
const MOST_CATEGORIES = 50;
const MOST_RUNS = 5_000;

const url = z.string().min(1).max(TEXT_LIMITS.url);
const reportSchema = z.object({
  lighthouseVersion: z.string(),
  requestedUrl: url.optional(),
  finalDisplayedUrl: url.optional(),
  finalUrl: url.optional(),
  runtimeError: z.object({ code: z.string(), message: z.string().default('') }).nullish(),
  categories: z.unknown(),
});
const manifestSchema = listing(
  z.object({ url, isRepresentativeRun: z.boolean().default(false), summary: z.unknown() }),
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
  return combineRuns('lighthouse', [{ url: address, isRepresentative: false, scores: scoresOf(categories) }]);
}

function measureManifest(value: unknown): LighthouseMeasurement {
  const runs = checked(manifestSchema, value).map(({ url: address, isRepresentativeRun, summary }) => ({
    url: address,
    isRepresentative: isRepresentativeRun,
    scores: scoresOf(entriesOf(summary, 'summary')),
  }));
  return combineRuns('lighthouse-manifest', runs);
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

/** Also for the runs of several reports: pages in the order of their first run. */
export function combineRuns(format: string, runs: readonly LighthouseRun[]): LighthouseMeasurement {
  const pages = [...Map.groupBy(runs, ({ url: address }) => address)].map(([address, ofPage]): LighthousePage => {
    const representative = ofPage.filter(({ isRepresentative }) => isRepresentative);
    return {
      url: address,
      runs: ofPage.length,
      scores: combineScores(representative.length > 0 ? representative : ofPage, lowerMedian),
    };
  });
  if (pages.every(({ scores }) => scores.length === 0))
    throw new Unreadable('the report has no category: nothing was measured');
  return {
    kind: 'lighthouse',
    format,
    pages,
    lowest: combineScores(pages, (scores) => scores.reduce((one, other) => Math.min(one, other))),
    remarks: [],
  };
}

function combineScores(
  parts: readonly { readonly scores: readonly LighthouseScore[] }[],
  combine: (scores: readonly number[]) => number,
): LighthouseScore[] {
  const byCategory = new Map<string, number[]>();
  for (const { scores } of parts) {
    // Of a category that a part has twice the first counts; one that is null, or missing, leaves fewer scores than parts.
    const first = new Map<string, number | null>();
    for (const { category, score } of scores) if (!first.has(category)) first.set(category, score);
    for (const [category, score] of first) {
      const known = byCategory.get(category) ?? [];
      if (score !== null) known.push(score);
      byCategory.set(category, known);
    }
  }
  return [...byCategory].map(([category, known]) => ({
    category,
    score: known.length < parts.length ? null : combine(known),
  }));
}

function lowerMedian(scores: readonly number[]): number {
  return scores.toSorted((one, other) => one - other)[Math.floor((scores.length - 1) / 2)] ?? 0;
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
