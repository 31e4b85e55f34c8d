// Merging facts: told twice, late or at the same time, they leave the same rows.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openPostgres } from '../../src/brain/backends/postgres.ts';
import { ACCOUNTS } from '../../src/demo/github/state/retell.ts';
import { tellLife } from '../../src/demo/story/life.ts';
import { deliveryArguments } from '../../src/inbox/delivery-row.ts';
import type { Facts } from '../../src/model/facts.ts';
import { asJson } from '../../src/model/json.ts';
import { normalise, normalisers } from '../../src/normalise/normalise.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { rowsOf } from '../support/brain-rows.ts';
import { examplesOf } from '../support/example-payload.ts';
import {
  commitFact,
  deploymentFact,
  deploymentStatusFact,
  forgetEverything,
  HEAD,
  INSTALLATION,
  installationFact,
  jobFact,
  minute,
  pullRequestFact,
  REPOSITORY,
  repositoryFact,
  runFact,
  tell,
} from '../support/fact-rows.ts';

const APP_ID = 29_310;
const STEP = { number: 1, name: 'Set up job', status: 'completed', conclusion: 'success' };

/** What every example payload of an event that we keep something of says. */
const examples = examplesOf()
  .filter(({ event }) => Object.hasOwn(normalisers, event))
  .flatMap(({ event, index, payload }) => {
    const normalised = normalise({ event, payload }, { appId: APP_ID });
    const action = typeof payload.action === 'string' ? `.${payload.action}` : '';
    return normalised.kind === 'facts' ? [{ title: `${event}${action} ${index}`, facts: normalised.facts }] : [];
  });

describe.each(testBackends)('record_facts (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());
  beforeEach(() => forgetEverything(brain));

  const record = (facts: Partial<Facts>, guid: string) =>
    brain.call('record_facts', { facts: asJson(facts), app_id: APP_ID, guid });
  const setRules = (rules: object) => brain.sql('update codered.projects set rules = $1', [JSON.stringify(rules)]);
  const one = async (sql: string) => {
    const [row, ...more] = await brain.sql(sql);
    if (row === undefined || more.length > 0) throw new Error(`${more.length + (row ? 1 : 0)} rows: ${sql}`);
    return row;
  };

  describe('an account under a login that another has given up', () => {
    const stranger = (login: string): Partial<Facts> => ({
      installations: [installationFact({ id: 9_001, account_login: login, account_id: 501 })],
      repositories: [repositoryFact({ id: 9_002, installation_id: 9_001, owner: login, name: '.github' })],
    });
    const orgsOf = () =>
      brain.sql(
        `select o.login, o.github_account_id as account, string_agg(p.name, ', ') as projects
        from codered.orgs o left join codered.projects p on p.org_id = o.id group by o.id order by o.github_account_id`,
      );

    it.each(['octo-org', 'Octo-Org'])(
      'is an organisation of its own (%s), until the other’s new one is told',
      async (login) => {
        await tell(brain, {}, 'first');
        await record(stranger(login), 'second');
        const known = { login: 'octo-org', account: '500', projects: 'octo-org/web-shop' };
        expect(await orgsOf()).toEqual([
          known,
          { login: `${login}~501`, account: '501', projects: `${login}/.github` },
        ]);
        const renamed = { account_login: 'octo-inc', source_updated_at: minute(1) };
        await record({ installations: [installationFact(renamed)] }, 'third');
        await record(
          {
            installations: [
              {
                ...stranger(login).installations?.[0],
                ...installationFact({ id: 9_001, account_login: login, account_id: 501, source_updated_at: minute(2) }),
              },
            ],
          },
          'fourth',
        );
        expect((await orgsOf()).map((org) => org.login)).toEqual(['octo-inc', login]);
      },
    );

    it('has no say in the policy of the other’s repositories', async () => {
      await tell(brain, {}, 'first');
      await record(stranger('octo-org'), 'second');
      const own = () => brain.sql(`select id from codered.organisation_repositories(${REPOSITORY})`);
      expect(await own()).toEqual([]);
      await record({ repositories: [repositoryFact({ id: 9_003, name: '.github' })] }, 'third');
      expect(await own()).toEqual([{ id: '9003' }]);
    });
  });

  describe('what GitHub’s examples say', () => {
    /** All rows; of what is told of access no times, as it counts from when a delivery arrived, and here none did. */
    const rows = async () => {
      const { access_notices: told = [], ...all } = await rowsOf(brain);
      return { ...all, access_notices: told.length };
    };

    it.each(examples)('$title is recorded, and a second time changes nothing', async ({ title, facts }) => {
      await record(facts, title);
      const found = await rows();
      expect(Object.values(found).flat().length).toBeGreaterThan(1);
      await record(facts, title);
      expect(await rows()).toEqual(found);
    });

    it('is the same when all of them are told, and then again backwards', async () => {
      for (const { title, facts } of examples) await record(facts, title);
      const found = await rows();
      for (const { title, facts } of examples.toReversed()) await record(facts, title);
      expect(await rows()).toEqual(found);
    });
  });

  describe('the delivery', () => {
    it('is done with its facts, or not at all', async () => {
      const ids = { action: null, installation_id: null, repository_id: null };
      const row = { app_id: APP_ID, guid: 'g', event: 'push', ...ids, payload: '{}' };
      await brain.call('receive_deliveries', deliveryArguments([row]));
      const claim = () => brain.call('claim_deliveries', { worker: 'w', batch: 1, lease_seconds: 60 });
      await claim();
      const unstorable = { repositories: [repositoryFact()], pull_requests: [{ ...pullRequestFact(), number: -1 }] };
      await expect(record(unstorable, 'g')).rejects.toThrow('CR002');
      expect(await brain.sql('select 1 from codered.repositories')).toEqual([]);
      expect(await one('select status from codered.webhook_deliveries')).toEqual({ status: 'processing' });
      await record({ repositories: [repositoryFact()] }, 'g');
      expect(await one('select status, locked_by from codered.webhook_deliveries')).toEqual({
        status: 'done',
        locked_by: null,
      });
    });

    it('may be none: facts that were asked for are recorded all the same', async () => {
      expect(await brain.call('record_facts', { facts: asJson({ repositories: [repositoryFact()] }) })).toEqual({
        queued: 0,
      });
      expect(await brain.sql('select id from codered.repositories')).toHaveLength(1);
    });
  });

  describe('repositories', () => {
    const repositories = () =>
      brain.sql(
        'select id, owner, name, installation_id, deleted_at is null as there from codered.repositories order by id',
      );

    it('get a project each, even when their names come to one slug', async () => {
      await tell(brain, {
        repositories: [
          repositoryFact({ id: 1, owner: 'a-b', name: 'c' }),
          repositoryFact({ id: 2, owner: 'a', name: 'b-c' }),
          repositoryFact({ id: 3, owner: '日本', name: '語' }),
          repositoryFact({ id: 4, owner: '日', name: '本語' }),
        ],
      });
      const projects = await brain.sql(
        'select r.id, p.slug, p.name from codered.repositories r join codered.projects p on p.id = r.project_id order by r.id',
      );
      expect(projects).toEqual([
        { id: '1', slug: 'a_b_c', name: 'a-b/c' },
        { id: '2', slug: 'a_b_c_2', name: 'a/b-c' },
        { id: '3', slug: 'project', name: '日本/語' },
        { id: '4', slug: 'project_4', name: '日/本語' },
      ]);
    });

    it('keep their row and their project through a new name and a new owner', async () => {
      await tell(brain, {});
      const { project_id } = await one('select project_id from codered.repositories');
      await tell(brain, { repositories: [repositoryFact({ name: 'shop', source_updated_at: minute(1) })] });
      await tell(brain, {
        installations: [installationFact({ id: 701, account_login: 'hooli', account_id: 501 })],
        repositories: [
          repositoryFact({ owner: 'hooli', name: 'shop', installation_id: 701, source_updated_at: minute(2) }),
        ],
      });
      expect(await repositories()).toEqual([
        { id: String(REPOSITORY), owner: 'hooli', name: 'shop', installation_id: '701', there: 't' },
      ]);
      expect(await one('select project_id from codered.repositories')).toEqual({ project_id });
    });

    describe('that go to another organisation', () => {
      const transferred = () =>
        tell(brain, {
          installations: [installationFact({ id: 701, account_login: 'hooli', account_id: 501 })],
          repositories: [repositoryFact({ owner: 'hooli', installation_id: 701, source_updated_at: minute(2) })],
        });
      const projects = () =>
        brain.sql(
          `select r.id, o.login, p.id as project from codered.repositories r
           join codered.projects p on p.id = r.project_id join codered.orgs o on o.id = p.org_id order by r.id`,
        );

      it('take their project along: who is to see it no more sees it no more', async () => {
        await tell(brain, {});
        const [before] = await projects();
        expect(before).toMatchObject({ login: 'octo-org' });
        await transferred();
        expect(await projects()).toEqual([{ ...before, login: 'hooli' }]);
        // A delivery of before the transfer that comes late brings nothing back.
        await tell(brain, { repositories: [repositoryFact({ source_updated_at: minute(1) })] });
        expect(await projects()).toEqual([{ ...before, login: 'hooli' }]);
      });

      it('leave a project that others share, and get one of their own', async () => {
        await tell(brain, { repositories: [repositoryFact(), repositoryFact({ id: 901, name: 'api' })] });
        await brain.sql(
          'update codered.repositories set project_id = (select project_id from codered.repositories where id = 901)',
        );
        const shared = await projects();
        await transferred();
        const [moved, stayed] = await projects();
        expect(stayed).toEqual(shared[1]);
        expect(moved).toMatchObject({ login: 'hooli' });
        expect(moved?.project).not.toBe(stayed?.project);
      });

      it('stay in a project that the operator has put elsewhere', async () => {
        await tell(brain, {
          installations: [installationFact(), installationFact({ id: 702, account_login: 'initech', account_id: 502 })],
        });
        await brain.sql(`update codered.projects set org_id = (select id from codered.orgs where login = 'initech')`);
        const [before] = await projects();
        await transferred();
        expect(await projects()).toEqual([before]);
      });
    });

    it('are not renamed back by an older payload that comes late, nor by one without a time', async () => {
      await tell(brain, { repositories: [repositoryFact({ name: 'shop', source_updated_at: minute(5) })] }, 'rename');
      await tell(brain, { repositories: [repositoryFact({ source_updated_at: minute(4) })] }, 'late');
      await tell(brain, { repositories: [repositoryFact({ source_updated_at: null })] }, 'zzz');
      expect(await repositories()).toMatchObject([{ name: 'shop' }]);
    });

    it('are gone when they are taken from the installation, and there again when they are given back', async () => {
      const minimal = { default_branch: null, archived: null, tells_presence: true };
      const removed = repositoryFact({
        ...minimal,
        installation_id: null,
        deleted_at: minute(2),
        source_updated_at: minute(2),
      });
      await tell(brain, {});
      await tell(brain, { repositories: [removed] });
      expect(await repositories()).toMatchObject([{ there: 'f' }]);
      // A delivery of before that comes late, and one of after that is not about it.
      await tell(brain, { repositories: [repositoryFact({ source_updated_at: minute(1) })] });
      await tell(brain, { repositories: [repositoryFact({ source_updated_at: minute(3) })] });
      expect(await repositories()).toMatchObject([{ there: 'f' }]);
      await tell(brain, { repositories: [repositoryFact({ ...minimal, source_updated_at: minute(4) })] });
      expect(await repositories()).toMatchObject([{ there: 't', installation_id: String(INSTALLATION) }]);
      await tell(brain, { repositories: [removed] });
      expect(await repositories()).toMatchObject([{ there: 't' }]);
      expect(await one('select default_branch, archived from codered.repositories')).toEqual({
        default_branch: 'main',
        archived: 'f',
      });
    });
  });

  describe('installations', () => {
    it('of one account share an organisation, through a new login too', async () => {
      await tell(brain, {});
      await tell(brain, {
        installations: [installationFact({ account_login: 'hooli', source_updated_at: minute(1) })],
      });
      await tell(brain, {
        installations: [installationFact({ id: 701, account_login: 'hooli', source_updated_at: minute(2) })],
      });
      expect(await brain.sql('select login, github_account_id from codered.orgs')).toEqual([
        { login: 'hooli', github_account_id: '500' },
      ]);
      expect(await brain.sql('select distinct account_login from codered.installations')).toEqual([
        { account_login: 'hooli' },
      ]);
    });

    it('that are only mentioned give way to the first payload about them, and stay what they are when mentioned again', async () => {
      const stub = installationFact({ repository_selection: null, permissions: null, source_updated_at: null });
      await tell(brain, { installations: [stub] });
      await tell(brain, { installations: [installationFact({ source_updated_at: minute(1) })] });
      await tell(brain, { installations: [stub] });
      expect(await one('select repository_selection, permissions from codered.installations')).toEqual({
        repository_selection: 'all',
        permissions: '{"checks": "write"}',
      });
    });

    it('stay deleted', async () => {
      await tell(brain, { installations: [installationFact({ deleted_at: minute(1), source_updated_at: minute(1) })] });
      await tell(brain, { installations: [installationFact({ source_updated_at: minute(2) })] });
      expect(await one('select deleted_at is not null as gone from codered.installations')).toEqual({ gone: 't' });
    });
  });

  describe('CI events', () => {
    const event = () => one('select status, conclusion, start_time, end_time, duration_seconds from codered.ci_events');

    it('only move forward, whatever comes late, and keep the earliest start and the latest end', async () => {
      const finished = runFact({ start_time: minute(3), end_time: minute(8), source_updated_at: minute(8) });
      await tell(brain, { ci_events: [finished] }, 'b');
      await tell(
        brain,
        { ci_events: [runFact({ status: 'running', start_time: minute(2), source_updated_at: minute(9) })] },
        'c',
      );
      await tell(brain, { ci_events: [runFact({ status: 'queued', source_updated_at: minute(1) })] }, 'a');
      expect(await event()).toMatchObject({ status: 'failed', conclusion: 'failure', duration_seconds: '360' });
    });

    it('of equal rank and time go by the delivery’s id, so that every order ends the same', async () => {
      const states = [
        [runFact({ status: 'canceled' }), 'a'],
        [runFact({ status: 'succeeded' }), 'b'],
      ] as const;
      for (const order of [states, states.toReversed()]) {
        await forgetEverything(brain);
        for (const [fact, guid] of order) await tell(brain, { ci_events: [fact] }, guid);
        expect(await event()).toMatchObject({ status: 'succeeded' });
      }
    });

    it('that are commit statuses may go back, because a context is used again', async () => {
      const status = (found: Parameters<typeof runFact>[0]) =>
        runFact({ provider: 'github-status', run_id: `${HEAD}:ci`, ...found });
      await tell(brain, { ci_events: [status({ status: 'failed', source_updated_at: minute(3) })] });
      await tell(brain, { ci_events: [status({ status: 'running', source_updated_at: minute(4) })] });
      await tell(brain, { ci_events: [status({ status: 'queued', source_updated_at: minute(2) })] });
      expect(await event()).toMatchObject({ status: 'running' });
    });

    it('are recorded with the most absurd times another system can write', async () => {
      const absurd = { start_time: '0001-01-01T00:00:00.000Z', end_time: '9999-12-31T23:59:59.999Z' };
      await tell(brain, { ci_events: [runFact({ provider: 'github-checks', ...absurd })] });
      expect(await event()).toMatchObject({ duration_seconds: '2147483647' });
      await tell(brain, { ci_events: [runFact({ run_id: '2', start_time: minute(9), end_time: minute(8) })] });
      expect(await one(`select duration_seconds from codered.ci_events where run_id = '2'`)).toEqual({
        duration_seconds: '0',
      });
    });

    it('take their jobs along, each attempt its own', async () => {
      await tell(brain, {
        ci_events: [runFact(), runFact({ run_attempt: 2 })],
        ci_jobs: [jobFact(), jobFact({ job_id: 8002, run_attempt: 2, status: 'succeeded' })],
      });
      const jobs = await brain.sql(`
        select j.job_id, e.run_attempt, j.status from codered.ci_jobs j join codered.ci_events e on e.id = j.ci_event_id
        order by j.job_id`);
      expect(jobs).toEqual([
        { job_id: '8001', run_attempt: '1', status: 'failed' },
        { job_id: '8002', run_attempt: '2', status: 'succeeded' },
      ]);
    });
  });

  describe('what has to follow', () => {
    const finishJobs = () =>
      brain.script(`
        update codered.follow_ups set status = 'running' where status = 'queued';
        update codered.follow_ups set status = 'completed' where status = 'running'`);
    const queued = () =>
      brain.sql(`
        select kind, input - 'repository_id' - 'ci_job_id' - 'ci_event_id' - 'deployment_id' as input,
          round(extract(epoch from run_after - created_at)) as delay
        from codered.follow_ups order by kind, created_at, dedupe_key`);
    const report = { kind: 'report', input: `{"head_sha": "${HEAD}"}`, delay: '0' };
    const diagnose = { kind: 'diagnose', input: '{}', delay: '0' };

    it.each([
      [
        'a failed job: its diagnosis and a report',
        { ci_events: [runFact({ status: 'running' })], ci_jobs: [jobFact()] },
        [diagnose, report],
      ],
      [
        'a job that did not fail: a report',
        { ci_events: [runFact({ status: 'running' })], ci_jobs: [jobFact({ status: 'succeeded' })] },
        [report],
      ],
      [
        'a failed run without jobs: its diagnosis, ten seconds later',
        { ci_events: [runFact()] },
        [{ ...diagnose, delay: '10' }, report],
      ],
      [
        'a run that could not start: its diagnosis at once',
        { ci_events: [runFact({ conclusion: 'startup_failure' })] },
        [diagnose, report],
      ],
      [
        'a failed run with its failed job: one diagnosis',
        { ci_events: [runFact()], ci_jobs: [jobFact()] },
        [diagnose, report],
      ],
      [
        'a cancelled job that had started: its diagnosis, for it may have run into its time limit',
        { ci_events: [runFact({ status: 'running' })], ci_jobs: [jobFact({ status: 'canceled', steps: [STEP] })] },
        [diagnose, report],
      ],
      [
        'a cancelled job that never started: a report',
        { ci_events: [runFact({ status: 'running' })], ci_jobs: [jobFact({ status: 'canceled' })] },
        [report],
      ],
      [
        'a failed run of which a job was cancelled: its diagnosis, ten seconds later',
        { ci_events: [runFact()], ci_jobs: [jobFact({ status: 'canceled' })] },
        [{ ...diagnose, delay: '10' }, report],
      ],
      ['a failed check of another system', { ci_events: [runFact({ provider: 'github-checks' })] }, [diagnose, report]],
      ['a push: nothing', { commits: [commitFact()] }, []],
      ['a pull request: a report', { pull_requests: [pullRequestFact()] }, [report]],
      [
        'a failed deployment',
        { deployments: [deploymentFact()], deployment_statuses: [deploymentStatusFact({ state: 'error' })] },
        [diagnose, report],
      ],
      ['a deployment that did not fail: a report', { deployments: [deploymentFact()] }, [report]],
      [
        'a pressed button: a report that makes the check run again',
        { rechecks: [{ repository_id: REPOSITORY, head_sha: HEAD }] },
        [{ ...report, input: `{"recheck": true, "head_sha": "${HEAD}"}` }],
      ],
    ] as [string, Partial<Facts>, FollowUp[]][])('of %s', async (_, facts, wanted) => {
      const answer = await tell(brain, facts);
      expect(await queued()).toEqual(wanted);
      expect(answer).toEqual({ queued: wanted.length });
      await finishJobs();
      await tell(brain, facts);
      // A diagnosis is made once; a report may have news each time.
      const again = await brain.sql(`select kind from codered.follow_ups where status = 'queued'`);
      expect(again).toEqual(wanted.filter(isReport).map(() => ({ kind: 'report' })));
    });

    it('of a failed job whose diagnosis was given up is another diagnosis, once it is told again', async () => {
      const facts = { ci_events: [runFact({ status: 'running' })], ci_jobs: [jobFact()] };
      await tell(brain, facts);
      await brain.script("update codered.follow_ups set status = 'failed'");
      await tell(brain, facts);
      const again = await brain.sql(`select kind from codered.follow_ups where status = 'queued' order by 1`);
      expect(again).toEqual([{ kind: 'diagnose' }, { kind: 'report' }]);
    });

    it('of a commit status that fails, passes and fails again are two diagnoses', async () => {
      for (const [n, status] of (['failed', 'succeeded', 'failed'] as const).entries()) {
        const found = { provider: 'github-status', run_id: `${HEAD}:ci`, source_updated_at: minute(n) } as const;
        await tell(brain, { ci_events: [runFact({ ...found, status })] });
        await finishJobs();
      }
      expect((await queued()).filter(({ kind }) => kind === 'diagnose')).toHaveLength(2);
    });
  });

  describe('deployments', () => {
    const places = () =>
      brain.sql(
        'select deployment_id, environment, status, is_current, finished_at from codered.deployments order by deployment_id',
      );
    const deploy = (
      id: string,
      states: readonly (readonly [string, number])[],
      more: Partial<Parameters<typeof deploymentFact>[0]> = {},
    ) =>
      tell(brain, {
        deployments: [deploymentFact({ deployment_id: id, ...more })],
        deployment_statuses: states.map(([state, at]) =>
          deploymentStatusFact({ deployment_id: id, state, status_id: Number(id) * 100 + at, created_at: minute(at) }),
        ),
      });

    it('are current as long as no newer one succeeded, whatever order they come in', async () => {
      const found = [
        [
          '1',
          [
            ['in_progress', 1],
            ['success', 2],
          ],
        ],
        [
          '2',
          [
            ['success', 5],
            ['inactive', 9],
          ],
        ],
        [
          '3',
          [
            ['success', 6],
            ['failure', 7],
          ],
        ],
      ] as const;
      for (const order of [found, found.toReversed(), [found[1], found[0], found[2]]]) {
        await forgetEverything(brain);
        for (const [id, states] of order) await deploy(id, states);
        await deploy('4', [['success', 1]], { environment_name: 'staging' });
        expect(
          (await places()).map(({ deployment_id, status, is_current }) => [deployment_id, status, is_current]),
        ).toEqual([
          ['1', 'succeeded', 'f'],
          ['2', 'succeeded', 't'],
          ['3', 'failed', 'f'],
          ['4', 'succeeded', 't'],
        ]);
      }
    });

    it('have finished with their first final status', async () => {
      await deploy('1', [
        ['success', 4],
        ['success', 3],
        ['in_progress', 2],
        ['inactive', 8],
      ]);
      const [place] = await places();
      expect(new Date(place?.finished_at ?? 0).toISOString()).toBe(minute(3));
    });

    it.each([
      ['production', {}, 'prod'],
      ['Prod', {}, 'prod'],
      ['LIVE', {}, 'prod'],
      ['preview', {}, 'staging'],
      ['uat', {}, 'staging'],
      ['pr-17', {}, 'dev'],
      ['eu-live', { environments: { 'eu-live': 'prod' } }, 'prod'],
      ['production', { environments: { production: 'staging' } }, 'staging'],
      ['eu-live', { environments: { 'eu-live': 'moon' } }, 'dev'],
      ['eu-live', { environments: ['eu-live'] }, 'dev'],
      ['eu-live', { environments: 'prod' }, 'dev'],
    ])('to "%s" under the rules %j count as %s', async (environment_name, rules, environment) => {
      await tell(brain, {});
      await setRules(rules);
      await deploy('1', [], { environment_name });
      expect(await places()).toMatchObject([{ environment }]);
    });

    it.each([['the run'], ['the deployment']])(
      'are linked to the run that made them, when %s comes first',
      async (first) => {
        const run = { ci_events: [runFact({ run_attempt: 2 })] };
        const deployment = { deployments: [deploymentFact({ run_id: '7001', run_attempt: 2 })] };
        for (const found of first === 'the run' ? [run, deployment] : [deployment, run]) await tell(brain, found);
        expect(
          await one('select e.run_id from codered.deployments d join codered.ci_events e on e.id = d.ci_event_id'),
        ).toEqual({
          run_id: '7001',
        });
      },
    );
  });

  describe('zones', () => {
    it.each([
      ['src/**', 'src/billing/invoice.ts', true],
      ['src/**', 'src/a', true],
      ['src/**', 'lib/src/a', false],
      ['src/*', 'src/a.ts', true],
      ['src/*', 'src/a/b.ts', false],
      ['**/*.sql', 'a.sql', true],
      ['**/*.sql', 'db/migrations/a.sql', true],
      ['**/*.sql', 'a.sqlx', false],
      ['a/**/b', 'a/b', true],
      ['a/**/b', 'a/x/y/b', true],
      ['a/**/b', 'ab', false],
      ['*', 'a', true],
      ['*', 'a/b', false],
      ['**', 'a/b/c', true],
      ['a?c', 'abc', true],
      ['a?c', 'a/c', false],
      ['a.c', 'abc', false],
      ['a+(b)|[c]{d}^$\\', 'a+(b)|[c]{d}^$\\', true],
      ['[ab]', 'a', true],
      ['{a,b}/', 'b/c', true],
      ['/src/**', 'src/a', true],
      ['!a', 'a', false],
      ['a|b', 'a', false],
      ['日本/**', '日本/語.ts', true],
      ['', 'a', false],
      ['a\nb', 'a\nb', true],
    ])('the glob %j fits %j: %s', async (glob, path, fits) => {
      expect(await one(`select codered.glob_matches(${quoted(path)}, ${quoted(glob)}) as fits`)).toEqual({
        fits: fits ? 't' : 'f',
      });
    });

    it('of a commit are those its files touch, and its CI events take them, whichever comes first', async () => {
      const rules = { zones: { red: ['src/billing/**'], yellow: ['src/**'], green: ['docs/**'], blue: ['**'] } };
      const commits = { commits: [commitFact({ files: ['src/billing/a.ts', 'README.md'] })] };
      const ci_events = { ci_events: [runFact()] };
      for (const order of [
        [commits, ci_events],
        [ci_events, commits],
      ]) {
        await forgetEverything(brain);
        await tell(brain, {});
        await setRules(rules);
        for (const found of order) await tell(brain, found);
        expect(await one('select zones_touched from codered.ci_events')).toEqual({ zones_touched: '{red,yellow}' });
      }
    });

    it('leave out what a later glob takes out', async () => {
      await tell(brain, {});
      await setRules({ zones: { red: ['src/**', '!**/*.md'], yellow: ['**', '!src/**'] } });
      await tell(brain, { commits: [commitFact({ files: ['src/a.md'] })] });
      expect(await one('select zones_touched from codered.commits')).toEqual({ zones_touched: null });
    });

    it.each([
      [{ zones: { red: 'src/**' } }],
      [{ zones: { red: [null, 7, {}] } }],
      [{ zones: ['src/**'] }],
      [{ zones: null }],
      [{}],
    ])('are none under the rules %j', async (rules) => {
      await tell(brain, {});
      await setRules(rules);
      await tell(brain, { commits: [commitFact({ files: ['src/a'] })] });
      expect(await one('select zones_touched from codered.commits')).toEqual({ zones_touched: null });
    });
  });

  describe('history', () => {
    it('of a deployment is never changed', async () => {
      await tell(brain, { deployments: [deploymentFact()], deployment_statuses: [deploymentStatusFact()] });
      await expect(brain.script(`update codered.deployment_statuses set state = 'failure'`)).rejects.toMatchObject({
        code: 'CR001',
      });
      await tell(brain, {
        deployments: [deploymentFact()],
        deployment_statuses: [deploymentStatusFact({ state: 'failure' })],
      });
      expect(await one('select state from codered.deployment_statuses')).toEqual({ state: 'success' });
    });
  });
});

interface FollowUp {
  readonly kind: string;
  readonly input: string;
  readonly delay: string;
}

const isReport = ({ kind }: FollowUp) => kind === 'report';

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

describe('two connections to record_facts (postgres)', () => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain('postgres');
  });
  afterAll(() => brain.close());
  beforeEach(() => forgetEverything(brain));

  it('merges one delivery of a repository after the other', async () => {
    await tell(brain, {});
    const other = openPostgres({ url: brain.databaseUrl ?? '', poolSize: 1, onIdleError: () => {} });
    await other.session(async (session) => {
      await session.script('begin');
      const facts = { repositories: [repositoryFact()], ci_events: [runFact({ status: 'running' })] };
      await session.query('select codered.record_facts($1::json)', [JSON.stringify(facts)]);
      const second = tell(brain, { ci_events: [runFact()], ci_jobs: [jobFact()] });
      await expect
        .poll(() =>
          brain.sql(`select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`),
        )
        .toHaveLength(1);
      await session.script('commit');
      await second;
    });
    await other.close();
    expect(await brain.sql('select status from codered.ci_events')).toEqual([{ status: 'failed' }]);
  });

  it('takes a life’s deliveries all at once, each twice, without a deadlock, to the same rows as one by one', async () => {
    const passing = { name: 'test', conclusion: 'success', steps: ['npm test'] } as const;
    const failing = { ...passing, conclusion: 'failure' } as const;
    const jobs = [
      { ...failing, steps: ['npm ci'] },
      { ...passing, name: 'lint', steps: ['npm run lint'] },
    ];
    const { deliveries } = tellLife({
      startAt: '2026-11-20T13:00:00Z',
      app: { id: APP_ID, slug: 'codered' },
      moments: [
        { kind: 'install' },
        { kind: 'open', pull: 1, title: 'Use React 19', branch: 'react-19' },
        { kind: 'run', on: 1, jobs },
        { kind: 'rerun', on: 1, jobs },
        { kind: 'open', pull: 2, title: 'From a fork', branch: 'patch', author: ACCOUNTS.hacktocat, fromFork: true },
        { kind: 'run', on: 2, jobs },
        { kind: 'status', on: 2, context: 'ci/elsewhere', state: 'failure', description: 'It broke' },
        { kind: 'other check', on: 2, name: 'Other CI', conclusion: 'failure', summary: 'Three tests failed' },
        { kind: 'merge', pull: 1 },
        { kind: 'deploy', environment: 'production', job: { ...failing, name: 'deploy', steps: ['deploy'] } },
      ],
    });
    const found = deliveries.flatMap(({ event, payload, guid }) => {
      const normalised = normalise({ event, payload }, { appId: APP_ID });
      return normalised.kind === 'facts' ? [{ facts: asJson(normalised.facts), app_id: APP_ID, guid }] : [];
    });
    // Which follow-ups are queued depends on who came first, on purpose; the facts must not.
    const factsOf = async () => {
      // History is never forgotten, so it tells of the rounds before too.
      const { follow_ups: _, projects: __, events: ___, ...rows } = await rowsOf(brain, { withoutOurs: true });
      return rows;
    };
    for (const delivery of found) await brain.call('record_facts', delivery);
    const inOrder = await factsOf();
    for (let round = 0; round < 3; round += 1) {
      await forgetEverything(brain);
      const all = [...found, ...found.toReversed()].map((delivery) => brain.call('record_facts', delivery));
      const settled = await Promise.allSettled(all);
      expect(settled.filter(({ status }) => status === 'rejected')).toEqual([]);
      expect(await factsOf()).toEqual(inOrder);
    }
  });

  it('takes deliveries that list the same repositories in different orders at once', async () => {
    const ids = Array.from({ length: 20 }, (_, n) => 1_000 + n);
    const found = Array.from({ length: 12 }, (_, n) => ({
      installations: [installationFact({ source_updated_at: minute(n) })],
      repositories: (n % 2 ? ids : ids.toReversed()).map((id) =>
        repositoryFact({ id, name: `shop-${id % 7}`, source_updated_at: minute(n) }),
      ),
    }));
    const settled = await Promise.allSettled(
      found.map((facts, n) => brain.call('record_facts', { facts: asJson(facts), app_id: APP_ID, guid: `${n}` })),
    );
    expect(settled.filter(({ status }) => status === 'rejected')).toEqual([]);
    const slugs = await brain.sql('select slug from codered.projects');
    expect(new Set(slugs.map(({ slug }) => slug)).size).toBe(20);
  });
});
