// Which of several events' runs on one commit say something, and what a workflow's own word is worth.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gateSubject } from '../../src/gate/collect/collect.ts';
import { withoutOutdone } from '../../src/gate/collect/own-runs.ts';
import { evaluateSubject } from '../../src/gate/evaluate-head.ts';
import { policySchema, type Source } from '../../src/policy/schema/policy.ts';

const NOW = '2026-11-20T13:00:00.000Z';
const AT = '2026-11-20T12:05:00.000Z';
type Ends = 'success' | 'failure' | 'skipped' | 'cancelled' | 'running';
interface Ran {
  readonly event: string | null;
  readonly ends: Ends;
  readonly workflow: string;
}

const STATUS = {
  success: 'succeeded',
  failure: 'failed',
  skipped: 'succeeded',
  cancelled: 'canceled',
  running: 'running',
} as const;
const pathOf = ({ event, workflow }: Ran) => (event === null ? null : `.github/workflows/${workflow}.yml`);

function subjectOf(ran: readonly Ran[], signals: readonly object[] = []) {
  const about = (one: Ran) => ({ workflow_path: pathOf(one), event: one.event, attempt: 1, at: AT });
  const origin = (one: Ran) => (one.event === null ? '' : `${one.workflow}.yml`);
  return gateSubject.parse({
    repository: { id: 1, owner: 'octo-org', name: 'shop', installation_id: 7, default_branch: 'main' },
    pull_request: {
      number: 1,
      base_ref: 'main',
      head_ref: 'fix',
      head_sha: 'a'.repeat(40),
      author: 'octocat',
      is_fork: false,
    },
    version: 'v',
    merge_group: false,
    since: AT,
    sprint: null,
    signals: [
      ...ran.map((one) => ({
        ...about(one),
        kind: 'job',
        name: 'lint',
        origin: origin(one),
        status: STATUS[one.ends],
        conclusion: one.ends === 'running' ? null : one.ends,
        url: null,
      })),
      ...signals,
    ],
    runs: ran.map((one, index) => ({
      ...about(one),
      ci_event_id: `e${index}`,
      run_id: String(index),
      workflow: origin(one),
      is_over: one.ends !== 'running',
      is_read: true,
    })),
    reports: [],
    overrides: [],
  });
}

function stateOf(ran: readonly Ran[], source: Source | null, signals: readonly object[] = []) {
  const policy = policySchema.parse({
    dod: { lint_pass: true },
    ...(source === null ? {} : { evidence: { lint_pass: source } }),
  });
  const { criteria } = evaluateSubject(subjectOf(ran, signals), policy, { change: null, now: NOW });
  return criteria[0] ?? null;
}

const ci = (event: string | null, ends: Ends): Ran => ({ event, ends, workflow: 'ci' });
const NAMED = { job: 'lint', workflow: 'ci.yml' } as const;

describe('a run for another event', () => {
  it.each(['workflow_dispatch', 'pull_request_review', 'issue_comment', 'schedule', 'pull_request_target'])(
    'says nothing of a workflow that ran for the pull request, whatever the policy names: %s',
    (event) => {
      for (const ends of ['failure', 'skipped', 'cancelled', 'running', 'success'] as const) {
        expect(stateOf([ci('pull_request', 'success'), ci(event, ends)], NAMED)?.state).toBe('pass');
        expect(stateOf([ci('pull_request', 'failure'), ci(event, ends)], NAMED)?.state).toBe('fail');
        expect(stateOf([ci('pull_request', 'running'), ci(event, ends)], NAMED)?.state).toBe('pending');
        expect(stateOf([ci('pull_request', 'skipped'), ci(event, ends)], NAMED)?.state).toBe('missing');
      }
    },
  );

  it.each(['push', 'merge_group'])('nor of one that ran for the %s', (event) => {
    expect(stateOf([ci(event, 'success'), ci('workflow_dispatch', 'failure')], NAMED)?.state).toBe('pass');
  });

  it('counts where the policy names its workflow, and that has none of the pull request’s own', () => {
    const other: Ran = { event: 'pull_request', ends: 'failure', workflow: 'docs' };
    expect(stateOf([ci('workflow_dispatch', 'success'), other], NAMED)?.state).toBe('pass');
    expect(stateOf([ci('workflow_dispatch', 'failure'), other], NAMED)?.state).toBe('fail');
    expect(stateOf([ci('workflow_dispatch', 'success')], { job: 'lint' })?.state).toBe('pending');
  });

  it('that nobody knows any more, or that is not told of yet, may be its own', () => {
    expect(stateOf([ci('pull_request', 'success'), ci('unknown', 'failure')], NAMED)?.state).toBe('fail');
    expect(stateOf([ci('pull_request', 'success'), ci(null, 'failure')], NAMED)?.state).toBe('pending');
  });

  it('never lets something pass that the pull request’s own runs alone would not', () => {
    const event = fc.constantFrom('pull_request', 'push', 'workflow_dispatch', 'issue_comment', 'schedule', null);
    const ends = fc.constantFrom<Ends>('success', 'failure', 'skipped', 'cancelled', 'running');
    const run = fc.record({ event, ends, workflow: fc.constantFrom('ci', 'other') });
    fc.assert(
      fc.property(
        fc.array(run, { maxLength: 6 }),
        fc.constantFrom<Source | null>(null, { job: 'lint' }, NAMED),
        (ran, source) => {
          const own = ran.filter((one) => one.event === 'pull_request' || one.event === 'push');
          const state = stateOf(ran, source)?.state;
          const ofOwn = own.filter((one) => source !== NAMED || one.workflow === 'ci');
          if (ofOwn.length === 0 || ran.some((one) => one.event === null)) return;
          expect(state).toBe(stateOf(own, source)?.state);
          expect(state === 'pass').toBe(ofOwn.every((one) => one.ends === 'success'));
        },
      ),
      { seed: 20_261_130 },
    );
  });

  it('takes its artifacts with it', () => {
    const [run, other] = [ci('pull_request', 'success'), ci('workflow_dispatch', 'success')];
    const subject = subjectOf([run, other]);
    const report = (event: string) => ({
      artifact: 'coverage',
      run_id: '1',
      workflow: 'ci.yml',
      workflow_path: '.github/workflows/ci.yml',
      event,
      attempt: 1,
      url: null,
      at: AT,
      content: null,
      is_stale: false,
    });
    const reports = [report('pull_request'), report('workflow_dispatch')];
    const left = withoutOutdone({ ...subject, reports });
    expect(left.reports.map(({ event }) => event)).toEqual(['pull_request']);
    expect(left.runs.map(({ event }) => event)).toEqual(['pull_request']);
  });
});

describe('a check that a workflow writes', () => {
  const check = (conclusion: string | null, status: string, name = 'ESLint') => ({
    kind: 'check',
    name,
    origin: 'github-actions',
    workflow_path: null,
    attempt: 1,
    status,
    conclusion,
    author: 'github-actions',
    url: null,
    at: AT,
  });

  it('is found where the policy names it', () => {
    const source = { check: 'Test Results' };
    expect(stateOf([], source, [check('success', 'succeeded', 'Test Results')])?.state).toBe('pass');
    expect(stateOf([], source, [check('failure', 'failed', 'Test Results')])?.state).toBe('fail');
    expect(stateOf([], source, [check('neutral', 'succeeded', 'Test Results')])?.state).toBe('missing');
  });

  it('that is well is none by its name alone, and says how it would be', () => {
    expect(stateOf([], null, [check('success', 'succeeded')])).toMatchObject({
      state: 'pending',
      reason: expect.stringContaining('counts only where the policy names it'),
    });
    const jobs = [ci('pull_request', 'success')];
    expect(stateOf(jobs, null, [check('success', 'succeeded')])?.state).toBe('pass');
    expect(stateOf(jobs, null, [check('neutral', 'succeeded')])?.state).toBe('pass');
  });

  it.each([
    ['failure', 'failed', 'fail'],
    [null, 'running', 'pending'],
    ['cancelled', 'canceled', 'missing'],
  ])('holds by its name when it is not well: %s', (conclusion, status, state) => {
    expect(stateOf([ci('pull_request', 'success')], null, [check(conclusion, status)])?.state).toBe(state);
  });

  it('that asks for something says so', () => {
    const asks = { ...check('action_required', 'failed', 'lint'), origin: 'cla-bot', author: 'cla-bot' };
    expect(stateOf([], null, [asks])).toMatchObject({
      state: 'fail',
      reason: 'check lint asks for something: open it',
    });
  });
});
