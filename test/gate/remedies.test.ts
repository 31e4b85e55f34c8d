// What a row says to do fits why it is not met: of the same code the cause decides.
import { expect, it } from 'vitest';
import { describeVerdict } from '../../src/gate/describe-verdict.ts';
import { evaluate } from '../../src/gate/evaluate.ts';
import type { EvidenceModel } from '../../src/gate/model/evidence-model.ts';
import type { Criterion } from '../../src/policy/schema/criteria.ts';
import { artifact, commit, coverage, criterion, FAILED, file, job, RUNNING, run, tests } from './evidence-cases.ts';

const NOW = '2026-11-20T14:10:00.000Z';
const RUN_AGAIN = 'see that what makes it runs for this commit and is over well, then run it again';
const WRITE_AGAIN =
  'have the tool write that report again and upload it whole, or name another artifact under evidence in the policy';
const cov = artifact('cov', [coverage(file('a.ts', 9, 10))]);
const gone = (unreadable: string) => [artifact('coverage', [], { unreadable })];

it.each<[string, Criterion, Partial<EvidenceModel>, reason: string, remedy: string]>([
  [
    'no job of that name',
    jobNamed('lint'),
    { signals: [job('build')] },
    'no job of that name',
    'have one of that name run',
  ],
  ['no job at all', jobNamed('lint'), {}, 'job lint', RUN_AGAIN],
  [
    'of another workflow',
    criterion('lint_pass', { source: { job: 'lint', workflow: 'ci.yml' } }),
    { signals: [job('lint', { origin: 'other.yml' })] },
    'is of other.yml',
    'name the place that it is of',
  ],
  [
    'no job is plainly it',
    criterion('lint_pass'),
    { signals: [job('build')] },
    'no job here is plainly',
    'name the job',
  ],
  [
    'no artifact of that name',
    criterion('coverage_min', { source: { artifact: 'coverage' } }),
    { reports: [cov] },
    'artifacts here: cov',
    'have a job upload it under that name',
  ],
  ['no artifact at all', criterion('coverage_min'), {}, 'no run here left a report', 'have a job upload the report'],
  [
    'a job that takes long',
    jobNamed('lint'),
    { signals: [job('lint', RUNNING)], runs: [run({ is_over: false })] },
    'job lint is running',
    'see why it takes so long',
  ],
  [
    'GitHub does not tell the lines of a file',
    criterion('coverage_diff_min'),
    { reports: [cov], changed_lines: { 'a.ts': null } },
    'which lines of a.ts changed',
    'have somebody look at it and override it: /codered override coverage_diff_min',
  ],
  [
    'GitHub does not tell the lines at all',
    criterion('coverage_diff_min'),
    { reports: [cov] },
    'which lines changed',
    'make the pull request smaller',
  ],
  [
    'another kind of report',
    criterion('coverage_min', { source: { artifact: 'e2e' } }),
    { reports: [artifact('e2e', [tests(1)])] },
    'holds no report of this kind',
    'name the artifact that holds such a report',
  ],
  [
    'no report of tests that is read',
    criterion('e2e_pass', { source: { artifact: 'playwright-report' } }),
    { reports: [artifact('playwright-report', [])] },
    'holds no report of this kind',
    'have Playwright write JSON or JUnit beside its HTML report',
  ],
  [
    'a report without lines',
    criterion('coverage_diff_min'),
    { reports: [artifact('cov', [coverage(file('a.ts', 9, 10, { bare: true }))])], changed_lines: { 'a.ts': [1] } },
    'does not name lines',
    'have the tool write one of the formats',
  ],
  [
    'a skip that is accepted, and not here',
    criterion('lint_pass', { source: { job: 'lint', accept: ['skipped'] } }),
    { signals: [job('lint', { conclusion: 'skipped' }), job('build', FAILED)] },
    'accepted only where nothing did',
    'mend that job first',
  ],
  [
    'a skip that is not accepted',
    jobNamed('lint'),
    { signals: [job('lint', { conclusion: 'skipped' })] },
    'was skipped',
    'have it run, or name that outcome under accept in the policy',
  ],
  [
    'a part of a suite',
    criterion('e2e_pass'),
    { reports: [artifact('report-1-of-2', [tests(3)])] },
    'a part of the suite is missing',
    'have each part upload its report',
  ],
  ['an expired artifact', criterion('coverage_min'), { reports: gone('it has expired') }, 'expired', 'run the job'],
  [
    'a large artifact',
    criterion('coverage_min'),
    { reports: gone('it is larger than 5 bytes') },
    'larger',
    'upload the report alone',
  ],
  ['a broken report', criterion('coverage_min'), { reports: gone('lcov.info:3: bad') }, 'lcov.info:3', WRITE_AGAIN],
])('%s', (_, one, fields, reason, remedy) => {
  const found = evaluate(commit(fields), { criteria: [one], deadline_minutes: 60, now: NOW });
  const [row] = describeVerdict(found, 'here').criteria;
  expect(row?.reason).toContain(reason);
  expect(row?.remedy?.slice(0, remedy.length)).toBe(remedy);
});

it('says of what is waited for nothing to do', () => {
  const found = evaluate(commit({ signals: [job('build')] }), {
    criteria: [jobNamed('lint')],
    deadline_minutes: 600,
    now: NOW,
  });
  expect(describeVerdict(found, 'here').criteria[0]).not.toHaveProperty('remedy');
});

function jobNamed(name: string): Criterion {
  return criterion('lint_pass', { source: { job: name } });
}
