// Comments that are made to be slow, over real sockets: the receiver answers meanwhile, they are done with, and what comes after
// them is followed.

import { afterEach, describe, expect, test } from 'vitest';
import { ACCOUNTS } from '../../src/demo/github/state/retell.ts';
import { commentPayload } from '../../src/demo/story/payloads-comment.ts';
import { job, opened, openStoryRepository, ran, type StoryRepository } from '../support/story-repository.ts';

const spaces = ' '.repeat(60_000);
const HOSTILE: readonly (readonly [string, string])[] = [
  ['spaces and a line end that few know', `/codered${spaces}\u2028`],
  ['spaces within a command', `/codered a${spaces}b`],
  ['a date that is put off', `/codered override lint_pass x${' until'.repeat(9_000)}`],
  ['tabs before nothing', `/codered\t${'\t '.repeat(30_000)}x`],
  ['quotes within quotes', `${'>'.repeat(30_000)}\n/codered help`],
  ['brackets that never close', `${'['.repeat(30_000)}\n\n/codered help`],
  [
    'runs of backticks',
    Array.from({ length: 340 }, (_, n) => '`'.repeat(n))
      .join(' ')
      .slice(0, 60_000),
  ],
  ['fences in fences', '````\n```\n/codered override all x\n'.repeat(2_000)],
];

describe('comments that are made to be slow', () => {
  let scene: StoryRepository;
  afterEach(() => scene.close());

  test('hold up nobody, and the commands after them are followed', async () => {
    scene = await openStoryRepository([opened, ran(job('lint', 'failure'))], 'dod: { lint_pass: true }\n');
    scene.inside.roles.set(ACCOUNTS.octocat.login, 'maintain');
    await scene.play(0, 1, 2);
    const { repository, installation } = scene.life;
    const say = (body: string) => {
      const comment = scene.github.state.addComment(repository.id, { pullNumber: 1, author: ACCOUNTS.octocat, body });
      const place = { repository, installationId: installation.id, sender: ACCOUNTS.octocat };
      return scene.github.deliver('issue_comment', commentPayload(place, comment));
    };
    for (const [, body] of HOSTILE) {
      expect((await say(body)).status).toBe(202);
      expect((await fetch(`${scene.codered.url}/healthz`)).status).toBe(200);
    }
    await say('/codered explain');
    await scene.settle();
    const open =
      "select event, status, last_error from codered.webhook_deliveries where status not in ('done', 'ignored')";
    expect(await scene.brain.sql(open)).toEqual([]);
    expect(await scene.brain.sql("select input, error from codered.follow_ups where status = 'failed'")).toEqual([]);
    expect(await scene.brain.sql('select 1 from codered.user_overrides')).toEqual([]);
    const metrics = await (await fetch(`${scene.codered.url}/metrics`)).text();
    expect(metrics).not.toMatch(/^codered_work_stopped_total\{/m);
    const answers = [...scene.inside.comments.values()].filter(({ body }) => body.includes('codered:answer v1'));
    expect(answers.at(-1)?.body).toContain('lint');
  });
});
