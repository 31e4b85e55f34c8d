// Which commit an override lands on, over real sockets: one that its author named, or can have seen; else it is refused and says how.

import { afterEach, describe, expect, test } from 'vitest';
import { objectAt } from '../../src/demo/github/contract/json-value.ts';
import type { Account } from '../../src/demo/github/state/records.ts';
import { ACCOUNTS } from '../../src/demo/github/state/retell.ts';
import type { Moment } from '../../src/demo/story/life-outline.ts';
import { commentPayload } from '../../src/demo/story/payloads-comment.ts';
import type { LifeDelivery } from '../../src/demo/story/teller.ts';
import { job, opened, openStoryRepository, ran, type StoryRepository } from '../support/story-repository.ts';

const POLICY = 'dod: { lint_pass: true }\n';
const MAINTAINER = ACCOUNTS.octocat;
const commit: Moment = { kind: 'commit', pull: 1, message: 'More' };
const lintFails = ran(job('lint', 'failure'));
const fromFork = { ...opened, author: ACCOUNTS.hacktocat, fromFork: true } as const;

describe('an override of this commit', () => {
  let scene: StoryRepository;
  afterEach(() => scene.close());

  async function begin(...moments: readonly Moment[]): Promise<void> {
    scene = await openStoryRepository(moments, POLICY);
    scene.inside.roles.set(MAINTAINER.login, 'maintain');
  }

  const pullEvents = () => scene.life.deliveries.filter(({ event }) => event === 'pull_request');
  /** GitHub's time of the last event that brought a head. */
  const lastCame = () => Date.parse(String(objectAt(pullEvents().at(-1)?.payload.pull_request).updated_at));
  const head = () => scene.inside.pulls.get(1)?.head.sha ?? '';

  /** Says something so many seconds after the last head came. */
  async function say(body: string, seconds: number, author: Account = MAINTAINER): Promise<string> {
    const { repository, installation } = scene.life;
    const comment = scene.github.state.addComment(repository.id, { pullNumber: 1, author, body });
    const at = new Date(lastCame() + seconds * 1000).toISOString().replace('.000', '');
    const found = { ...comment, createdAt: at, updatedAt: at };
    const place = { repository, installationId: installation.id, sender: author };
    await scene.github.deliver('issue_comment', commentPayload(place, found));
    await scene.settle();
    const marker = `comment=${comment.id} -->`;
    return [...scene.inside.comments.values()].find((one) => one.body.includes(marker))?.body ?? 'nothing';
  }

  const overridden = async () =>
    (await scene.brain.sql('select commit_sha from codered.user_overrides')).map(({ commit_sha }) => commit_sha);

  const without = (one: LifeDelivery) => scene.send([], () => one.effect(scene.github.state));

  test('is refused when it came a moment ago, and lands once a minute is over', async () => {
    await begin(opened, lintFails, commit);
    await scene.play(0, 1, 2, 3);
    for (const seconds of [-5, 0, 5, 59]) {
      const answer = await say('/codered override lint_pass flaky', seconds);
      expect(answer).toContain('less than a minute before the comment');
      expect(answer).toContain(`with \`@${head().slice(0, 7)}\` at the end`);
    }
    expect(await overridden()).toEqual([]);
    expect(await say('/codered override lint_pass flaky', 60)).toContain(`commit \`${head().slice(0, 7)}\``);
    expect(await overridden()).toEqual([head()]);
  });

  test('lands at once on the only commit since the pull request was opened', async () => {
    await begin(opened, lintFails);
    await scene.play(0, 1, 2);
    expect(await say('/codered override lint_pass flaky', 2)).toContain('is overridden on commit');
    expect(await overridden()).toEqual([head()]);
  });

  test('lands at once on the commit that it names, and on no other', async () => {
    await begin(opened, lintFails, commit);
    await scene.play(0, 1);
    const former = head();
    await scene.play(2, 3);
    const refusals: readonly (readonly [string, string])[] = [
      [`@${former.slice(0, 7)}`, 'is not the newest commit any more'],
      [`@${former}`, 'is not the newest commit any more'],
      ['@0123456', 'no commit of this pull request begins with'],
      [`@${head().slice(0, 6)}1`, 'no commit of this pull request begins with'],
    ];
    for (const [name, said] of refusals)
      expect(await say(`/codered override lint_pass flaky ${name}`, 300)).toContain(said);
    expect(await overridden()).toEqual([]);
    await say(`/codered override lint_pass flaky @${head().slice(0, 9).toUpperCase()}`, 1);
    expect(await overridden()).toEqual([head()]);
  });

  test('is refused where it names another commit than the newest anywhere in its reason', async () => {
    await begin(opened, lintFails, commit);
    await scene.play(0, 1);
    const former = head().slice(0, 7);
    await scene.play(2, 3);
    const refusals: readonly (readonly [string, string])[] = [
      [`flaky @${former}.`, 'is not the newest commit any more'],
      [`flaky (@${former})`, 'is not the newest commit any more'],
      [`@${former} flaky rule`, 'goes at the end'],
      [`flaky @${former.toUpperCase()}, see #3`, 'goes at the end'],
      [`flaky @${former} @${head().slice(0, 7)}`, 'Name one commit'],
      ['flaky until 2099-12-01 thanks', 'at the end'],
      [`flaky, see https://github.com/octo-org/web/commit/${former}`, 'a commit?'],
      [`flaky, looked at ${'a1'.repeat(4)}`, 'a commit?'],
    ];
    for (const [rest, said] of refusals) expect(await say(`/codered override lint_pass ${rest}`, 300)).toContain(said);
    expect(await overridden()).toEqual([]);
    await say(`/codered override lint_pass flaky (@${head().slice(0, 7)}).`, 1);
    expect(await overridden()).toEqual([head()]);
  });

  test('lands on what was pushed while the pull request was closed, a minute after it was reopened', async () => {
    await begin(opened, lintFails, commit);
    await scene.play(0, 1, 2);
    const synchronised = scene.of(3, 'pull_request')[0];
    if (synchronised === undefined) throw new RangeError('nothing was pushed');
    await without(synchronised);
    const { before: _, after: __, ...payload } = synchronised.payload;
    await scene.github.deliver('pull_request', { ...payload, action: 'reopened' });
    await scene.settle();
    expect(await say('/codered override lint_pass flaky', 59)).toContain('less than a minute before the comment');
    expect(await overridden()).toEqual([]);
    await say('/codered override lint_pass flaky', 60);
    expect(await overridden()).toEqual([head()]);
  });

  test('is refused where several commits begin as it says', async () => {
    await begin(opened, lintFails);
    await scene.play(0, 1, 2);
    const twin = `${head().slice(0, 8)}${'0'.repeat(32)}`;
    await scene.brain.sql(
      'insert into codered.pull_request_heads (repository_id, pull_request_number, sha, told_at) values ($1, 1, $2, now() - interval $$1 year$$)',
      [String(scene.life.repository.id), twin],
    );
    expect(await say(`/codered override lint_pass flaky @${head().slice(0, 7)}`, 300)).toContain(
      'several commits begin with',
    );
    await say(`/codered override lint_pass flaky @${head().slice(0, 12)}`, 300);
    expect(await overridden()).toEqual([head()]);
  });

  test('is refused when the event that brings the commit is late, and when it is lost', async () => {
    await begin(opened, lintFails, commit);
    await scene.play(0, 1, 2);
    const synchronised = scene.of(3, 'pull_request')[0];
    if (synchronised === undefined) throw new RangeError('nothing was pushed');
    // GitHub has it already.
    await without(synchronised);
    expect(await say('/codered override lint_pass flaky', 300)).toContain('of which GitHub has not told yet');
    // Another event names it: that it is there is known then, and not since when.
    const { payload } = synchronised;
    await scene.github.deliver('pull_request', { ...payload, action: 'edited', changes: {} });
    await scene.settle();
    expect(await say('/codered override lint_pass flaky', 300)).toContain('has not told when the newest commit came');
    expect(await overridden()).toEqual([]);
    await scene.send([synchronised]);
    await say('/codered override lint_pass flaky', 300);
    expect(await overridden()).toEqual([head()]);
  });

  test('is refused when the commit was the head before, went, and came back a moment ago', async () => {
    await begin(opened, lintFails, commit, commit);
    await scene.play(0, 1, 2, 3);
    const [first, , last] = pullEvents().map(({ payload }) => payload);
    const pull = scene.inside.pulls.get(1);
    if (first === undefined || last === undefined || pull === undefined) throw new RangeError('nothing was pushed');
    // Back to the first, by force, when the second push was to be told.
    const { head: then } = objectAt(first.pull_request);
    const sha = String(objectAt(then).sha);
    scene.github.state.putPull(scene.life.repository.id, { ...pull, head: { ...pull.head, sha } });
    const back = { ...last, after: sha, pull_request: { ...objectAt(last.pull_request), head: then ?? null } };
    await scene.github.deliver('pull_request', back);
    await scene.settle();
    expect(await say('/codered override lint_pass flaky', 30)).toContain('less than a minute');
    await say('/codered override lint_pass flaky', 90);
    expect(await overridden()).toEqual([head()]);
  });

  test('of a fork has to name it, and none reaches what the fork pushes later', async () => {
    await begin(fromFork, lintFails, commit);
    await scene.play(0, 1, 2);
    expect(await say('/codered override lint_pass flaky', 3_000)).toContain('name the commit that you looked at');
    expect(await say('/codered override lint_pass flaky until 2099-01-01', 3_000)).toContain('could push anything');
    expect(await say(`/codered override lint_pass flaky until 2099-01-01 @${head().slice(0, 7)}`, 3_000)).toContain(
      'could push anything',
    );
    expect(await overridden()).toEqual([]);
    await say(`/codered override lint_pass flaky @${head().slice(0, 7)}`, 1);
    expect(await overridden()).toEqual([head()]);
    await scene.play(3);
    expect(await overridden()).not.toContain(head());
  });
});
