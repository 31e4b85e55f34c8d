// The gate's table: what stands in which column, and that nothing stands there twice.
import { expect, test } from 'vitest';
import type { GateCriterion } from '../../src/model/gate.ts';
import { renderCheckRun } from '../../src/report/check-run.ts';
import { renderComment } from '../../src/report/comment.ts';
import { gateRows } from '../../src/report/gate-rows/gate-row.ts';
import { gate, gateCriterion, WAITING } from './gate-cases.ts';
import { failedJob, job, report } from './reports.ts';

const URL = 'https://github.com/octo-org/web-shop/actions/runs/9001/artifacts/7';
const artifact = (name: string) => ({ kind: 'artifact', name, url: URL, attempt: 1 }) as const;

/** The cells of one criterion's row, without the spaces that keep a column wide. */
function cells(change: Partial<GateCriterion>, isTold = false): string[] {
  const [row = ''] = gateRows([gateCriterion('e2e', change)], () => isTold);
  return row
    .slice(2, -2)
    .split(' | ')
    .map((cell) => cell.replaceAll('\u00a0', ''));
}

test.each<[string, Partial<GateCriterion>, string]>([
  ['what was counted', { sources: [artifact('report')], reason: '12 passed, 1 flaky' }, '12 passed, 1 flaky'],
  ['that nothing was found', { sources: [artifact('eslint')], reason: 'no error found' }, 'no error found'],
  ['a share', { measured: 0.824, threshold: 0.8, unit: 'share', sources: [artifact('c')] }, '82.4 %'],
  ['a score', { measured: 91.5, threshold: 85, unit: 'score', sources: [artifact('c')] }, '91.5'],
  ['that its job passed', {}, 'passed'],
])('a passed row keeps %s', (_, change, measured) => {
  expect(cells(change)[2]).toBe(measured);
});

test('a passed row says what else there is to say of it', () => {
  expect(cells({ reason: 'job e2e was skipped (accepted)' }).slice(0, 3)).toEqual([
    '✅ passed',
    'e2e<br>job e2e was skipped (accepted)',
    'passed',
  ]);
  const share = {
    measured: 0.8,
    threshold: 0.8,
    unit: 'share',
    sources: [artifact('c')],
    reason: '8 of 10 lines',
  } as const;
  expect(cells(share)[1]).toBe('e2e<br>8 of 10 lines');
});

test('the reason, what to do and since when it waits stand in the second column', () => {
  const change = { state: 'error', sources: [], reason: 'artifact x: a/b.json is empty', remedy: 'write it' } as const;
  expect(cells(change)[1]).toBe('e2e<br>artifact x: a/b.json is empty<br>**Fix** write it');
  expect(cells(WAITING)[1]).toBe(
    'e2e<br>waiting for an artifact with the report of end-to-end tests<br>since 2026-11-20 13:58, until 14:58 UTC',
  );
});

test('the second column is kept wide enough for a sentence, once', () => {
  const rows = gateRows([gateCriterion('lint'), WAITING, WAITING], () => false);
  expect(rows.map((row) => row.includes('\u00a0'))).toEqual([false, true, false]);
  expect(gateRows([gateCriterion('lint')], () => false).join('')).not.toContain('\u00a0');
});

test('a job that failed is named by its link alone', () => {
  const [, said, , , from] = cells({ state: 'fail', reason: 'job e2e failed' });
  expect([said, from]).toEqual(['e2e', expect.stringMatching(/^job \[e2e\]\(/)]);
});

test('what has been told above is not told again', () => {
  const [, said, , , from] = cells({ state: 'fail', reason: 'job e2e failed' }, true);
  expect([said, from]).toEqual(['e2e<br>job e2e, told above', expect.stringMatching(/^\[job\]\(/)]);
});

test('what the reason names is linked and not named again', () => {
  const change = { state: 'error', sources: [artifact('tsc')], reason: "artifact tsc can't be read: a.txt" } as const;
  expect(cells(change)[4]).toBe(`[artifact](${URL})`);
});

test('a failure that did not fit is not said to be told above', () => {
  const many = Array.from({ length: 3000 }, (_, index) =>
    failedJob(`job ${index}`, {
      html_url: `https://github.com/o/r/actions/runs/1/job/${index}`,
      failure: null,
      log_state: 'missing',
    }),
  );
  const criterion = (index: number) =>
    gateCriterion('e2e', {
      state: 'fail',
      reason: `job job ${index} failed`,
      sources: [
        { kind: 'job', name: `job ${index}`, url: `https://github.com/o/r/actions/runs/1/job/${index}`, attempt: 1 },
      ],
    });
  const { body } = renderComment(report({ jobs: many, gate: gate([criterion(0), criterion(2999)], 'fail') }));
  expect(body).toMatch(/more failures stand on/);
  expect(body).toContain('job job 0, told above');
  expect(body).not.toContain('job job 2999, told above');
  expect(body).toContain('job [job 2999](');
});

test('a job that a criterion waits for is told in its row alone', () => {
  const running = job('e2e', { status: 'running', conclusion: null });
  const waiting = gateCriterion('e2e', {
    state: 'pending',
    reason: 'job e2e is running',
    sources: [{ kind: 'job', name: 'e2e', url: running.html_url, attempt: 1 }],
  });
  const other = job('docs', { status: 'running', conclusion: null });
  const summary = (jobs: (typeof running)[]) =>
    renderCheckRun(report({ jobs, gate: gate([waiting], 'pending') }), { name: 'CodeRed' })?.summary ?? '';
  expect(summary([running])).not.toContain('Running:');
  expect(summary([running, other])).toContain('Running: `docs`');
});

test('of more than 30 criteria those that are not met are shown first', () => {
  const criteria = Array.from({ length: 40 }, (_, index) =>
    gateCriterion('coverage', { of: `zone-${index}`, ...(index === 39 ? { state: 'fail' } : {}) }),
  );
  const { body } = renderComment(report({ gate: gate(criteria, 'fail') }));
  expect(body).toContain('zone-39');
  expect(body).toContain('10 more criteria.');
});

test('whatever a name, a scope and a reason are, a row keeps five cells', () => {
  const hostile = '`| x |` <b>@everyone</b>\n| - | <br> |';
  const row = gateRows(
    [
      gateCriterion('e2e', {
        of: hostile,
        state: 'error',
        reason: `artifact ${hostile} can't be read`,
        sources: [artifact(hostile)],
      }),
    ],
    () => false,
  ).join('');
  expect(row.match(/\|/g)).toHaveLength(6);
  expect(row.replaceAll('<br>', '')).not.toMatch(/[<>\n]|@(?!\u200b)/);
});
