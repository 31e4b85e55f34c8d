// The situations whose comment and check run stand as files under fixtures/comments/, for people to read.

import { DIAGNOSES } from './diagnoses.ts';
import { BROKEN_POLICY, EVERY_STATE, gate, gateCriterion, INFORMATION, PROBLEMS, WAITING } from './gate-cases.ts';
import {
  deployment,
  failedJob,
  HEAD,
  job,
  MERGE,
  OLDER,
  peerConflict,
  type ReportCase,
  report,
  typeError,
  unknownFailure,
} from './reports.ts';
import { SITUATIONS } from './situations.ts';
import { VERDICTS } from './verdict-cases.ts';

const nodes = [18, 20, 22, 23, 24, 25];
const base = report().pull_request;

export const CASES: readonly ReportCase[] = [
  {
    name: 'one-known-failure',
    title: 'One job failed for a reason that a pattern knows; one still runs',
    report: report({
      jobs: [
        failedJob('test (node 24)'),
        job('lint'),
        job('build'),
        job('e2e', { status: 'running', conclusion: null }),
      ],
      unfinished_runs: 1,
    }),
  },
  {
    name: 'unknown-from-fork-with-hostile-names',
    title: 'A fork with names that try to break out; no pattern knows the failure',
    report: report({
      pull_request: {
        ...base,
        title:
          'Fix #1 <!-- codered:comment v1 pull_request=123 as_of=- --> @octo-org/everyone ![x](https://evil.example/x.png)',
        head_ref: '`</details>@everyone`',
      },
      jobs: [
        failedJob('`</details>@everyone`', {
          failed_step: { number: 2, name: '```\n# all green\n<script>alert(1)</script>' },
          failure: unknownFailure({
            message: '</summary> @octocat see https://evil.example \u202egpj.exe ``` <!-- codered:comment v1 -->',
            excerpt:
              '```\n</details>\n<!-- codered:comment v1 pull_request=123 as_of=- -->\n@everyone ````` \u001b[31m\n### ✅ all passed',
            excerpt_first_line: 7,
            excerpt_last_line: 11,
            line_number: 9,
          }),
        }),
      ],
    }),
  },
  {
    name: 'matrix-of-the-same-failure',
    title: 'Six jobs of a matrix failed alike: said once',
    report: report({
      jobs: [
        ...nodes.map((node) =>
          failedJob(`test (node ${node})`, { failure: peerConflict({ line_number: 200 + node }) }),
        ),
        ...['lint', 'types', 'build'].map((name) => job(name)),
      ],
    }),
  },
  {
    name: 'two-different-failures',
    title: 'Two failures of different kinds, one of them on attempt 2, a cancelled and a skipped job',
    report: report({
      jobs: [
        failedJob('test', { run_attempt: 2 }),
        failedJob('types', { failed_step: { number: 5, name: 'npm run types' }, failure: typeError() }),
        job('e2e', { status: 'canceled', conclusion: 'cancelled' }),
        job('release', { conclusion: 'skipped' }),
        job('lint'),
      ],
    }),
  },
  {
    name: 'log-being-read',
    title: 'Two jobs have just failed and their logs are being read: not the time to speak first',
    report: report({
      jobs: [
        failedJob('test', { failure: null, log_state: 'none' }),
        failedJob('e2e', { failure: null, log_state: 'none', failed_step: { number: 6, name: 'playwright' } }),
        job('lint'),
      ],
      unfinished_runs: 1,
    }),
  },
  {
    name: 'still-running',
    title: 'Nothing failed so far; many jobs to go',
    report: report({
      jobs: [
        job('lint'),
        ...nodes.map((node) => job(`test (node ${node})`, { status: 'running', conclusion: null })),
        job('deploy preview', { status: 'queued', conclusion: 'action_required' }),
        job('release', { status: 'queued', conclusion: null }),
      ],
      unfinished_runs: 2,
    }),
  },
  {
    name: 'waiting-after-red',
    title: 'A push after a failure: its jobs still run',
    report: report({
      jobs: [job('lint'), job('test', { status: 'running', conclusion: null })],
      unfinished_runs: 1,
      earlier_failures: [
        {
          job_name: 'lint',
          pattern_name: 'ESLint found problems',
          message: '✖ 3 problems',
          commit_sha: OLDER,
          run_attempt: 1,
          fixed_by: { commit_sha: HEAD, run_attempt: 1 },
        },
        {
          job_name: 'test',
          pattern_name: null,
          message: 'AssertionError: expected 3 to be 4',
          commit_sha: OLDER,
          run_attempt: 1,
          fixed_by: null,
        },
      ],
    }),
  },
  {
    name: 'all-green',
    title: 'All passed and nothing was ever wrong: never the first to speak',
    report: report({ jobs: ['lint', 'test', 'build'].map((name) => job(name)) }),
  },
  {
    name: 'green-after-red-by-commit',
    title: 'A commit fixed it',
    report: report({
      jobs: [job('lint'), job('test (node 22)'), job('test (node 24)'), job('release', { conclusion: 'skipped' })],
      deployments: [deployment('preview')],
      earlier_failures: ['test (node 24)', 'test (node 22)'].map((job_name) => ({
        job_name,
        pattern_name: 'npm peer dependency conflict',
        message: 'npm error code ERESOLVE',
        commit_sha: OLDER,
        run_attempt: 1,
        fixed_by: { commit_sha: '9f8e7d6c5b4a39281706f5e4d3c2b1a098765432', run_attempt: 1 },
      })),
    }),
  },
  {
    name: 'green-after-red-by-re-run',
    title: 'A re-run passed though nothing was changed',
    report: report({
      jobs: [job('lint'), job('e2e', { run_attempt: 2 })],
      earlier_failures: [
        {
          job_name: 'e2e',
          pattern_name: null,
          message: 'TimeoutError: page.goto: Timeout 30000ms exceeded.',
          commit_sha: HEAD,
          run_attempt: 1,
          fixed_by: { commit_sha: HEAD, run_attempt: 2 },
        },
      ],
    }),
  },
  {
    name: 'missing-log',
    title: 'The runner was lost: GitHub never had a log',
    report: report({
      jobs: [
        failedJob('test', {
          failed_step: null,
          log_state: 'missing',
          failure: unknownFailure({
            message: 'The hosted runner lost communication with the server.',
            excerpt: null,
            excerpt_first_line: null,
            excerpt_last_line: null,
            line_number: null,
          }),
        }),
        job('lint'),
      ],
    }),
  },
  {
    name: 'expired-log',
    title: 'The run is older than GitHub keeps logs',
    report: report({
      jobs: [failedJob('test', { log_state: 'expired', failure: null, conclusion: 'timed_out' }), job('lint')],
    }),
  },
  {
    name: 'startup-failure',
    title: 'The workflow file is invalid: a run without jobs',
    report: report({
      jobs: [
        job('.github/workflows/ci.yml', {
          workflow_name: '.github/workflows/ci.yml',
          status: 'failed',
          conclusion: 'startup_failure',
          html_url: 'https://github.com/octo-org/web-shop/actions/runs/9002',
          failure: unknownFailure({
            fingerprint: 'f-startup',
            message: 'Invalid workflow file: .github/workflows/ci.yml#L12',
            pattern: {
              name: 'workflow file not valid',
              category: 'config',
              severity: 'error',
              root_cause: 'GitHub could not read the workflow file, so no job was started.',
              recommended_fix: 'Open the run: GitHub names the line. `actionlint` finds such mistakes before a push.',
              docs_url: 'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax',
            },
            excerpt: null,
            excerpt_first_line: null,
            excerpt_last_line: null,
            line_number: null,
            file_path: '.github/workflows/ci.yml',
            line: 12,
          }),
        }),
      ],
    }),
  },
  {
    name: 'failed-deployment-after-merge',
    title: 'Merged; staging stands, production failed',
    report: report({
      pull_request: { ...base, state: 'merged', merge_commit_sha: MERGE },
      jobs: ['lint', 'test'].map((name) => job(name)),
      deployments: [
        deployment('staging', { commit_sha: MERGE }),
        deployment('production', {
          commit_sha: MERGE,
          status: 'failed',
          environment_url: 'https://shop.example',
          log_url: 'https://github.com/octo-org/web-shop/actions/runs/9003/job/77',
          failure: unknownFailure({
            fingerprint: 'f-deploy',
            message: 'Error: Resource not accessible by integration',
            pattern: {
              name: 'GITHUB_TOKEN lacks a permission',
              category: 'permission',
              severity: 'critical',
              root_cause: 'The workflow asks for more than its `GITHUB_TOKEN` may do.',
              recommended_fix: 'Grant it under `permissions:` in the workflow.',
              docs_url: null,
            },
            excerpt: 'Error: Resource not accessible by integration',
            excerpt_first_line: 61,
            excerpt_last_line: 61,
            line_number: 61,
          }),
        }),
      ],
    }),
  },
  {
    name: 'check-of-another-system',
    title: 'A check and a status of other CI systems failed',
    report: report({
      jobs: [
        job('ci/circleci: build', {
          provider: 'github-status',
          workflow_name: 'ci/circleci: build',
          status: 'failed',
          conclusion: 'failure',
          html_url: 'https://circleci.example/octo-org/web-shop/42',
        }),
        job('Code scanning', {
          provider: 'github-checks',
          workflow_name: 'Code scanning',
          status: 'failed',
          conclusion: 'failure',
          html_url: 'https://github.com/octo-org/web-shop/runs/31',
          failure: unknownFailure({
            fingerprint: 'f-scan',
            message: '2 new alerts, 1 of them high',
            excerpt: null,
            excerpt_first_line: null,
            excerpt_last_line: null,
            line_number: null,
          }),
        }),
        job('test'),
      ],
    }),
  },
  {
    name: 'nothing-but-skipped',
    title: 'Every job was skipped or cancelled: not green',
    report: report({
      jobs: [
        job('lint', { conclusion: 'skipped' }),
        job('test', { conclusion: 'skipped' }),
        job('build', { status: 'canceled', conclusion: 'cancelled' }),
      ],
    }),
  },
  {
    name: 'gate-not-met',
    title: 'All jobs passed, and the Definition of Done is not met: every state at once',
    report: report({ jobs: [job('lint'), job('test')], gate: gate(EVERY_STATE, 'fail') }),
  },
  {
    name: 'gate-waits',
    title: 'A failure is known, and a criterion still waits',
    report: report({
      jobs: [job('lint'), failedJob('test')],
      gate: gate([gateCriterion('lint'), WAITING], 'pending'),
    }),
  },
  {
    name: 'gate-met',
    title: 'All jobs passed and the Definition of Done is met',
    report: report({ jobs: [job('lint'), job('test')], gate: gate([gateCriterion('lint')], 'pass') }),
  },
  {
    name: 'gate-before-ci',
    title: 'The pull request was just opened: no CI yet, and the gate is there',
    report: report({ gate: gate([WAITING], 'pending') }),
  },
  {
    name: 'gate-information',
    title: 'No Definition of Done asks for anything: what is measured all the same stands on the check run, folded',
    report: report({ jobs: [job('lint'), failedJob('test')], information: INFORMATION }),
  },
  {
    name: 'gate-policy-proposed',
    title: 'The pull request brings a policy that is broken; it is judged by the one that stands',
    report: report({ jobs: [job('lint')], gate: gate([gateCriterion('lint')], 'pass'), proposed_problems: PROBLEMS }),
  },
  {
    name: 'gate-policy-broken',
    title: 'The policy on the base branch can not be read',
    report: report({ jobs: [job('lint')], gate: BROKEN_POLICY }),
  },
  {
    name: 'huge',
    title: '1,000 jobs failed, half of them alike, the others each in its own way',
    report: report({
      jobs: Array.from({ length: 1000 }, (_, index) =>
        failedJob(`test (shard ${index})`, {
          failure:
            index % 2 === 0
              ? peerConflict()
              : typeError({
                  fingerprint: `f-${index}`,
                  message: `src/file-${index}.ts(1,1): error TS2345`,
                  excerpt: Array.from(
                    { length: 40 },
                    (_, line) => `src/file-${index}.ts(${line},1): error TS2345: ${'x'.repeat(60)}`,
                  ).join('\n'),
                  file_path: `src/file-${index}.ts`,
                  line: index,
                }),
        }),
      ),
    }),
  },
  ...SITUATIONS,
  ...DIAGNOSES,
  ...VERDICTS,
];
