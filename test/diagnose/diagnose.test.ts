// The diagnose step between a real brain and the stand-in for GitHub: what is asked, what is judged, what is stored.

import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openPatternLibrary } from '../../src/brain/pattern-library.ts';
import { startGithubStandIn } from '../../src/demo/github/github-stand-in.ts';
import type { JobLog } from '../../src/demo/github/state/records.ts';
import { ACCOUNTS } from '../../src/demo/github/state/retell.ts';
import type { JobOutline, Moment } from '../../src/demo/story/life-outline.ts';
import type { LifeDelivery } from '../../src/demo/story/teller.ts';
import { keepMatchers } from '../../src/diagnose/matchers.ts';
import { IGNORE_NOTHING } from '../../src/diagnose/patterns/ignores.ts';
import type { Json } from '../../src/model/json.ts';
import { openTestBrain, ruleBackend, type TestBrain } from '../support/brain.ts';
import { rowsOf } from '../support/brain-rows.ts';
import {
  forgetEverything,
  HEAD,
  INSTALLATION,
  jobFact,
  minute,
  REPOSITORY,
  runFact,
  tell,
} from '../support/fact-rows.ts';
import { makeLogLines } from '../support/log-lines.ts';
import { APP, type Bench, openBench } from '../support/pipeline.ts';
import { playLife } from '../support/play-life.ts';

const KNOWN = 'npm peer dependency conflict';
const stamped = (lines: readonly string[]) => lines.map((line) => `2026-11-20T13:02:10.1000000Z ${line}\n`).join('');
const KNOWN_LOG = stamped([
  '##[group]Run npm ci',
  'npm ci',
  '##[endgroup]',
  'npm error code ERESOLVE',
  'npm error ERESOLVE unable to resolve dependency tree',
  '##[error]Process completed with exit code 1.',
]);
const UNKNOWN_LOG = stamped([
  '##[group]Run ./check.sh',
  '##[endgroup]',
  'prices differ in 2 articles',
  '##[error]Process completed with exit code 3.',
]);

const failing = (told: Partial<JobOutline> = {}): JobOutline => ({
  name: 'test',
  conclusion: 'failure',
  steps: ['npm ci'],
  ...told,
});
const opened: readonly Moment[] = [
  { kind: 'install' },
  { kind: 'open', pull: 1, title: 'Use React 19', branch: 'react-19' },
];
const run = (...jobs: JobOutline[]): Moment[] => [...opened, { kind: 'run', on: 1, jobs }];
const annotation = (told: {
  path?: string;
  start_line?: number;
  message: string;
  annotation_level?: 'failure' | 'warning';
}) => ({
  path: 'src/cart.ts',
  start_line: 41,
  end_line: 41,
  annotation_level: 'failure' as const,
  title: null,
  start_column: null,
  end_column: null,
  raw_details: null,
  ...told,
});

describe('the diagnose step', () => {
  let brain: TestBrain;
  let bench: Bench;
  beforeAll(async () => {
    brain = await openTestBrain(ruleBackend);
  });
  afterAll(() => brain.close());
  beforeEach(async () => {
    await forgetEverything(brain);
    bench = await openBench(brain);
  });
  afterEach(() => bench.close());

  const play = (moments: readonly Moment[], options: Parameters<typeof playLife>[2] = {}) =>
    playLife(bench, moments, options);
  const failures = () =>
    brain.sql(`
      select e.source, e.error_code, e.message, e.verdict, e.verdict_reason, e.excerpt, e.line_number, e.step_first_line,
        e.file_path, e.line, e.fingerprint, j.name as job, j.log_state, c.workflow_name as event, d.environment_name as environment,
        (select b.name from codered.error_matches m join codered.bug_patterns b on b.id = m.bug_pattern_id
          where m.error_id = e.id and m.is_primary) as pattern
      from codered.errors e
      left join codered.ci_jobs j on j.id = e.ci_job_id
      left join codered.ci_events c on c.id = e.ci_event_id
      left join codered.deployments d on d.id = e.deployment_id
      order by e.created_at, e.fingerprint`);
  const diagnoseJobs = () =>
    brain.sql(`select id, status, attempts, input from codered.follow_ups where kind = 'diagnose' order by created_at`);
  const logsAsked = () => bench.github.requests.filter(({ path }) => path.endsWith('/logs')).length;
  const work = async (attempts: number) => {
    const [job] = await diagnoseJobs();
    const input: Json = JSON.parse(job?.input ?? 'null');
    return bench.pipeline.work({ id: job?.id ?? '', kind: 'diagnose', input, attempts, claim: 1 });
  };

  describe('a failed job', () => {
    it('is known by a pattern, with the line, the step and the lines that prove it', async () => {
      await play(run(failing({ log: { kept: KNOWN_LOG } })));
      expect(await failures()).toMatchObject([
        {
          source: 'ci',
          job: 'test',
          log_state: 'fetched',
          pattern: KNOWN,
          message: 'npm error code ERESOLVE',
          error_code: null,
          verdict: 'unknown',
          line_number: '4',
          step_first_line: '1',
          excerpt: expect.stringContaining('npm error ERESOLVE unable to resolve dependency tree'),
        },
      ]);
      const [match] = await brain.sql('select line_number, line_text, captures, is_primary from codered.error_matches');
      expect(match).toEqual({
        line_number: '4',
        line_text: 'npm error code ERESOLVE',
        captures: '{ERESOLVE}',
        is_primary: 't',
      });
    });

    it('is told in its own words when no pattern knows it', async () => {
      await play(run(failing({ log: { kept: UNKNOWN_LOG } })));
      expect(await failures()).toMatchObject([
        { pattern: null, message: 'prices differ in 2 articles', line_number: '3' },
      ]);
      expect(await brain.sql('select 1 from codered.error_matches')).toEqual([]);
    });

    it('is judged once, and judging it again changes nothing', async () => {
      await play(run(failing({ log: { kept: KNOWN_LOG } })));
      const before = await rowsOf(brain, { withoutOurs: true });
      expect(await work(1)).toMatchObject({ judged: true });
      await bench.drain('all');
      const { follow_ups: _, ...after } = await rowsOf(brain, { withoutOurs: true });
      const { follow_ups: __, ...standing } = before;
      expect(after).toEqual(standing);
    });

    it('is not judged when it turned out not to have failed, or is gone', async () => {
      await play(run(failing()), { drains: false });
      await brain.script(`update codered.ci_jobs set status = 'succeeded'`);
      expect(await work(1)).toEqual({ judged: false });
      await brain.script('update codered.ci_jobs set status = $$failed$$; delete from codered.ci_events');
      expect(await work(1)).toEqual({ judged: false });
      await brain.script('delete from codered.repositories');
      expect(await failures()).toEqual([]);
      expect(logsAsked()).toBe(0);
    });

    it('asks for a log that is not there three times more, after 5, 30 and 120 seconds, and then says so', async () => {
      await play(run(failing()), { drains: false });
      for (const [attempt, retryAfterMs] of [
        [1, 5_000],
        [2, 30_000],
        [3, 120_000],
      ] as const) {
        await expect(work(attempt)).rejects.toMatchObject({ name: 'Transient', retryAfterMs });
      }
      expect(await failures()).toEqual([]);
      await work(4);
      expect(logsAsked()).toBe(4);
      expect(await failures()).toMatchObject([
        {
          log_state: 'missing',
          error_code: 'NO_LOG',
          verdict: 'unknown',
          verdict_reason: 'GitHub has no log of this job.',
          excerpt: null,
        },
      ]);
    });

    it('is judged by the log that came late', async () => {
      const life = await play(run(failing()), { drains: false });
      await expect(work(1)).rejects.toMatchObject({ name: 'Transient' });
      const inside = bench.github.state.repositories.get(life.repository.id);
      for (const id of inside?.jobs.keys() ?? []) inside?.logs.set(id, { kept: KNOWN_LOG });
      await work(2);
      expect(await failures()).toMatchObject([{ log_state: 'fetched', pattern: KNOWN }]);
    });

    it('says that the log has expired, at once', async () => {
      await play(run(failing({ log: 'expired' })));
      expect(logsAsked()).toBe(1);
      expect(await failures()).toMatchObject([
        {
          log_state: 'expired',
          error_code: 'LOG_EXPIRED',
          verdict: 'unknown',
          verdict_reason: expect.stringContaining('its log is past'),
        },
      ]);
    });

    it('says that the log could not be fetched when GitHub fails to the end', async () => {
      await play(run(failing({ log: { kept: KNOWN_LOG } })), { drains: false });
      for (const attempt of [1, 7]) {
        bench.github.failNext({ path: /\/logs$/ }, { status: 502 });
        if (attempt < 7) await expect(work(attempt)).rejects.toMatchObject({ name: 'Transient' });
        else await work(attempt);
      }
      expect(await failures()).toMatchObject([{ error_code: 'LOG_UNREAD', log_state: 'none', pattern: null }]);
    });

    it.each([
      ['refuses', 451],
      ['does not let the App read it', 403],
    ])('says that the log could not be fetched at once when GitHub %s', async (_, status) => {
      await play(run(failing({ log: { kept: KNOWN_LOG } })), { drains: false });
      bench.github.failNext(
        { path: /\/logs$/ },
        { status, body: { message: 'Resource not accessible by integration' } },
      );
      expect(await work(1)).toMatchObject({ judged: true });
      expect(await failures()).toMatchObject([{ job: 'test', error_code: 'LOG_UNREAD', log_state: 'none' }]);
    });

    it('without a log is judged by its annotations', async () => {
      const annotations = [
        annotation({ message: 'npm error code ERESOLVE' }),
        annotation({ path: '.github', message: 'Process completed with exit code 1.' }),
      ];
      await play(run(failing({ log: 'expired', annotations })));
      expect(await failures()).toMatchObject([
        {
          pattern: KNOWN,
          message: 'npm error code ERESOLVE',
          error_code: 'LOG_EXPIRED',
          verdict_reason: expect.stringContaining('its log is past'),
          file_path: 'src/cart.ts',
          line: '41',
        },
      ]);
    });

    it('with a log takes file and line from its annotations, unless the log’s own line names them', async () => {
      const annotations = [
        annotation({ path: 'src/warned.ts', annotation_level: 'warning', message: 'unused' }),
        annotation({ message: 'Types do not fit' }),
      ];
      const located = stamped(['##[error]src/shop.ts:7:1: error: no', '##[error]Process completed with exit code 1.']);
      await play(
        run(
          failing({ name: 'a', log: { kept: KNOWN_LOG }, annotations }),
          failing({ name: 'b', log: { kept: located }, annotations }),
        ),
      );
      const places = (await failures()).map(({ job, file_path, line }) => [job, file_path, line]);
      expect(places.toSorted()).toEqual([
        ['a', 'src/cart.ts', '41'],
        ['b', 'src/shop.ts', '7'],
      ]);
    });

    it.each([10 ** 12, 2 ** 31, -1])('is stored when an annotation stands on line %d', async (start_line) => {
      const annotations = [annotation({ start_line, message: 'Types do not fit' })];
      await play(run(failing({ log: { kept: KNOWN_LOG }, annotations })));
      expect(await failures()).toMatchObject([{ pattern: KNOWN, file_path: null, line: null }]);
    });

    it('is judged by its log alone when the annotations cannot be had', async () => {
      await play(run(failing({ log: { kept: KNOWN_LOG } })), { drains: false });
      bench.github.failNext({ path: /\/annotations$/ }, { status: 500 });
      await work(1);
      expect(await failures()).toMatchObject([{ pattern: KNOWN, file_path: null }]);
    });

    it('leaves no secret of its log in the brain', async () => {
      const token = `ghp_${'a1B2'.repeat(9)}`;
      const log = stamped([`npm error code ERESOLVE`, `##[error]cloning https://x:${token}@github.com/o/r failed`]);
      await play(
        run(failing({ log: { kept: log } }), failing({ name: 'other', log: { kept: stamped([`##[error]${token}`]) } })),
      );
      expect(await failures()).toHaveLength(2);
      const { errors, error_matches } = await rowsOf(brain);
      expect(JSON.stringify({ errors, error_matches })).not.toContain('a1B2a1B2');
    });
  });

  describe('a cancelled job', () => {
    const TIME_LIMIT =
      'The job running on runner GitHub Actions 5 has exceeded the maximum execution time of 10 minutes.';
    const STOPPED_LOG = stamped([
      '##[group]Run npm ci',
      '##[endgroup]',
      'waiting',
      '##[error]The operation was canceled.',
    ]);
    const canceled = failing({ conclusion: 'cancelled', log: { kept: STOPPED_LOG } });
    const tooLong = { ...canceled, annotations: [annotation({ path: '.github', message: TIME_LIMIT })] };
    const runFailed = {
      reaches: ({ event, action, payload }: LifeDelivery) => {
        if (event === 'workflow_run' && action === 'completed') {
          Object.assign(payload.workflow_run ?? {}, { conclusion: 'failure' });
        }
        return true;
      },
    };

    it('that GitHub concludes as failed is judged by that annotation too, unless its log knows a cause', async () => {
      const failed = { ...tooLong, conclusion: 'failure' as const };
      const known = stamped(['##[group]Run npm ci', 'npm error code ERESOLVE', '##[error]The operation was canceled.']);
      await play(run(failed, { ...failed, name: 'other', log: { kept: known } }));
      expect(await failures()).toMatchObject([
        { job: 'test', pattern: 'Job ran into its time limit', message: TIME_LIMIT, log_state: 'fetched' },
        { job: 'other', pattern: 'npm peer dependency conflict' },
      ]);
    });

    it.each([
      ['its log', canceled.log, 'fetched', expect.stringContaining('waiting')],
      ['no log', 'expired' as const, 'expired', null],
    ])(
      'that ran into its time limit is judged by the annotation that says so, with %s',
      async (_, log, log_state, excerpt) => {
        await play(run({ ...tooLong, ...(log === undefined ? {} : { log }) }));
        expect(await failures()).toMatchObject([
          { job: 'test', pattern: 'Job ran into its time limit', message: TIME_LIMIT, log_state, excerpt },
        ]);
      },
    );

    it('is no failure, and its log is not asked for, when nothing in it failed', async () => {
      await play(run(canceled));
      expect(await diagnoseJobs()).toMatchObject([{ status: 'completed' }]);
      expect(await failures()).toEqual([]);
      expect(logsAsked()).toBe(0);
    });

    it('is judged by its log when one of its steps had failed', async () => {
      await play(run({ ...canceled, log: { kept: KNOWN_LOG } }), { drains: false });
      await brain.script(`update codered.ci_jobs set steps = jsonb_set(steps, '{0,conclusion}', '"failure"')`);
      await bench.drain('all');
      expect(await failures()).toMatchObject([{ job: 'test', pattern: KNOWN }]);
    });

    it('is asked for again while its annotations cannot be had, and never called a failure for that', async () => {
      await play(run(canceled), { drains: false });
      for (const attempt of [1, 7]) {
        bench.github.failNext({ path: /\/annotations$/ }, { status: 502 });
        await expect(work(attempt)).rejects.toMatchObject({ name: 'Transient' });
      }
      expect(await failures()).toEqual([]);
    });

    it('is the failure of its run when it ran into its time limit', async () => {
      await play(run(tooLong), runFailed);
      expect(await failures()).toMatchObject([{ job: 'test' }]);
    });

    it('is not what its run failed of when it was merely cancelled', async () => {
      await play(run(canceled), runFailed);
      expect(await failures()).toMatchObject([{ job: null, event: 'CI', error_code: 'NO_FAILED_JOB' }]);
    });
  });

  describe('a failed run', () => {
    const withoutJobs = ({ event }: { event: string }) => event !== 'workflow_job';

    it('that could not start points at its workflow file', async () => {
      await play([...opened, { kind: 'run', on: 1, workflow: 'Broken', jobs: [], conclusion: 'startup_failure' }]);
      expect(await failures()).toMatchObject([
        {
          event: 'Broken',
          job: null,
          error_code: 'STARTUP_FAILURE',
          file_path: '.github/workflows/broken.yml',
          line: '1',
        },
      ]);
      expect(bench.github.requests.filter(({ path }) => path.endsWith('/jobs'))).toEqual([]);
    });

    it('that never had a job points at its workflow file too', async () => {
      await play([...opened, { kind: 'run', on: 1, jobs: [] }], {
        reaches: ({ event, payload }) => {
          // An invalid file as GitHub reports it most often: a plain failure.
          if (event === 'workflow_run') Object.assign(payload.workflow_run ?? {}, { conclusion: 'failure' });
          return true;
        },
      });
      expect(await failures()).toMatchObject([
        { error_code: 'INVALID_WORKFLOW', file_path: '.github/workflows/ci.yml' },
      ]);
    });

    it('whose jobs were never told of has them fetched, through the inbox', async () => {
      const jobs = [failing({ log: { kept: KNOWN_LOG } }), failing({ name: 'lint', conclusion: 'success' })];
      await play(run(...jobs), { reaches: withoutJobs });
      expect(await failures()).toMatchObject([{ job: 'test', pattern: KNOWN, error_code: null }]);
      const lost = await brain.sql(`
        select guid, event, status, installation_id from codered.webhook_deliveries where guid like 'lost-job-%' order by guid`);
      expect(lost).toMatchObject([
        { event: 'workflow_job', status: 'done' },
        { event: 'workflow_job', status: 'done' },
      ]);
      expect(await brain.sql('select name, status from codered.ci_jobs order by name')).toEqual([
        { name: 'lint', status: 'succeeded' },
        { name: 'test', status: 'failed' },
      ]);
    });

    it('of which only the failed job’s end was lost has that fetched', async () => {
      const jobs = [failing({ log: { kept: KNOWN_LOG } }), failing({ name: 'lint', conclusion: 'success' })];
      await play(run(...jobs), {
        reaches: ({ action, payload }) =>
          !(action === 'completed' && JSON.stringify(payload.workflow_job ?? '').includes('"failure"')),
      });
      expect(await failures()).toMatchObject([{ job: 'test', pattern: KNOWN }]);
    });

    it('none of whose jobs failed says so', async () => {
      await play(run(failing({ conclusion: 'success' })), { drains: false });
      await brain.script(`update codered.ci_events set status = 'failed', conclusion = 'failure'`);
      await bench.drain('all');
      await tell(brain, {});
      await brain.sql(
        `select codered.queue_follow_up(project_id, 'diagnose', jsonb_build_object('repository_id', repository_id, 'ci_event_id', id), 'k') from codered.ci_events`,
      );
      await bench.drain('all');
      expect(await failures()).toMatchObject([
        {
          event: 'CI',
          job: null,
          error_code: 'NO_FAILED_JOB',
          verdict_reason: expect.stringMatching(/^Not known: /),
        },
      ]);
    });

    it('whose jobs GitHub does not let us list says so at once', async () => {
      await play(run(failing()), { reaches: withoutJobs, drains: false });
      bench.github.failNext(
        { path: /\/jobs$/ },
        { status: 403, body: { message: 'Resource not accessible by integration' } },
      );
      expect(await work(1)).toMatchObject({ judged: true });
      expect(await failures()).toMatchObject([
        {
          event: 'CI',
          job: null,
          error_code: 'LOG_UNREAD',
          verdict_reason: 'The run failed, and what it did could not be read from GitHub.',
        },
      ]);
    });

    it('whose jobs GitHub does not list as finished yet is asked for again', async () => {
      const life = await play(run(failing()), { reaches: withoutJobs, drains: false });
      const jobs = bench.github.state.repositories.get(life.repository.id)?.jobs;
      for (const job of jobs?.values() ?? []) jobs?.set(job.id, { ...job, status: 'in_progress', conclusion: null });
      await expect(work(1)).rejects.toMatchObject({ name: 'Transient' });
      expect(await failures()).toEqual([]);
    });
  });

  describe('what other systems say', () => {
    it('of a failing check is judged by its summary', async () => {
      await play([
        ...opened,
        { kind: 'other check', on: 1, name: 'Other CI', conclusion: 'failure', summary: 'npm error code ERESOLVE' },
      ]);
      expect(await failures()).toMatchObject([{ event: 'Other CI', pattern: KNOWN, log_state: null }]);
    });

    it('of a failing commit status is judged by its description', async () => {
      await play([
        ...opened,
        { kind: 'status', on: 1, context: 'ci/elsewhere', state: 'failure', description: 'The build broke' },
      ]);
      expect(await failures()).toMatchObject([{ event: 'ci/elsewhere', message: 'The build broke', pattern: null }]);
      expect(logsAsked()).toBe(0);
    });

    it('that fails and gives no reason is said to', async () => {
      await play([...opened, { kind: 'status', on: 1, context: 'ci/mute', state: 'failure', description: '' }]);
      expect(await failures()).toMatchObject([{ message: 'ci/mute failed and gives no reason.' }]);
    });
  });

  it('judges a failed deployment, and the log of its run', async () => {
    await play([
      ...opened,
      { kind: 'merge', pull: 1 },
      { kind: 'deploy', environment: 'production', job: failing({ name: 'deploy', log: { kept: KNOWN_LOG } }) },
    ]);
    expect((await failures()).toSorted((a, b) => (a.source ?? '').localeCompare(b.source ?? ''))).toMatchObject([
      { source: 'ci', job: 'deploy', pattern: KNOWN },
      {
        source: 'deployment',
        environment: 'production',
        message: 'deployment to production failed and gives no reason.',
      },
    ]);
  });

  it('judges the jobs of a fork’s pull request like any other', async () => {
    const author = ACCOUNTS.hacktocat;
    await play([
      { kind: 'install' },
      { kind: 'open', pull: 2, title: 'From a fork', branch: '`</details>@everyone`', author, fromFork: true },
      { kind: 'run', on: 2, jobs: [failing({ log: { kept: KNOWN_LOG } })] },
    ]);
    expect(await failures()).toMatchObject([{ pattern: KNOWN }]);
  });

  describe('patterns', () => {
    const addPattern = async (told: { name: string; pattern: string; own?: boolean; priority?: number }) => {
      await brain.sql(
        `insert into codered.bug_patterns (project_id, name, pattern_signature, root_cause, recommended_fix, priority)
         select case when $3 = 'own' then (select id from codered.projects limit 1) end, $1, $2, 'cause', 'fix', $4::int`,
        [told.name, told.pattern, told.own === false ? 'all' : 'own', String(told.priority ?? 70)],
      );
    };

    it('of the project itself come before everybody’s of the same priority', async () => {
      await play(run(failing({ log: { kept: KNOWN_LOG } })), { drains: false });
      await addPattern({ name: 'Ours', pattern: '^npm error code (\\w+)$' });
      await bench.drain('all');
      expect(await failures()).toMatchObject([{ pattern: 'Ours' }]);
      const matched = await brain.sql(
        'select b.name from codered.error_matches m join codered.bug_patterns b on b.id = m.bug_pattern_id',
      );
      expect(matched.map(({ name }) => name).toSorted()).toEqual(['Ours', KNOWN].toSorted());
    });

    it('of another project, turned off or deleted ones do not count', async () => {
      await play(run(failing({ log: { kept: KNOWN_LOG } })), { drains: false });
      await brain.script(`insert into codered.projects (slug, name) values ('other', 'other')`);
      for (const name of ['foreign', 'off', 'deleted']) await addPattern({ name, pattern: 'ERESOLVE', priority: 99 });
      await brain.script(`
        update codered.bug_patterns set project_id = (select id from codered.projects where slug = 'other') where name = 'foreign';
        update codered.bug_patterns set enabled = false where name = 'off';
        update codered.bug_patterns set deleted_at = now() where name = 'deleted';`);
      await bench.drain('all');
      expect(await failures()).toMatchObject([{ pattern: KNOWN }]);
    });

    it('that RE2 does not take are left out and logged, and the rest work', async () => {
      await tell(brain, {});
      for (const [name, pattern] of [
        ['look-behind', '(?<=a)b'],
        ['endless', '(('],
        ['matches nothing', 'x*'],
      ] as const) {
        await addPattern({ name, pattern, own: false, priority: 99 });
      }
      const { log, lines } = makeLogLines();
      const [project] = await brain.sql('select id from codered.projects');
      const matcher = await keepMatchers(openPatternLibrary(brain), IGNORE_NOTHING, log)(project?.id ?? '');
      const matching = matcher.start();
      matching.write(Buffer.from(KNOWN_LOG));
      expect(matching.end().primary?.pattern.name).toBe(KNOWN);
      expect(lines.map(({ level, pattern }) => [level, pattern]).toSorted()).toEqual([
        [40, 'endless'],
        [40, 'look-behind'],
        [40, 'matches nothing'],
      ]);
    });

    it('are read again after half a minute, and compiled again only when they changed', async () => {
      await tell(brain, {});
      const [project] = await brain.sql('select id from codered.projects');
      const id = project?.id ?? '';
      let now = 0;
      const matcherFor = keepMatchers(
        openPatternLibrary(brain, () => now),
        IGNORE_NOTHING,
        makeLogLines().log,
      );
      const first = await matcherFor(id);
      await addPattern({ name: 'New', pattern: 'brand new' });
      now = 29_999;
      expect(await matcherFor(id)).toBe(first);
      now = 30_000;
      const second = await matcherFor(id);
      expect(second).not.toBe(first);
      now = 60_000;
      expect(await matcherFor(id)).toBe(second);
    });

    it('that two projects share are compiled once', async () => {
      await tell(brain, {});
      await brain.script(`insert into codered.projects (slug, name) values ('other', 'other')`);
      const projects = await brain.sql('select id from codered.projects');
      const matcherFor = keepMatchers(openPatternLibrary(brain), IGNORE_NOTHING, makeLogLines().log);
      const [one, two] = await Promise.all(projects.map(({ id }) => matcherFor(id ?? '')));
      expect(await matcherFor(projects[0]?.id ?? '')).toBe(await matcherFor(projects[1]?.id ?? ''));
      expect(one).toBeDefined();
      expect(two).toBeDefined();
    });
  });
});

describe('a hostile log', () => {
  const MEGABYTE = 1_000_000;
  const known = Buffer.from('npm error code ERESOLVE\n');
  const block = Buffer.alloc(MEGABYTE, 'x'.repeat(99).concat('\n'));
  const endless = Buffer.alloc(MEGABYTE, 'y');
  function* repeated(bytes: Buffer, times: number, end: Buffer = known) {
    for (let n = 0; n < times; n += 1) yield bytes;
    yield end;
  }

  const logs: Record<string, { readonly kept: Exclude<JobLog, string>['kept']; readonly pattern: string | null }> = {
    // The first one is read before memory is measured.
    'a small log': { kept: known, pattern: KNOWN },
    '200 MB': { kept: () => repeated(block, 200), pattern: KNOWN },
    'one line of 50 MB': {
      kept: () => repeated(endless, 50, Buffer.from('\nnpm error code ERESOLVE\n')),
      pattern: KNOWN,
    },
    'no newline at all': { kept: () => repeated(endless, 20, Buffer.from('z')), pattern: null },
    'nothing but newlines': { kept: () => repeated(Buffer.alloc(MEGABYTE, '\n'), 20), pattern: KNOWN },
    'invalid UTF-8': {
      kept: Buffer.concat([
        Buffer.alloc(MEGABYTE, Buffer.from([0xff, 0xfe, 0xc0, 0x80, 0x0a])),
        known,
        Buffer.from([0xe2, 0x82]),
      ]),
      pattern: KNOWN,
    },
    'NUL bytes': {
      kept: Buffer.concat([Buffer.alloc(MEGABYTE, '\0\0\n'), Buffer.from('##[error]a\0b\n')]),
      pattern: null,
    },
    'an empty log': { kept: '', pattern: null },
  };

  it('is judged whatever is in it, in bounded memory', { tags: ['slow'] }, async () => {
    const brain = await openTestBrain('postgres');
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const github = await startGithubStandIn({
      appId: APP.id,
      publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      appSlug: APP.slug,
    });
    try {
      const permissions = { actions: 'read', checks: 'write', pull_requests: 'write' } as const;
      const at = minute(0).replace('.000', '');
      github.state.addInstallation({
        id: INSTALLATION,
        account: ACCOUNTS.octoOrg,
        permissions,
        createdAt: at,
        suspendedAt: null,
      });
      const place = { id: REPOSITORY, owner: ACCOUNTS.octoOrg, name: 'web-shop', defaultBranch: 'main' };
      const inside = github.state.addRepository({ ...place, private: false, fork: false, updatedAt: at }, INSTALLATION);
      for (const [index, [name, { kept }]] of Object.entries(logs).entries()) {
        inside.logs.set(index + 1, { kept });
        inside.jobs.set(index + 1, {
          id: index + 1,
          runId: 7001,
          attempt: 1,
          name,
          workflowName: 'CI',
          headBranch: 'react-19',
          headSha: HEAD,
          status: 'completed',
          conclusion: 'failure',
          createdAt: at,
          startedAt: at,
          completedAt: at,
          steps: [],
          labels: [],
          runnerName: null,
        });
        await tell(brain, {
          ci_events: [runFact({ status: 'running' })],
          ci_jobs: [jobFact({ job_id: index + 1, name })],
        });
      }
      const script = fileURLToPath(new URL('../support/diagnose-process.ts', import.meta.url));
      const { stdout } = await promisify(execFile)(process.execPath, [script], {
        env: {
          DATABASE_URL: brain.databaseUrl ?? '',
          GITHUB_URL: github.url,
          APP_ID: String(APP.id),
          PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        },
      });
      const found = await brain.sql(`
        select j.name, j.log_state, octet_length(coalesce(e.excerpt, '')) as bytes,
          (select b.name from codered.error_matches m join codered.bug_patterns b on b.id = m.bug_pattern_id
            where m.error_id = e.id and m.is_primary) as pattern
        from codered.ci_jobs j left join codered.errors e on e.ci_job_id = j.id order by j.job_id`);
      expect(found.map(({ name, log_state, pattern }) => ({ name, log_state, pattern }))).toEqual(
        Object.entries(logs).map(([name, { pattern }]) => ({ name, log_state: 'fetched', pattern })),
      );
      for (const { bytes } of found) expect(Number(bytes)).toBeLessThanOrEqual(4_096);
      const { beforeMegabytes, peakMegabytes } = JSON.parse(stdout);
      // What grows is the garbage of a stream, which the collector lets lie for a while; the logs have 300 MB.
      expect(peakMegabytes - beforeMegabytes).toBeLessThan(130);
      expect(github.violations).toEqual([]);
    } finally {
      await github.close();
      await brain.close();
    }
  });
});
