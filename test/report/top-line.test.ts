// The headline of comment and check run where there is a gate: its verdict first, then what failed.
import { expect, test } from 'vitest';
import type { GateCriterion, GateReport } from '../../src/model/gate.ts';
import type { PullRequestReport } from '../../src/model/pull-request.ts';
import { renderCheckRun } from '../../src/report/check-run.ts';
import { renderComment } from '../../src/report/comment.ts';
import { CASES } from './cases.ts';
import { BROKEN_POLICY, EVERY_STATE, gate, gateCriterion, WAITING } from './gate-cases.ts';
import { failedJob, job, report, typeError } from './reports.ts';

const RUNNING = job('e2e', { status: 'running', conclusion: null });
const READING = failedJob('unit', { failure: null, log_state: 'none' });
const MET = gateCriterion('lint');
const FAILED = gateCriterion('coverage', { state: 'fail' });
const MISSING = gateCriterion('e2e', { state: 'missing' });
const OVERRIDDEN = gateCriterion('Lighthouse', { state: 'overridden' });

const of = (criteria: readonly GateCriterion[], state: 'pass' | 'fail' | 'pending') => gate(criteria, state);

test.each<[string, GateReport, Partial<PullRequestReport>]>([
  [
    '❌ Gate failed (3 of 5) · 1 failure needs you',
    of([MET, MET, OVERRIDDEN, FAILED, MISSING], 'fail'),
    { jobs: [failedJob('test')] },
  ],
  [
    '❌ Gate failed (1 of 2) · 2 failures need you · 1 job running',
    of([MET, FAILED], 'fail'),
    { jobs: [failedJob('a'), failedJob('b', { failure: typeError() }), RUNNING] },
  ],
  ['❌ Gate failed (1 of 2) · failed: coverage', of([MET, FAILED], 'fail'), { jobs: [job('lint')] }],
  ['❌ Gate failed (0 of 2) · failed: coverage · missing: e2e', of([MISSING, FAILED], 'fail'), { jobs: [job('lint')] }],
  ['✅ Gate passed · 1 failure does not block', of([MET], 'pass'), { jobs: [failedJob('test')] }],
  [
    '✅ Gate passed · 2 failures do not block · 1 job running',
    of([MET], 'pass'),
    { jobs: [failedJob('a'), failedJob('b', { failure: typeError() }), RUNNING] },
  ],
  ['✅ Gate passed · 1 job failed, its log is being read', of([MET], 'pass'), { jobs: [READING] }],
  ['✅ Gate passed, 1 overridden · both jobs passed', of([MET, OVERRIDDEN], 'pass'), { jobs: [job('a'), job('b')] }],
  ['✅ Gate passed · nothing is asked for · 1 failure does not block', of([], 'pass'), { jobs: [failedJob('a')] }],
  ['⏳ Gate waiting (1 of 2) · waiting for e2e', of([MET, WAITING], 'pending'), {}],
  [
    '⏳ Gate waiting (1 of 3) · failed: coverage · waiting for e2e · 1 job running',
    of([MET, FAILED, WAITING], 'pending'),
    { jobs: [job('lint'), RUNNING] },
  ],
  [
    '⏳ Gate waiting (1 of 2) · 1 failure needs you · waiting for e2e',
    of([MET, WAITING], 'pending'),
    { jobs: [failedJob('test')] },
  ],
  [
    '⛔ Gate error: the policy is broken, 2 problems · 1 failure needs you',
    BROKEN_POLICY,
    { jobs: [failedJob('test')] },
  ],
])('%s', (expected, given, change) => {
  const input = report({ ...change, gate: given, proposed_problems: [{ line: 1, column: 1, path: '', message: 'x' }] });
  expect(renderComment(input).body.split('\n')[0]).toBe(`### ${expected}`);
  expect(renderCheckRun(input, { name: 'CodeRed' })?.title).toBe(expected.slice(expected.indexOf(' ') + 1));
});

test('without a gate it is about the failures alone', () => {
  const input = report({ jobs: [failedJob('test')] });
  expect(renderComment(input).body.split('\n')[0]).toBe('### ❌ CodeRed: 1 failure needs you');
  expect(renderCheckRun(input, { name: 'CodeRed' })?.title).toBe('1 failure needs you');
});

test.each(CASES)('$name: no sign contradicts the check, and the title is short and begins in upper case', (each) => {
  const check = renderCheckRun(each.report, { name: 'CodeRed' });
  const [first = ''] = renderComment(each.report).body.split('\n');
  if (check?.conclusion === 'success') expect(first).not.toContain('❌');
  if (check?.conclusion === 'failure') expect(first).not.toContain('✅');
  expect(check?.title.length ?? 0).toBeLessThanOrEqual(100);
  expect(check?.title ?? 'A').toMatch(/^[A-Z0-9]/);
});

test('however many criteria there are, the title has at most 100 characters', () => {
  const names = ['lint', 'types', 'coverage', 'coverage of changed lines', 'e2e', 'Lighthouse'];
  const criteria = (['error', 'fail', 'missing', 'pending'] as const).flatMap((state) =>
    names.map((name) => gateCriterion(name, { state })),
  );
  for (const input of [of(criteria, 'pending'), of(EVERY_STATE, 'fail')]) {
    const title = renderCheckRun(report({ gate: input, jobs: [RUNNING] }), { name: 'CodeRed' })?.title ?? '';
    expect(title.length).toBeLessThanOrEqual(100);
    expect(title.match(/…/g)?.length ?? 0).toBeLessThanOrEqual(1);
  }
});
