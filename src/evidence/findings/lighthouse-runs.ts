// Which runs of Lighthouse are of one page, and which of them stands for it. Pure; lighthouse.ts and gate/ use it.
//
// 1. The run that Lighthouse CI marks as representative stands for its page.
// 2. Else the median run as Lighthouse finds it: nearest to the median first paint and the median time until interactive, of two as
//    near the worse. https://github.com/GoogleChrome/lighthouse/blob/main/core/lib/median-run.js
// 3. Where a run tells no such times, the lower median of each category.
// 4. A category without a score in one run has none: what it would have been is not known.

import type { LighthouseMeasurement, LighthousePage, LighthouseScore } from '../reading/measurement.ts';

interface LighthouseReport {
  readonly path: string;
  readonly measurement: LighthouseMeasurement;
}

type Run = Pick<LighthousePage, 'scores' | 'metrics'>;

/**
 * The pages of all Lighthouse reports of one artifact, each once. A run that stands in two files (`lhr-1.json`, and the copy that
 * Lighthouse CI keeps) is one; a manifest tells which of the files beside it stands for their page.
 */
export function pagesOf(reports: readonly LighthouseReport[]): LighthousePage[] {
  const pages = reports.flatMap(({ path, measurement }) => measurement.pages.map((page) => ({ path, page })));
  // The reports of a manifest lie in its folder: in others there may be files of their names.
  const filesOf = ({ path, page }: Found) => page.files?.map((file) => beside(path, file)) ?? [];
  const manifested = pages.filter(({ page }) => page.files !== undefined);
  const single = pages.filter(({ page }) => page.files === undefined);
  const present = new Set(single.map(({ path }) => path));
  // A manifest whose reports are all there only says which of them counts; else it counts itself, and they don't again.
  const manifests = manifested.filter((one) => !filesOf(one).every((path) => present.has(path)));
  const listed = new Set(manifests.flatMap(filesOf));
  const representative = new Set(
    manifested.flatMap(({ path, page }) =>
      page.representative === undefined ? [] : [beside(path, page.representative)],
    ),
  );
  const runs = single
    .filter(({ path }) => !listed.has(path))
    .map(({ path, page }) => ({ page, isRepresentative: representative.has(path) }));
  const grouped = Map.groupBy(runs, ({ page }) => JSON.stringify([page.url, page.form_factor ?? null]));
  return [...manifests.map(({ page }) => page), ...Array.from(grouped.values(), standing)];
}

interface Found {
  /** Of the file in the artifact. */
  readonly path: string;
  readonly page: LighthousePage;
}

interface FoundRun {
  readonly page: LighthousePage;
  readonly isRepresentative: boolean;
}

function standing(found: readonly FoundRun[]): LighthousePage {
  const distinct = new Map<unknown, FoundRun>();
  for (const run of found) {
    const key = run.page.at === undefined ? run : JSON.stringify([run.page.at, run.page.scores]);
    if (!distinct.has(key) || run.isRepresentative) distinct.set(key, run);
  }
  const runs = [...distinct.values()];
  const marked = runs.filter(({ isRepresentative }) => isRepresentative);
  const [first] = runs;
  const scores = scoresOfRuns((marked.length > 0 ? marked : runs).map(({ page }) => page));
  return { url: first?.page.url ?? '', runs: runs.length, scores };
}

function beside(path: string, file: string): string {
  return `${path.slice(0, path.lastIndexOf('/') + 1)}${file}`;
}

/** The scores of the run that stands for these. */
export function scoresOfRuns(runs: readonly Run[]): LighthouseScore[] {
  const lower = combineScores(runs, lowerMedian);
  const median = medianRun(runs);
  if (median === null) return lower;
  const own = new Map(median.scores.map(({ category, score }) => [category, score]));
  return lower.map(({ category, score }) => ({ category, score: score === null ? null : (own.get(category) ?? null) }));
}

function medianRun(runs: readonly Run[]): Run | null {
  const timed = runs.flatMap((run) => (run.metrics === undefined ? [] : [{ run, ...run.metrics }]));
  if (timed.length < runs.length) return null;
  const paint = medianOf(timed.map(({ first_paint }) => first_paint));
  const interactive = medianOf(timed.map((one) => one.interactive));
  const ranked = timed
    .map((one) => ({
      run: one.run,
      distance: (one.first_paint - paint) ** 2 + (one.interactive - interactive) ** 2,
      performance: one.run.scores.find(({ category }) => category === 'performance')?.score ?? 0,
    }))
    .toSorted((one, other) => one.distance - other.distance || one.performance - other.performance);
  return ranked[0]?.run ?? null;
}

/** Of an even number what lies between the two in the middle. */
function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[sorted.length / 2 - 1] ?? upper) + upper) / 2;
}

/** Category by category; null where a part has no score, or not the category. */
export function combineScores(
  parts: readonly { readonly scores: readonly LighthouseScore[] }[],
  combine: (scores: readonly number[]) => number,
): LighthouseScore[] {
  const byCategory = new Map<string, number[]>();
  for (const { scores } of parts) {
    // Of a category that a part has twice the first counts.
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
