import { expect, test } from 'vitest';
import type { GateCriterionState } from '../../src/model/gate.ts';
import type { RequestedCheckRun } from '../../src/model/publication.ts';
import type { PullRequestReport } from '../../src/model/pull-request.ts';
import { renderCheckRun } from '../../src/report/check-run.ts';
import { gate, gateCriterion } from './gate-cases.ts';
import { deployment, failedJob, HEAD, job, report } from './reports.ts';

const skipped = job('skipped', { conclusion: 'skipped' });
const neutral = job('neutral', { conclusion: 'neutral' });
const cancelled = job('cancelled', { status: 'canceled', conclusion: 'cancelled' });
const running = job('running', { status: 'running', conclusion: null });
const lost = job('lost', { status: 'canceled', conclusion: null });
const check = { provider: 'github-checks', workflow_name: 'Other', failure: null, failed_step: null } as const;
const stale = job('Other', { ...check, status: 'canceled', conclusion: 'stale' });
const asks = failedJob('CLA', { ...check, conclusion: 'action_required', author: 'cla-bot', says: 'Sign it' });
const results = failedJob('Test Results', { ...check, author: 'github-actions' });
const pending = { ...check, status: 'running', conclusion: null } as const;
const merges = job('Queue', { ...pending, author: 'mergify', not_awaited: 'merge_app' });
const overdue = job('Sonar', { ...pending, author: 'sonarcloud', not_awaited: 'overdue' });
const silent = {
  since: '2026-11-20T13:00:00Z',
  minutes: 10,
  is_over: true,
  conclusion: 'action_required',
  cause: null,
} as const;
const reading = failedJob('reading', { failure: null, log_state: 'none' });

test.each<[string, Partial<PullRequestReport>, RequestedCheckRun['status'], RequestedCheckRun['conclusion']]>([
  ['all passed', { jobs: [job('a')] }, 'completed', 'success'],
  ['passed, skipped and neutral', { jobs: [job('a'), skipped, neutral] }, 'completed', 'success'],
  ['only skipped', { jobs: [skipped] }, 'completed', 'neutral'],
  ['only neutral', { jobs: [neutral] }, 'completed', 'neutral'],
  ['passed and cancelled', { jobs: [job('a'), cancelled] }, 'completed', 'action_required'],
  ['only cancelled', { jobs: [cancelled] }, 'completed', 'action_required'],
  ['skipped and cancelled', { jobs: [skipped, cancelled] }, 'completed', 'action_required'],
  ['passed and of an end that was never told', { jobs: [job('a'), lost] }, 'completed', 'action_required'],
  ['passed and another system’s check gone stale', { jobs: [job('a'), stale] }, 'completed', 'action_required'],
  ['a job that ran out of time', { jobs: [failedJob('a', { conclusion: 'timed_out' })] }, 'completed', 'failure'],
  ['a run that did not start', { jobs: [failedJob('a', { conclusion: 'startup_failure' })] }, 'completed', 'failure'],
  ['an App that asks for something', { jobs: [job('a'), asks] }, 'completed', 'failure'],
  ['a check that a workflow wrote', { jobs: [job('a'), results] }, 'completed', 'failure'],
  ['passed, an App that merges pending', { jobs: [job('a'), merges], unfinished_runs: 0 }, 'completed', 'success'],
  ['passed, a check overdue', { jobs: [job('a'), overdue] }, 'completed', 'success'],
  ['nothing but a check overdue', { jobs: [overdue] }, 'completed', 'action_required'],
  ['skipped, and a check overdue', { jobs: [skipped, overdue] }, 'completed', 'action_required'],
  ['failed, a check overdue', { jobs: [failedJob('a'), overdue] }, 'completed', 'failure'],
  ['a job running, a check overdue', { jobs: [running, overdue] }, 'in_progress', null],
  ['nothing ran within the time', { silence: silent }, 'completed', 'action_required'],
  ['nothing ran, and an App that merges waits', { jobs: [merges], silence: silent }, 'completed', 'action_required'],
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
  expect(renderCheckRun(report({ silence: { ...silent, is_over: false } }), { name: 'CodeRed' })).toBeNull();
  expect(renderCheckRun(report({ jobs: [merges] }), { name: 'CodeRed' })).toBeNull();
  expect(renderCheckRun(report({ deployments: [deployment('preview')] }), { name: 'CodeRed' })).toBeNull();
});

test('the title is the headline, and the summary does not say it again', () => {
  const run = renderCheckRun(report({ jobs: [failedJob('a'), running] }), { name: 'CodeRed' });
  expect(run?.title).toBe('1 failure needs you · 1 job running');
  expect(run?.summary).not.toContain('needs you');
});

const gated = (
  conclusion: NonNullable<PullRequestReport['silence']>['conclusion'],
  cause: 'merge_conflict' | null = null,
) => ({ silence: { ...silent, conclusion, cause } }) as const;
const asked = (...states: GateCriterionState[]) => {
  const state = states.includes('pending') ? 'pending' : states.some((one) => one !== 'pass' && one !== 'overridden');
  const criteria = states.map((one) => gateCriterion('lint', { state: one }));
  return gate(criteria, state === 'pending' ? state : state ? 'fail' : 'pass');
};

test.each<[string, Partial<PullRequestReport>, RequestedCheckRun['conclusion']]>([
  ['waits for a first run', { gate: asked('pending'), silence: { ...silent, is_over: false } }, null],
  ['says so when none came', { gate: asked('pending'), ...gated('action_required') }, 'action_required'],
  ['still says so past the deadline', { gate: asked('missing'), ...gated('action_required') }, 'action_required'],
  ['fails where the policy says so', { gate: asked('pending'), ...gated('failure') }, 'failure'],
  ['is what the gate says where that accepts it', { gate: asked('pass'), ...gated('success') }, 'success'],
  ['is neutral where the policy says so', { gate: asked('pass'), ...gated('neutral') }, 'neutral'],
  ['is no success before the gate’s', { gate: asked('pending'), ...gated('success') }, null],
  ['is none with a conflict', { gate: asked('pending'), ...gated('success', 'merge_conflict') }, 'action_required'],
  ['is none with what can’t be trusted', { gate: asked('error', 'pass'), ...gated('success') }, 'failure'],
  ['is green where a person overrode it', { gate: asked('overridden'), ...gated('action_required') }, 'success'],
])('where nothing ran, a gate %s', (_, change, conclusion) => {
  expect(renderCheckRun(report(change), { name: 'CodeRed' })?.conclusion).toBe(conclusion);
});

const summaryOf = (change: Partial<PullRequestReport>) => {
  const run = renderCheckRun(report(change), { name: 'CodeRed' });
  return `${run?.title}\n${run?.summary}`;
};

test('what asks for something says what, and where', () => {
  const found = summaryOf({ jobs: [asks] });
  expect(found).toContain('**cla-bot** asks for something: [open it](https://github.com/');
  expect(found).toContain('`CLA`: Sign it');
});

test('a check that a workflow wrote is named, and not said to have run elsewhere', () => {
  const found = summaryOf({ jobs: [results] });
  expect(found).toContain('**`Test Results`** failed');
  expect(found).toContain('a step of a workflow wrote this check');
});

test('what is cancelled says what to do', () => {
  expect(summaryOf({ jobs: [cancelled] })).toContain('What was cancelled is no result: re-run it, or push.');
  expect(summaryOf({ jobs: [skipped] })).not.toContain('re-run');
});

test('what is not waited for is named', () => {
  expect(summaryOf({ jobs: [job('a'), merges, overdue] })).toContain(
    'Not waited for: `Queue` (merges) and `Sonar` (no result in time)',
  );
  expect(summaryOf({ jobs: [job('a'), overdue] })).toMatch(/^The only job passed · 1 check never came/);
  expect(summaryOf({ jobs: [running, merges] })).toContain('1 job running');
});

test.each([
  ['merge_conflict', 'merge conflict with the base branch: GitHub starts no workflow for it'],
  ['approval', 'its workflows may wait for a maintainer'],
  [null, 'path filters'],
] as const)('where nothing ran the likely cause is said: %s', (cause, words) => {
  const found = summaryOf({ silence: { ...silent, cause } });
  expect(found).toMatch(/^No workflow ran on this commit\n/);
  expect(found).toContain(words);
});
