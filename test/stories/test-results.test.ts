// What reports say of tests reaches the brain, over real sockets: from artifacts and from uploads, each once.

import { afterEach, expect, test } from 'vitest';
import { AUDIENCE, startTokenIssuer, type TokenIssuer } from '../support/job-tokens.ts';
import { job, opened, openStoryRepository, ran, type StoryRepository } from '../support/story-repository.ts';
import { zipOf } from '../support/zip.ts';

const POLICY = 'dod: { e2e_pass: true }\nevidence:\n  e2e_pass: { artifact: e2e }\n';
const JUNIT = `<testsuites><testsuite name="cart">
  <testcase name="adds" classname="cart" time="0.5"/>
  <testcase name="removes" classname="cart" time="0.25"><failure message="token=ghp_0123456789abcdefghijABCDEFGHIJ012345"/></testcase>
  <testcase name="pays" classname="cart"><skipped/></testcase>
</testsuite></testsuites>`;

let scene: StoryRepository;
let issuer: TokenIssuer | null = null;
afterEach(async () => {
  await scene.close();
  await issuer?.close();
  issuer = null;
});

const days = () =>
  scene.brain.sql(`
    select t.suite, t.name, sum(d.passed) as passed, sum(d.failed) as failed, sum(d.skipped) as skipped, max(d.seconds) as seconds, d.on_default_branch
    from codered.test_day_counts d join codered.tests t on t.id = d.test_id group by t.id, d.on_default_branch order by t.name`);
const rows = () => scene.brain.sql('select name, status, message from codered.test_results order by name');

const COUNTED = [
  { suite: 'cart', name: 'adds', passed: '1', failed: '0', skipped: '0', seconds: '0.5', on_default_branch: 'f' },
  { suite: 'cart', name: 'pays', passed: '0', failed: '0', skipped: '1', seconds: '0', on_default_branch: 'f' },
  { suite: 'cart', name: 'removes', passed: '0', failed: '1', skipped: '0', seconds: '0.25', on_default_branch: 'f' },
];

test('an artifact is counted once, however often it is read, and no secret of it is kept', async () => {
  scene = await openStoryRepository([opened, ran(job('e2e', 'failure'))], POLICY);
  await scene.play(0, 1);
  await scene.send(scene.of(2), () => scene.upload('e2e', zipOf([{ name: 'junit.xml', content: JUNIT }])));
  expect(await days()).toEqual(COUNTED);
  expect(await rows()).toEqual([{ name: 'removes', status: 'failed', message: expect.stringContaining('[redacted:') }]);
  const [event] = await scene.brain.sql(`select id from codered.ci_events where provider = 'github-actions'`);
  await scene.brain.call('queue_evidence', {
    repository_id: scene.life.repository.id,
    ci_event_ids: [event?.id ?? ''],
  });
  await scene.settle();
  expect(await days()).toEqual(COUNTED);
});

test('an upload is counted, and another under its name takes its place', async () => {
  issuer = await startTokenIssuer();
  scene = await openStoryRepository([opened, ran(job('e2e'))], POLICY, {
    tokenIssuer: issuer.url,
    env: { CODERED_URL: `${AUDIENCE}/` },
  });
  await scene.send(scene.life.deliveries);
  const [run] = [...scene.inside.runs.values()];
  const claims = { repository_id: String(scene.life.repository.id), run_id: String(run?.id) };
  const upload = async (body: string) => {
    const headers = { authorization: `Bearer ${issuer?.token(claims)}`, 'content-type': 'application/xml' };
    const url = `${scene.codered.url}/api/v1/evidence?name=e2e`;
    expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(202);
  };
  await upload(JUNIT);
  expect(await days()).toEqual(COUNTED);
  await upload(JUNIT.replace(/<failure[^>]*>/, ''));
  expect(await days()).toMatchObject([
    { passed: '1' },
    { skipped: '1' },
    { name: 'removes', passed: '1', failed: '0' },
  ]);
  await scene.settle();
});
