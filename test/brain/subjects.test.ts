// What the steps are told of their subjects: always of the one that they ask for, though another one has the same numbers.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import {
  deploymentFact,
  deploymentStatusFact,
  HEAD,
  jobFact,
  minute,
  pullRequestFact,
  REPOSITORY,
  repositoryFact,
  runFact,
  tell,
} from '../support/fact-rows.ts';
import { NEIGHBOUR, tellNeighbour } from '../support/neighbour.ts';
import { atOneMoment } from '../support/one-moment.ts';

const OTHER_SHA = 'd'.repeat(40);
const ORGANISATION = 903;

describe.each(testBackends)('the subjects of steps (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    await tell(brain, {
      repositories: [repositoryFact(), repositoryFact({ id: ORGANISATION, name: '.github' })],
      pull_requests: [pullRequestFact({ draft: true }), pullRequestFact({ number: 2 })],
      ci_events: [
        runFact({ html_url: 'https://github.com/run/1' }),
        runFact({ run_attempt: 2, html_url: 'https://github.com/run/2', status: 'running' }),
        runFact({ run_id: '7002', commit_sha: OTHER_SHA, workflow_name: 'Lint', status: 'succeeded' }),
      ],
      ci_jobs: [
        jobFact({ steps: [step('failure')] }),
        jobFact({ job_id: 8002, name: 'lint', run_id: '7002', status: 'succeeded', conclusion: 'success' }),
        jobFact({ job_id: 8003, name: 'late', run_id: '7002', status: 'succeeded', steps: [step('timed_out')] }),
      ],
      deployments: [deploymentFact(), deploymentFact({ deployment_id: '6002', environment_name: 'staging' })],
      deployment_statuses: [
        deploymentStatusFact({ state: 'failure', description: 'older' }),
        deploymentStatusFact({ status_id: 6102, state: 'error', description: 'newest', created_at: minute(8) }),
        deploymentStatusFact({ status_id: 6103, state: 'in_progress', description: 'again', created_at: minute(9) }),
        deploymentStatusFact({ deployment_id: '6002', status_id: 6104, state: 'failure', description: 'of staging' }),
      ],
    });
    await tellNeighbour(brain);
  });
  afterAll(() => brain.close());

  const step = (conclusion: string) => ({
    name: 'Run tests',
    status: 'completed',
    conclusion,
    number: 1,
    started_at: null,
    completed_at: null,
  });
  const idOf = async (table: string, where: string) => {
    const [row] = await brain.sql(`select id from codered.${table} where ${where}`);
    return row?.id ?? '';
  };
  /** What a function answers once these statements were run; they are taken back. */
  const asked = (statements: string, call: string) =>
    atOneMoment(brain, async (session) => {
      await session.script(statements);
      const [row] = await session.query(`select codered.${call} as told`);
      return JSON.parse(row?.told ?? 'null');
    });

  describe('of an upload', () => {
    const upload = `read_upload_subject(${REPOSITORY}, '7001', 1)`;

    it('are the attempt of the run, and whether we are there', async () => {
      const told = { is_installed: true, commit_sha: HEAD, html_url: 'https://github.com/run/1' };
      expect(await asked('', upload)).toEqual(told);
      expect(await asked('', `read_upload_subject(${REPOSITORY}, '7001', 2)`)).toEqual({
        ...told,
        html_url: 'https://github.com/run/2',
      });
      expect(await asked('', `read_upload_subject(${REPOSITORY}, '7002', 1)`)).toMatchObject({ commit_sha: OTHER_SHA });
      expect(await asked('', `read_upload_subject(${REPOSITORY}, '7009', 1)`)).toMatchObject({
        is_installed: true,
        commit_sha: null,
      });
      expect(await asked('', "read_upload_subject(1, '7001', 1)")).toBeNull();
    });

    it.each([
      ['suspended', 'update codered.installations set suspended_at = now() where id = 700'],
      ['uninstalled', 'update codered.installations set deleted_at = now() where id = 700'],
      ['without the repository', `update codered.repositories set deleted_at = now() where id = ${REPOSITORY}`],
      ['never installed', `update codered.repositories set installation_id = null where id = ${REPOSITORY}`],
    ])('say that we are not there where we are %s', async (_, statement) => {
      expect(await asked(statement, upload)).toMatchObject({ is_installed: false, commit_sha: HEAD });
    });

    it('are of GitHub Actions alone', async () => {
      const statement = "update codered.ci_events set provider = 'other' where run_id = '7001'";
      expect(await asked(statement, upload)).toMatchObject({ commit_sha: null });
    });
  });

  describe('of a diagnosis', () => {
    const subject = async (input: object) =>
      (await brain.call('read_diagnosis_subject', { input: { repository_id: REPOSITORY, ...input } })) as Readonly<
        Record<string, unknown>
      >;
    const here = `repository_id = ${REPOSITORY}`;

    it('are the repository, and nothing where it is unknown', async () => {
      const place = { installation_id: 700, repository_id: REPOSITORY, owner: 'octo-org', name: 'web-shop' };
      expect(await subject({})).toMatchObject({ ...place, ci_job: null, ci_event: null, deployment: null });
      expect(await subject({ repository_id: 1 })).toBeNull();
    });

    it('are the job that is asked for, and whether a step of it failed', async () => {
      const job = async (job_id: number) =>
        (await subject({ ci_job_id: await idOf('ci_jobs', `job_id = ${job_id}`) })).ci_job;
      expect(await job(8001)).toMatchObject({ job_id: 8001, name: 'test', status: 'failed', has_failed_step: true });
      expect(await job(8002)).toMatchObject({ job_id: 8002, name: 'lint', has_failed_step: false });
      expect(await job(8003)).toMatchObject({ job_id: 8003, name: 'late', has_failed_step: true });
    });

    it('are the attempt that is asked for, with its own jobs', async () => {
      const run = async (where: string) =>
        (await subject({ ci_event_id: await idOf('ci_events', `${here} and ${where}`) })).ci_event;
      expect(await run("run_id = '7001' and run_attempt = 1")).toMatchObject({ jobs: 1, has_failed_job: true });
      expect(await run("run_id = '7001' and run_attempt = 2")).toMatchObject({ jobs: 0, has_failed_job: false });
      expect(await run("run_id = '7002'")).toMatchObject({ workflow_name: 'Lint', jobs: 2, has_failed_job: false });
    });

    it('are the deployment that is asked for, with what its newest failure says', async () => {
      const deployment = async (deployment_id: string) =>
        (await subject({ deployment_id: await idOf('deployments', `${here} and deployment_id = '${deployment_id}'`) }))
          .deployment;
      expect(await deployment('6001')).toMatchObject({ environment_name: 'production', description: 'newest' });
      expect(await deployment('6002')).toMatchObject({ environment_name: 'staging', description: 'of staging' });
    });
  });

  describe('of a policy', () => {
    const facts = (number: number | null = null) => `read_policy_facts(${REPOSITORY}, ${number})`;

    it('are whether the pull request is a draft, and the files that it was made of', async () => {
      expect(await asked('', facts(1))).toMatchObject({ draft: true, parts: [] });
      expect(await asked('', facts(2))).toMatchObject({ draft: false });
      expect(await asked('', facts())).toMatchObject({ draft: false });
      expect(await asked('', `read_policy_facts(${NEIGHBOUR}, 1)`)).toMatchObject({ draft: false });
      expect(await asked('', 'read_policy_facts(1, 1)')).toBeNull();
    });

    it('are what the account’s own repository is known by, of this account alone', async () => {
      const beside = `
        insert into codered.repositories (id, project_id, owner, name, gone_at, source_updated_at)
        select 904, project_id, 'octo-else', '.github', now(), '2027-01-01' from codered.repositories where id = ${NEIGHBOUR};`;
      const known = await asked(beside, facts(1));
      expect(known.organisation).toMatchObject({ is_deleted: false, known_sha: null });
      expect(known.organisation.version).toMatch(/^2026-11-01/);
      const gone = `${beside} update codered.repositories set gone_at = now() where id = ${ORGANISATION};`;
      expect((await asked(gone, facts(1))).organisation).toMatchObject({ is_deleted: true });
      const twice = `${gone}
        insert into codered.repositories (id, project_id, owner, name)
        select 905, project_id, owner, name from codered.repositories where id = ${ORGANISATION};`;
      expect((await asked(twice, facts(1))).organisation).toMatchObject({ is_deleted: false });
      const none = `delete from codered.repositories where id = ${ORGANISATION};`;
      expect((await asked(beside + none, facts(1))).organisation).toMatchObject({ version: null, is_deleted: false });
    });

    it('are noted for one repository and its installation, the newest twenty files', async () => {
      const note = (parts: readonly string[], sha = 'null') =>
        `select codered.note_policy_files(${REPOSITORY}, array[${parts.map((part) => `'${part}'`).join()}]::text[], ${sha});`;
      const parts = async (statements: string) =>
        (await asked(`${statements}`, facts())) as { parts: readonly string[]; organisation: { known_sha: string } };
      expect((await parts(note(['a:x', 'b:y']) + note(['c:z', 'a:x']))).parts).toEqual(['c:z', 'a:x', 'b:y']);
      const many = Array.from({ length: 25 }, (_, index) => `p:${index}`);
      expect((await parts(note(many))).parts).toEqual(many.slice(0, 20));
      expect((await parts(note([], "'abc'"))).organisation.known_sha).toBe('abc');
      const neighbour = await asked(note(['a:x'], "'abc'"), `read_policy_facts(${NEIGHBOUR})`);
      expect(neighbour).toMatchObject({ parts: [], organisation: { known_sha: null } });
    });
  });

  it('of a recheck are the report and the runs that are over, of this commit alone', async () => {
    const queued = (sha: string) =>
      atOneMoment(brain, async (session) => {
        await session.script('delete from codered.follow_ups');
        const [row] = await session.query(`select codered.recheck_commit(${REPOSITORY}, '${sha}') as count`);
        const rows = await session.query(
          'select f.kind, e.run_id, f.repository_id from codered.follow_ups f left join codered.ci_events e on e.id = f.ci_event_id order by 1, 2',
        );
        return { count: row?.count, rows };
      });
    const repository_id = String(REPOSITORY);
    // The newest attempt of its run goes on.
    expect(await queued(HEAD)).toEqual({ count: '1', rows: [{ kind: 'report', run_id: null, repository_id }] });
    expect(await queued(OTHER_SHA)).toEqual({
      count: '2',
      rows: [
        { kind: 'artifacts', run_id: '7002', repository_id },
        { kind: 'report', run_id: null, repository_id },
      ],
    });
  });

  it('of a spec are where it lies, unless its repository is gone', async () => {
    const place = `read_spec_place(${REPOSITORY})`;
    expect(await asked('', place)).toEqual({ installation_id: 700, owner: 'octo-org', name: 'web-shop' });
    expect(await asked('update codered.repositories set deleted_at = now()', place)).toBeNull();
  });

  it('of a classification are everybody’s patterns and the project’s own, the own first among equals', async () => {
    const [own, other] = await Promise.all(
      [REPOSITORY, NEIGHBOUR].map(async (id) => {
        const [row] = await brain.sql('select project_id from codered.repositories where id = $1', [String(id)]);
        return row?.project_id ?? '';
      }),
    );
    const pattern = (name: string, project: string | null, fields = 'true, null', priority = 9_000) => `
      insert into codered.bug_patterns (id, project_id, name, kind, pattern_signature, category, severity, root_cause, recommended_fix, priority, enabled, deleted_at, source)
      values ('${randomUUID()}', ${project === null ? 'null' : `'${project}'`}, '${name}', 'regex', '${name}', 'build', 'error', 'x', 'x', ${priority}, ${fields}, 'builtin');`;
    const patterns = await asked(
      pattern('everybody', null) +
        pattern('ours', own ?? '') +
        pattern('first', null, 'true, null', 9_001) +
        pattern('theirs', other ?? '') +
        pattern('off', own ?? '', 'false, null') +
        pattern('retired', own ?? '', 'true, now()'),
      `list_patterns('${own}')`,
    );
    const names = (patterns as readonly { name: string }[]).map(({ name }) => name);
    expect(names.slice(0, 3)).toEqual(['first', 'ours', 'everybody']);
    expect(names.filter((name) => ['theirs', 'off', 'retired'].includes(name))).toEqual([]);
    expect(names.length).toBeGreaterThan(10);
  });
});
