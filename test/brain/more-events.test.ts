// Milestones, artifacts and lessons tell the history what happens to them.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { makeOrg, type OrgScene, statementAs } from '../support/run-scene.ts';

describe.each(testBackends)('the history (%s)', (backend) => {
  let brain: TestBrain;
  let ours: OrgScene;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    ours = await makeOrg(brain);
  });
  afterAll(() => brain.close());

  const found = async (thing: string) =>
    (
      await brain.sql(
        `select event_type, project_id = $1::uuid as ours, run_id is not null as run, task_id is not null as task,
           payload ->> 'name' as name, payload -> 'changed' as changed
         from codered.events where event_type like $2 || '.%' order by id`,
        [ours.project, thing],
      )
    ).map(({ event_type, ours: own, name, changed }) => [event_type, own, name, JSON.parse(changed ?? 'null')]);

  it.each([
    [
      'milestone',
      'milestones',
      'name',
      `'M1'`,
      `status = 'shipped'`,
      'status_changed',
      { status: ['not_started', 'shipped'] },
    ],
    ['lesson', 'lessons', 'title', `'M1'`, `severity = 'major'`, 'updated', { severity: ['minor', 'major'] }],
  ])('tells of a %s', async (thing, table, column, value, change, what, changed) => {
    const id = randomUUID();
    const more = thing === 'lesson' ? [', source_type, severity', `, 'manual', 'minor'`] : ['', ''];
    await brain.script(`
      insert into codered.${table} (id, project_id, ${column}${more[0]}) values ('${id}', '${ours.project}', ${value}${more[1]});
      update codered.${table} set ${change} where id = '${id}';
      update codered.${table} set updated_at = now() where id = '${id}';
      delete from codered.${table} where id = '${id}'`);
    expect(await found(thing)).toEqual([
      [`${thing}.created`, 't', 'M1', null],
      [`${thing}.${what}`, 't', 'M1', changed],
      [`${thing}.deleted`, 't', 'M1', null],
    ]);
  });

  it('tells of an artifact, by its run or task, and nothing of what it holds', async () => {
    const run = (await brain.call('start_run', {
      run: { repository_id: ours.repository, commit_sha: 'a'.repeat(40) },
    })) as { id: string };
    const artifact = { run_id: run.id, kind: 'logs', file_name: 'build.log', content: 'a secret of the log' };
    const { id } = (await brain.call('add_artifact', { artifact })) as { id: string };
    await brain.sql(`update codered.artifacts set content = 'another secret' where id = $1`, [id]);
    await brain.sql('delete from codered.artifacts where id = $1', [id]);
    const rows = await found('artifact');
    expect(rows.map(([type, own, name]) => [type, own, name])).toEqual([
      ['artifact.created', 't', 'build.log'],
      ['artifact.updated', 't', 'build.log'],
      ['artifact.deleted', 't', 'build.log'],
    ]);
    const of = await brain.sql(
      `select distinct run_id, task_id from codered.events where event_type like 'artifact.%'`,
    );
    expect(of).toEqual([{ run_id: run.id, task_id: null }]);
    expect(JSON.stringify(await brain.sql('select payload from codered.events'))).not.toContain('secret');
  });

  it('has what a member does under their name', async () => {
    await statementAs(
      brain,
      ours.member,
      `insert into codered.lessons (project_id, title, source_type, severity) values ('${ours.project}', 'L', 'manual', 'minor')`,
    );
    expect(
      await brain.sql(
        `select user_id from codered.events where event_type = 'lesson.created' order by id desc limit 1`,
      ),
    ).toEqual([{ user_id: ours.member }]);
  });
});
