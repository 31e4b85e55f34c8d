// What came in by the real receiver, with one unmistakable word in all that is free text, and what is left of it once the App
// was uninstalled for long enough.

import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { scopeDue } from '../../src/brain/retention/erasure.ts';
import { startDailyRetention } from '../../src/server/daily-retention.ts';
import { AUDIT, columnsHolding } from '../support/columns-holding.ts';
import { AUDIENCE, startTokenIssuer, type TokenIssuer } from '../support/job-tokens.ts';
import { makeLogLines } from '../support/log-lines.ts';
import { openStoryRepository, type StoryRepository } from '../support/story-repository.ts';

const MARK = 'unmistakable-7f3a9c';
const KEY = 'a-key-of-the-tests';
const LOG = `2026-11-20T13:02:11.2000000Z ##[error]${MARK} is closed\n`;
const LCOV = `TN:\nSF:src/${MARK}.ts\nDA:1,1\nLF:1\nLH:1\nend_of_record\n`;
const POLICY = 'dod: { lint_pass: true, coverage_min: 0.5 }\nevidence:\n  coverage_min: { artifact: coverage }\n';

let issuer: TokenIssuer;
let scene: StoryRepository;
beforeEach(async () => {
  issuer = await startTokenIssuer();
  const env = { CODERED_URL: AUDIENCE, CODERED_API_KEYS: `tests:${createHash('sha256').update(KEY).digest('hex')}` };
  const job = { name: `lint ${MARK}`, conclusion: 'failure', steps: [MARK], log: { kept: LOG } } as const;
  scene = await openStoryRepository(
    [
      { kind: 'open', pull: 1, title: MARK, branch: MARK },
      { kind: 'run', on: 1, jobs: [{ ...job, steps: [MARK] }] },
      { kind: 'other check', on: 1, name: MARK, conclusion: 'failure', summary: MARK },
      { kind: 'status', on: 1, context: MARK, state: 'failure', description: MARK },
      { kind: 'push', message: MARK },
      { kind: 'deploy', environment: MARK, job: { ...job, steps: [MARK] } },
    ],
    POLICY,
    { env, tokenIssuer: issuer.url },
  );
  await scene.send(scene.life.deliveries);
});
afterEach(async () => {
  await scene.close();
  await issuer.close();
});

async function handIn(): Promise<void> {
  const [run] = [...scene.inside.runs.values()];
  const token = issuer.token({ repository_id: String(scene.life.repository.id), run_id: String(run?.id) });
  const upload = await fetch(`${scene.codered.url}/api/v1/evidence?name=coverage`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
    body: LCOV,
  });
  expect(upload.status).toBe(202);
  const spec = await fetch(`${scene.codered.url}/api/v1/specs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ repository: scene.fullName, branch: MARK, path: `specs/${MARK}.md`, content: MARK }),
  });
  expect(spec.status).toBe(201);
  await scene.idle();
}

/** Runs the daily retention until it says what it erased. */
async function retain(): Promise<void> {
  const { log, lines } = makeLogLines();
  const retention = await startDailyRetention({ brain: scene.brain, log, firstPruneMs: 0 });
  const found = () => lines.some(({ msg }) => msg === 'erased what was kept of repositories that are gone');
  await expect.poll(found, { timeout: 120_000 }).toBe(true);
  await retention.stop();
}

it('of an organisation that has uninstalled the App nothing is left but the audit, once its time is over', async () => {
  const { brain, github } = scene;
  await handIn();
  const held = await columnsHolding(brain, MARK);
  expect(held).toEqual(
    expect.arrayContaining([
      'webhook_deliveries.payload',
      'errors.excerpt',
      'artifacts.content',
      'publications.desired',
      'pull_requests.title',
      'ci_events.summary',
      'ci_jobs.name',
      'commits.message',
      'deployments.environment_name',
      'specs.storage_path',
    ]),
  );
  const installed = scene.of(0, 'installation')[0]?.payload;
  await github.deliver('installation', { ...installed, action: 'deleted' });
  await scene.idle();
  await brain.script(`update codered.installations set gone_at = gone_at - interval '29 days'`);
  expect(await scopeDue(brain)).toBeNull();
  expect(await columnsHolding(brain, MARK)).toEqual(held);

  await brain.script(`
    update codered.installations set gone_at = gone_at - interval '2 days';
    insert into codered.agent_jobs (project_id, agent_type, input)
      select project_id, 'code', jsonb_build_object('repository_id', id, 'text', '${MARK}') from codered.repositories;
    insert into codered.follow_ups (project_id, installation_id, repository_id, kind, dedupe_key, input)
      select project_id, installation_id, id, 'report', 'report:left', jsonb_build_object('repository_id', id, 'text', '${MARK}')
      from codered.repositories`);
  await retain();
  const left = await columnsHolding(brain, MARK);
  expect(left.filter((place) => !Object.hasOwn(AUDIT, place))).toEqual([]);
  for (const table of [
    'webhook_deliveries',
    'agent_jobs',
    'follow_ups',
    'publications',
    'ci_events',
    'errors',
    'artifacts',
    'specs',
  ]) {
    expect([table, await brain.sql(`select 1 from codered.${table}`)]).toEqual([table, []]);
  }
});

it('a repository that was deleted is gone, though every time in that word is older than its installation', async () => {
  const { brain, github } = scene;
  const push = JSON.parse(JSON.stringify(scene.life.deliveries.find(({ event }) => event === 'pull_request')?.payload));
  const { installation, sender } = push;
  const old = {
    created_at: '2020-01-01T00:00:00Z',
    updated_at: '2020-01-01T00:00:00Z',
    pushed_at: '2020-01-01T00:00:00Z',
  };
  const repository = { ...push.repository, ...old };
  await github.deliver('repository', { action: 'deleted', repository, installation, sender });
  await scene.idle();
  expect(await scopeDue(brain)).toBeNull();
  await brain.script(`update codered.repositories set gone_at = gone_at - interval '31 days'`);
  expect(await scopeDue(brain)).toMatchObject({ repositories: [repository.id], installations: [] });
  // A word of somebody who was late starts its time anew.
  await brain.script(`update codered.repositories set source_updated_at = source_updated_at + interval '1 hour'`);
  expect(await scopeDue(brain)).toBeNull();
  await brain.script(`update codered.repositories set gone_at = gone_at - interval '31 days'`);
  // It is listed again: it is there.
  const listed = JSON.parse(JSON.stringify(scene.of(0, 'installation')[0]?.payload));
  listed.installation.updated_at = '2026-12-01T00:00:00Z';
  await github.deliver('installation_repositories', {
    ...listed,
    action: 'added',
    repository_selection: 'selected',
    repositories_added: listed.repositories,
    repositories_removed: [],
    requester: null,
  });
  await scene.idle();
  expect(await scopeDue(brain)).toBeNull();
  expect(await brain.sql('select 1 from codered.repositories where gone_at is not null')).toEqual([]);
});
