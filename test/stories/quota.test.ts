// What a quota holds back, over real sockets: it is said where the user looks, it is never green, and nothing is lost.

import { afterEach, beforeEach, expect, it } from 'vitest';
import { AUDIENCE, startTokenIssuer, type TokenIssuer } from '../support/job-tokens.ts';
import { makeLogLines } from '../support/log-lines.ts';
import { job, lcov, opened, openStoryRepository, ran, type StoryRepository } from '../support/story-repository.ts';
import { zipOf } from '../support/zip.ts';

const POLICY = 'dod: { coverage_min: 0.80 }\nevidence:\n  coverage_min: { artifact: coverage }\n';

let issuer: TokenIssuer;
let scene: StoryRepository;
let logged: ReturnType<typeof makeLogLines>;

async function open(moments: Parameters<typeof openStoryRepository>[0], policy: string | null): Promise<void> {
  logged = makeLogLines();
  scene = await openStoryRepository(moments, policy, {
    log: logged.log,
    tokenIssuer: issuer.url,
    env: { CODERED_URL: AUDIENCE },
  });
}
beforeEach(async () => {
  issuer = await startTokenIssuer();
});
afterEach(async () => {
  await scene.brain.script('delete from codered.quotas where installation_id is not null');
  await scene.close();
  await issuer.close();
});

const allow = async (columns: string) => {
  const [{ id } = {}] = await scene.brain.sql('select id from codered.installations');
  const names = 'deliveries_per_day, excerpts, artifact_bytes_per_day';
  await scene.brain.script(`insert into codered.quotas (installation_id, ${names}) values (${id}, ${columns})`);
};
const putOff = () =>
  scene.brain.sql(
    `select event, attempts, last_error, available_at > now() as waits from codered.webhook_deliveries where status = 'failed' order by 1`,
  );

it('deliveries beyond are put off to the next day with the reason, and done then; what may close the gate goes on', async () => {
  await open([opened, ran(job('lint'))], 'dod: { lint_pass: true }\n');
  const installed = JSON.parse(JSON.stringify(scene.of(0, 'installation')[0]?.payload));
  await scene.brain.script(
    `insert into codered.quotas (installation_id, deliveries_per_day) values (${installed.installation.id}, 5)`,
  );
  await scene.deliver(scene.life.deliveries);
  const working = () =>
    scene.brain.sql(`select 1 from codered.webhook_deliveries where status in ('pending', 'processing')`);
  await expect.poll(async () => (await working()).length, { timeout: 120_000 }).toBe(0);
  const held = await putOff();
  expect(held[0]).toMatchObject({
    attempts: '0',
    waits: 't',
    last_error: expect.stringMatching(
      /^put off until \d{4}-\d\d-\d\dT00:00:00Z: the installation has used up its 5 deliveries/,
    ),
  });
  expect(logged.lines.some(({ msg }) => msg?.startsWith('a quota is used up: further deliveries') === true)).toBe(true);
  expect(await (await fetch(`${scene.codered.url}/metrics`)).text()).toContain(
    'codered_quota_notices_total{quota="deliveries",share="100"} 1',
  );
  expect(scene.checkRuns().at(-1)?.[1]).not.toBe('success');
  // The next day.
  await scene.brain.script(`update codered.installation_usage set day = day - 1, deliveries = 0;
    update codered.quotas set deliveries_per_day = 1000 where installation_id is not null;
    update codered.webhook_deliveries set available_at = now() where status = 'failed'`);
  await scene.settle();
  expect(await putOff()).toEqual([]);
  expect(scene.checkRuns().at(-1)?.slice(0, 2)).toEqual(['completed', 'success']);
});

it('once the quota is raised, `codered replay --failed` takes up at once what was put off', async () => {
  await open([opened, ran(job('lint'))], 'dod: { lint_pass: true }\n');
  const installed = JSON.parse(JSON.stringify(scene.of(0, 'installation')[0]?.payload));
  await scene.brain.script(
    `insert into codered.quotas (installation_id, deliveries_per_day) values (${installed.installation.id}, 5)`,
  );
  await scene.deliver(scene.life.deliveries);
  await expect.poll(async () => (await putOff()).length, { timeout: 120_000 }).toBeGreaterThan(0);
  await scene.brain.script('update codered.quotas set deliveries_per_day = 1000 where installation_id is not null');
  await expect
    .poll(
      async () => {
        await scene.brain.call('replay_deliveries', { statuses: ['failed'], guids: [] });
        await scene.settle();
        return (await putOff()).length;
      },
      { timeout: 120_000 },
    )
    .toBe(0);
  expect(scene.checkRuns().at(-1)?.slice(0, 2)).toEqual(['completed', 'success']);
});

it('an excerpt beyond is not kept, and the comment says so', async () => {
  await open([opened, ran(job('lint', 'failure'))], null);
  await scene.play(0, 1);
  await allow('null, 0, null');
  await scene.play(2);
  const [failure] = await scene.brain.sql('select excerpt, details, message from codered.errors');
  expect(failure).toMatchObject({ excerpt: null, details: expect.stringContaining('quota of 0 excerpts is used up') });
  const [comment] = [...scene.inside.comments.values()];
  expect(comment?.body).toContain('its lines are not kept: the quota of 0 excerpts is used up');
});

it('an artifact beyond is not read, says why in the check run, and is never green', async () => {
  await open([opened, ran(job('test'))], POLICY);
  await scene.play(0, 1);
  await allow('null, null, 10');
  const [last, ...rest] = scene.of(2).toReversed();
  await scene.send(rest.toReversed());
  scene.upload('coverage', zipOf([{ name: 'lcov.info', content: lcov(99, 100) }]));
  if (last !== undefined) await scene.send([last]);
  expect(scene.checkRuns().at(-1)?.slice(0, 2)).toEqual(['completed', 'failure']);
  expect(scene.ownCheckRuns().at(-1)?.output.summary).toContain('the quota of 10 bytes a day');
});

it('an upload beyond is refused, and the green report that it was to take the place of counts no more', async () => {
  await open([opened, ran(job('test'))], POLICY);
  await scene.send(scene.life.deliveries);
  const upload = async (body: string) => {
    const [run] = [...scene.inside.runs.values()];
    const token = issuer.token({ repository_id: String(scene.life.repository.id), run_id: String(run?.id) });
    const response = await fetch(`${scene.codered.url}/api/v1/evidence?name=coverage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
      body,
    });
    await scene.idle();
    return [response.status, (await response.json()) as { code?: string; message?: string }] as const;
  };
  expect((await upload(lcov(85, 100)))[0]).toBe(202);
  expect(scene.checkRuns().at(-1)?.[1]).toBe('success');
  await allow('null, null, 10');
  const [status, body] = await upload(lcov(10, 100));
  expect([status, body.code]).toEqual([429, 'quota_reached']);
  expect(scene.checkRuns().at(-1)?.[1]).toBe('failure');
});
