// What is read in GitHub's list whatever our clock says, and however large its numbers are; GitHub at the wire.

import nock from 'nock';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { askForDelivery, listDeliveries } from '../../src/github/deliveries.ts';
import { walkList } from '../../src/lost-deliveries/walk-list.ts';
import { openTestBrain, ruleBackend, type TestBrain } from '../support/brain.ts';
import { testOctokit } from '../support/github-octokit.ts';

const github = 'https://api.github.com';
const HOUR_MS = 3_600_000;

let brain: TestBrain;
beforeAll(async () => {
  brain = await openTestBrain(ruleBackend);
  nock.disableNetConnect();
});
afterEach(() => nock.cleanAll());
afterAll(async () => {
  nock.enableNetConnect();
  nock.restore();
  await brain.close();
});

const row = (id: string, at: number) =>
  `{"id":${id},"guid":"g${id}","delivered_at":"${new Date(at).toISOString()}","redelivery":false,"duration":1,` +
  `"status":"OK","status_code":202,"event":"push","action":null,"installation_id":7,"repository_id":70}`;
const page = (rows: string[], { at = Date.now(), next = '' } = {}) =>
  [
    200,
    `[${rows.join()}]`,
    {
      'content-type': 'application/json',
      date: new Date(at).toUTCString(),
      ...(next === '' ? {} : { link: `<${github}/app/hook/deliveries?per_page=100&cursor=${next}>; rel="next"` }),
    },
  ] as const;

it('keeps an id that is more than a number of JavaScript holds, and asks by it', async () => {
  nock(github)
    .get('/app/hook/deliveries?per_page=100')
    .reply(...page([row('9007199254740993', Date.now())]));
  const asked = nock(github).post('/app/hook/deliveries/9007199254740993/attempts').reply(202, {});
  const octokit = await testOctokit();
  const { attempts } = await listDeliveries(octokit, null);
  expect(attempts.map(({ id }) => id)).toEqual(['9007199254740993']);
  await askForDelivery(octokit, attempts[0]?.id ?? '');
  expect(asked.isDone()).toBe(true);
});

it.each([
  ['an hour behind', -HOUR_MS],
  ['an hour ahead', HOUR_MS],
])('goes by the clock of GitHub when ours is %s', async (_, aheadMs) => {
  const now = Date.now() - aheadMs;
  await brain.script('delete from codered.delivery_lists; delete from codered.missed_deliveries');
  await brain.call('note_delivery_list', { app_id: 1, listed_to: new Date(now - 10 * 60_000).toISOString() });
  nock(github)
    .get('/app/hook/deliveries?per_page=100')
    .reply(...page([row('5', now - 1_000), row('4', now - 12 * 60_000)], { at: now, next: 'v1_4' }));
  nock(github)
    .get('/app/hook/deliveries?per_page=100&cursor=v1_4')
    .reply(...page([row('3', now - 14 * 60_000)], { at: now, next: 'v1_3' }));
  const walked = await walkList({ brain, appId: 1, octokit: await testOctokit(), stop: new AbortController().signal });
  expect(walked).toMatchObject({ isWhole: true, news: 3 });
  expect(Math.abs(walked.now - now)).toBeLessThan(1_000);
  const [list] = await brain.sql(
    'select extract(epoch from listed_to)::bigint * 1000 as ms from codered.delivery_lists',
  );
  expect(Math.abs(Number(list?.ms) - now)).toBeLessThan(3_000);
});
