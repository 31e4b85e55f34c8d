// What a run may still bring is late and not missing while a job of it goes on: whatever holds it, the row names the job.
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/gate/evaluate.ts';
import type { EvidenceModel } from '../../src/gate/model/evidence-model.ts';
import type { Criterion } from '../../src/policy/schema/criteria.ts';
import { artifact, commit, coverage, criterion, FAILED, file, job, RUNNING, run, tests } from './evidence-cases.ts';

const AFTER_70_MINUTES = '2026-11-20T13:16:00.000Z';
const AFTER_26_HOURS = '2026-11-21T14:06:00.000Z';
const QUEUED = { status: 'queued', conclusion: null } as const;
const OPEN = [run({ is_over: false })];
const reports = [artifact('coverage', [coverage(file('a', 9, 10))])];

function verdictFor(one: Criterion, fields: Partial<EvidenceModel>, now = AFTER_70_MINUTES) {
  const [verdict] = evaluate(commit(fields), { criteria: [one], deadline_minutes: 60, now }).criteria;
  if (verdict === undefined) throw new Error('no verdict');
  return verdict;
}

describe('past the deadline', () => {
  it.each<[string, Criterion, Partial<EvidenceModel>, string]>([
    [
      'a report is there, and another job runs',
      criterion('coverage_min'),
      { reports, runs: OPEN, signals: [job('test'), job('soak', RUNNING)] },
      'the run that makes artifact coverage is not over; job soak of that run is running since 2026-11-20 12:05 UTC',
    ],
    [
      'a report is there, and another job waits',
      criterion('coverage_min'),
      { reports, runs: OPEN, signals: [job('test'), job('deploy-preview', QUEUED)] },
      'the run that makes artifact coverage is not over; job deploy-preview of that run waits for a runner or for an approval since 2026-11-20 12:05 UTC',
    ],
    [
      'nothing has been read yet',
      criterion('lighthouse_min'),
      { runs: OPEN, signals: [job('soak', RUNNING)] },
      'job soak of that run is running since 2026-11-20 12:05 UTC',
    ],
    [
      'a job that comes only after the one that runs',
      criterion('e2e_pass', { source: { job: 'e2e' } }),
      { runs: OPEN, signals: [job('build', RUNNING)] },
      'job build of that run is running since 2026-11-20 12:05 UTC',
    ],
    [
      'a part of the suite, and one that runs comes first in the row',
      criterion('e2e_pass'),
      {
        reports: [artifact('report-1-of-2', [tests(3)])],
        runs: OPEN,
        signals: [job('deploy', QUEUED), job('soak', RUNNING)],
      },
      'job soak of that run is running since 2026-11-20 12:05 UTC',
    ],
  ])('%s: it is waited for', (_, one, fields, given) => {
    const { state, reason, waits } = verdictFor(one, fields);
    expect([state, reason, waits?.until]).toEqual([
      'pending',
      expect.stringContaining(given),
      '2026-11-21T12:05:00.000Z',
    ]);
    const late = verdictFor(one, fields, AFTER_26_HOURS);
    expect([late.state, late.fail_codes]).toEqual(['missing', ['EVIDENCE_MISSING']]);
    expect(late.reason).toContain(given);
    expect(late.remedy).toMatch(/workflow of its own$/);
  });

  it.each<[string, Criterion, Partial<EvidenceModel>]>([
    ['no job of the run goes on', criterion('coverage_min'), { reports, runs: OPEN, signals: [job('test')] }],
    ['the run is over', criterion('lighthouse_min'), { signals: [job('soak', RUNNING)] }],
    [
      'it is another workflow’s job',
      criterion('coverage_min'),
      { reports, runs: OPEN, signals: [job('soak', { ...RUNNING, origin: 'soak.yml' })] },
    ],
    [
      'the policy names another workflow',
      criterion('coverage_min', { source: { artifact: 'cov', workflow: '.github/workflows/cov.yml' } }),
      { runs: OPEN, signals: [job('soak', RUNNING)] },
    ],
    [
      'a run brings no check of another system',
      criterion('e2e_pass', { source: { check: 'circle' } }),
      { runs: OPEN, signals: [job('soak', RUNNING)] },
    ],
  ])('%s: it is missing', (_, one, fields) => {
    const { state, reason } = verdictFor(one, fields);
    expect([state, reason]).toEqual(['missing', expect.stringContaining('not received within 60 minutes')]);
  });

  it('what has failed has failed, whatever goes on', () => {
    const signals = [job('lint', FAILED), job('soak', RUNNING)];
    expect(verdictFor(criterion('lint_pass'), { runs: OPEN, signals }).state).toBe('fail');
  });
});
