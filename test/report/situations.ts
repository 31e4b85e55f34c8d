// Further situations whose comment and check run stand as files under fixtures/comments/: what a gate makes of a pull request.
// cases.ts lists them.
import type { GateSource } from '../../src/gate-report.ts';
import { gate, gateCriterion, WAITING } from './gate-cases.ts';
import { deployment, failedJob, HEAD, job, type ReportCase, report, unknownFailure } from './reports.ts';

const LINT = job('lint');
const TESTS = failedJob('test');
const NO_LOG = { excerpt: null, excerpt_first_line: null, excerpt_last_line: null, line_number: null };
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
      gate: gate(
        [
          gateCriterion('lint', {
            state: 'missing',
            sources: [],
            reason:
              'waiting for job lint; there is no job of that name, jobs here: build, unit; not received within 60 minutes',
            remedy: 'see that what makes it runs for this commit and is over well, then run it again',
          }),
        ],
        'fail',
      ),
    }),
  },
  {
    name: 'gate-waits-with-a-cause',
    title: 'The gate waits, and why is known',
    report: report({
      gate: gate(
        [{ ...WAITING, reason: 'waiting for job e2e; the pull request has a merge conflict, so GitHub starts no run' }],
        'pending',
      ),
    }),
  },
  {
    name: 'gate-waits-for-a-running-job',
    title: 'The gate waits for a job that runs; another criterion has failed already',
    report: report({
      jobs: [LINT, job('e2e', { status: 'running', conclusion: null })],
      unfinished_runs: 1,
      gate: gate(
        [
          rests('lint', LINT),
          gateCriterion('coverage', {
            state: 'fail',
            measured: 0.61,
            threshold: 0.8,
            unit: 'share',
            sources: [artifact('coverage-report')],
            reason: '61 of 100 lines',
          }),
          rests('e2e', job('e2e'), { state: 'pending', reason: 'job e2e is running', waits: WAITING.waits }),
        ],
        'pending',
      ),
    }),
  },
  {
    name: 'gate-unreadable',
    title: 'A report can not be read, and two do not agree: file and remedy',
    report: report({
      jobs: [LINT],
      gate: gate(
        [
          gateCriterion('e2e', {
            state: 'error',
            sources: [artifact('playwright-report')],
            reason: "artifact playwright-report can't be read: results/report.json: it is cut off at byte 4096",
            remedy:
              'have the tool write that report again and upload it whole, or name another artifact under evidence in the policy',
          }),
          gateCriterion('coverage', {
            state: 'error',
            threshold: 0.8,
            unit: 'share',
            sources: [artifact('coverage-api'), artifact('coverage-web')],
            reason: 'artifact coverage-web counts 10 of 20 lines of src/cart.ts, another report 20 of 20',
            remedy: 'let one job make the report, or upload reports that name lines: those can be joined',
          }),
        ],
        'fail',
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
      gate: gate(
        [
          rests('lint', LINT, {
            state: 'error',
            reason:
              'nothing that GitHub Actions says counts: the pull request comes from a fork and changes .github/workflows/ci.yml; a maintainer has to look',
          }),
        ],
        'fail',
      ),
    }),
  },
  {
    name: 'gate-accepted-skip',
    title: 'A skipped job that the policy accepts',
    report: report({
      jobs: [LINT, job('e2e', { conclusion: 'skipped' })],
      gate: gate([rests('lint', LINT), gateCriterion('e2e', { reason: 'job e2e was skipped (accepted)' })], 'pass'),
      proposed_problems: [],
    }),
  },
  {
    name: 'gate-flaky-pass',
    title: 'What passed keeps its figure; a job that nothing rests on failed, so the table is seen',
    report: report({
      jobs: [LINT, TESTS],
      gate: gate(
        [
          gateCriterion('lint', { sources: [artifact('eslint')], reason: 'no error found' }),
          gateCriterion('e2e', { sources: [artifact('playwright-report')], reason: '12 passed, 1 flaky' }),
          gateCriterion('Lighthouse', {
            measured: 91.5,
            threshold: 85,
            unit: 'score',
            sources: [artifact('lhci')],
            reason: 'performance, the lowest of 3 pages',
          }),
        ],
        'pass',
      ),
    }),
  },
  {
    name: 'gate-shard-missing',
    title: 'One of four shards sent no report',
    report: report({
      jobs: [1, 2, 3, 4].map((shard) =>
        job(`e2e (${shard}, 4)`, shard === 3 ? { status: 'canceled', conclusion: 'cancelled' } : {}),
      ),
      gate: gate(
        [
          gateCriterion('e2e', {
            state: 'missing',
            sources: [1, 2, 4].map((shard) => artifact(`blob-report-${shard}`)),
            reason: 'shards 1, 2 and 4 of 4 reported; 3 did not',
            remedy: 'see that what makes it runs for this commit and is over well, then run it again',
          }),
        ],
        'fail',
      ),
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
