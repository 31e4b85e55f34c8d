// How much is said in the conversation, over real sockets; the check run is reported whatever the policy says of that.

import { afterEach, describe, expect, test } from 'vitest';
import type { Account } from '../../src/demo/github/state/records.ts';
import { job, opened, openStoryRepository, ran, SETTLE_MS, type StoryRepository } from '../support/story-repository.ts';

const LINT = 'dod: { lint_pass: true }\n';
const BOT: Account = { login: 'dependabot[bot]', id: 49_699_333, type: 'Bot' };

let scene: StoryRepository;
afterEach(() => scene.close());

const comments = () => [...scene.inside.comments.values()].map(({ body }) => body.split('\n', 1)[0]);
const newest = () => scene.checkRuns().at(-1);

/** The pull request is a draft, or not any more, from the webhooks of that moment on. */
function draft(moment: number, isDraft: boolean): void {
  for (const { payload } of scene.of(moment, 'pull_request'))
    Object.assign(payload.pull_request as object, { draft: isDraft });
}

describe('the comment', () => {
  test('comes only when something failed, unless told', async () => {
    scene = await openStoryRepository([opened, ran(job('lint'))], LINT);
    await scene.play(0, 1, 2);
    expect(comments()).toEqual([]);
  });

  test('is there from the start where the policy wants one always', async () => {
    scene = await openStoryRepository([opened, ran(job('lint'))], `${LINT}comment: always\n`);
    await scene.play(0, 1);
    expect(comments()).toEqual([expect.stringContaining('⏳')]);
    await scene.play(2);
    expect(comments()).toEqual([expect.stringContaining('✅')]);
  });

  test('never comes where the policy wants none, and the check run stands from the start and concludes all the same', async () => {
    scene = await openStoryRepository([opened, ran(job('lint', 'failure'))], `${LINT}comment: never\n`);
    await scene.play(0, 1);
    expect(newest()?.slice(0, 2)).toEqual(['in_progress', null]);
    await scene.play(2);
    expect(newest()?.slice(0, 2)).toEqual(['completed', 'failure']);
    expect(comments()).toEqual([]);
  });

  test('that stands is kept true when the policy wants none any more', async () => {
    scene = await openStoryRepository(
      [opened, ran(job('lint', 'failure')), { kind: 'rerun', on: 1, jobs: [job('lint')] }],
      LINT,
    );
    await scene.play(0, 1, 2);
    expect(comments()).toEqual([expect.stringContaining('❌')]);
    scene.inside.files.set('.github/codered.yml', `${LINT}comment: never\n`);
    await scene.play(3);
    expect(comments()).toEqual([expect.stringContaining('✅')]);
  });

  test('is kept from drafts until they are ready', async () => {
    scene = await openStoryRepository(
      [opened, ran(job('lint', 'failure')), { kind: 'commit', pull: 1, message: 'Ready' }, ran(job('lint', 'failure'))],
      `${LINT}comment: { drafts: never }\n`,
    );
    draft(1, true);
    await scene.play(0, 1, 2);
    expect([comments(), newest()?.[1]]).toEqual([[], 'failure']);
    await scene.play(3, 4);
    expect(comments()).toHaveLength(1);
  });

  test('is kept from the pull requests of bots', async () => {
    scene = await openStoryRepository(
      [{ ...opened, author: BOT }, ran(job('lint', 'failure'))],
      `${LINT}comment: { default: always, bots: never }\n`,
    );
    await scene.play(0, 1, 2);
    expect([comments(), newest()?.[1]]).toEqual([[], 'failure']);
  });
});

test('a check run of a policy concludes when nothing ever ran, whatever is commented', async () => {
  scene = await openStoryRepository([opened], `${LINT}comment: never\n`);
  await scene.play(0, 1);
  expect(newest()).toEqual(['in_progress', null, expect.stringContaining('waiting for lint')]);
  await scene.brain.script(`
    update codered.gate_executions set created_at = created_at - interval '2 hours';
    update codered.follow_ups set run_after = now() where is_scheduled and status = 'queued'`);
  await expect.poll(() => newest()?.[0], { timeout: SETTLE_MS }).toBe('completed');
  expect(newest()?.[1]).not.toBe('success');
});
