import { expect, test } from 'vitest';
import type { DesiredCheckRun } from '../../src/model.ts';
import type { PullRequestReport } from '../../src/pull-request-report.ts';
import { renderCheckRun } from '../../src/report/check-run.ts';
import { deployment, failedJob, HEAD, job, report } from './reports.ts';

const skipped = job('skipped', { conclusion: 'skipped' });
const neutral = job('neutral', { conclusion: 'neutral' });
const cancelled = job('cancelled', { status: 'canceled', conclusion: 'cancelled' });
const running = job('running', { status: 'running', conclusion: null });
const reading = failedJob('reading', { failure: null, log_state: 'none' });

test.each<[string, Partial<PullRequestReport>, DesiredCheckRun['status'], DesiredCheckRun['conclusion']]>([
  ['all passed', { jobs: [job('a')] }, 'completed', 'success'],
  ['passed, skipped and neutral', { jobs: [job('a'), skipped, neutral] }, 'completed', 'success'],
  ['only skipped', { jobs: [skipped] }, 'completed', 'neutral'],
  ['only neutral', { jobs: [neutral] }, 'completed', 'neutral'],
  ['passed and cancelled', { jobs: [job('a'), cancelled] }, 'completed', 'neutral'],
  ['failed and passed', { jobs: [failedJob('b'), job('a')] }, 'completed', 'failure'],
  ['failed, the log being read', { jobs: [reading] }, 'completed', 'failure'],
  [
    'a failed deployment',
    { jobs: [job('a')], deployments: [deployment('p', { status: 'failed' })] },
    'completed',
    'failure',
  ],
  [
    'a running deployment',
    { jobs: [job('a')], deployments: [deployment('p', { status: 'running' })] },
    'completed',
    'success',
  ],
  ['passed, a run unfinished', { jobs: [job('a')], unfinished_runs: 1 }, 'in_progress', null],
  ['passed, a job running', { jobs: [job('a'), running] }, 'in_progress', null],
  ['failed, a job running', { jobs: [failedJob('a'), running] }, 'in_progress', null],
  ['failed, a run unfinished', { jobs: [failedJob('a')], unfinished_runs: 1 }, 'in_progress', null],
  ['a run without jobs yet', { unfinished_runs: 1 }, 'in_progress', null],
])('%s', (_, change, status, conclusion) => {
  expect(renderCheckRun(report(change), { name: 'CodeRed' })).toMatchObject({
    status,
    conclusion,
    head_sha: HEAD,
    name: 'CodeRed',
  });
});

test('there is none while no CI was seen on the head commit', () => {
  expect(renderCheckRun(report(), { name: 'CodeRed' })).toBeNull();
  expect(renderCheckRun(report({ deployments: [deployment('preview')] }), { name: 'CodeRed' })).toBeNull();
});

test('the title is the headline, and the summary does not say it again', () => {
  const run = renderCheckRun(report({ jobs: [failedJob('a'), running] }), { name: 'CodeRed' });
  expect(run?.title).toBe('1 failure needs you · 1 job running');
  expect(run?.summary).not.toContain('needs you');
});
