// Specs by mail over real sockets: what a provider posts goes in; a sprint that gates the branch's pull request comes out.

import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mailgunPost, POSTMARK_PASSWORD, type Post, postmarkPost, SIGNING_KEY } from '../support/mails.ts';
import { job, opened, openStoryRepository, ran, type StoryRepository } from '../support/story-repository.ts';

const SPEC = '---\r\nlabel: S1\r\ndod:\r\n  lint_pass: true\r\n---\r\n# The shop\r\n\r\n-- \r\nAna\r\n';

let scene: StoryRepository;

beforeEach(async () => {
  const sha256 = createHash('sha256').update(POSTMARK_PASSWORD).digest('hex');
  const env = { CODERED_MAIL_KEYS: `postmark:${sha256}, mailgun:${SIGNING_KEY}`, CODERED_MAIL_SENDERS: '@example.com' };
  scene = await openStoryRepository([opened, ran(job('lint'))], null, { env });
  await scene.play(0);
});
afterEach(() => scene.close());

async function send({ headers, body }: Post): Promise<number> {
  const response = await fetch(`${scene.codered.url}/api/v1/specs/email`, { method: 'POST', headers, body });
  await response.text();
  await scene.idle();
  return response.status;
}

const checkRuns = () => scene.checkRuns().map(([status, conclusion]) => [status, conclusion]);

const attachments = [{ name: 'shop.md', content: SPEC }];
test.each([
  ['the text of a mail by Postmark', (subject: string) => postmarkPost({ subject, text: SPEC })],
  ['an attachment by Postmark', (subject: string) => postmarkPost({ subject, attachments })],
  ['the text of a mail by Mailgun', (subject: string) => mailgunPost({ subject, text: SPEC })],
  ['an attachment by Mailgun', (subject: string) => mailgunPost({ subject, attachments })],
])('%s plans the sprint that gates its branch', async (_, mail) => {
  expect(await send(mail(`${scene.fullName}@closed specs/shop.md`))).toBe(200);
  expect(await scene.brain.sql('select label, dod_json, state from codered.sprints')).toEqual([
    { label: 'S1', dod_json: '{"lint_pass": true}', state: 'PLANNED' },
  ]);
  await scene.play(1);
  expect(checkRuns()).toEqual([['in_progress', null]]);
  await scene.play(2);
  expect(checkRuns().at(-1)).toEqual(['completed', 'success']);
  expect(await scene.brain.sql('select state from codered.sprints')).toEqual([{ state: 'DONE' }]);
});

test('a mail that comes after the run has the green pull request judged by what it asks for', async () => {
  await scene.play(1);
  await scene.play(2);
  expect(checkRuns().at(-1)).toEqual(['completed', 'success']);
  const text = SPEC.replace('lint_pass', 'type_check');
  expect(await send(mailgunPost({ subject: `${scene.fullName}@closed specs/shop.md`, text }))).toBe(200);
  expect(checkRuns().at(-1)).not.toEqual(['completed', 'success']);
});

test('without a branch it is on the default branch, and what the provider sends again changes nothing', async () => {
  await scene.play(1);
  const mail = postmarkPost({ subject: `${scene.fullName} Open at nine`, text: SPEC });
  expect([await send(mail), await send(mail)]).toEqual([200, 200]);
  expect(await scene.brain.sql('select storage_path, branch, created_by from codered.specs')).toEqual([
    {
      storage_path: 'specs/open-at-nine.md',
      branch: scene.life.repository.defaultBranch,
      created_by: 'mail:octocat@example.com',
    },
  ]);
});

test('a mail of a stranger, and one that nobody signed, change nothing', async () => {
  const subject = `${scene.fullName}@closed specs/shop.md`;
  const stranger = { subject, text: SPEC, from: 'stranger@example.net', sender: 'stranger@example.net' };
  expect(await send(postmarkPost(stranger))).toBe(403);
  expect(await send(mailgunPost(stranger))).toBe(406);
  expect(await send(mailgunPost({ subject, text: SPEC }, { signature: '0'.repeat(64) }))).toBe(401);
  expect(await scene.brain.sql('select from codered.specs')).toEqual([]);
});
