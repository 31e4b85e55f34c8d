// The end of a project: retired, restored, purged; and a schema of its own.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgres } from '../../src/brain/backends/postgres.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { rowsOf } from '../support/brain-rows.ts';
import { callAs, makeOrg, makeProject, signUp } from '../support/people.ts';

describe.each(testBackends)('projects (%s)', (backend) => {
  let brain: TestBrain;
  let owner = '';
  let member = '';
  let maintainer = '';
  let stranger = '';
  let org = '';
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    owner = await signUp(brain);
    member = await signUp(brain);
    maintainer = await signUp(brain);
    stranger = await signUp(brain);
    org = await makeOrg(brain, { [member]: 'member', [maintainer]: 'maintainer' });
  });
  afterAll(() => brain.close());

  const asApp = (name: string, args: object) => callAs(brain, null, name, { ...args });
  const retire = (project_id: string, sub: string | null = null) =>
    callAs(brain, sub, 'retire_project', { project_id });
  const restore = (project_id: string, sub: string | null = null) =>
    callAs(brain, sub, 'restore_project', { project_id });
  const projectRow = async (id: string) =>
    (await brain.sql('select status, deleted_at from codered.projects where id = $1::uuid', [id]))[0];
  const eventsOf = async (id: string) =>
    (await brain.sql('select event_type from codered.events where project_id = $1::uuid order by id', [id])).map(
      ({ event_type }) => event_type,
    );

  describe('retiring', () => {
    it('keeps the project, archived, and restoring brings it back', async () => {
      const project = await makeProject(brain, { owner });
      const retired = await retire(project, owner);
      expect(retired.data).toEqual({ id: project, status: 'archived', deleted_at: expect.any(String) });
      expect((await retire(project, owner)).data).toEqual(retired.data);
      expect((await restore(project, owner)).data).toEqual({ id: project, status: 'active', deleted_at: null });
      expect(await eventsOf(project)).toEqual(['project.created', 'project.retired', 'project.restored']);
    });

    it('leaves one that is in use as it is when it is restored', async () => {
      const project = await makeProject(brain, { owner });
      await brain.sql(`update codered.projects set status = 'paused' where id = $1::uuid`, [project]);
      expect((await restore(project)).data).toMatchObject({ status: 'paused' });
    });

    it.each([retire, restore])('is for maintainers: a member may see it but not do this (%#)', async (change) => {
      const project = await makeProject(brain, { org });
      expect(await change(project, member)).toMatchObject({ code: 'CR008' });
      expect(await projectRow(project)).toEqual({ status: 'active', deleted_at: null });
      expect((await change(project, maintainer)).code).toBeNull();
    });

    it.each([retire, restore])('tells a stranger no more than that there is none (%#)', async (change) => {
      const project = await makeProject(brain, { org });
      const foreign = await change(project, stranger);
      const missing = await change(randomUUID(), stranger);
      expect(foreign.code).toBe('CR004');
      expect(missing.message.replace(/".*"/, '')).toBe(foreign.message.replace(/".*"/, ''));
      expect(await change(randomUUID())).toMatchObject({ code: 'CR004' });
    });
  });

  describe('purging', () => {
    const fill = async (project: string, repository: number) => {
      await brain.script(`
        insert into codered.repositories (id, project_id, owner, name) values (${repository}, '${project}', 'o', 'r${repository}');
        insert into codered.webhook_deliveries (app_id, guid, event, repository_id, payload)
          values (1, 'g${repository}', 'push', ${repository}, '{}');
        insert into codered.commits (repository_id, sha, message) values (${repository}, repeat('a', 40), '');
        insert into codered.ci_events (project_id, repository_id, provider, workflow_name, run_id, commit_sha, status, trigger)
          values ('${project}', ${repository}, 'github-actions', 'CI', '1', repeat('a', 40), 'failed', 'push');
        insert into codered.tasks (project_id, title) values ('${project}', 'one'), ('${project}', 'two');
        insert into codered.agent_jobs (project_id, agent_type) values ('${project}', 'code');
        insert into codered.lessons (project_id, title) values ('${project}', 'L');
        insert into codered.project_files (project_id, path) values ('${project}', 'a');`);
    };

    it('deletes a retired project with all that hangs on it, and nothing else; events stay', async () => {
      await fill(await makeProject(brain, { owner }), 11);
      const before = await rowsOf(brain);
      const gone = await makeProject(brain, { owner, slug: 'gone' });
      await fill(gone, 12);
      await retire(gone);
      const history = await eventsOf(gone);
      const { data } = await asApp('purge_project', { project_id: gone });
      expect(data).toEqual({
        id: gone,
        slug: 'gone',
        deleted: {
          agent_jobs: 1,
          ci_events: 1,
          commits: 1,
          lessons: 1,
          project_files: 1,
          repositories: 1,
          repository_access: 1,
          tasks: 2,
          webhook_deliveries: 1,
        },
      });
      const after = await rowsOf(brain);
      const { events: _, ...rest } = after;
      const { events: __, ...restBefore } = before;
      expect(rest).toEqual(restBefore);
      const told = await eventsOf(gone);
      expect(told.slice(0, history.length)).toEqual(history);
      expect(told).toContain('project.deleted');
    });

    it('is refused for a project that is in use or not there', async () => {
      const project = await makeProject(brain, { owner });
      expect(await asApp('purge_project', { project_id: project })).toMatchObject({ code: 'CR003' });
      expect(await projectRow(project)).toBeDefined();
      expect(await asApp('purge_project', { project_id: randomUUID() })).toMatchObject({ code: 'CR004' });
    });
  });

  describe('a schema of its own', () => {
    const make = (project_id: string) => asApp('create_project_schema', { project_id });
    const schemas = (name: string) => brain.sql('select nspname from pg_namespace where nspname = $1', [name]);

    it('is named by the slug, made once, and told in an event', async () => {
      const project = await makeProject(brain, { slug: 'dog_walkers' });
      expect((await make(project)).data).toBe('codered_dog_walkers');
      expect((await make(project)).data).toBe('codered_dog_walkers');
      expect((await eventsOf(project)).filter((type) => type === 'project.schema_created')).toHaveLength(1);
      const usage = await brain.sql(
        `select r as role, has_schema_privilege(r, 'codered_dog_walkers', 'usage') as usage, has_schema_privilege(r, 'codered_dog_walkers', 'create') as make
         from unnest('{anon,authenticated,service_role}'::text[]) as r`,
      );
      expect(usage).toEqual([
        { role: 'anon', usage: 'f', make: 'f' },
        { role: 'authenticated', usage: 'f', make: 'f' },
        { role: 'service_role', usage: 't', make: 'f' },
      ]);
    });

    it('takes a slug of 55 characters and not one of 56', async () => {
      const longest = 'a'.repeat(55);
      expect((await make(await makeProject(brain, { slug: longest }))).data).toBe(`codered_${longest}`);
      expect(await make(await makeProject(brain, { slug: 'b'.repeat(56) }))).toMatchObject({ code: 'CR002' });
      expect(await schemas(`codered_${'b'.repeat(55)}`)).toEqual([]);
    });

    it('is not made of a slug that the table would refuse', async () => {
      const project = await makeProject(brain);
      await brain.script('alter table codered.projects drop constraint projects_slug_check');
      await brain.sql('update codered.projects set slug = $2 where id = $1::uuid', [
        project,
        'x"; drop schema codered',
      ]);
      expect(await make(project)).toMatchObject({ code: 'CR002', message: expect.stringContaining('projects.slug') });
    });

    it('is not taken from another project that had the slug before', async () => {
      const first = await makeProject(brain, { slug: 'handed_on' });
      await make(first);
      await brain.sql(`update codered.projects set slug = 'elsewhere' where id = $1::uuid`, [first]);
      const second = await makeProject(brain, { slug: 'handed_on' });
      expect(await make(second)).toMatchObject({ code: 'CR005' });
    });

    it('is not made for a project that is retired or not there', async () => {
      const project = await makeProject(brain);
      await retire(project);
      expect(await make(project)).toMatchObject({ code: 'CR003' });
      expect(await make(randomUUID())).toMatchObject({ code: 'CR004' });
    });
  });

  it.each(['purge_project', 'create_project_schema'])('%s is not for members, not even the owner', async (name) => {
    const project = await makeProject(brain, { owner });
    expect(await callAs(brain, owner, name, { project_id: project })).toMatchObject({ code: '42501' });
  });
});

describe('two at once (postgres)', () => {
  it('make one schema', async () => {
    const brain = await openTestBrain('postgres');
    const project = await makeProject(brain, { slug: 'raced' });
    const other = openPostgres({ url: brain.databaseUrl ?? '', poolSize: 1, onIdleError: () => {} });
    await other.session(async (session) => {
      await session.script('begin');
      await session.query('select codered.create_project_schema($1::uuid)', [project]);
      const second = callAs(brain, null, 'create_project_schema', { project_id: project });
      await expect
        .poll(() =>
          brain.sql(`select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`),
        )
        .toHaveLength(1);
      await session.script('commit');
      expect((await second).data).toBe('codered_raced');
    });
    await other.close();
    await brain.close();
  });
});
