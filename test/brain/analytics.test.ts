// The views for dashboards, on examples small enough to be worked out by hand.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';

const ORG = '00000000-0000-4000-8000-000000000001';
const PROJECT = '00000000-0000-4000-8000-0000000000a1';
const OTHER_PROJECT = '00000000-0000-4000-8000-0000000000a2';
const MEMBER = '00000000-0000-4000-8000-0000000000b1';
const STRANGER = '00000000-0000-4000-8000-0000000000b2';
const PATTERN = '00000000-0000-4000-8000-0000000000c1';

const id = (kind: number, number: number) => `00000000-0000-4000-8000-${kind}${String(number).padStart(11, '0')}`;
const sha = (letter: string) => letter.repeat(40);

describe.each(testBackends)('the views for dashboards (%s)', (backend) => {
  let brain: TestBrain;
  let numbers = 0;

  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());

  beforeEach(async () => {
    numbers = 0;
    await brain.script(`
      delete from codered.bug_patterns where source <> 'builtin';
      delete from codered.repositories; delete from codered.projects; delete from codered.orgs; delete from auth.users;
      insert into codered.orgs (id, name, login) values ('${ORG}', 'octo-org', 'octo-org');
      insert into codered.projects (id, org_id, slug, name)
      values ('${PROJECT}', '${ORG}', 'shop', 'Shop'), ('${OTHER_PROJECT}', null, 'other', 'Other');
      insert into codered.repositories (id, project_id, owner, name)
      values (1, '${PROJECT}', 'octo-org', 'shop'), (2, '${PROJECT}', 'octo-org', 'shop-api'), (3, '${OTHER_PROJECT}', 'else', 'where');
      insert into auth.users (id) values ('${MEMBER}'), ('${STRANGER}');
      insert into codered.memberships (org_id, user_id) values ('${ORG}', '${MEMBER}');`);
  });

  /** A row with what the test does not care about filled in, straight into the table; gives its id. */
  const insert = async (table: string, row: Readonly<Record<string, unknown>>): Promise<string> => {
    const own = { id: id(1, ++numbers), ...row };
    await brain.sql(
      `insert into codered.${table} (${Object.keys(own).join(', ')})
      select ${Object.keys(own).join(', ')} from json_populate_record(null::codered.${table}, $1::json)`,
      [JSON.stringify(own)],
    );
    return own.id;
  };
  const deployment = (row: Readonly<Record<string, unknown>>) =>
    insert('deployments', {
      project_id: PROJECT,
      repository_id: 1,
      provider: 'github',
      environment: 'prod',
      environment_name: 'production',
      deployment_id: `${numbers + 1}`,
      status: 'succeeded',
      commit_sha: sha('a'),
      ref: 'main',
      started_at: row.finished_at,
      source_updated_at: row.finished_at,
      ...row,
    });
  const commit = (letter: string, row: { authored_at?: string; pushed_at?: string }) =>
    brain.sql(
      `insert into codered.commits (repository_id, sha, message, authored_at, pushed_at) values (1, $1, 'A change', $2, $3)`,
      [sha(letter), row.authored_at ?? null, row.pushed_at ?? null],
    );
  const pullRequest = (number: number, row: { head: string; merge: string; opened_at: string }) =>
    brain.sql(
      `insert into codered.pull_requests (
        repository_id, number, title, html_url, head_sha, head_ref, base_ref, base_sha, state, draft, opened_at, merge_commit_sha,
        source_updated_at
      ) values (1, $1, 'A change', 'https://github.com/o/r/pull/1', $2, 'change', 'main', $3, 'merged', false, $4, $5, $4)`,
      [`${number}`, sha(row.head), sha('0'), row.opened_at, sha(row.merge)],
    );
  const ciEvent = (row: Readonly<Record<string, unknown>>) =>
    insert('ci_events', {
      project_id: PROJECT,
      repository_id: 1,
      provider: 'github-actions',
      workflow_name: 'CI',
      run_id: `${numbers + 1}`,
      commit_sha: sha('a'),
      status: 'failed',
      trigger: 'push',
      ...row,
    });
  const job = (ci_event_id: string, minutes: number) =>
    insert('ci_jobs', {
      ci_event_id,
      job_id: numbers + 1,
      name: 'test',
      status: 'failed',
      started_at: '2026-11-02T10:00:00Z',
      completed_at: new Date(Date.UTC(2026, 10, 2, 10, minutes)).toISOString(),
      source_updated_at: '2026-11-02T10:00:00Z',
    });
  const failure = async (row: Readonly<Record<string, unknown>>, pattern?: string) => {
    const error = await insert('errors', {
      project_id: PROJECT,
      source: 'ci',
      message: 'It broke',
      fingerprint: `${numbers + 1}`,
      created_at: '2026-11-02T10:20:00Z',
      ...row,
    });
    if (pattern !== undefined) await match(error, pattern, true);
    return error;
  };
  const match = (error: string, pattern: string, primary: boolean) =>
    brain.sql(
      `insert into codered.error_matches (error_id, bug_pattern_id, line_number, line_text, is_primary) values ($1, $2, 1, 'line', $3)`,
      [error, pattern, `${primary}`],
    );
  const pattern = (row: Readonly<Record<string, unknown>> = {}) =>
    insert('bug_patterns', {
      id: PATTERN,
      name: 'npm peer conflict',
      pattern_signature: 'ERESOLVE',
      root_cause: 'Two versions',
      recommended_fix: 'Align them',
      category: 'dependency',
      ...row,
    });
  const testResult = (ci_event_id: string, row: Readonly<Record<string, unknown>>) =>
    insert('test_results', {
      repository_id: 1,
      ci_event_id,
      commit_sha: sha('a'),
      run_attempt: 1,
      suite: 'cart',
      name: 'adds up',
      status: 'passed',
      ...row,
    });

  const dora = (project = PROJECT) =>
    brain.sql(
      `select week, deployments, deployment_frequency, lead_time_seconds_median as lead_time, change_failure_rate as failure_rate,
        time_to_restore_seconds_median as time_to_restore
      from codered.dora_weekly where project_id = $1 order by week`,
      [project],
    );
  const causes = () =>
    brain.sql(
      `select week, bug_pattern_id as pattern, pattern_name as name, category, failures, failed_runs, minutes_lost as minutes
      from codered.failure_causes_weekly where project_id = $1 order by week, failures desc, pattern`,
      [PROJECT],
    );
  const flaky = () =>
    brain.sql(
      `select repository_id, project_id, suite, name, commits, runs, failures,
        to_char(last_failed_at at time zone 'utc', 'DD HH24:MI') = to_char(now() at time zone 'utc' - interval '1 hour', 'DD HH24:MI') as an_hour_ago
      from codered.flaky_tests order by name`,
    );
  const slowest = () =>
    brain.sql(
      `select project_id, repository_id, workflow_name, runs, p50_seconds, p95_seconds from codered.slowest_workflows
      order by p95_seconds desc`,
    );

  describe('dora_weekly', () => {
    it('works out all four metrics of a week', async () => {
      await commit('a', { authored_at: '2026-11-02T08:00:00Z', pushed_at: '2026-11-02T09:00:00Z' });
      await commit('b', { pushed_at: '2026-11-03T09:00:00Z' });
      await deployment({ finished_at: '2026-11-02T10:00:00Z' });
      await deployment({ finished_at: '2026-11-03T10:00:00Z', commit_sha: sha('b') });
      await deployment({ finished_at: '2026-11-04T10:00:00Z', commit_sha: sha('c'), status: 'failed' });
      await deployment({ finished_at: '2026-11-04T10:30:00Z', commit_sha: sha('d') });
      // Lead times of 2 h and 1 h, one unknown; 30 minutes to restore; one of four failed.
      expect(await dora()).toEqual([
        {
          week: '2026-11-02',
          deployments: '3',
          deployment_frequency: '0.429',
          lead_time: '5400',
          failure_rate: '0.250',
          time_to_restore: '1800',
        },
      ]);
    });

    it('begins weeks on Monday at midnight in UTC, wherever the session is', async () => {
      await deployment({ finished_at: '2026-11-01T23:59:59Z' });
      await deployment({ finished_at: '2026-11-02T00:00:00Z', commit_sha: sha('b') });
      const rows = await brain.session(async (session) => {
        await session.script(`set timezone = 'Pacific/Auckland'`);
        return session.query('select week, deployments from codered.dora_weekly order by week');
      });
      expect(rows).toEqual([
        { week: '2026-10-26', deployments: '1' },
        { week: '2026-11-02', deployments: '1' },
      ]);
    });

    it('counts a commit that is deployed again as a deployment, but takes its lead time once', async () => {
      await commit('a', { pushed_at: '2026-11-02T09:00:00Z' });
      await deployment({ finished_at: '2026-11-02T10:00:00Z' });
      await deployment({ finished_at: '2026-11-11T10:00:00Z' });
      expect(await dora()).toMatchObject([
        { week: '2026-11-02', deployments: '1', lead_time: '3600' },
        { week: '2026-11-09', deployments: '1', lead_time: null },
      ]);
    });

    it('takes the lead time of a commit from its first success when the first try failed', async () => {
      await commit('a', { pushed_at: '2026-11-02T09:00:00Z' });
      await deployment({ finished_at: '2026-11-02T10:00:00Z', status: 'failed' });
      await deployment({ finished_at: '2026-11-02T11:00:00Z' });
      expect(await dora()).toMatchObject([{ deployments: '1', lead_time: '7200', time_to_restore: '3600' }]);
    });

    it('goes back from a merge to the head and the opening of its pull request', async () => {
      await commit('f', { authored_at: '2026-11-03T09:00:00Z', pushed_at: '2026-11-03T09:00:00Z' });
      await commit('e', { authored_at: '2026-11-02T07:00:00Z', pushed_at: '2026-11-02T12:00:00Z' });
      await pullRequest(1, { head: 'e', merge: 'f', opened_at: '2026-11-02T09:00:00Z' });
      await deployment({ finished_at: '2026-11-03T10:00:00Z', commit_sha: sha('f') });
      expect(await dora()).toMatchObject([{ lead_time: `${27 * 3600}` }]);
    });

    it('never tells a negative lead time when a clock was wrong', async () => {
      await commit('a', { authored_at: '2026-11-02T11:00:00Z' });
      await deployment({ finished_at: '2026-11-02T10:00:00Z' });
      expect(await dora()).toMatchObject([{ lead_time: '0' }]);
    });

    it('leaves a failure that was never restored out of the time to restore', async () => {
      await deployment({ finished_at: '2026-11-02T10:00:00Z', status: 'failed' });
      expect(await dora()).toMatchObject([{ deployments: '0', failure_rate: '1.000', time_to_restore: null }]);
    });

    it('takes what restores a failure from the same repository and environment alone, in whatever week', async () => {
      await deployment({ finished_at: '2026-11-08T23:00:00Z', status: 'rolled_back' });
      await deployment({ finished_at: '2026-11-08T23:10:00Z', environment_name: 'eu-live' });
      await deployment({ finished_at: '2026-11-08T23:20:00Z', repository_id: 2 });
      await deployment({ finished_at: '2026-11-09T01:00:00Z' });
      expect(await dora()).toMatchObject([
        { week: '2026-11-02', deployments: '2', failure_rate: '0.333', time_to_restore: '7200' },
        { week: '2026-11-09', deployments: '1', failure_rate: '0.000', time_to_restore: null },
      ]);
    });

    it('knows nothing of environments that are not prod, nor of deployments under way', async () => {
      await deployment({ finished_at: '2026-11-02T10:00:00Z', environment: 'dev', environment_name: 'eu-live' });
      await deployment({ finished_at: '2026-11-02T10:00:00Z', environment: 'staging', environment_name: 'staging' });
      await deployment({
        finished_at: null,
        started_at: '2026-11-02T10:00:00Z',
        source_updated_at: '2026-11-02T10:00:00Z',
        status: 'running',
      });
      expect(await dora()).toEqual([]);
    });

    it('leaves out deleted repositories and projects', async () => {
      await deployment({ finished_at: '2026-11-02T10:00:00Z' });
      await deployment({ finished_at: '2026-11-02T10:00:00Z', repository_id: 2 });
      await deployment({ finished_at: '2026-11-02T10:00:00Z', repository_id: 3, project_id: OTHER_PROJECT });
      await brain.script(`
        update codered.repositories set deleted_at = now() where id = 2;
        update codered.projects set deleted_at = now() where id = '${OTHER_PROJECT}';`);
      expect(await dora()).toMatchObject([{ deployments: '1' }]);
      expect(await dora(OTHER_PROJECT)).toEqual([]);
    });
  });

  describe('failure_causes_weekly', () => {
    it('counts failures, attempts and minutes by the primary pattern, and what no pattern explains without one', async () => {
      await pattern();
      const [first, again] = [await ciEvent({ run_id: '7' }), await ciEvent({ run_id: '7', run_attempt: 2 })];
      const jobs = [await job(first, 10), await job(first, 5), await job(again, 4)];
      await failure({ ci_event_id: first, ci_job_id: jobs[0] }, PATTERN);
      await failure({ ci_event_id: first, ci_job_id: jobs[1] }, PATTERN);
      await failure({ ci_event_id: again, ci_job_id: jobs[2] }, PATTERN);
      await failure({ ci_event_id: again, ci_job_id: jobs[2] });
      expect(await causes()).toEqual([
        {
          week: '2026-11-02',
          pattern: PATTERN,
          name: 'npm peer conflict',
          category: 'dependency',
          failures: '3',
          failed_runs: '2',
          minutes: '19.0',
        },
        {
          week: '2026-11-02',
          pattern: null,
          name: null,
          category: null,
          failures: '1',
          failed_runs: '1',
          minutes: '4.0',
        },
      ]);
    });

    it('counts the minutes of a job once though it failed in two ways', async () => {
      await pattern();
      const run = await ciEvent({});
      const ci_job_id = await job(run, 10);
      await failure({ ci_event_id: run, ci_job_id }, PATTERN);
      await failure({ ci_event_id: run, ci_job_id }, PATTERN);
      expect(await causes()).toMatchObject([{ failures: '2', failed_runs: '1', minutes: '10.0' }]);
    });

    it('ignores matches that are not the primary one, and keeps the name of a pattern that was retired', async () => {
      await pattern({ deleted_at: '2026-11-10T00:00:00Z' });
      const run = await ciEvent({});
      await failure({ ci_event_id: run }, PATTERN);
      await match(await failure({ ci_event_id: run }), PATTERN, false);
      expect(await causes()).toMatchObject([
        { name: 'npm peer conflict', failures: '1', minutes: '0.0' },
        { name: null, failures: '1' },
      ]);
    });

    it('begins weeks on Monday at midnight in UTC, and counts failures of deployments too', async () => {
      const of = await deployment({ finished_at: '2026-11-02T10:00:00Z', status: 'failed' });
      await failure({ source: 'deployment', deployment_id: of, created_at: '2026-11-01T23:59:59Z' });
      await failure({ source: 'deployment', deployment_id: of, created_at: '2026-11-02T00:00:00Z' });
      expect(await causes()).toMatchObject([
        { week: '2026-10-26', failures: '1', failed_runs: '0' },
        { week: '2026-11-02', failures: '1', failed_runs: '0' },
      ]);
    });

    it('leaves out what a deleted repository or project failed of', async () => {
      await failure({ ci_event_id: await ciEvent({ repository_id: 2 }) });
      await failure({ ci_event_id: await ciEvent({}) });
      await brain.script('update codered.repositories set deleted_at = now() where id = 2');
      expect(await causes()).toMatchObject([{ failures: '1' }]);
      await brain.script(`update codered.projects set deleted_at = now() where id = '${PROJECT}'`);
      expect(await causes()).toEqual([]);
    });
  });

  describe('flaky_tests', () => {
    const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();

    it('names what passed and failed on one commit, in whichever attempt, with all that ran in 30 days', async () => {
      const run = await ciEvent({});
      await testResult(run, { status: 'failed', created_at: ago(1) });
      await testResult(run, { run_attempt: 2 });
      await testResult(run, { commit_sha: sha('b'), status: 'errored', created_at: ago(50) });
      await testResult(run, { commit_sha: sha('c') });
      await testResult(run, { commit_sha: sha('c'), status: 'skipped' });
      expect(await flaky()).toEqual([
        {
          repository_id: '1',
          project_id: PROJECT,
          suite: 'cart',
          name: 'adds up',
          commits: '1',
          runs: '4',
          failures: '2',
          an_hour_ago: 't',
        },
      ]);
    });

    it('is silent about a test that failed on one commit and passed on the next, or was skipped', async () => {
      const run = await ciEvent({});
      await testResult(run, { status: 'failed' });
      await testResult(run, { commit_sha: sha('b') });
      await testResult(run, { status: 'skipped' });
      await testResult(run, { name: 'another one' });
      await testResult(run, { suite: 'another suite' });
      await testResult(run, { repository_id: 2 });
      expect(await flaky()).toEqual([]);
    });

    it('forgets what is older than 30 days', async () => {
      const run = await ciEvent({});
      await testResult(run, { status: 'failed', created_at: ago(31 * 24) });
      await testResult(run, { created_at: ago(1) });
      await testResult(run, { name: 'the other way round', status: 'failed', created_at: ago(1) });
      await testResult(run, { name: 'the other way round', created_at: ago(31 * 24) });
      expect(await flaky()).toEqual([]);
    });

    it('leaves out deleted repositories', async () => {
      const run = await ciEvent({});
      await testResult(run, { status: 'failed' });
      await testResult(run, {});
      expect(await flaky()).toHaveLength(1);
      await brain.script('update codered.repositories set deleted_at = now()');
      expect(await flaky()).toEqual([]);
    });
  });

  describe('slowest_workflows', () => {
    const lasting = (seconds: number, row: Readonly<Record<string, unknown>> = {}) => {
      const begun = Date.now() - 3_600_000;
      return ciEvent({
        status: 'succeeded',
        conclusion: 'success',
        start_time: new Date(begun).toISOString(),
        end_time: new Date(begun + seconds * 1000).toISOString(),
        ...row,
      });
    };

    it('tells median and 95th percentile of what succeeded, attempt by attempt', async () => {
      await lasting(100, { run_id: '7' });
      await lasting(200, { run_id: '7', run_attempt: 2 });
      await lasting(300);
      await lasting(5, { workflow_name: 'Lint' });
      expect(await slowest()).toEqual([
        {
          project_id: PROJECT,
          repository_id: '1',
          workflow_name: 'CI',
          runs: '3',
          p50_seconds: '200',
          p95_seconds: '290',
        },
        {
          project_id: PROJECT,
          repository_id: '1',
          workflow_name: 'Lint',
          runs: '1',
          p50_seconds: '5',
          p95_seconds: '5',
        },
      ]);
    });

    it('leaves out what failed, was skipped, has not ended, began over 30 days ago, or is of a deleted repository', async () => {
      await lasting(100, { status: 'failed', conclusion: 'failure' });
      await lasting(1, { conclusion: 'skipped' });
      await lasting(1, { end_time: null });
      await lasting(1, { start_time: '2020-01-01T00:00:00Z' });
      await lasting(1, { repository_id: 2 });
      await brain.script('update codered.repositories set deleted_at = now() where id = 2');
      expect(await slowest()).toEqual([]);
    });
  });

  describe('a delivery to a database that has grown', () => {
    it('looks at its own runs and commits, and not at all that are there', async () => {
      await brain.script(`
        insert into codered.commits (repository_id, sha, message, zones_touched)
        select 1, lpad(to_hex(n), 40, '0'), 'A change', '{red}' from generate_series(1, 3000) as n;
        insert into codered.ci_events (id, project_id, repository_id, provider, workflow_name, run_id, commit_sha, status, trigger)
        select md5('run' || n)::uuid, '${PROJECT}', 1, 'github-actions', 'CI', n::text, lpad(to_hex(n), 40, '0'), 'failed', 'push'
        from generate_series(1, 3000) as n;
        insert into codered.deployments (
          project_id, repository_id, provider, environment, environment_name, deployment_id, run_id, commit_sha, ref, started_at, source_updated_at
        )
        select '${PROJECT}', 1, 'github', 'prod', 'production', n::text, (n + 2999)::text, lpad(to_hex(n), 40, '0'), 'main', now(), now()
        from generate_series(1, 3000) as n;
        analyze codered.commits, codered.ci_events, codered.deployments;`);
      // What the connection read before may still be counted.
      const read = `select sum(seq_tup_read + idx_tup_fetch) as rows from pg_stat_xact_user_tables where schemaname = 'codered'`;
      const [before, after, [moved]] = await brain.session(async (session) => {
        await session.script('begin');
        const first = await session.query(read);
        await session.script(`
          select codered.recompute_zones(array[md5('run3000')::uuid], '[]');
          select codered.recompute_deployment_runs(array[md5('run3000')::uuid], '{}');`);
        const second = await session.query(read);
        const touched = await session.query(`
          select
            (select string_agg(run_id, ' ') from codered.ci_events where zones_touched = '{red}') as zones_of,
            (select string_agg(run_id, ' ') from codered.deployments where ci_event_id is not null) as linked`);
        return [first, second, touched];
      });
      expect(moved).toEqual({ zones_of: '3000', linked: '3000' });
      expect(Number(after?.[0]?.rows) - Number(before?.[0]?.rows)).toBeLessThan(50);
    });
  });

  describe('who asks', () => {
    const rowsFor = (role: string, sub: string) =>
      brain.session(async (session) => {
        await session.script(`set role ${role}; set request.jwt.claims = '{"sub": "${sub}"}'`);
        const rows = [];
        for (const view of ['dora_weekly', 'failure_causes_weekly', 'flaky_tests', 'slowest_workflows']) {
          rows.push(...(await session.query(`select count(*) as rows from codered.${view}`)));
        }
        return rows.map((row) => row.rows);
      });

    it('sees the rows of their own projects and of nobody else’s', async () => {
      await pattern();
      const run = await ciEvent({
        status: 'succeeded',
        start_time: new Date(Date.now() - 60_000),
        end_time: new Date(),
      });
      await failure({ ci_event_id: run }, PATTERN);
      await deployment({ finished_at: '2026-11-02T10:00:00Z' });
      await testResult(run, { status: 'failed' });
      await testResult(run, {});
      expect(await rowsFor('authenticated', MEMBER)).toEqual(['1', '1', '1', '1']);
      expect(await rowsFor('authenticated', STRANGER)).toEqual(['0', '0', '0', '0']);
      expect(await rowsFor('service_role', STRANGER)).toEqual(['1', '1', '1', '1']);
      await expect(rowsFor('anon', STRANGER)).rejects.toMatchObject({ code: '42501' });
    });
  });
});
