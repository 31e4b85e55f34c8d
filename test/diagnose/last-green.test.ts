// What the newest green log of a job changes in a diagnosis, whose log may be taken for it, and what stands in its way.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JobLog } from '../../src/demo/github/state/records.ts';
import type { JobOutline, Moment } from '../../src/demo/story/life-outline.ts';
import type { Json } from '../../src/model/json.ts';
import { openTestBrain, ruleBackend, type TestBrain } from '../support/brain.ts';
import { forgetEverything } from '../support/fact-rows.ts';
import { type Bench, openBench } from '../support/pipeline.ts';
import { playLife } from '../support/play-life.ts';

const stamped = (lines: readonly string[]) => lines.map((line) => `2026-11-20T13:02:10.1000000Z ${line}\n`).join('');
const PROBE = [
  '##[group]Run ./check.sh',
  '##[endgroup]',
  'npm error code ERESOLVE',
  'npm error ERESOLVE unable to resolve',
];
const GREEN_LOG = stamped([...PROBE, 'all is well']);
const TYPES =
  "src/cart.ts(3,5): error TS2345: Argument of type 'string' is not assignable to parameter of type 'number'.";
const BROKEN = [...PROBE, 'one', 'two', 'three', 'four', 'five', 'six', 'seven', TYPES];
const RED_LOG = stamped([...BROKEN, '##[error]Process completed with exit code 2.']);

const CAUSE = 'TypeScript type error';
const NOISE = 'npm peer dependency conflict';

const passing = (log: JobLog = { kept: GREEN_LOG }): JobOutline => ({
  ...{ name: 'test', conclusion: 'success', steps: ['./check.sh'], log },
});
const failing = (text = RED_LOG): JobOutline => ({
  ...{ name: 'test', conclusion: 'failure', steps: ['./check.sh'], log: { kept: text } },
});
const earlier = (...jobs: JobOutline[]): Moment[] => [
  { kind: 'install' },
  { kind: 'push', message: 'All is well' },
  { kind: 'run', on: 'default branch', jobs },
];
const later = (...jobs: JobOutline[]): Moment[] => [
  { kind: 'open', pull: 1, title: 'Use React 19', branch: 'react-19' },
  { kind: 'run', on: 1, jobs },
];

describe('the newest green log of a job', () => {
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

  const primary = async () => {
    const rows = await brain.sql(
      'select b.name from codered.error_matches m join codered.bug_patterns b on b.id = m.bug_pattern_id where m.is_primary',
    );
    return rows.map(({ name }) => name);
  };
  const jobsNamed = (conclusion: string) =>
    brain.sql(`select job_id from codered.ci_jobs where conclusion = '${conclusion}' order by job_id`);
  const greenAsked = async () => {
    const paths = (await jobsNamed('success')).map(({ job_id }) => `/jobs/${job_id}/logs`);
    return bench.github.requests.filter(({ path }) => paths.some((one) => path.endsWith(one))).length;
  };
  const kept = () => brain.sql('select workflow_path, job_name, octet_length(hashes) as bytes from codered.green_logs');
  const diagnoseAgain = async () => {
    const [row] = await brain.sql(`select id, input from codered.follow_ups where kind = 'diagnose'`);
    const input: Json = JSON.parse(row?.input ?? 'null');
    return bench.pipeline.work({ id: row?.id ?? '', kind: 'diagnose', input, attempts: 1, claim: 1 });
  };
  /** Plays all, and diagnoses only what stands then. */
  const playUntold = (moments: Moment[]) => playLife(bench, moments, { drains: false });

  it('takes out of the failure what it says too, and the match is counted in this organisation alone', async () => {
    await playLife(bench, [...earlier(passing()), ...later(failing())]);
    expect(await primary()).toEqual([CAUSE]);
    expect(await brain.sql('select message from codered.errors')).toEqual([{ message: TYPES }]);
    expect(await kept()).toMatchObject([{ workflow_path: '.github/workflows/ci.yml', job_name: 'test' }]);
    await brain.script(`
      insert into codered.orgs (id, name, login) values ('00000000-0000-4000-8000-000000000077', 'others', 'others');
      insert into codered.projects (id, org_id, name, slug)
        values ('00000000-0000-4000-8000-000000000078', '00000000-0000-4000-8000-000000000077', 'theirs', 'theirs')`);
    const hits = await brain.sql(`
      select o.login, h.name, h.hits from codered.projects p join codered.orgs o on o.id = p.org_id
      cross join codered.green_hits(p.id) h`);
    expect(hits).toEqual([{ login: 'octo-org', name: NOISE, hits: '1' }]);
  });

  it('counts a failure once, however often it is judged', async () => {
    await playLife(bench, [...earlier(passing()), ...later(failing())]);
    await diagnoseAgain();
    expect(await brain.sql("select count(*) from codered.error_matches where demoted = 'in-green-log'")).toEqual([
      { count: '1' },
    ]);
  });

  it('lets the failed step speak for itself where no pattern of rank cause knows it', async () => {
    const told = [
      '##[group]Run ./check.sh',
      '##[endgroup]',
      'Error: prices differ in 2 articles',
      'one',
      'two',
      'Error: cache is cold',
    ];
    const green = stamped(['##[group]Run ./check.sh', '##[endgroup]', 'Error: cache is cold']);
    await playLife(bench, [
      ...earlier(passing({ kept: green })),
      ...later(failing(stamped([...told, '##[error]Process completed with exit code 3.']))),
    ]);
    expect(await brain.sql('select message from codered.errors')).toEqual([
      { message: 'Error: prices differ in 2 articles' },
    ]);
  });

  it('is downloaded once a day', async () => {
    await playLife(bench, [...earlier(passing()), ...later(failing())]);
    await diagnoseAgain();
    await diagnoseAgain();
    expect(await greenAsked()).toBe(1);
    await brain.script(`update codered.green_logs set fetched_at = now() - interval '25 hours'`);
    await diagnoseAgain();
    expect(await greenAsked()).toBe(2);
    expect(await primary()).toEqual([CAUSE]);
  });

  it('is not asked for when one cause explains the failure', async () => {
    await playLife(bench, [...earlier(passing()), ...later(failing(stamped([...PROBE, 'the end'])))]);
    expect(await primary()).toEqual([NOISE]);
    expect(await greenAsked()).toBe(0);
  });

  it('is not there before the job has passed on the default branch', async () => {
    await playLife(bench, [{ kind: 'install' }, ...later(failing())]);
    expect(await primary()).toEqual([NOISE]);
    expect(await kept()).toEqual([]);
  });

  it.each([
    ['another branch', `update codered.ci_events set branch = 'next' where conclusion = 'success'`],
    ['a fork', `update codered.ci_events set head_repository_id = 5 where conclusion = 'success'`],
    ['a fork that is gone', `update codered.ci_events set head_repository_id = null where conclusion = 'success'`],
    ['a pull request', `update codered.ci_events set trigger = 'pull_request' where conclusion = 'success'`],
    [
      'an event of another system',
      `update codered.ci_events set event = 'repository_dispatch' where conclusion = 'success'`,
    ],
    [
      'another run’s end',
      `update codered.ci_events set trigger = 'other', event = 'workflow_run' where conclusion = 'success'`,
    ],
    [
      'another workflow',
      `update codered.ci_events set workflow_path = '.github/workflows/x.yml' where conclusion = 'success'`,
    ],
    [
      'a run that failed',
      `update codered.ci_events set status = 'failed', conclusion = 'failure' where conclusion = 'success'`,
    ],
    ['another job', `update codered.ci_jobs set name = 'lint' where conclusion = 'success'`],
    ['a job that was skipped', `update codered.ci_jobs set conclusion = 'skipped' where conclusion = 'success'`],
  ])('is never that of %s', async (_, change) => {
    await playUntold([...earlier(passing()), ...later(failing())]);
    const green = (await jobsNamed('success')).map(({ job_id }) => job_id);
    await brain.script(change);
    await bench.drain('all');
    expect(await primary()).toEqual([NOISE]);
    expect(bench.github.requests.filter(({ path }) => green.some((id) => path.endsWith(`/jobs/${id}/logs`)))).toEqual(
      [],
    );
  });

  it.each([
    ['runs of forks on a branch of that name', `'trigger', 'pull_request', 'head_repository_id', 5`],
    ['checks of another system, from tomorrow', `'provider', 'github-checks', 'start_time', now() + interval '1 year'`],
  ])('is found behind 3,000 %s', async (_, change) => {
    await playUntold([...earlier(passing()), ...later(failing())]);
    await brain.script(`
      insert into codered.ci_events
        (project_id, repository_id, provider, workflow_name, run_id, branch, head_repository_id, commit_sha, status, trigger, start_time)
      select m.project_id, m.repository_id, m.provider, 'x', 9000000 + n, m.branch, m.head_repository_id, m.commit_sha,
        'succeeded', m.trigger, m.start_time
      from codered.ci_events e, generate_series(1, 3000) as n, jsonb_populate_record(e, jsonb_build_object(
        'start_time', now() + interval '1 hour', ${change}
      )) as m where e.conclusion = 'success'`);
    await bench.drain('all');
    expect(await primary()).toEqual([CAUSE]);
  });

  it('is not asked for once an organisation keeps 100 MB, and what is kept still counts', async () => {
    await playUntold([...earlier(passing()), ...later(failing())]);
    await brain.script(`
      insert into codered.green_logs (repository_id, workflow_path, job_name, job_id, salt, hashes)
      select r.id, '.github/workflows/ci.yml', 'job ' || n, n, repeat('s', 32), z.hashes
      from codered.repositories r, generate_series(1, 63) as n, (select decode(repeat('00', 1600000), 'hex') as hashes) z`);
    await bench.drain('all');
    expect(await primary()).toEqual([NOISE]);
    expect(await greenAsked()).toBe(0);
    await brain.script(`delete from codered.green_logs where job_name = 'job 1'`);
    await diagnoseAgain();
    expect(await greenAsked()).toBe(1);
    await brain.script(
      `insert into codered.green_logs select repository_id, workflow_path, 'job 1', 1, salt, hashes from codered.green_logs where job_name = 'job 2'`,
    );
    await diagnoseAgain();
    expect(await greenAsked()).toBe(1);
    expect(await primary()).toEqual([CAUSE]);
  });

  it.each<[string, JobLog]>([
    ['is past its retention', 'expired'],
    [
      'is huge',
      {
        kept: function* () {
          for (let megabyte = 0; megabyte < 60; megabyte += 1) yield Buffer.alloc(1_000_000, 'x');
        },
      },
    ],
  ])('that %s changes nothing, and is not asked for again on that day', async (_, log) => {
    await playLife(bench, [...earlier(passing(log)), ...later(failing())]);
    expect(await primary()).toEqual([NOISE]);
    await diagnoseAgain();
    expect(await greenAsked()).toBe(1);
    expect(await kept()).toMatchObject([{ bytes: '0' }]);
  });

  it('that GitHub does not have, or not yet, changes nothing', async () => {
    await playLife(bench, [...earlier(passing('missing')), ...later(failing())]);
    expect(await primary()).toEqual([NOISE]);
    expect(await kept()).toEqual([]);
  });

  it.each([
    ['fails', { status: 502 }, 0],
    ['sets a limit', { status: 403, headers: { 'retry-after': '60' }, body: { message: 'secondary rate limit' } }, 0],
    ['refuses it', { status: 403, body: { message: 'Resource not accessible by integration' } }, 1],
  ])('is done without when GitHub %s', async (_, failure, rows) => {
    await playUntold([...earlier(passing()), ...later(failing())]);
    const [green] = await jobsNamed('success');
    bench.github.failNext({ path: new RegExp(`/jobs/${green?.job_id}/logs$`) }, failure);
    await diagnoseAgain();
    expect(await primary()).toEqual([NOISE]);
    expect(await kept()).toHaveLength(rows);
  });

  it('is not asked for with the last fifth of the hour’s requests', async () => {
    await playUntold([...earlier(passing()), ...later(failing())]);
    const headers = { 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '1000' };
    bench.github.failNext({ path: /\/annotations$/ }, { status: 500, headers });
    await diagnoseAgain();
    expect(await primary()).toEqual([NOISE]);
    expect(await greenAsked()).toBe(0);
    await diagnoseAgain();
    expect(await primary()).toEqual([CAUSE]);
  });

  it('leaves no word in the brain, its hashes are for the workers alone, and they go after a day', async () => {
    await playLife(bench, [...earlier(passing()), ...later(failing())]);
    const [row] = await brain.sql('select to_jsonb(g)::text as row from codered.green_logs g');
    expect(row?.row).not.toContain('well');
    const readable = await brain.sql(`
      select c.name, has_column_privilege('authenticated', 'codered.green_logs', c.name, 'select') as may
      from unnest(array['job_name', 'hashes', 'salt']) as c (name)`);
    expect(readable.map(({ may }) => may)).toEqual(['t', 'f', 'f']);
    expect(await brain.call('prune_green_logs', { batch: 5 })).toBe(0);
    await brain.script(`update codered.green_logs set fetched_at = now() - interval '25 hours'`);
    expect(await brain.call('prunable', {})).toContainEqual(
      expect.objectContaining({ table_name: 'green_logs', due: 1 }),
    );
    expect(await brain.call('prune_green_logs', { batch: 5 })).toBe(1);
  });
});
