import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PullRequestReport, ReportJob } from '../../src/model/pull-request.ts';
import { standingOf } from '../../src/report/failures/standing.ts';
import { headline, tally } from '../../src/report/headline.ts';
import { deployment, failedJob, job, report, typeError } from './reports.ts';

const running: Partial<ReportJob> = { status: 'running', conclusion: null };
const reading: Partial<ReportJob> = { failure: null, log_state: 'none' };

test.each<[string, Partial<PullRequestReport>]>([
  ['no CI seen on this commit yet', {}],
  ['no CI seen on this commit yet', { deployments: [deployment('preview')] }],
  ['no failure so far · more jobs may come', { unfinished_runs: 1 }],
  ['no failure so far · more jobs may come', { unfinished_runs: 1, jobs: [job('a')] }],
  ['no failure so far · 1 job running', { jobs: [job('a', running)] }],
  [
    'no failure so far · 2 jobs running, 1 queued',
    { jobs: [job('a', running), job('b', running), job('c', { status: 'queued', conclusion: null })] },
  ],
  [
    'no failure so far · 1 job waiting for approval',
    { jobs: [job('a', { status: 'queued', conclusion: 'action_required' })] },
  ],
  ['1 failure needs you', { jobs: [failedJob('a'), failedJob('b')] }],
  [
    '2 failures need you · 1 job running',
    { jobs: [failedJob('a'), failedJob('b', { failure: typeError() }), job('c', running)] },
  ],
  ['1 job failed, its log is being read', { jobs: [failedJob('a', reading)] }],
  [
    '1 failure needs you · 2 more jobs failed, their logs are being read',
    { jobs: [failedJob('a'), failedJob('b', reading), failedJob('c', reading)] },
  ],
  ['1 failure needs you', { deployments: [deployment('production', { status: 'failed' })] }],
  ['the only job passed', { jobs: [job('a')] }],
  ['both jobs passed', { jobs: [job('a'), job('b')] }],
  ['all 3 jobs passed', { jobs: [job('a'), job('b'), job('c')] }],
  [
    '1 of 3 jobs passed, 1 neutral, 1 skipped',
    { jobs: [job('a'), job('b', { conclusion: 'neutral' }), job('c', { conclusion: 'skipped' })] },
  ],
  ['1 of 2 jobs passed, 1 cancelled', { jobs: [job('a'), job('b', { status: 'canceled', conclusion: 'cancelled' })] }],
  ['no job passed · 1 skipped', { jobs: [job('a', { conclusion: 'skipped' })] }],
])('%s', (expected, change) => {
  expect(headline(standingOf(report(change)))).toBe(expected);
});

test('the tally counts what passed and what has no verdict', () => {
  const jobs = [job('a'), failedJob('b'), job('c', running), job('d', { conclusion: 'skipped' })];
  expect(tally(standingOf(report({ jobs })))).toBe('1 of 4 jobs passed, 1 skipped');
});

test('a headline never has more than 100 characters', () => {
  const number = fc.integer({ min: 1, max: 999_999_999 });
  fc.assert(
    fc.property(number, number, number, (running, queued, approval) => {
      const standing = standingOf(report({ jobs: [failedJob('a'), failedJob('b', reading)] }));
      expect(
        headline({ ...standing, counts: { ...standing.counts, running, queued, approval } }).length,
      ).toBeLessThanOrEqual(100);
    }),
  );
});
