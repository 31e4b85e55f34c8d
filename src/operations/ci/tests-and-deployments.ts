// What CI and deployments come to: tests, which of them are flaky, deployments, and DORA's four measures.
import { z } from 'zod';
import {
  batch,
  commitSha,
  fullName,
  id,
  type Operation,
  operation,
  place,
  READS,
  time,
} from '../declared/operation.ts';
import { completeness } from './completeness.ts';

const day = z.string().describe('A day in UTC: 2026-11-30');

const counts = {
  passed: z.int(),
  failed: z.int(),
  flaky: z.int().describe('Failed first, and passed in the end'),
  skipped: z.int(),
  seconds: z.number(),
};

const listedTest = z.object({
  id: z.int(),
  repository: z.string(),
  suite: z.string(),
  name: z.string(),
  file_path: z.string().nullable(),
  last_seen_on: day,
  ...counts,
});

const testStatus = z.enum(['passed', 'failed', 'errored', 'skipped']);

const TESTS: readonly Operation[] = [
  operation({
    name: 'list_tests',
    summary: "Lists a project's tests with their last results and what they did in 30 days.",
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      project_id: id,
      repository: fullName.optional(),
      status: testStatus.optional().describe('The last one on the default branch'),
      query: z.string().min(1).max(500).optional().describe('Part of suite and name, in any case'),
      batch,
      after_test: z.int().optional(),
    }),
    output: z.array(
      z.object({
        ...listedTest.shape,
        on_default_branch: testStatus.nullable().describe('Its last status there; null: it never ran there'),
        changed_at: time.nullable().describe('Since when it has that status there'),
        elsewhere: testStatus.nullable(),
      }),
    ),
    run: 'list_tests',
    restsOnHistory: true,
    page: { after: { after_test: 'id' }, more: 'extra' },
  }),
  operation({
    name: 'read_test',
    summary: 'Shows a test: where it stands, what it did day by day, and its newest results.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ test_id: z.coerce.number().int().min(1).max(2_147_483_647) }),
    output: z.object({
      ...listedTest.shape,
      states: z.array(
        z.object({
          on_default_branch: z.boolean(),
          last_status: testStatus,
          as_of: time,
          changed_at: time,
          first_passed_at: time.nullable(),
        }),
      ),
      days: z.array(z.object({ day, on_default_branch: z.boolean(), ...counts })),
      results: z
        .array(
          z.object({
            id,
            status: testStatus,
            is_flaky: z.boolean(),
            commit_sha: z.string(),
            run_attempt: z.int(),
            duration_ms: z.int().nullable(),
            message: z.string().nullable().describe('Whoever wrote the test says this'),
            created_at: time,
          }),
        )
        .describe('Failures, flakes, and a pass where it says something; the newest first'),
    }),
    run: 'read_test',
  }),
  operation({
    name: 'list_flaky_tests',
    summary: 'Lists the tests that in 30 days both passed and failed on one and the same commit.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      project_id: id,
      repository: fullName.optional(),
      batch,
      after_commits: z.int().optional(),
      after_repository: z.string().max(1000).optional(),
      after_suite: z.string().max(5000).optional(),
      after_name: z.string().max(5000).optional(),
    }),
    output: z.array(
      z.object({
        repository: z.string(),
        suite: z.string(),
        name: z.string(),
        commits: z.int().describe('On how many it did both'),
        runs: z.int(),
        failures: z.int(),
        last_failed_at: time.nullable(),
      }),
    ),
    run: 'list_flaky_tests',
    restsOnHistory: true,
    page: {
      after: { after_commits: 'commits', after_repository: 'repository', after_suite: 'suite', after_name: 'name' },
      more: 'extra',
    },
  }),
];

const environment = z.enum(['dev', 'staging', 'prod']);
const deploymentStatus = z.enum(['pending', 'running', 'succeeded', 'failed', 'rolled_back']);

const deployment = z.object({
  id,
  project_id: id,
  repository: z.string(),
  provider: z.string(),
  environment,
  environment_name: z.string().describe("GitHub's own name of it"),
  deployment_id: z.string(),
  ci_event_id: id.nullable(),
  status: deploymentStatus,
  url: z.string().nullable(),
  commit_sha: z.string(),
  ref: z.string(),
  creator: z.string().nullable(),
  started_at: time,
  finished_at: time.nullable(),
  is_current: z.boolean().describe('What runs there now'),
});

const DEPLOYMENTS: readonly Operation[] = [
  operation({
    name: 'list_deployments',
    summary: "Lists a project's deployments, newest first.",
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      project_id: id,
      repository: fullName.optional(),
      environment: environment.optional(),
      status: deploymentStatus.optional(),
      commit_sha: commitSha.optional(),
      batch,
      before_started_at: place.optional(),
      before_deployment: id.optional(),
    }),
    output: z.array(deployment),
    run: 'list_deployments',
    restsOnHistory: true,
    page: { after: { before_started_at: 'started_at', before_deployment: 'id' }, more: 'extra' },
  }),
  operation({
    name: 'read_deployment',
    summary: 'Shows a deployment with the run that made it and everything that GitHub said of it.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ deployment_id: id }),
    output: z.object({
      ...deployment.shape,
      run: z
        .object({ workflow_name: z.string().nullable(), status: z.string(), html_url: z.string().nullable() })
        .nullable(),
      statuses: z.array(
        z.object({
          state: z.string(),
          environment: z.string(),
          environment_url: z.string().nullable(),
          log_url: z.string().nullable(),
          description: z.string(),
          creator: z.string().nullable(),
          created_at: time,
        }),
      ),
    }),
    run: 'read_deployment',
  }),
];

const week = z.object({
  week: day.describe('Its Monday'),
  deployments: z.int(),
  deployment_frequency: z.number(),
  lead_time_seconds_median: z.number().nullable(),
  change_failure_rate: z.number(),
  time_to_restore_seconds_median: z.number().nullable(),
  completeness,
});

/** What each measure says, as the view that works it out has it. */
const DEFINITIONS = {
  deployment_frequency: 'Deployments to prod that succeeded and stayed, a day, over all seven days of the week.',
  lead_time_seconds_median:
    'Median of the time from the first that is known of a change (its commit, or the head and the opening of its pull request) to its first success in prod; null when no commit is known.',
  change_failure_rate: 'The share of finished deployments to prod that failed or were rolled back, 0 to 1.',
  time_to_restore_seconds_median:
    'Median of the time from a deployment to prod that failed or was rolled back to the next success in the same repository and environment; what was never restored is left out.',
};
const definitions = z.object({
  deployment_frequency: z.string(),
  lead_time_seconds_median: z.string(),
  change_failure_rate: z.string(),
  time_to_restore_seconds_median: z.string(),
});

/** All of them. */
export const DELIVERY_OPERATIONS: readonly Operation[] = [
  ...TESTS,
  ...DEPLOYMENTS,
  operation({
    name: 'read_dora',
    summary: "Gives DORA's four measures of a project, week by week, with what each of them means.",
    scope: 'read',
    hints: READS,
    input: z.strictObject({ project_id: id, weeks: z.int().min(1).max(104).default(12) }),
    output: z.object({
      definitions,
      weeks: z.array(week).describe('The newest first; a week in which no deployment finished has none'),
    }),
    run: 'read_dora',
    finish: (answer) => ({ definitions: DEFINITIONS, weeks: answer }),
  }),
];
