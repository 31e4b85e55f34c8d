// Further situations whose comment and check run stand as files under fixtures/comments/: what a gate makes of a pull request.
// cases.ts lists them.
import type { GateSource } from '../../src/model/gate.ts';
import type { Silence } from '../../src/model/pull-request.ts';
import {
  coverage,
  criterion,
  file,
  job as given,
  RUNNING,
  artifact as reported,
  run,
  tests,
} from '../gate/evidence-cases.ts';
import { gate, gateCriterion } from './gate-cases.ts';
import { LATE, verdictOf } from './gate-report.ts';
import { deployment, failedJob, HEAD, job, MERGE, type ReportCase, report, unknownFailure } from './reports.ts';

const LINT = job('lint');
const TESTS = failedJob('test');
const NO_LOG = { excerpt: null, excerpt_first_line: null, excerpt_last_line: null, line_number: null };
const LINT_ONLY = [criterion('lint_pass', { source: { job: 'lint' } })];
const LONG = `${'checkout of the very long name of a matrix job '.repeat(3)}(node 24, ubuntu-24.04)`;

export const SITUATIONS: readonly ReportCase[] = [
  {
    name: 'gate-passed-though-a-job-failed',
    title: 'The gate passed; a job that no criterion rests on failed',
    report: report({ jobs: [LINT, TESTS], gate: gate([rests('lint', LINT)], 'pass') }),
  },
  {
    name: 'gate-failed-on-a-job',
    title: 'The gate failed on a job whose failure is told above: the row says so and does not tell it again',
    report: report({
      jobs: [LINT, job('build'), TESTS],
      gate: gate(
        [
          rests('lint', LINT),
          rests('e2e', TESTS, { state: 'fail', reason: 'job test failed' }),
          gateCriterion('coverage', {
            measured: 0.824,
            threshold: 0.8,
            unit: 'share',
            sources: [artifact('coverage-report')],
            reason: '824 of 1000 lines',
          }),
        ],
        'fail',
      ),
    }),
  },
  {
    name: 'gate-missing',
    title: 'What a criterion rests on did not come',
    report: report({
      jobs: [job('build'), job('unit')],
      gate: verdictOf(
        [criterion('lint_pass', { source: { job: 'lint' } })],
        { signals: [given('build'), given('unit')] },
        LATE,
      ),
    }),
  },
  {
    name: 'gate-held',
    title: 'What a criterion rests on has not come, for a job holds its run; another gives up after a day',
    report: report({
      jobs: [job('unit'), job('soak', { status: 'running', conclusion: null })],
      unfinished_runs: 1,
      gate: verdictOf(
        [criterion('coverage_min'), criterion('e2e_pass', { source: { job: 'e2e' } })],
        {
          signals: [given('unit'), given('soak', RUNNING)],
          runs: [run({ is_over: false })],
          reports: [reported('coverage', [coverage(file('src/cart.ts', 9, 10))])],
        },
        LATE,
      ),
    }),
  },
  {
    name: 'gate-waits-with-a-cause',
    title: 'The gate waits, and why is known: nothing runs on what conflicts with its base',
    report: report({ silence: silence('merge_conflict'), gate: verdictOf(LINT_ONLY, { runs: [] }) }),
  },
  {
    name: 'gate-waits-for-an-approval',
    title: 'The gate waits, and why is known: the workflows of a newcomer’s fork wait for a maintainer',
    report: report({ silence: silence('approval'), gate: verdictOf(LINT_ONLY, { runs: [] }) }),
  },
  {
    name: 'gate-nothing-ran',
    title: 'Nothing ran, nobody knows why, and the time for it is over',
    report: report({ silence: silence(null), gate: verdictOf(LINT_ONLY, { runs: [] }, LATE) }),
  },
  {
    name: 'nothing-ran',
    title: 'Nothing ran where nothing is asked for',
    report: report({ silence: silence(null) }),
  },
  {
    name: 'dropped-from-the-merge-queue',
    title: 'All is green, and the merge queue dropped it: what failed there',
    report: report({
      jobs: [LINT],
      gate: verdictOf(LINT_ONLY, { signals: [given('lint')] }),
      merge_queue: {
        commit_sha: MERGE,
        end: 'dequeued',
        is_refused: false,
        failed: [{ name: 'e2e', url: 'https://github.com/octo-org/web-shop/actions/runs/9009' }],
      },
    }),
  },
  {
    name: 'gate-waits-for-a-running-job',
    title: 'The gate waits for a job that runs; another criterion has failed already',
    report: report({
      jobs: [LINT, job('e2e', { status: 'running', conclusion: null })],
      unfinished_runs: 1,
      gate: verdictOf([...LINT_ONLY, criterion('coverage_min'), criterion('e2e_pass')], {
        signals: [given('lint'), given('e2e', RUNNING)],
        reports: [reported('coverage-report', [coverage(file('src/cart.ts', 61, 100))])],
      }),
    }),
  },
  {
    name: 'gate-unreadable',
    title:
      'A report can not be read, another is of another kind, and of one file GitHub does not tell the lines: each with its remedy',
    report: report({
      jobs: [LINT],
      gate: verdictOf(
        [
          criterion('e2e_pass', { source: { artifact: 'playwright-report' } }),
          criterion('lighthouse_min', { source: { artifact: 'coverage-web' } }),
          criterion('coverage_diff_min', { source: { artifact: 'coverage-web' } }),
        ],
        {
          reports: [
            reported('playwright-report', [], { unreadable: 'results/report.json:3: the file is cut off' }),
            reported('coverage-web', [coverage(file('src/cart.ts', 10, 20))]),
          ],
          changed_lines: { 'src/cart.ts': null },
        },
      ),
    }),
  },
  {
    name: 'gate-overridden',
    title: 'A maintainer answers for a criterion; its job failed',
    report: report({
      jobs: [LINT, TESTS],
      gate: gate(
        [
          rests('lint', LINT),
          rests('e2e', TESTS, {
            state: 'overridden',
            reason: 'octocat until 2026-12-01: the shop is down for the move',
          }),
        ],
        'pass',
      ),
    }),
  },
  {
    name: 'gate-observed',
    title: 'The policy only observes: what the gate would have said, and nothing is held back',
    report: report({
      jobs: [LINT, TESTS],
      gate: {
        state: 'fail',
        from: '.github/codered.yml on main, only observing until 2026-12-07',
        criteria: [rests('lint', LINT), rests('e2e', TESTS, { state: 'fail', reason: 'job test failed' })],
        observed: { until: '2026-12-07T09:00:00.000Z' },
      },
    }),
  },
  {
    name: 'gate-fork-not-trusted',
    title: 'A fork changed the workflow that would tell of the criterion',
    report: report({
      jobs: [LINT],
      gate: verdictOf(LINT_ONLY, {
        signals: [given('lint')],
        distrust_of_actions: 'the pull request comes from a fork and changes .github/workflows/ci.yml',
      }),
    }),
  },
  {
    name: 'gate-accepted-skip',
    title: 'A skipped job that the policy accepts',
    report: report({
      jobs: [LINT, job('e2e', { conclusion: 'skipped' })],
      gate: verdictOf([...LINT_ONLY, criterion('e2e_pass', { source: { job: 'e2e', accept: ['skipped'] } })], {
        signals: [given('lint'), given('e2e', { conclusion: 'skipped' })],
      }),
      proposed_problems: [],
    }),
  },
  {
    name: 'gate-flaky-pass',
    title: 'What passed keeps its figure; a job that nothing rests on failed, so the table is seen',
    report: report({
      jobs: [LINT, TESTS],
      gate: verdictOf([criterion('lint_pass'), criterion('e2e_pass'), criterion('lighthouse_min')], {
        reports: [
          reported('eslint', [{ kind: 'findings', about: 'lint', errors: 0 }]),
          reported('playwright-report', [{ kind: 'tests', passed: 12, failed: 0, skipped: 0, flaky: 1, is_e2e: true }]),
          reported(
            'lhci',
            [91.5, 98, 99].map((performance) => ({ kind: 'lighthouse', scores: { performance } }) as const),
          ),
        ],
      }),
    }),
  },
  {
    name: 'gate-shard-missing',
    title: 'One of four shards sent no report',
    report: report({
      jobs: [1, 2, 3, 4].map((shard) =>
        job(`e2e (${shard}, 4)`, shard === 3 ? { status: 'canceled', conclusion: 'cancelled' } : {}),
      ),
      gate: verdictOf([criterion('e2e_pass', { source: { artifact: 'report' } })], {
        reports: [1, 2, 4].map((shard) => reported(`report-${shard}-of-4`, [tests(3)])),
        signals: [1, 2, 3, 4].map((shard) =>
          given(`e2e (${shard}, 4)`, shard === 3 ? { status: 'canceled', conclusion: 'cancelled' } : {}),
        ),
      }),
    }),
  },
  {
    name: 'gate-long-names',
    title: 'Names of more than 80 characters are cut once',
    report: report({
      jobs: [failedJob(LONG, { failed_step: { number: 2, name: LONG } }), job(`${LONG} again`)],
      gate: gate(
        [
          rests('lint', failedJob(LONG), { state: 'fail', reason: `job ${LONG} failed` }),
          gateCriterion('coverage', {
            of: `packages/${'a-very-long-folder-without-a-space/'.repeat(4)}**`,
            state: 'error',
            threshold: 0.8,
            unit: 'share',
            sources: [artifact(`coverage-${'0123456789abcdef'.repeat(6)}`)],
            reason: `artifact coverage-${'0123456789abcdef'.repeat(6)} can't be read: ${'deep/'.repeat(30)}lcov.info: it is empty`,
          }),
        ],
        'fail',
      ),
    }),
  },
  {
    name: 'all-cancelled',
    title: 'Every job was cancelled: no verdict, and nothing passed',
    report: report({
      jobs: ['lint', 'test', 'build'].map((name) => job(name, { status: 'canceled', conclusion: 'cancelled' })),
    }),
  },
  {
    name: 'status-without-log',
    title: 'A status failed, and another gives no reason: neither has a log',
    report: report({
      jobs: [
        status('ci/circleci: build', { fingerprint: 'f-1', message: 'Your tests failed on CircleCI' }),
        status('netlify/shop', { fingerprint: 'f-2', message: 'netlify/shop failed and gives no reason.' }),
      ],
    }),
  },
  {
    name: 'deployment-without-log',
    title: 'A deployment failed before any log was there; another stands',
    report: report({
      deployments: [
        deployment('preview', {
          environment_url: 'https://preview.shop.example',
          log_url: 'https://github.com/octo-org/web-shop/actions/runs/9003/job/76',
        }),
        deployment('production', {
          status: 'failed',
          commit_sha: HEAD,
          environment_url: 'https://shop.example',
          log_url: 'https://github.com/octo-org/web-shop/actions/runs/9003/job/77',
          failure: unknownFailure({ ...NO_LOG, message: 'The build exceeded its time limit of 45 minutes' }),
        }),
      ],
    }),
  },
];

function rests(name: string, { name: of, html_url: url }: typeof LINT, change = {}) {
  return gateCriterion(name, {
    sources: [{ kind: 'job', name: of, url, attempt: 1 }],
    reason: `job ${of} passed`,
    ...change,
  });
}

function artifact(name: string): GateSource {
  return {
    kind: 'artifact',
    name,
    url: 'https://github.com/octo-org/web-shop/actions/runs/9001/artifacts/7',
    attempt: 1,
  };
}

function silence(cause: Silence['cause']): Silence {
  return {
    since: '2026-11-20T12:00:00.000Z',
    minutes: 10,
    is_over: true,
    conclusion: 'action_required',
    cause,
  };
}

function status(name: string, change: { fingerprint: string; message: string }) {
  return failedJob(name, {
    provider: 'github-status',
    workflow_name: name,
    html_url: 'https://ci.example/octo-org/web-shop/42',
    failed_step: null,
    log_state: 'none',
    failure: unknownFailure({ ...NO_LOG, ...change }),
  });
}
