// Runs and jobs of somebody who is deleted are nobody else's to read; the app's own are everybody's of the project.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { makeOrg, makeProject, signUp } from '../support/people.ts';
import { newSha, statementAs } from '../support/run-scene.ts';

describe.each(testBackends)("the app's own and people's own (%s)", (backend) => {
  let brain: TestBrain;
  let [leaver, member, stranger, operator, project] = ['', '', '', '', ''];
  const repository = 4_000;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    [leaver, member, stranger, operator] = [
      await signUp(brain),
      await signUp(brain),
      await signUp(brain),
      await signUp(brain),
    ];
    await brain.sql(`update codered.profiles set role = 'admin' where id = $1`, [operator]);
    project = await makeProject(brain, { org: await makeOrg(brain, { [leaver]: 'member', [member]: 'admin' }) });
    await brain.script(
      `insert into codered.repositories (id, project_id, owner, name) values (${repository}, '${project}', 'octo', 'r')`,
    );
  });
  afterAll(() => brain.close());

  const seenBy = async (sub: string, table: 'runs' | 'agent_jobs') =>
    (
      (await statementAs(brain, sub, `select id from codered.${table} where project_id = '${project}'`)) as {
        id: string;
      }[]
    )
      .map(({ id }) => id)
      .toSorted();

  it('stay apart when the person goes', async () => {
    const commit_sha = newSha();
    const app = (await brain.call('start_run', { run: { repository_id: repository, commit_sha } })) as { id: string };
    await brain.call('queue_job', {
      project_id: project,
      agent_type: 'research',
      input: {},
      dedupe_key: 'research:own-rows',
    });
    const [queued] = await brain.sql(`select id from codered.agent_jobs where dedupe_key = 'research:own-rows'`);
    const asked = await brain.call('create_agent_job', {
      ...{ project_id: project, agent_type: 'research', input: { q: 'secret' }, user_id: leaver },
    });
    const job = (asked as { job_id: string }).job_id;
    const run = randomUUID();
    await brain.sql(
      `insert into codered.runs (id, project_id, user_id, intent, status) values ($1::uuid, $2::uuid, $3::uuid, '{"idea": "secret"}', 'pending')`,
      [run, project, leaver],
    );
    expect(await seenBy(member, 'runs')).toEqual([app.id]);
    expect(await seenBy(leaver, 'runs')).toEqual([app.id, run].toSorted());
    await brain.sql('delete from auth.users where id = $1', [leaver]);
    expect(await brain.sql('select user_id, is_apps from codered.runs where id = $1', [run])).toEqual([
      { user_id: null, is_apps: 'f' },
    ]);
    expect(await seenBy(member, 'runs')).toEqual([app.id]);
    expect(await seenBy(member, 'agent_jobs')).toEqual([queued?.id]);
    expect(await seenBy(stranger, 'runs')).toEqual([]);
    expect(await seenBy(operator, 'runs')).toEqual([app.id, run].toSorted());
    expect(await seenBy(operator, 'agent_jobs')).toEqual([queued?.id, job].toSorted());
  });

  it('keep what they were said to be', async () => {
    const run = randomUUID();
    await brain.sql(`insert into codered.runs (id, project_id, is_apps) values ($1::uuid, $2::uuid, false)`, [
      run,
      project,
    ]);
    await brain.sql('update codered.runs set is_apps = true where id = $1', [run]);
    expect(await brain.sql('select is_apps from codered.runs where id = $1', [run])).toEqual([{ is_apps: 'f' }]);
  });

  it("let nobody hang a job below one of somebody who is gone, nor call a run the app's", async () => {
    const gone = randomUUID();
    await brain.sql(
      `insert into codered.agent_jobs (id, project_id, agent_type, is_apps) values ($1::uuid, $2::uuid, 'research', false)`,
      [gone, project],
    );
    const { error } = await brain
      .clientFor({ role: 'authenticated', sub: member })
      .rpc('create_agent_job', { project_id: project, agent_type: 'research', input: {}, parent_job_id: gone });
    expect(error?.code).toBe('CR007');
    const told = `insert into codered.runs (project_id, user_id, is_apps) values ('${project}', '${member}', true)`;
    await expect(statementAs(brain, member, told)).rejects.toMatchObject({ code: '42501' });
  });
});
