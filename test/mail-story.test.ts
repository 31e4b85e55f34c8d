// Specs by mail over real sockets: what a provider posts goes in; a sprint that gates the branch's pull request comes out.

import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RepositoryState } from '../src/demo/github-state.ts';
import { type Life, tellLife } from '../src/demo/life.ts';
import { APP, type Stage, setStage } from '../src/demo/play-story.ts';
import { openTestBrain, type TestBrain } from './support/brain.ts';
import { mailgunPost, POSTMARK_PASSWORD, type Post, postmarkPost, SIGNING_KEY } from './support/mails.ts';

const SETTLE_MS = 20_000;
const SPEC = '---\r\nlabel: S1\r\ndod:\r\n  lint_pass: true\r\n---\r\n# The shop\r\n\r\n-- \r\nAna\r\n';

let brain: TestBrain;
let stage: Stage;
let life: Life;
let repository: string;

beforeEach(async () => {
  brain = await openTestBrain('embedded');
  const sha256 = createHash('sha256').update(POSTMARK_PASSWORD).digest('hex');
  const env = { CODERED_MAIL_KEYS: `postmark:${sha256}, mailgun:${SIGNING_KEY}`, CODERED_MAIL_SENDERS: '@example.com' };
  stage = await setStage({ brain, env });
  life = tellLife({
    startAt: '2026-11-20T13:00:00Z',
    app: APP,
    moments: [
      { kind: 'install' },
      { kind: 'open', pull: 1, title: 'Close the shop', branch: 'closed' },
      { kind: 'run', on: 1, jobs: [{ name: 'lint', conclusion: 'success', steps: ['npm run lint'] }] },
    ],
  });
  life.prepare(stage.github.state);
  repository = `${life.repository.owner.login}/${life.repository.name}`;
  await play(0);
});
afterEach(async () => {
  await stage.close();
  await brain.close();
});

async function play(moment: number): Promise<void> {
  const deliveries = life.deliveries.filter((one) => one.moment === moment);
  for (const { effect } of deliveries) effect(stage.github.state);
  for (const { event, payload, guid } of deliveries) {
    expect((await stage.github.deliver(event, payload, { guid })).status).toBe(202);
  }
  await stage.codered.idle(SETTLE_MS);
  expect(stage.github.violations).toEqual([]);
}

async function send({ headers, body }: Post): Promise<number> {
  const response = await fetch(`${stage.codered.url}/api/v1/specs/email`, { method: 'POST', headers, body });
  await response.text();
  await stage.codered.idle(SETTLE_MS);
  return response.status;
}

function checkRuns() {
  const inside: RepositoryState | undefined = stage.github.state.repositories.get(life.repository.id);
  return [...(inside?.checkRuns.values() ?? [])]
    .filter(({ appSlug }) => appSlug === 'codered')
    .map(({ status, conclusion }) => [status, conclusion]);
}

const attachments = [{ name: 'shop.md', content: SPEC }];
test.each([
  ['the text of a mail by Postmark', (subject: string) => postmarkPost({ subject, text: SPEC })],
  ['an attachment by Postmark', (subject: string) => postmarkPost({ subject, attachments })],
  ['the text of a mail by Mailgun', (subject: string) => mailgunPost({ subject, text: SPEC })],
  ['an attachment by Mailgun', (subject: string) => mailgunPost({ subject, attachments })],
])('%s plans the sprint that gates its branch', async (_, mail) => {
  expect(await send(mail(`${repository}@closed specs/shop.md`))).toBe(200);
  expect(await brain.sql('select label, dod_json, state from codered.sprints')).toEqual([
    { label: 'S1', dod_json: '{"lint_pass": true}', state: 'PLANNED' },
  ]);
  await play(1);
  expect(checkRuns()).toEqual([['in_progress', null]]);
  await play(2);
  expect(checkRuns().at(-1)).toEqual(['completed', 'success']);
  expect(await brain.sql('select state from codered.sprints')).toEqual([{ state: 'DONE' }]);
});

test('without a branch it is on the default branch, and what the provider sends again changes nothing', async () => {
  await play(1);
  const mail = postmarkPost({ subject: `${repository} Open at nine`, text: SPEC });
  expect([await send(mail), await send(mail)]).toEqual([200, 200]);
  expect(await brain.sql('select storage_path, branch, created_by from codered.specs')).toEqual([
    {
      storage_path: 'specs/open-at-nine.md',
      branch: life.repository.defaultBranch,
      created_by: 'mail:octocat@example.com',
    },
  ]);
});

test('a mail of a stranger, and one that nobody signed, change nothing', async () => {
  const subject = `${repository}@closed specs/shop.md`;
  const stranger = { subject, text: SPEC, from: 'stranger@example.net', sender: 'stranger@example.net' };
  expect(await send(postmarkPost(stranger))).toBe(403);
  expect(await send(mailgunPost(stranger))).toBe(406);
  expect(await send(mailgunPost({ subject, text: SPEC }, { signature: '0'.repeat(64) }))).toBe(401);
  expect(await brain.sql('select from codered.specs')).toEqual([]);
});
