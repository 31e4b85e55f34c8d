// Deliveries that were given up, as the operator and the admins of organisations see them and do them again.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { makeOrg, type OrgScene, refusalOf, refused } from '../support/run-scene.ts';

let brain: TestBrain;
let ours: OrgScene;
let theirs: OrgScene;
let member: OrgScene;
beforeAll(async () => {
  brain = await openTestBrain(testBackends[0] ?? 'postgres');
  ours = await makeOrg(brain, 'admin');
  theirs = await makeOrg(brain, 'admin');
  member = await makeOrg(brain, 'member');
  for (const [number, scene] of [ours, theirs, member].entries())
    await brain.script(`
      insert into codered.installations (id, org_id, account_login) values (${number + 1}, '${scene.org}', 'octo');
      update codered.repositories set installation_id = ${number + 1} where id = ${scene.repository};
      insert into codered.webhook_deliveries (app_id, guid, event, installation_id, repository_id, payload, status, last_error, received_at)
      values (1, 'dead${number + 1}', 'push', ${number + 1}, ${scene.repository}, '{"secret": 1}', 'dead', 'it broke', '2026-11-0${number + 1}');`);
  await brain.script(`
    insert into codered.webhook_deliveries (app_id, guid, event, installation_id, payload, status, received_at) values
      (1, 'nobodys', 'installation', null, '{}', 'dead', '2026-11-04'), (1, 'done', 'push', 1, '{}', 'done', '2026-11-05')`);
});
afterAll(() => brain.close());

const guidsOf = async (scene: OrgScene, args: object = {}) =>
  ((await scene.asMember('list_dead_deliveries', args)) as { guid: string }[]).map(({ guid }) => guid);

it('are listed to the admins of their organisation without what they say, and to the operator all', async () => {
  expect(await ours.asMember('list_dead_deliveries', {})).toEqual([
    {
      ...{ guid: 'dead1', event: 'push', action: null, repository: `octo/r${ours.repository}`, attempts: 0 },
      ...{ error: 'it broke', received_at: expect.stringMatching(/^2026-11-01T/) },
    },
  ]);
  expect(await guidsOf(theirs)).toEqual(['dead2']);
  expect(await guidsOf(member)).toEqual([]);
  await brain.script(`update codered.profiles set role = 'admin' where id = '${member.member}'`);
  expect(await guidsOf(member)).toEqual(['nobodys', 'dead3', 'dead2', 'dead1']);
  expect(await guidsOf(member, { batch: 1 })).toEqual(['nobodys', 'dead3']);
  expect(await guidsOf(member, { before_received_at: '2026-11-03T00:00:00Z', before_guid: 'dead3' })).toEqual([
    'dead2',
    'dead1',
  ]);
  await brain.script(`update codered.profiles set role = 'user' where id = '${member.member}'`);
});

it('are done again by them alone, once, and the timeline says so', async () => {
  const replay = (scene: OrgScene, guid: string) => scene.asMember('replay_dead_delivery', { guid });
  for (const [scene, guid] of [
    [theirs, 'dead1'],
    [member, 'dead3'],
    [ours, 'nobodys'],
    [ours, 'nowhere'],
  ] as const)
    expect(await refusalOf(replay(scene, guid))).toMatchObject(refused('CR004', 'no such delivery that you may see'));
  expect(await refusalOf(replay(ours, 'done'))).toMatchObject(refused('CR003'));
  for (let n = 0; n < 2; n += 1) expect(await replay(ours, 'dead1')).toEqual({ guid: 'dead1', status: 'pending' });
  const rows = await brain.sql(`select guid, status from codered.webhook_deliveries where status = 'pending'`);
  expect(rows).toEqual([{ guid: 'dead1', status: 'pending' }]);
  const events = await brain.sql(
    `select project_id, user_id, payload ->> 'guid' as guid from codered.events where event_type = 'delivery.replayed'`,
  );
  expect(events).toEqual([{ project_id: ours.project, user_id: ours.member, guid: 'dead1' }]);
});
