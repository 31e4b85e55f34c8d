// Commands of people who may not write, over real sockets: they are not answered, cost GitHub next to nothing, and hold nobody up.

import { afterEach, describe, expect, test } from 'vitest';
import type { Account } from '../../src/demo/github/state/records.ts';
import { ACCOUNTS } from '../../src/demo/github/state/retell.ts';
import { commentPayload } from '../../src/demo/story/payloads-comment.ts';
import { job, opened, openStoryRepository, ran, type StoryRepository } from '../support/story-repository.ts';

const POLICY = 'dod: { lint_pass: true }\n';
const MAINTAINER = ACCOUNTS.octocat;
const STRANGER = ACCOUNTS.hacktocat;
const second = { kind: 'open', pull: 2, title: 'Open the shop', branch: 'open' } as const;

describe('commands of a stranger', () => {
  let scene: StoryRepository;
  afterEach(() => scene.close());

  async function begin(): Promise<void> {
    scene = await openStoryRepository([opened, ran(job('lint', 'failure')), second], POLICY);
    scene.inside.roles.set(MAINTAINER.login, 'maintain');
    await scene.play(0, 1, 2, 3);
  }

  async function say(author: Account, body: string, pullNumber = 1): Promise<void> {
    const { repository, installation } = scene.life;
    const comment = scene.github.state.addComment(repository.id, { pullNumber, author, body });
    const place = { repository, installationId: installation.id, sender: author };
    await scene.github.deliver('issue_comment', commentPayload(place, comment));
  }

  const asked = () => scene.github.requests.filter(({ path }) => path.endsWith('/permission')).length;
  const reactions = () => [...scene.inside.reactions.values()].flat().length;
  const answers = () => [...scene.inside.comments.values()].filter(({ body }) => body.includes('codered:answer v1'));
  const jobs = async () => {
    const [row] = await scene.brain.sql("select count(*) as count from codered.follow_ups where kind = 'command'");
    return Number(row?.count);
  };

  test('cost one reaction and one question, however many there are, and no room in the queue', async () => {
    await begin();
    await Promise.all(Array.from({ length: 60 }, () => say(STRANGER, '/codered help')));
    await scene.settle();
    expect([reactions(), answers(), asked()]).toEqual([1, [], 1]);
    expect(await jobs()).toBeLessThanOrEqual(10);
    await Promise.all(Array.from({ length: 20 }, () => say(STRANGER, '/codered override all mine\n'.repeat(10))));
    await scene.settle();
    expect([reactions(), answers(), asked()]).toEqual([1, [], 1]);
    expect(await scene.brain.sql('select 1 from codered.user_overrides')).toEqual([]);
  });

  test('are told with a reaction on each pull request, up to three an hour', async () => {
    await begin();
    for (const pull of [1, 1, 2, 2]) await say(STRANGER, '/codered recheck', pull);
    await scene.settle();
    expect(reactions()).toBe(2);
    await scene.brain.script("update codered.command_counts set reacted_at = now() - interval '61 minutes'");
    for (const pull of [1, 2]) {
      await say(STRANGER, '/codered recheck', pull);
      await scene.settle();
    }
    expect(reactions()).toBe(3);
  });

  test('share the one reaction of a pull request', async () => {
    await begin();
    for (const author of [STRANGER, ACCOUNTS.codertocat]) {
      await say(author, '/codered explain');
      await scene.settle();
    }
    expect([reactions(), answers(), asked()]).toEqual([1, [], 2]);
  });

  test('take nothing from a maintainer, who is followed and answered meanwhile', async () => {
    await begin();
    await Promise.all(Array.from({ length: 30 }, () => say(STRANGER, '/codered help')));
    await say(MAINTAINER, '/codered explain');
    await say(MAINTAINER, '/codered override lint_pass flaky');
    await scene.settle();
    expect(answers()).toHaveLength(2);
    expect(await scene.brain.sql('select "user" from codered.user_overrides')).toEqual([{ user: 'octocat' }]);
  });

  test('are heard again when they may write, at the latest after ten minutes', async () => {
    await begin();
    await say(STRANGER, '/codered help');
    await scene.settle();
    scene.inside.roles.set(STRANGER.login, 'write');
    await say(STRANGER, '/codered help');
    await scene.settle();
    expect(answers()).toEqual([]);
    await scene.brain.script("update codered.command_counts set standing_at = now() - interval '11 minutes'");
    await say(STRANGER, '/codered help');
    await scene.settle();
    expect(answers()).toHaveLength(1);
  });

  test('of somebody with the role triage have a commit looked at again, without a word', async () => {
    await begin();
    scene.inside.roles.set(STRANGER.login, 'triage');
    const { size } = scene.inside.checkRuns;
    await say(STRANGER, '/codered explain\n/codered recheck');
    await scene.settle();
    expect([scene.inside.checkRuns.size, reactions(), answers()]).toEqual([size + 1, 1, []]);
  });
});
