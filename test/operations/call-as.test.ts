// Acting as a person: the database's own function for it, on each backend.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS, runOperation } from '../../src/operations/operations.ts';
import { ID, idOf, PEOPLE, seedTwoOrgs } from '../brain/security/two-orgs.ts';
import { bothBackends, openTestBrain, type TestBrain } from '../support/brain.ts';
import { callAs } from '../support/people.ts';

describe.each(bothBackends)('call_as (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    await seedTwoOrgs(brain);
  });
  afterAll(() => brain.close());

  const asPerson = (user_id: string, name: string, given: Record<string, string | number> = {}) =>
    brain.call('call_as', { user_id, name, arguments: given });
  const project = { project_id: idOf('a', ID.project) };

  it('calls the function with what the person may see, and no more', async () => {
    expect(await asPerson(PEOPLE.a.member, 'my_profile')).toMatchObject({ id: PEOPLE.a.member });
    expect(await asPerson(PEOPLE.a.member, 'project_context', project)).toMatchObject({
      project: { id: project.project_id },
    });
    await expect(asPerson(PEOPLE.b.member, 'project_context', project)).rejects.toMatchObject({ code: 'CR004' });
  });

  it.each(['purge_project', 'ensure_person', 'my_orgs', 'call_as', "my_profile'; --", ''])(
    'calls no %j',
    async (name) => {
      await expect(asPerson(PEOPLE.a.member, name)).rejects.toMatchObject({ code: 'CR004' });
    },
  );

  it('acts as nobody who is not there', async () => {
    await expect(asPerson(randomUUID(), 'my_profile')).rejects.toMatchObject({ code: 'CR004' });
  });

  it('is not a person’s to call', async () => {
    const given = { user_id: PEOPLE.b.member, name: 'my_profile', arguments: {} };
    expect((await callAs(brain, PEOPLE.a.member, 'call_as', given)).code).toBe('42501');
  });

  const leftovers = `
    select current_user::text as role, current_setting('request.jwt.claims', true) as claims,
      current_setting('request.jwt.claim.sub', true) as sub`;

  it('leaves neither role nor claims when it returns', async () => {
    await brain.session(async (session) => {
      await session.query('begin');
      await session.query("select set_config('role', 'service_role', true)");
      await session.query("select codered.call_as($1::uuid, 'my_profile')", [PEOPLE.a.member]);
      const [during] = await session.query(leftovers);
      expect(during).toMatchObject({ role: 'service_role', sub: '' });
      expect(during?.claims ?? '').not.toContain(PEOPLE.a.member);
      await session.query('commit');
    });
  });

  it('leaves neither role nor claims after an error, on the same connection', async () => {
    await brain.session(async (session) => {
      const [before] = await session.query(leftovers);
      await session.query('begin');
      await session.query("select set_config('role', 'service_role', true)");
      const failing = session.query("select codered.call_as($1::uuid, 'read_job', $2::jsonb)", [
        PEOPLE.a.member,
        JSON.stringify({ job_id: randomUUID() }),
      ]);
      await expect(failing).rejects.toMatchObject({ code: 'CR004' });
      await session.query('rollback');
      const [after] = await session.query(leftovers);
      expect(after?.role).toBe(before?.role);
      expect(after?.claims ?? '').toBe(before?.claims ?? '');
      expect(after?.sub ?? '').toBe('');
    });
  });

  it('keeps people apart who come at once', async () => {
    const people = [PEOPLE.a.member, PEOPLE.a.admin, PEOPLE.b.member, PEOPLE.b.maintainer, PEOPLE.stranger];
    const asked = Array.from({ length: 60 }, (_, at) => people[at % people.length] ?? '');
    const answers = await Promise.all(asked.map((person) => asPerson(person, 'my_profile')));
    expect(answers.map((answer) => (answer as { id: string }).id)).toEqual(asked);
  });

  it('runs no operation whose function a person may not call', async () => {
    const rights = await brain.sql(
      `select p.proname as name from pg_proc p where p.pronamespace = 'codered'::regnamespace
        and has_function_privilege('authenticated', p.oid, 'execute')`,
    );
    const granted = rights.map(({ name }) => name);
    expect(OPERATIONS.map(({ run }) => run).filter((run) => !granted.includes(run))).toEqual([]);
  });

  it('gives a list page by page, and each item once', async () => {
    const [list] = OPERATIONS.filter(({ name }) => name === 'list_tasks');
    if (list === undefined) throw new Error('there is no list_tasks');
    for (let n = 0; n < 7; n += 1) {
      const task = { title: `page ${n}`, priority: n % 2 };
      await brain.call('call_as', { user_id: PEOPLE.a.member, name: 'create_task', arguments: { ...project, task } });
    }
    const all = await runOperation(brain, list, { userId: PEOPLE.a.member, input: { ...project, batch: 200 } });
    const seen: unknown[] = [];
    for (let after: Readonly<Record<string, unknown>> | null = null, pages = 0; pages < 20; pages += 1) {
      const input: Record<string, unknown> = { ...project, batch: 2, ...after };
      const { output, next } = await runOperation(brain, list, { userId: PEOPLE.a.member, input });
      seen.push(...(output as unknown[]));
      if (next === null) break;
      after = next;
    }
    expect(seen).toEqual(all.output);
    expect(seen.length).toBeGreaterThanOrEqual(7);
  });
});
