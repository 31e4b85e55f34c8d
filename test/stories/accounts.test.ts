// Somebody installs the App whom CODERED_ALLOWED_ACCOUNTS does not name: over real sockets, with GitHub's requests counted.

import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setStage } from '../../src/demo/story/play-story.ts';
import { AUDIENCE, startTokenIssuer, type TokenIssuer } from '../support/job-tokens.ts';
import { makeLogLines } from '../support/log-lines.ts';
import { job, lcov, opened, openStoryRepository, ran, type StoryRepository } from '../support/story-repository.ts';

const POLICY = 'dod: { lint_pass: true }\n';
const MOMENTS = [opened, ran(job('lint', 'failure'))];
const KEY = 'a-key-of-the-tests';
const keyHash = createHash('sha256').update(KEY).digest('hex');

let issuer: TokenIssuer;
let scene: StoryRepository;
let logged: ReturnType<typeof makeLogLines>;

async function open(allowed: string): Promise<void> {
  logged = makeLogLines();
  const env = { CODERED_URL: AUDIENCE, CODERED_ALLOWED_ACCOUNTS: allowed, CODERED_API_KEYS: `tests:${keyHash}` };
  scene = await openStoryRepository(MOMENTS, POLICY, { env, log: logged.log, tokenIssuer: issuer.url });
}

beforeEach(async () => {
  issuer = await startTokenIssuer();
});
afterEach(async () => {
  await scene.close();
  await issuer.close();
});

async function upload(claims: Record<string, unknown> = {}) {
  const [run] = [...scene.inside.runs.values()];
  const token = issuer.token({ repository_id: String(scene.life.repository.id), run_id: String(run?.id), ...claims });
  const response = await fetch(`${scene.codered.url}/api/v1/evidence?name=coverage`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
    body: lcov(85, 100),
  });
  return response.status;
}

async function api(path: string, body: object) {
  const response = await fetch(`${scene.codered.url}/api/v1/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return response.status;
}
const sendSpec = () =>
  api('specs', { repository: scene.fullName, branch: 'main', path: 'specs/shop.md', content: '# A' });
const simulate = () =>
  api('gate/simulate', { repository: scene.fullName, pull_request: 1, policy: 'dod: { coverage_changed_min: 0.5 }' });
const found = () => logged.lines.filter(({ msg }) => msg?.includes('CODERED_ALLOWED_ACCOUNTS') === true);

describe('an account that is not named', () => {
  beforeEach(() => open('somebody-else, Another'));

  it('is answered as usual and leaves nothing: no payload, no rows, no request to GitHub, and one line in the log', async () => {
    await scene.send(scene.life.deliveries);
    const deliveries = await scene.brain.sql(
      `select distinct status, payload::text, last_error from codered.webhook_deliveries`,
    );
    const [owner] = scene.fullName.split('/');
    const last_error = `kept out: CODERED_ALLOWED_ACCOUNTS does not name the account ${owner}`;
    expect(deliveries).toEqual([{ status: 'ignored', payload: '{}', last_error }]);
    for (const table of ['orgs', 'installations', 'projects', 'repositories', 'ci_events', 'follow_ups', 'events']) {
      expect([table, await scene.brain.sql(`select 1 from codered.${table}`)]).toEqual([table, []]);
    }
    expect(scene.github.requests).toEqual([]);
    expect(found()).toHaveLength(1);
    expect(await upload()).toBe(403);
    expect(await sendSpec()).toBe(404);
    expect(scene.github.requests).toEqual([]);
  });
});

describe('an account that is named', () => {
  it('is let in, however its login is written', async () => {
    await open('x, OCTO-Org');
    await scene.send(scene.life.deliveries);
    expect(scene.fullName.split('/')[0]).toBe('octo-org');
    expect(scene.checkRuns().at(-1)?.slice(0, 2)).toEqual(['completed', 'failure']);
    expect(found()).toEqual([]);
    expect(await upload()).toBe(202);
    expect(await sendSpec()).toBe(201);
    // The token says that the repository has gone to somebody else.
    expect(await upload({ repository_owner_id: '424242', repository_owner: 'stranger' })).toBe(403);
  });

  it('and is named no more is kept out: no request to GitHub for what was left to do, no upload, no spec', async () => {
    await open('octo-org');
    await scene.play(0, 1);
    await scene.idle();
    const { brain, codered } = scene;
    await codered.close();
    // As if the setting had changed: the account behind the login is another one than the list means.
    await brain.script(`update codered.allowed_accounts set account_id = 1`);
    await brain.script(`update codered.publications set published_hash = 'older', available_at = now()`);
    await brain.script(`insert into codered.follow_ups (project_id, kind, input, dedupe_key)
      select project_id, 'report', jsonb_build_object('repository_id', repository_id, 'head_sha', commit_sha), 'report:again'
      from codered.ci_events limit 1`);
    const before = scene.github.requests.length;
    const again = await openAgain(brain);
    try {
      await again.codered.idle(20_000);
      // What the App is called it may ask in its own name.
      expect(again.github.requests.filter(({ path }) => path !== '/app')).toEqual([]);
      expect(scene.github.requests.length).toBe(before);
    } finally {
      await again.close();
    }
    expect(await brain.sql(`select distinct available_at::text, last_error from codered.publications`)).toEqual([
      { available_at: 'infinity', last_error: expect.stringContaining('CODERED_ALLOWED_ACCOUNTS keeps installation') },
    ]);
  });

  it('is refused everywhere once it is no longer named', async () => {
    await open('octo-org');
    await scene.send(scene.life.deliveries);
    await scene.brain.script(`update codered.allowed_accounts set account_id = 1`);
    const before = scene.github.requests.length;
    expect([await upload(), await sendSpec()]).toEqual([403, 404]);
    expect(await simulate()).not.toBe(200);
    expect(scene.github.requests.length).toBe(before);
  });
});

async function openAgain(brain: StoryRepository['brain']) {
  return setStage({ brain, env: { CODERED_ALLOWED_ACCOUNTS: 'octo-org' }, log: logged.log });
}
