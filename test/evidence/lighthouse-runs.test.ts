// Several runs of one page: the median run counts, and a run that stands in two files is one.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Measurement } from '../../src/evidence/reading/measurement.ts';
import { criterionValues } from '../../src/gate/collect/criterion-values.ts';
import { evaluate } from '../../src/gate/evaluate.ts';
import type { Measured } from '../../src/gate/model/evidence-model.ts';
import { artifact, commit, criterion, NOW } from '../gate/evidence-cases.ts';
import { measureFile } from '../support/measure.ts';
import { repository } from '../support/source-tree.ts';

interface Run {
  readonly url?: string;
  readonly performance: number | null;
  readonly times?: readonly [paint: number, interactive: number];
  readonly at?: string;
  readonly form?: string;
}
const report = ({ url = 'http://a/', performance, times, at, form }: Run) =>
  JSON.stringify({
    lighthouseVersion: '13.0.0',
    requestedUrl: url,
    fetchTime: at,
    configSettings: form === undefined ? undefined : { formFactor: form },
    audits: times && { 'first-contentful-paint': { numericValue: times[0] }, interactive: { numericValue: times[1] } },
    categories: { performance: { score: performance } },
  });
const manifest = (...runs: readonly [file: string, performance: number, isIt?: boolean][]) =>
  JSON.stringify(
    runs.map(([file, performance, isRepresentativeRun = false]) => ({
      url: 'http://a/',
      isRepresentativeRun,
      jsonPath: `/home/runner/work/shop/shop/.lighthouseci/${file}`,
      summary: { performance },
    })),
  );
/** What an artifact of these files measures. */
function pages(files: Readonly<Record<string, string>>) {
  const reports = Object.entries(files).map(([path, content]) => {
    const measurement: Measurement | null = measureFile(path, content);
    if (measurement === null) throw new Error(`${path} is no report`);
    return { path, measurement };
  });
  return criterionValues('lighthouse', { reports }).measured;
}
const many = (...runs: Run[]) =>
  Object.fromEntries(runs.map((run, at) => [`.lighthouseci/lhr-${at}.json`, report(run)]));
const page = (performance: number, runs = 1, url = 'http://a/') => ({
  kind: 'lighthouse',
  page: url,
  scores: { performance },
  ...(runs === 1 ? {} : { runs }),
});

describe('runs of one page', () => {
  test('of a real Lighthouse CI count by the run that it found to be the median', () => {
    const read = (name: string) => readFileSync(join(repository, 'fixtures/artifacts/lighthouse-runs', name), 'utf8');
    const lhrs = Object.fromEntries(['lhr-1.json', 'lhr-2.json', 'lhr-3.json'].map((name) => [name, read(name)]));
    const median = [
      {
        kind: 'lighthouse',
        page: expect.any(String),
        scores: { performance: 100, accessibility: 84, seo: 82 },
        runs: 3,
      },
    ];
    expect(pages(lhrs)).toEqual(median);
    expect(pages({ ...lhrs, 'manifest.json': read('manifest.json') })).toEqual(median);
    expect(pages({ 'manifest.json': read('manifest.json') })).toEqual(median);
  });

  test.each([
    ['three', [0.5, 0.9, 0.8], 80],
    ['two: the worse', [0.9, 0.5], 50],
    ['four: the lower of the middle', [0.9, 0.5, 0.8, 0.6], 60],
    ['five', [0.1, 0.2, 1, 0.9, 0.7], 70],
  ])('without times count by the median: %s', (_name, scores, median) => {
    expect(pages(many(...scores.map((performance) => ({ performance }))))).toEqual([page(median, scores.length)]);
  });

  test('with times count by the run nearest to the medians of those', () => {
    const runs = many(
      { performance: 0.7, times: [900, 2_000] },
      { performance: 0.9, times: [1_000, 2_100] },
      { performance: 0.8, times: [5_000, 9_000] },
    );
    expect(pages(runs)).toEqual([page(90, 3)]);
  });

  test('of which two are as near count by the worse', () => {
    const runs = many({ performance: 0.9, times: [100, 200] }, { performance: 0.6, times: [300, 400] });
    expect(pages(runs)).toEqual([page(60, 2)]);
  });

  test('of which one has no score have none', () => {
    const times = [1, 2] as const;
    const runs = many({ performance: 0.9, times }, { performance: 0.9, times }, { performance: null, times });
    expect(pages(runs)).toEqual([page(0, 3)]);
  });

  test('on a phone and on a desktop are two measurements', () => {
    const runs = many(
      { performance: 0.9, form: 'desktop' },
      { performance: 0.9, form: 'desktop' },
      { performance: 0.4, form: 'mobile' },
    );
    expect(pages(runs)).toEqual([page(90, 2), page(40)]);
  });

  test('of several pages count page by page', () => {
    const runs = many(
      ...[0.9, 0.8, 0.7].map((performance) => ({ performance })),
      ...[0.5, 0.6, 0.1].map((performance) => ({ performance, url: 'http://a/b' })),
    );
    expect(pages(runs)).toEqual([page(80, 3), page(50, 3, 'http://a/b')]);
  });
});

describe('the files of Lighthouse CI', () => {
  const lhrs = many(...[0.5, 0.9, 0.8].map((performance, at) => ({ performance, at: `2026-11-30T10:00:0${at}Z` })));
  test('that are copies of one another are one run', () => {
    const copies = Object.fromEntries(
      Object.entries(lhrs).map(([path, text]) => [`out/copy-of-${path.slice(-10)}`, text]),
    );
    expect(pages({ ...lhrs, ...copies })).toEqual([page(80, 3)]);
  });

  test('that differ are two runs, though they began at once', () => {
    const at = '2026-11-30T10:00:00Z';
    expect(pages(many({ performance: 0.9, at }, { performance: 0.5, at }))).toEqual([page(50, 2)]);
  });

  test.each([
    ['marks one', manifest(['lhr-0.json', 0.5, true], ['lhr-1.json', 0.9], ['lhr-2.json', 0.8]), [page(50, 3)]],
    ['marks none', manifest(['lhr-0.json', 0.5], ['lhr-1.json', 0.9], ['lhr-2.json', 0.8]), [page(80, 3)]],
    // Of one that is not there the manifest alone tells.
    ['knows one more', manifest(['lhr-0.json', 0.5], ['lhr-9.json', 0.9, true]), [page(90, 2), page(80, 2)]],
    ['is of others', manifest(['x.json', 0.3, true]), [page(30), page(80, 3)]],
  ])('with a manifest that %s', (_name, text, expected) => {
    expect(pages({ ...lhrs, '.lighthouseci/manifest.json': text })).toEqual(expected);
  });

  test('in another folder than the manifest are none of its own', () => {
    const desktop = report({ performance: 0.95 });
    const files = {
      'desktop/lhr-1.json': desktop,
      'desktop/manifest.json': manifest(['lhr-1.json', 0.95, true], ['lhr-2.json', 0.9]),
      'mobile/lhr-1.json': report({ performance: 0.2, form: 'mobile' }),
    };
    expect(pages(files)).toEqual([page(95, 2), page(20)]);
  });
});

describe('a page that no report has the score for', () => {
  const verdictFor = (...measured: readonly Measured[]) =>
    evaluate(commit({ reports: [artifact('lighthouse', measured)] }), {
      criteria: [criterion('lighthouse_min', { threshold: 85 })],
      deadline_minutes: 60,
      now: NOW,
    }).criteria[0];
  const scored = (url: string | null | undefined, scores: Record<string, number>): Measured => ({
    kind: 'lighthouse',
    ...(url === undefined ? {} : { page: url }),
    scores,
  });

  test.each([
    ['of other categories', { categories: { seo: { score: 1 } } }],
    ['without a score', { categories: { seo: { score: 1 }, performance: { score: null } } }],
  ])('keeps the others from passing: %s', (_how, more) => {
    const other = JSON.stringify({ lighthouseVersion: '13.0.0', requestedUrl: 'http://b/', ...more });
    const measured = pages({ 'lhr-1.json': report({ performance: 0.9 }), 'lhr-2.json': other });
    expect(verdictFor(...measured)?.state).toBeOneOf(['error', 'fail']);
  });

  test('is told of, also of a manifest and where nobody names it', () => {
    const text = JSON.stringify([
      { url: 'http://a/', isRepresentativeRun: true, jsonPath: '/x/1.json', summary: { performance: 0.95 } },
      { url: 'http://b/', isRepresentativeRun: true, jsonPath: '/x/2.json', summary: {} },
    ]);
    expect(verdictFor(...pages({ 'manifest.json': text }))).toMatchObject({
      state: 'error',
      reason: expect.stringContaining('http://b/'),
    });
    expect(verdictFor(scored(undefined, { performance: 95 }), scored(undefined, { seo: 100 }))).toMatchObject({
      state: 'error',
    });
  });

  test('is none where another report has it, or that sums up all', () => {
    expect(verdictFor(scored('http://a/', { performance: 95 }), scored('http://a/', { seo: 100 }))).toMatchObject({
      state: 'pass',
    });
    expect(verdictFor(scored('http://a/', { performance: 95 }), scored(null, { seo: 100 }))).toMatchObject({
      state: 'pass',
    });
  });
});
