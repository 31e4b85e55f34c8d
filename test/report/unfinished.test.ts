// Which jobs have not finished, in a line or folded, and which are not waited for.
import { describe, expect, it } from 'vitest';
import type { ReportJob } from '../../src/model/pull-request.ts';
import { unfinishedSection } from '../../src/report/failures/unfinished.ts';
import { job, report } from './reports.ts';

const open = (status: 'running' | 'queued', count: number, first = 0): ReportJob[] =>
  Array.from({ length: count }, (_, index) =>
    job(`${status}-${String(first + index).padStart(2, '0')}`, { status, conclusion: null }),
  );
const section = (jobs: readonly ReportJob[], isShown: (job: ReportJob) => boolean = () => false) =>
  unfinishedSection(report({ jobs: [...jobs] }), ({ name }) => name, isShown).join('\n');

describe('jobs that have not finished', () => {
  it('are none where all have', () => {
    expect(section([job('a'), job('b', { status: 'failed', conclusion: 'failure' })])).toBe('');
  });

  it('stand in a line while they are five, of all kinds together', () => {
    expect(section([...open('queued', 2), job('a'), ...open('running', 3)])).toBe(
      '⏳ Running: `running-00`, `running-01` and `running-02` · Queued: `queued-00` and `queued-01`',
    );
  });

  it('are folded from six on, and no more than twenty of a kind are named', () => {
    expect(section([...open('running', 3), ...open('queued', 3)])).toContain(
      '<summary>⏳ Waiting for 6 jobs</summary>',
    );
    const twenty = section(open('running', 20));
    expect([twenty.includes('running-19'), twenty.includes('more')]).toEqual([true, false]);
    const more = section(open('running', 21));
    expect([more.includes('running-19'), more.includes('running-20'), more.includes('1 more')]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('are not told a second time where they are shown elsewhere', () => {
    expect(section(open('running', 2), ({ name }) => name === 'running-00')).toBe('⏳ Running: `running-01`');
  });
});

describe('jobs that are not waited for', () => {
  it('are named apart, with why, the first twenty', () => {
    const left = (['merge_app', 'overdue'] as const).map((not_awaited) =>
      job(not_awaited, { status: 'running', conclusion: null, not_awaited }),
    );
    expect(section(left)).toBe('Not waited for: `merge_app` (merges) and `overdue` (no result in time)');
    const many = (count: number) =>
      section(open('running', count).map((one) => ({ ...one, not_awaited: 'overdue' as const })));
    expect(many(20)).not.toContain('more');
    expect(many(21)).toMatch(/and 1 more$/);
  });
});
