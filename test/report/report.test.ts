// What the brain answers for a report is the shape that is rendered, and the step writes down what should stand.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { ACCOUNTS } from '../../src/demo/github/state/retell.ts';
import type { Life } from '../../src/demo/story/life.ts';
import type { JobOutline, Moment } from '../../src/demo/story/life-outline.ts';
import type { LifeDelivery } from '../../src/demo/story/teller.ts';
import { PATTERN_CATEGORIES } from '../../src/model/failure.ts';
import type { GateAnswer } from '../../src/model/gate.ts';
import type { PullRequestReport } from '../../src/model/pull-request.ts';
import { standingOf } from '../../src/report/failures/standing.ts';
import { openTestBrain, ruleBackend, type TestBrain } from '../support/brain.ts';
import {
  deploymentFact,
  deploymentStatusFact,
  forgetEverything,
  HEAD,
  jobFact,
  minute,
  pullRequestFact,
  REPOSITORY,
  runFact,
  tell,
} from '../support/fact-rows.ts';
import { type Bench, openBench } from '../support/pipeline.ts';
import { playLife } from '../support/play-life.ts';

const NEWER = 'b'.repeat(40);
const MERGE = 'c'.repeat(40);

const pattern = z.strictObject({
  name: z.string(),
  category: z.enum(PATTERN_CATEGORIES),
  severity: z.enum(['info', 'warning', 'error', 'critical']),
  root_cause: z.string(),
  recommended_fix: z.string(),
  docs_url: z.string().nullable(),
});

const others = {
  others: z.int(),
  other_lines: z.array(z.strictObject({ line_number: z.int(), text: z.string() })).max(3),
};

const failure = z.strictObject({
  fingerprint: z.string(),
  pattern: pattern.nullable(),
  message: z.string(),
  verdict: z.enum(['new', 'flaky', 'broken_base', 'infra', 'collateral', 'unknown']),
  verdict_reason: z.string(),
  rule: z.string().nullable(),
  excerpt: z.string().nullable(),
  excerpt_first_line: z.int().nullable(),
  excerpt_last_line: z.int().nullable(),
  line_number: z.int().nullable(),
  step_first_line: z.int().nullable(),
  file_path: z.string().nullable(),
  line: z.int().nullable(),
  evidence: z
    .strictObject({
      why: z.enum(['match', 'error', 'block', 'exit', 'tail']),
      first_line: z.int(),
      last_line: z.int(),
    })
    .nullable(),
  step_name: z.string().nullable(),
  is_elsewhere: z.boolean(),
  ...others,
  further_causes: z.array(
    z.strictObject({
      pattern,
      line_number: z.int(),
      line_text: z.string(),
      file_path: z.string().nullable(),
      line: z.int().nullable(),
      ...others,
    }),
  ),
});

const ciStatus = z.enum(['queued', 'running', 'succeeded', 'failed', 'canceled']);

const pullRequestReport = z.strictObject({
  repository: z.strictObject({ id: z.int(), owner: z.string(), name: z.string(), html_url: z.url() }),
  pull_request: z.strictObject({
    number: z.int(),
    title: z.string(),
    state: z.enum(['open', 'closed', 'merged']),
    head_sha: z.string(),
    head_ref: z.string(),
    merge_commit_sha: z.string().nullable(),
    html_url: z.url(),
  }),
  jobs: z.array(
    z.strictObject({
      provider: z.enum(['github-actions', 'github-checks', 'github-status', 'other']),
      workflow_name: z.string(),
      name: z.string(),
      run_attempt: z.int(),
      status: ciStatus,
      conclusion: z.string().nullable(),
      html_url: z.string().nullable(),
      started_at: z.string().nullable(),
      completed_at: z.string().nullable(),
      failed_step: z.strictObject({ number: z.int(), name: z.string() }).nullable(),
      log_state: z.enum(['none', 'fetched', 'missing', 'expired']),
      failure: failure.nullable(),
    }),
  ),
  unfinished_runs: z.int(),
  deployments: z.array(
    z.strictObject({
      environment_name: z.string(),
      status: z.enum(['pending', 'running', 'succeeded', 'failed', 'rolled_back']),
      commit_sha: z.string(),
      url: z.string().nullable(),
      // Asked for by itself.
      environment_url: z.string().nullable().optional(),
      log_url: z.string().nullable().optional(),
      failure: failure.nullable(),
    }),
  ),
  earlier_failures: z.array(
    z.strictObject({
      job_name: z.string(),
      pattern_name: z.string().nullable(),
      message: z.string(),
      commit_sha: z.string(),
      run_attempt: z.int(),
      fixed_by: z.strictObject({ commit_sha: z.string(), run_attempt: z.int() }).nullable(),
    }),
  ),
  as_of: z.string().nullable(),
});

let brain: TestBrain;
beforeAll(async () => {
  brain = await openTestBrain(ruleBackend);
});
afterAll(() => brain.close());
beforeEach(() => forgetEverything(brain));

describe('read_report', () => {
  const read = async (pull_request_number = 1, sha?: string) => {
    const asked = { repository_id: REPOSITORY, pull_request_number, ...(sha ? { sha } : {}) };
    return {
      ...pullRequestReport.parse(await brain.call('read_report', asked)),
      gate: null,
      information: [],
      proposed_problems: [],
    };
  };

  /** Writes a judgement down as the diagnose step does. */
  async function recordFailure(
    about: { job_id?: number; run_id?: string; deployment_id?: string },
    result: { fingerprint?: string; message?: string; pattern?: string } = {},
  ): Promise<void> {
    const { job_id, run_id, deployment_id } = about;
    const [ids] = await brain.sql(
      `select
        (select project_id from codered.repositories) as project,
        (select id from codered.ci_jobs where job_id = $1::bigint) as job,
        coalesce((select ci_event_id from codered.ci_jobs where job_id = $1::bigint), (select id from codered.ci_events where run_id = $2)) as event,
        (select id from codered.deployments where deployment_id = $3) as deployment,
        (select id from codered.bug_patterns where name = $4) as pattern`,
      [job_id === undefined ? null : String(job_id), run_id ?? null, deployment_id ?? null, result.pattern ?? null],
    );
    const { fingerprint = 'f-1', message = 'npm error code ERESOLVE' } = result;
    const matches = ids?.pattern
      ? [{ bug_pattern_id: ids.pattern, line_number: 7, line_text: message, captures: ['ERESOLVE'], is_primary: true }]
      : [];
    await brain.call('record_diagnosis', {
      diagnosis: {
        project_id: ids?.project ?? null,
        repository_id: REPOSITORY,
        source: deployment_id === undefined ? 'ci' : 'deployment',
        ci_job_id: ids?.job ?? null,
        ci_event_id: ids?.event ?? null,
        deployment_id: ids?.deployment ?? null,
        error_code: null,
        message,
        severity: 'error',
        fingerprint,
        verdict: 'unknown',
        verdict_reason: null,
        excerpt: message,
        excerpt_first_line: 7,
        excerpt_last_line: 8,
        line_number: 7,
        step_first_line: 3,
        file_path: 'package.json',
        line: 12,
        matches,
        log_state: ids?.job ? 'fetched' : null,
      },
    });
  }

  const patternName = async () => {
    const [row] = await brain.sql(
      `select name from codered.bug_patterns where source = 'builtin' order by position limit 1`,
    );
    return row?.name ?? '';
  };
  const inShort = (report: Pick<PullRequestReport, 'jobs'>) =>
    report.jobs.map(({ name, run_attempt, status, failure: found }) => [
      name,
      run_attempt,
      status,
      found?.fingerprint ?? null,
    ]);

  it('answers exactly what is rendered', async () => {
    expectTypeOf<z.infer<typeof pullRequestReport>>().toExtend<Omit<PullRequestReport, keyof GateAnswer>>();
    const name = await patternName();
    const steps = [
      { number: 1, name: 'Set up job', status: 'completed', conclusion: 'success' },
      { number: 2, name: 'npm ci', status: 'completed', conclusion: 'failure' },
      { number: 3, name: 'npm test', status: 'completed', conclusion: 'skipped' },
    ];
    await tell(brain, {
      pull_requests: [pullRequestFact()],
      ci_events: [
        runFact(),
        runFact({
          provider: 'github-status',
          run_id: `${HEAD}:ci`,
          workflow_name: 'ci',
          status: 'failed',
          trigger: 'other',
        }),
      ],
      ci_jobs: [jobFact({ steps, html_url: 'https://github.com/octo-org/web-shop/actions/runs/7001/job/8001' })],
      deployments: [deploymentFact()],
      deployment_statuses: [
        deploymentStatusFact({ state: 'failure', description: 'It broke', log_url: 'https://logs.example' }),
      ],
    });
    await recordFailure({ job_id: 8001 }, { pattern: name });
    await recordFailure({ deployment_id: '6001' }, { fingerprint: 'f-2', message: 'It broke' });
    const report = await read();
    expect(report).toMatchObject({
      repository: {
        id: REPOSITORY,
        owner: 'octo-org',
        name: 'web-shop',
        html_url: 'https://github.com/octo-org/web-shop',
      },
      pull_request: { number: 1, state: 'open', head_sha: HEAD, head_ref: 'react-19', merge_commit_sha: null },
      unfinished_runs: 0,
      jobs: [
        {
          provider: 'github-actions',
          workflow_name: 'CI',
          name: 'test',
          status: 'failed',
          conclusion: 'failure',
          failed_step: { number: 2, name: 'npm ci' },
          log_state: 'fetched',
          failure: {
            fingerprint: 'f-1',
            pattern: { name },
            message: 'npm error code ERESOLVE',
            verdict_reason: '',
            line_number: 7,
            step_first_line: 3,
            file_path: 'package.json',
            line: 12,
          },
        },
        {
          provider: 'github-status',
          workflow_name: 'ci',
          name: 'ci',
          status: 'failed',
          log_state: 'none',
          failure: null,
        },
      ],
      deployments: [
        {
          environment_name: 'production',
          status: 'failed',
          url: 'https://logs.example',
          failure: { message: 'It broke', pattern: null },
        },
      ],
      earlier_failures: [],
    });
    expect(Date.parse(report.as_of ?? '')).toBe(Date.parse(minute(7)));
  });

  it('answers nothing for a pull request that nobody knows', async () => {
    await tell(brain, {});
    expect(await brain.call('read_report', { repository_id: REPOSITORY, pull_request_number: 1 })).toBeNull();
    expect(await brain.call('read_pull_requests_of', { repository_id: 1, sha: HEAD })).toBeNull();
  });

  it('is as new as the newest thing in it, and the pull request itself counts', async () => {
    await tell(brain, { pull_requests: [pullRequestFact()] });
    expect(await read()).toMatchObject({ jobs: [], as_of: minute(1).replace('.000', '') });
    await tell(brain, {
      ci_events: [runFact({ status: 'running', source_updated_at: null })],
      ci_jobs: [jobFact({ source_updated_at: minute(9) })],
    });
    expect((await read()).as_of).toBe(minute(9).replace('.000', ''));
  });

  it('grows no older by what is told later', async () => {
    const push = runFact({ run_id: '1', trigger: 'push', source_updated_at: minute(9) });
    await tell(brain, { pull_requests: [pullRequestFact()], ci_events: [push] });
    expect((await read()).as_of).toBe(minute(9).replace('.000', ''));
    await tell(brain, { ci_events: [runFact({ run_id: '2', source_updated_at: minute(7) })] });
    expect((await read()).as_of).toBe(minute(9).replace('.000', ''));
  });

  describe('the jobs', () => {
    it('are those of the newest attempt, with the ones that did not run again carried over', async () => {
      await tell(brain, {
        pull_requests: [pullRequestFact()],
        ci_events: [runFact(), runFact({ run_attempt: 2, status: 'running' })],
        ci_jobs: [
          jobFact({ job_id: 1, name: 'lint', status: 'succeeded' }),
          jobFact({ job_id: 2, name: 'test' }),
          jobFact({ job_id: 3, name: 'test', run_attempt: 2, status: 'running' }),
        ],
      });
      await recordFailure({ job_id: 2 });
      const report = await read();
      expect(inShort(report)).toEqual([
        ['lint', 1, 'succeeded', null],
        ['test', 2, 'running', null],
      ]);
      expect(report.unfinished_runs).toBe(1);
    });

    it('are all there when several of an attempt have one name', async () => {
      await tell(brain, {
        pull_requests: [pullRequestFact()],
        ci_events: [runFact()],
        ci_jobs: [jobFact({ job_id: 1 }), jobFact({ job_id: 2, status: 'succeeded' })],
      });
      expect(inShort(await read())).toEqual([
        ['test', 1, 'failed', null],
        ['test', 1, 'succeeded', null],
      ]);
    });

    it('are those of the newest run of a workflow on the head', async () => {
      await tell(brain, {
        pull_requests: [pullRequestFact()],
        ci_events: [
          runFact({ run_id: '999' }),
          runFact({ run_id: '1000' }),
          runFact({ run_id: '1', commit_sha: NEWER }),
        ],
        ci_jobs: [
          jobFact({ run_id: '999', job_id: 1, name: 'old' }),
          jobFact({ run_id: '1000', job_id: 2, name: 'new' }),
          jobFact({ run_id: '1', job_id: 3, name: 'another commit' }),
        ],
      });
      expect(inShort(await read())).toEqual([['new', 1, 'failed', null]]);
    });

    it('are the pull request’s own where a workflow ran for the push as well, and the push’s where it did not', async () => {
      await tell(brain, {
        pull_requests: [pullRequestFact()],
        ci_events: [
          runFact({ run_id: '1' }),
          runFact({ run_id: '2', trigger: 'push' }),
          runFact({ run_id: '3', trigger: 'push', workflow_name: 'Docs', workflow_path: '.github/workflows/docs.yml' }),
        ],
        ci_jobs: [
          jobFact({ run_id: '1', job_id: 1, name: 'for the pull request' }),
          jobFact({ run_id: '2', job_id: 2, name: 'for the push' }),
          jobFact({ run_id: '3', job_id: 3, name: 'docs' }),
        ],
      });
      expect(inShort(await read()).map(([name]) => name)).toEqual(['for the pull request', 'docs']);
    });

    it('are known by their job alone, before anything tells of their run', async () => {
      const stub = { workflow_path: null, trigger: 'other', conclusion: null, source_updated_at: null } as const;
      await tell(brain, {
        pull_requests: [pullRequestFact()],
        ci_events: [runFact(), runFact({ ...stub, run_attempt: 2, status: 'running' })],
        ci_jobs: [jobFact(), jobFact({ job_id: 8002, run_attempt: 2, status: 'succeeded' })],
      });
      expect(inShort(await read())).toEqual([['test', 2, 'succeeded', null]]);
    });

    it('are also what other systems say, each App’s check and each context in its newest state', async () => {
      const check = (run_id: string, actor: string, status: 'failed' | 'succeeded') =>
        runFact({
          provider: 'github-checks',
          run_id,
          workflow_name: 'build',
          workflow_path: null,
          trigger: 'other',
          actor,
          status,
        });
      await tell(brain, {
        pull_requests: [pullRequestFact()],
        ci_events: [
          check('1', 'octo-ci', 'failed'),
          check('2', 'octo-ci', 'succeeded'),
          check('3', 'hooli-ci', 'failed'),
          runFact({
            provider: 'github-status',
            run_id: `${HEAD}:ci/a`,
            workflow_name: 'ci/a',
            workflow_path: null,
            status: 'running',
          }),
        ],
      });
      const report = await read();
      expect(inShort(report)).toEqual([
        ['build', 1, 'succeeded', null],
        ['build', 1, 'failed', null],
        ['ci/a', 1, 'running', null],
      ]);
      expect(report.unfinished_runs).toBe(1);
    });

    it('are a run itself when it failed before any job', async () => {
      await tell(brain, {
        pull_requests: [pullRequestFact()],
        ci_events: [
          runFact({ run_id: '1', conclusion: 'startup_failure', workflow_name: 'Broken', workflow_path: 'broken.yml' }),
          runFact({ run_id: '2', status: 'queued' }),
        ],
      });
      await recordFailure({ run_id: '1' });
      const report = await read();
      expect(inShort(report)).toEqual([['Broken', 1, 'failed', 'f-1']]);
      expect(report.unfinished_runs).toBe(1);
    });

    it('failed, though GitHub says canceled, when the diagnosis found that they did', async () => {
      await tell(brain, {
        pull_requests: [pullRequestFact()],
        ci_events: [runFact()],
        ci_jobs: [
          jobFact({ job_id: 1, name: 'slow', status: 'canceled', conclusion: 'cancelled' }),
          jobFact({ job_id: 2, name: 'stopped', status: 'canceled', conclusion: 'cancelled' }),
        ],
      });
      await recordFailure({ job_id: 1 });
      expect(inShort(await read())).toEqual([
        ['slow', 1, 'failed', 'f-1'],
        ['stopped', 1, 'canceled', null],
      ]);
    });

    it('are the run as well when it failed and its jobs were only canceled', async () => {
      await tell(brain, {
        pull_requests: [pullRequestFact()],
        ci_events: [runFact()],
        ci_jobs: [jobFact({ status: 'canceled', conclusion: 'cancelled' })],
      });
      await recordFailure({ run_id: '7001' });
      expect(inShort(await read())).toEqual([
        ['CI', 1, 'failed', 'f-1'],
        ['test', 1, 'canceled', null],
      ]);
    });

    it.each([
      [
        'canceled before it had any',
        { status: 'canceled', conclusion: 'cancelled' },
        { status: 'canceled', unfinished: 0, state: 'incomplete', outcome: 'cancelled' },
      ],
      [
        'waiting for an approval before it has any',
        { status: 'queued', conclusion: 'action_required' },
        { status: 'queued', unfinished: 1, state: 'waiting', outcome: 'approval' },
      ],
    ] as const)('are the run itself when it is %s', async (_, run, result) => {
      await tell(brain, {
        pull_requests: [pullRequestFact()],
        ci_events: [
          runFact({ ...run, run_id: '1', workflow_name: 'E2E', workflow_path: 'e2e.yml' }),
          runFact({ run_id: '2', status: 'succeeded', conclusion: 'success' }),
        ],
        ci_jobs: [jobFact({ run_id: '2', status: 'succeeded', conclusion: 'success' })],
      });
      const report = await read();
      expect(inShort(report)).toEqual([
        ['test', 1, 'succeeded', null],
        ['E2E', 1, result.status, null],
      ]);
      expect(report.unfinished_runs).toBe(result.unfinished);
      const standing = standingOf(report);
      expect(standing.state).toBe(result.state);
      expect(standing.counts[result.outcome]).toBe(1);
    });

    it.each([
      ['that was canceled', { status: 'canceled', conclusion: 'cancelled' }, { status: 'canceled' }, 'canceled'],
      ['that waits', { status: 'queued', conclusion: 'action_required' }, { status: 'queued' }, 'queued'],
    ] as const)('of a run %s tell of it, so that it is not told of itself', async (_, run, job, status) => {
      await tell(brain, {
        pull_requests: [pullRequestFact()],
        ci_events: [runFact(run)],
        ci_jobs: [jobFact(job)],
      });
      expect(inShort(await read())).toEqual([['test', 1, status, null]]);
    });

    it.each([
      ['run', [runFact({ status: 'succeeded' })]],
      ['attempt', [runFact({ status: 'running' }), runFact({ run_attempt: 2, status: 'succeeded' })]],
    ])('end with their %s though nothing told of their end', async (kind, ci_events) => {
      const run_attempt = ci_events.length;
      await tell(brain, {
        pull_requests: [pullRequestFact()],
        ci_events,
        ci_jobs: [
          jobFact({ job_id: 1, name: 'a', run_attempt, status: 'running', conclusion: null }),
          jobFact({ job_id: 2, name: 'b', run_attempt, status: 'queued', conclusion: 'action_required' }),
          ...(kind === 'attempt' ? [jobFact({ job_id: 3, name: 'c', status: 'running' })] : []),
        ],
      });
      const report = await read();
      expect(report.jobs.map(({ name, status, conclusion }) => [name, status, conclusion])).toEqual([
        ['a', 'canceled', null],
        ['b', 'canceled', null],
      ]);
      expect(standingOf(report)).toMatchObject({ unfinished: false, state: 'incomplete' });
    });

    it('end with their attempt when there is a newer one', async () => {
      await tell(brain, {
        pull_requests: [pullRequestFact()],
        ci_events: [runFact({ status: 'running' }), runFact({ run_attempt: 2 })],
        ci_jobs: [
          jobFact({ job_id: 1, name: 'lint', status: 'running' }),
          jobFact({ job_id: 2, name: 'test', run_attempt: 2 }),
        ],
      });
      expect(inShort(await read())).toEqual([
        ['lint', 1, 'canceled', null],
        ['test', 2, 'failed', null],
      ]);
    });

    it('of an earlier attempt that did not pass are overtaken by one that passed as a whole', async () => {
      const attempts = (status: 'failed' | 'succeeded') => ({
        pull_requests: [pullRequestFact()],
        ci_events: [
          runFact({ start_time: minute(11) }),
          runFact({ run_attempt: 2, start_time: minute(12), status, source_updated_at: minute(13) }),
        ],
        ci_jobs: [
          jobFact({ job_id: 1, name: 'lint', status: 'succeeded' }),
          jobFact({ job_id: 2, name: 'test' }),
          jobFact({ job_id: 3, name: 'build', run_attempt: 2, status: 'succeeded' }),
        ],
      });
      await tell(brain, attempts('failed'));
      await recordFailure({ job_id: 2 });
      expect(inShort(await read()).map(([name]) => name)).toEqual(['build', 'lint', 'test']);
      await forgetEverything(brain);
      await tell(brain, attempts('succeeded'));
      await recordFailure({ job_id: 2 });
      const report = await read();
      expect(inShort(report).map(([name]) => name)).toEqual(['build', 'lint']);
      expect(report.earlier_failures).toMatchObject([{ job_name: 'test', fixed_by: { run_attempt: 2 } }]);
    });

    it('carry no failure any more once they turned out not to have failed', async () => {
      await tell(brain, {
        pull_requests: [pullRequestFact()],
        ci_events: [runFact({ status: 'running' })],
        ci_jobs: [jobFact()],
      });
      await recordFailure({ job_id: 8001 });
      await tell(brain, { ci_jobs: [jobFact({ status: 'succeeded', source_updated_at: minute(6) })] });
      expect(inShort(await read())).toEqual([['test', 1, 'succeeded', null]]);
    });
  });

  describe('earlier failures', () => {
    const attempt = (
      n: number,
      sha: string,
      result: { status: 'failed' | 'succeeded'; run_attempt?: number; run?: string },
    ) => {
      const { status, run_attempt = 1, run = `70${n}` } = result;
      return {
        ci_events: [runFact({ run_id: run, run_attempt, commit_sha: sha, status, start_time: minute(10 + n) })],
        ci_jobs: [jobFact({ run_id: run, run_attempt, job_id: 100 + n, status })],
      };
    };

    it('name the commit that mended them', async () => {
      const name = await patternName();
      await tell(brain, { pull_requests: [pullRequestFact()], ...attempt(1, HEAD, { status: 'failed' }) });
      await recordFailure({ job_id: 101 }, { pattern: name, message: 'npm error code ERESOLVE' });
      await tell(brain, {
        pull_requests: [pullRequestFact({ head_sha: NEWER, source_updated_at: minute(2) })],
        ...attempt(2, NEWER, { status: 'succeeded' }),
      });
      expect((await read()).earlier_failures).toEqual([
        {
          job_name: 'test',
          pattern_name: name,
          message: 'npm error code ERESOLVE',
          commit_sha: HEAD,
          run_attempt: 1,
          fixed_by: { commit_sha: NEWER, run_attempt: 1 },
        },
      ]);
    });

    it('name the attempt that passed on the same commit', async () => {
      await tell(brain, { pull_requests: [pullRequestFact()], ...attempt(1, HEAD, { status: 'failed', run: '7' }) });
      await recordFailure({ job_id: 101 });
      await tell(brain, attempt(2, HEAD, { status: 'succeeded', run: '7', run_attempt: 2 }));
      expect((await read()).earlier_failures).toMatchObject([
        { commit_sha: HEAD, run_attempt: 1, pattern_name: null, fixed_by: { commit_sha: HEAD, run_attempt: 2 } },
      ]);
    });

    it('are also those of jobs that GitHub calls canceled', async () => {
      await tell(brain, {
        pull_requests: [pullRequestFact()],
        ci_events: [runFact({ run_id: '1', start_time: minute(11) })],
        ci_jobs: [jobFact({ run_id: '1', job_id: 1, status: 'canceled' })],
      });
      await recordFailure({ job_id: 1 });
      await tell(brain, {
        pull_requests: [pullRequestFact({ head_sha: NEWER, source_updated_at: minute(2) })],
        ...attempt(2, NEWER, { status: 'succeeded' }),
      });
      expect((await read()).earlier_failures).toMatchObject([{ commit_sha: HEAD, fixed_by: { commit_sha: NEWER } }]);
    });

    it('are none while the same failure still stands, and two while another one does', async () => {
      await tell(brain, { pull_requests: [pullRequestFact()], ...attempt(1, HEAD, { status: 'failed' }) });
      await recordFailure({ job_id: 101 });
      await tell(brain, {
        pull_requests: [pullRequestFact({ head_sha: NEWER, source_updated_at: minute(2) })],
        ...attempt(2, NEWER, { status: 'failed' }),
      });
      await recordFailure({ job_id: 102 });
      expect((await read()).earlier_failures).toEqual([]);
      await recordFailure({ job_id: 102 }, { fingerprint: 'f-other' });
      expect((await read()).earlier_failures).toMatchObject([{ commit_sha: HEAD, fixed_by: null }]);
    });

    it('are told once, by the last time they happened, and not those of before the pull request or of the push', async () => {
      const before = runFact({ run_id: '1', commit_sha: MERGE, start_time: '2026-10-01T00:00:00.000Z' });
      const push = runFact({ run_id: '2', commit_sha: MERGE, trigger: 'push', start_time: minute(11) });
      const fork = runFact({ run_id: '3', commit_sha: MERGE, head_repository_id: 77, start_time: minute(11) });
      await tell(brain, {
        pull_requests: [pullRequestFact({ head_sha: 'd'.repeat(40) })],
        ci_events: [before, push, fork],
        ci_jobs: [1, 2, 3].map((n) => jobFact({ run_id: String(n), job_id: n })),
      });
      for (const job_id of [1, 2, 3]) await recordFailure({ job_id });
      expect((await read()).earlier_failures).toEqual([]);
      for (const [n, sha] of [HEAD, NEWER].entries()) {
        await tell(brain, attempt(n, sha, { status: 'failed' }));
        await recordFailure({ job_id: 100 + n });
      }
      expect((await read()).earlier_failures).toMatchObject([{ commit_sha: NEWER, fixed_by: null }]);
    });
  });

  describe('deployments', () => {
    it('are the newest of each environment, of the head and of the merge commit', async () => {
      const deploy = (id: string, environment_name: string, commit_sha: string, at: number) => ({
        deployments: [deploymentFact({ deployment_id: id, environment_name, commit_sha, created_at: minute(at) })],
        deployment_statuses: [
          deploymentStatusFact({ deployment_id: id, status_id: Number(id), created_at: minute(at) }),
        ],
      });
      const pull = { pull_requests: [pullRequestFact({ state: 'merged', merge_commit_sha: MERGE })] };
      await tell(brain, { ...pull, ...deploy('1', 'production', MERGE, 10) });
      await tell(brain, deploy('2', 'production', MERGE, 11));
      await tell(brain, deploy('3', 'preview', HEAD, 5));
      await tell(brain, deploy('4', 'staging', NEWER, 12));
      const { deployments } = await read();
      expect(deployments.map(({ environment_name, commit_sha }) => [environment_name, commit_sha])).toEqual([
        ['preview', HEAD],
        ['production', MERGE],
      ]);
    });

    it('that failed say what the log of their run says, rather than their description', async () => {
      await tell(brain, {
        pull_requests: [pullRequestFact({ state: 'merged', merge_commit_sha: MERGE })],
        ci_events: [runFact({ commit_sha: MERGE, trigger: 'push' })],
        ci_jobs: [jobFact()],
        deployments: [deploymentFact({ commit_sha: MERGE, run_id: '7001', run_attempt: 1 })],
        deployment_statuses: [deploymentStatusFact({ state: 'failure', description: 'see the log' })],
      });
      await recordFailure({ deployment_id: '6001' }, { message: 'see the log', fingerprint: 'f-0' });
      expect((await read()).deployments).toMatchObject([{ failure: { message: 'see the log' } }]);
      await recordFailure({ job_id: 8001 }, { message: 'npm error code E401', fingerprint: 'f-9' });
      expect((await read()).deployments).toMatchObject([{ failure: { message: 'npm error code E401' } }]);
    });

    it('have two addresses, each the newest that a status told, and none of one that went inactive', async () => {
      const shop = 'https://shop.example/';
      const links = (shas: readonly string[]) =>
        brain.call('read_deployment_links', { repository_id: REPOSITORY, shas: [...shas] });
      const result = (status_id: number, state: string, change: object) =>
        deploymentStatusFact({ status_id, state, created_at: minute(status_id), ...change });
      await tell(brain, {
        deployments: [deploymentFact({ commit_sha: MERGE })],
        deployment_statuses: [
          result(1, 'in_progress', { environment_url: 'https://old.example/', log_url: 'https://logs.example/1' }),
          result(2, 'in_progress', { environment_url: shop }),
          result(3, 'failure', { log_url: 'https://logs.example/2' }),
          result(4, 'inactive', { environment_url: 'https://gone.example/' }),
        ],
      });
      const place = { environment_name: 'production', commit_sha: MERGE };
      expect(await links([HEAD, MERGE])).toEqual([
        { ...place, environment_url: shop, log_url: 'https://logs.example/2' },
      ]);
      expect(await links([HEAD])).toEqual([]);
    });
  });

  it('tells of a former head when it is asked to', async () => {
    await tell(brain, {
      pull_requests: [pullRequestFact({ head_sha: NEWER })],
      ci_events: [runFact()],
      ci_jobs: [jobFact()],
    });
    expect(inShort(await read())).toEqual([]);
    const former = await read(1, HEAD);
    expect(former.pull_request.head_sha).toBe(HEAD);
    expect(inShort(former)).toEqual([['test', 1, 'failed', null]]);
  });
});

describe('the report step', () => {
  const LOG = [
    '2026-11-20T13:02:10.1000000Z ##[group]Run npm ci',
    '2026-11-20T13:02:11.2000000Z npm error code ERESOLVE',
    '2026-11-20T13:02:12.4000000Z ##[error]Process completed with exit code 1.',
  ].join('\n');
  const passing: JobOutline = { name: 'test', conclusion: 'success', steps: ['npm ci'] };
  const failing: JobOutline = { ...passing, conclusion: 'failure', log: { kept: LOG } };

  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench(brain);
  });
  afterEach(() => bench.close());
  const opened: Moment[] = [{ kind: 'install' }, { kind: 'open', pull: 1, title: 'Use React 19', branch: 'react-19' }];

  const play = (moments: readonly Moment[], reaches?: (delivery: LifeDelivery) => boolean) =>
    playLife(bench, moments, { reaches });

  const work = (input: { repository_id: number; head_sha: string; recheck?: boolean }) =>
    bench.pipeline.work({ id: 'x', kind: 'report', input, attempts: 1, claim: 1 });
  const publications = () =>
    brain.sql(`
      select kind, target, generation, desired ->> 'conclusion' as conclusion, desired_hash, updated_at
      from codered.publications order by kind, target, generation`);
  const inShort = async () =>
    (await publications()).map(({ kind, target, generation, conclusion }) =>
      [kind, target?.replace(/^[0-9a-f]{40}:/, ''), Number(generation), conclusion].filter((part) => part !== null),
    );
  /** As if the publisher had written everything. */
  const published = () =>
    brain.script(
      `update codered.publications set published_hash = desired_hash, published_conclusion = desired ->> 'conclusion'`,
    );
  const headOf = (life: Life, number = 1) =>
    [...(bench.github.state.repositories.get(life.repository.id)?.pulls.values() ?? [])].find(
      (pull) => pull.number === number,
    )?.head.sha ?? '';

  it('wants a check run for what passes, and no comment', async () => {
    await play([...opened, { kind: 'run', on: 1, jobs: [passing] }]);
    expect(await inShort()).toEqual([['check_run', 'CodeRed', 1, 'success']]);
  });

  it('wants a comment for what fails, and keeps it true when it passes later', async () => {
    await play([
      ...opened,
      { kind: 'run', on: 1, jobs: [failing] },
      { kind: 'commit', pull: 1, message: 'Pin react' },
      { kind: 'run', on: 1, jobs: [passing] },
    ]);
    expect((await inShort()).toSorted()).toEqual([
      ['check_run', 'CodeRed', 1, 'failure'],
      ['check_run', 'CodeRed', 1, 'success'],
      ['comment', '1', 1],
    ]);
    const [comment] = await brain.sql(
      `select desired ->> 'body' as body from codered.publications where kind = 'comment'`,
    );
    expect(comment?.body).toContain('✅');
  });

  it('wants nothing else when it is done again', async () => {
    const life = await play([...opened, { kind: 'run', on: 1, jobs: [failing] }]);
    const standing = await publications();
    expect(await work({ repository_id: life.repository.id, head_sha: headOf(life) })).toEqual({ pull_requests: [1] });
    expect(await publications()).toEqual(standing);
  });

  it('wants a new check run when somebody asks for it again, and the comment stays one', async () => {
    const life = await play([...opened, { kind: 'run', on: 1, jobs: [failing] }]);
    await published();
    await work({ repository_id: life.repository.id, head_sha: headOf(life), recheck: true });
    expect(await inShort()).toEqual([
      ['check_run', 'CodeRed', 1, 'failure'],
      ['check_run', 'CodeRed', 2, 'failure'],
      ['comment', '1', 1],
    ]);
  });

  it('changes nothing for a head that was overtaken', async () => {
    const life = await play([
      ...opened,
      { kind: 'run', on: 1, jobs: [failing] },
      { kind: 'commit', pull: 1, message: 'Pin react' },
      { kind: 'run', on: 1, jobs: [failing] },
    ]);
    const standing = await publications();
    const run = life.deliveries.find(({ event }) => event === 'workflow_run')?.payload.workflow_run;
    const { head_sha } = z.object({ head_sha: z.string() }).parse(run);
    expect(head_sha).not.toBe(headOf(life));
    await work({ repository_id: life.repository.id, head_sha });
    expect(await publications()).toEqual(standing);
  });

  it('finishes the check run of a head that was overtaken while it ran', async () => {
    await play(
      [
        ...opened,
        { kind: 'run', on: 1, jobs: [failing] },
        { kind: 'commit', pull: 1, message: 'Pin react' },
        { kind: 'rerun', on: 1, jobs: [passing] },
      ],
      // The first attempt never finishes as far as we are told; the second one does after the commit.
      ({ event, action, moment }) => !(moment === 2 && event === 'workflow_run' && action === 'completed'),
    );
    expect(await inShort()).toEqual([
      ['check_run', 'CodeRed', 1, 'success'],
      ['comment', '1', 1],
    ]);
  });

  it('wants a comment on each of several pull requests of one head, and one check run', async () => {
    const life = await play([...opened, { kind: 'run', on: 1, jobs: [failing] }]);
    const pull = pullRequestFact({
      repository_id: life.repository.id,
      number: 2,
      head_sha: headOf(life),
      base_ref: 'v1',
    });
    await brain.call('record_facts', { facts: JSON.parse(JSON.stringify({ pull_requests: [pull] })) });
    await work({ repository_id: life.repository.id, head_sha: headOf(life) });
    expect(await inShort()).toEqual([
      ['check_run', 'CodeRed', 1, 'failure'],
      ['comment', '1', 1],
      ['comment', '2', 1],
    ]);
  });

  it('tells of the deployment of a merged pull request on its comment, and leaves the check run of its head alone', async () => {
    await play([
      ...opened,
      { kind: 'run', on: 1, jobs: [passing] },
      { kind: 'merge', pull: 1 },
      { kind: 'deploy', environment: 'production', job: { ...failing, name: 'deploy' } },
    ]);
    expect(await inShort()).toEqual([
      ['check_run', 'CodeRed', 1, 'success'],
      ['comment', '1', 1],
    ]);
  });

  it('links a deployment to what it deployed to, and to its log second', async () => {
    await play([
      ...opened,
      { kind: 'run', on: 1, jobs: [failing] },
      { kind: 'merge', pull: 1 },
      { kind: 'deploy', environment: 'production', job: { ...passing, name: 'deploy' } },
    ]);
    const [comment] = await brain.sql(
      `select desired ->> 'body' as body from codered.publications where kind = 'comment'`,
    );
    expect(comment?.body).toMatch(
      /Deployment: \[`production`\]\(https:\/\/production\.example\/\) succeeded at .* \(\[log\]\(https:\/\/\S+\)\)/,
    );
  });

  it('asks GitHub for the pull request of a fork whose webhook never came', async () => {
    const author = ACCOUNTS.hacktocat;
    const life = await play(
      [
        { kind: 'install' },
        { kind: 'open', pull: 2, title: 'From a fork', branch: 'patch-1', author, fromFork: true },
        { kind: 'run', on: 2, jobs: [failing] },
      ],
      ({ event }) => event !== 'pull_request',
    );
    expect(await inShort()).toEqual([
      ['check_run', 'CodeRed', 1, 'failure'],
      ['comment', '2', 1],
    ]);
    const asked = bench.github.requests.filter(({ path }) => path.endsWith(`/commits/${headOf(life, 2)}/pulls`));
    expect(asked.map(({ status }) => status)).toContain(200);
  });

  it('asks GitHub nothing for a commit of the default branch', async () => {
    await play([{ kind: 'install' }, { kind: 'run', on: 'default branch', jobs: [failing] }]);
    expect(await inShort()).toEqual([]);
    expect(bench.github.requests.filter(({ path }) => path.endsWith('/pulls'))).toEqual([]);
  });

  it('does nothing for a repository that is gone', async () => {
    const life = await play([...opened, { kind: 'run', on: 1, jobs: [failing] }]);
    const standing = await publications();
    await brain.script('update codered.repositories set deleted_at = now()');
    expect(await work({ repository_id: life.repository.id, head_sha: headOf(life) })).toEqual({ pull_requests: [] });
    expect(await publications()).toEqual(standing);
  });
});
