// Situations whose comment and check run stand as files under fixtures/comments/: whose failure it is. cases.ts lists them.
import type { FailedTest } from '../../src/model/pull-request.ts';
import { gate, gateCriterion } from './gate-cases.ts';
import { failedJob, job, peerConflict, type ReportCase, report, typeError, unknownFailure } from './reports.ts';

const FLAKY = unknownFailure({
  ...{ fingerprint: 'f-flaky', verdict: 'flaky', rule: 'flaky' },
  verdict_reason:
    'failed in attempt 1 and passed in attempt 2 of this commit, as on 4 of 120 commits of main this week',
});
const BROKEN_BASE = typeError({
  ...{ verdict: 'broken_base', rule: 'broken_base' },
  verdict_reason: 'the same failure stands on main at 9f8e7d6',
});
const NEW = peerConflict({
  ...{ verdict: 'new', rule: 'new' },
  verdict_reason: 'New with this change: this job passed on main at 9f8e7d6 and fails here.',
});
const UNKNOWN = unknownFailure({
  ...{ verdict: 'unknown', rule: 'unknown' },
  verdict_reason: 'Not known: there is no result of the base. Missing: the base (GitHub answered 502).',
});

function test(name: string, change: Partial<FailedTest> = {}): FailedTest {
  return { suite: 'cart', name, file_path: 'test/cart.test.ts', line: 41, ...change };
}

export const VERDICTS: readonly ReportCase[] = [
  {
    name: 'verdicts-mine-and-not-mine',
    title: 'One failure is new, two are not the author’s, one job runs, the gate failed',
    report: report({
      jobs: [
        failedJob('e2e (webkit)', { failure: FLAKY }),
        failedJob('test (node 24)', { failure: NEW }),
        failedJob('build (windows)', { failure: BROKEN_BASE }),
        job('lint'),
        job('docs', { status: 'running', conclusion: null }),
      ],
      unfinished_runs: 1,
      gate: gate(
        [gateCriterion('lint', {}), gateCriterion('e2e', { state: 'fail', reason: 'job e2e failed' })],
        'fail',
      ),
    }),
  },
  {
    name: 'verdicts-nothing-mine',
    title: 'All that failed is not the author’s',
    report: report({
      jobs: [failedJob('e2e', { failure: FLAKY }), failedJob('build', { failure: BROKEN_BASE }), job('lint')],
    }),
  },
  {
    name: 'verdicts-unknown-with-tests',
    title: 'A failure that nobody can judge, its tests by name',
    report: report({
      jobs: [
        failedJob('test', {
          failure: {
            ...UNKNOWN,
            tests: [
              test('adds up', { history: { state: 'healthy', failed: 0, runs: 120, failing_since: null } }),
              test('takes `away`', {
                history: { state: 'flaky', failed: 4, runs: 120, failing_since: null },
                ...{ suite: '', file_path: null, line: null },
              }),
              test('is new', { history: { state: 'new', failed: 0, runs: 0, failing_since: null } }),
              test('is broken', { history: { state: 'broken', failed: 9, runs: 9, failing_since: '9f8e7d6c5b4a' } }),
              test('has no history', { line: null }),
            ],
            tests_omitted: 12,
          },
        }),
      ],
    }),
  },
];
