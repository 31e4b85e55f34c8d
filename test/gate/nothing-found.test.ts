// What a waiting row says is there instead of what it waits for.
import { expect, it } from 'vitest';
import { evaluate } from '../../src/gate/evaluate.ts';
import type { EvidenceModel } from '../../src/gate/model/evidence-model.ts';
import type { Criterion } from '../../src/policy/schema/criteria.ts';
import { artifact, commit, coverage, criterion, file, job, NOW, run, tests } from './evidence-cases.ts';

const reasonOf = (one: Criterion, fields: Partial<EvidenceModel>, now = NOW) =>
  evaluate(commit(fields), { criteria: [one], deadline_minutes: 60, now }).criteria[0]?.reason;

it.each<[string, Criterion, Partial<EvidenceModel>, string]>([
  [
    'the jobs that there are',
    criterion('lint_pass', { source: { job: 'check' } }),
    { signals: [job('build'), job('unit')] },
    'waiting for job check; no job of that name; jobs here: build, unit',
  ],
  [
    'the likeliest first',
    criterion('lint_pass', { source: { job: 'eslnt' } }),
    { signals: [job('build'), job('unit'), job('eslint')] },
    'waiting for job eslnt; no job of that name; jobs here: eslint, build, unit; did you mean eslint?',
  ],
  [
    'of the workflow that is named',
    criterion('lint_pass', { source: { job: 'check', workflow: 'ci.yml' } }),
    { signals: [job('check', { origin: 'other.yml' }), job('build')] },
    'waiting for job check; job check is of other.yml, not of ci.yml',
  ],
  [
    'checks and statuses by themselves',
    criterion('lint_pass', { source: { check: 'circle' } }),
    { signals: [job('build'), job('circleci', { kind: 'check' })] },
    'waiting for check circle; no check of that name; checks here: circleci; did you mean circleci?',
  ],
  [
    'statuses',
    criterion('lint_pass', { source: { status: 'zzz' } }),
    { signals: [job('ci/build', { kind: 'status' })] },
    'waiting for status zzz; no status of that name; statuses here: ci/build',
  ],
  [
    'artifacts',
    criterion('coverage_min', { source: { artifact: 'cov-report' } }),
    { reports: [artifact('e2e', [tests(1)]), artifact('coverage-report', [coverage(file('a', 1, 1))])] },
    'waiting for artifact cov-report; artifacts here: e2e, coverage-report',
  ],
  [
    'nothing while nothing is known',
    criterion('coverage_min', { source: { artifact: 'cov-report' } }),
    { runs: [run({ is_over: false })] },
    'waiting for artifact cov-report',
  ],
  ['nothing without a job', criterion('lint_pass', { source: { job: 'check' } }), {}, 'waiting for job check'],
  [
    'how to name a job that is plainly none',
    criterion('lint_pass'),
    { signals: [job('build'), job('Lint PR title')] },
    'waiting for a job or check named for a linter; no job here is plainly a linter; name it: evidence: { lint_pass: { job: "Lint PR title" } }; jobs here: Lint PR title, build',
  ],
  [
    'the step that may be it',
    criterion('type_check'),
    { signals: [job('unit'), job('build', { steps: [{ name: 'Run npx tsc --noEmit', conclusion: 'success' }] })] },
    'waiting for a job or check named for a type checker; no job here is plainly a type checker; name it: evidence: { type_check: { job: "build" } }; job build has a step Run npx tsc --noEmit; jobs here: build, unit',
  ],
  [
    'that any may be it',
    criterion('type_check'),
    { signals: [job('unit')] },
    'waiting for a job or check named for a type checker; no job here is plainly a type checker; name it: evidence: { type_check: { job: "…" } }; jobs here: unit',
  ],
])('names %s', (_, one, fields, reason) => {
  expect(reasonOf(one, fields)).toBe(reason);
});

it('names the artifacts that are there, and how to name one', () => {
  const unit = { kind: 'tests', passed: 3, failed: 0, skipped: 0, is_e2e: false } as const;
  expect(reasonOf(criterion('e2e_pass'), { reports: [artifact('test-results', [unit])] })).toBe(
    'waiting for an artifact with the report of end-to-end tests; artifacts here: test-results; to name one: evidence: { e2e_pass: { artifact: "test-results" } }',
  );
});

it('names no more than five, none longer than sixty characters', () => {
  const signals = Array.from({ length: 400 }, (_, index) => job(`job number ${index} ${'x'.repeat(300)}`));
  const reason = reasonOf(criterion('lint_pass', { source: { job: 'lint' } }), { signals }) ?? '';
  expect(reason).toMatch(/ and 395 more$/);
  expect(reason.length).toBeLessThan(450);
});

it('names nothing that ran for another event as what is here', () => {
  const signals = [job('build', { foreign_event: 'schedule' })];
  expect(reasonOf(criterion('lint_pass', { source: { job: 'lint' } }), { signals })).toBe('waiting for job lint');
});
