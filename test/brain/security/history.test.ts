// What happened is never unsaid: not by a member, not by the app, not by the owner of the database.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestBrain, type TestBrain, testBackends } from '../../support/brain.ts';
import { attempt, ID, idOf, inRolledBack, makeAttempts, PEOPLE, seedTwoOrgs } from './two-orgs.ts';

const ROLES = {
  'the owner of the database': '',
  'the app': 'set local role service_role;',
  'a member': `set local role authenticated; set local request.jwt.claims = '{"role": "authenticated", "sub": "${PEOPLE.a.member}"}';`,
} as const;

describe.each(testBackends)('history (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    await seedTwoOrgs(brain);
  });
  afterAll(() => brain.close());

  const partitions = async () =>
    (
      await brain.sql(`
        select t.relid::text as name from pg_partition_tree('codered.events') t where t.relid <> 'codered.events'::regclass order by 1`)
    ).map(({ name }) => name ?? '');

  /** What comes of the statements when that role tries them; `allowed` gives the role every right there is. */
  const tried = (role: string, statements: readonly string[], { allowed = false } = {}) =>
    inRolledBack(brain, async (session) => {
      await makeAttempts(session);
      if (allowed) {
        await session.script('grant all on all tables in schema codered to service_role, authenticated');
        // Without policies in between, so that rows are reached and not just hidden.
        await session.script('alter role authenticated bypassrls');
      }
      await session.script(`${role} select`);
      return attempt(session, statements);
    });

  const changes = async () => {
    const tables = ['codered.events', ...(await partitions())];
    return [
      ...tables.flatMap((table) => [
        `update ${table} set payload = '{}'`,
        `update ${table} set created_at = created_at`,
        `delete from ${table}`,
        `truncate ${table}`,
        `insert into ${table} (id, event_type, created_at) overriding system value
           select id, event_type, created_at from ${table} limit 1 on conflict (id, created_at) do update set payload = '{}'`,
        `merge into ${table} t using ${table} s on t.id = s.id when matched then delete`,
      ]),
      'truncate codered.events cascade',
      `update codered.deployment_statuses set state = 'failure'`,
      'truncate codered.deployment_statuses',
      'truncate codered.deployments cascade',
    ];
  };

  it('has rows in the table and in each of its partitions, or the tests below would prove nothing', async () => {
    const tables = await partitions();
    expect(tables.length).toBeGreaterThan(0);
    for (const table of [...tables, 'codered.deployment_statuses']) {
      expect(await brain.sql(`select 1 from ${table} limit 1`), table).toHaveLength(1);
    }
  });

  it.each(Object.entries(ROLES))('is not changed by %s, even with every right to the tables', async (_, role) => {
    const before = await brain.sql('select * from codered.events order by id');
    const outcomes = await tried(role, await changes(), { allowed: true });
    expect(outcomes.filter(({ outcome }) => outcome !== 'CR001')).toEqual([]);
    expect(await brain.sql('select * from codered.events order by id')).toEqual(before);
  });

  it('may not be changed by a member to begin with', async () => {
    const outcomes = await tried(ROLES['a member'], await changes());
    expect(outcomes.filter(({ outcome }) => outcome !== '42501' && outcome !== 'CR001')).toEqual([]);
  });

  it('may be added to by the app, and through the view of status events where there is one', async () => {
    const [view] = await brain.sql(`select to_regclass('codered.status_events') is not null as there`);
    const insert = `insert into codered.events (project_id, event_type, payload) values ('${idOf('a', ID.project)}', 'status.PLANNING', '{"message": "x"}')`;
    const through = `insert into codered.status_events (run_id, phase, message) values ('${idOf('a', ID.run)}', 'PLANNING', 'x')`;
    const outcomes = await tried(ROLES['the app'], view?.there === 't' ? [insert, through] : [insert]);
    expect(outcomes.map(({ outcome, told }) => `${outcome} ${told}`.trim())).toEqual(outcomes.map(() => '1 rows'));
  });

  it('outlives the project it tells of, and tells that it was deleted', async () => {
    const told = await inRolledBack(brain, async (session) => {
      await session.script(`delete from codered.projects where id = '${idOf('a', ID.project)}'`);
      return session.query(
        `select distinct event_type from codered.events where project_id = '${idOf('a', ID.project)}' order by 1`,
      );
    });
    const types = told.map(({ event_type }) => event_type);
    expect(types).toEqual(
      expect.arrayContaining(['project.created', 'project.deleted', 'status.PLANNING', 'task.created']),
    );
  });
});
