// Commands in comments over real sockets: somebody writes /codered, and what they may do becomes a green check, a reaction, an answer.

import { afterEach, describe, expect, test } from 'vitest';
import type { Account, Comment } from '../../src/demo/github/state/records.ts';
import { ACCOUNTS } from '../../src/demo/github/state/retell.ts';
import type { Moment } from '../../src/demo/story/life-outline.ts';
import { commentPayload } from '../../src/demo/story/payloads-comment.ts';
import { job, opened, openStoryRepository, ran, SETTLE_MS, type StoryRepository } from '../support/story-repository.ts';

const POLICY = 'dod: { lint_pass: true, type_check: true }\n';
const MAINTAINER = ACCOUNTS.octocat;
const WRITER = ACCOUNTS.codertocat;
const STRANGER = ACCOUNTS.hacktocat;
const lintFails = ran(job('lint', 'failure'), job('typecheck'));

describe('a command in a comment', () => {
  let scene: StoryRepository;
  afterEach(() => scene.close());

  async function begin(moments: readonly Moment[], policy = POLICY): Promise<void> {
    scene = await openStoryRepository(moments, policy);
    scene.inside.roles.set(MAINTAINER.login, 'maintain');
  }

  async function deliver(comment: Comment, guid?: string): Promise<void> {
    const { repository, installation } = scene.life;
    const place = { repository, installationId: installation.id, sender: comment.author };
    await scene.github.deliver('issue_comment', commentPayload(place, comment), guid === undefined ? {} : { guid });
    await scene.settle();
  }

  async function say(author: Account, body: string): Promise<Comment> {
    const comment = scene.github.state.addComment(scene.life.repository.id, { pullNumber: 1, author, body });
    await deliver(comment);
    return comment;
  }

  const checkRun = () => scene.ownCheckRuns().at(-1);
  const conclusion = () => checkRun()?.conclusion;
  const reactions = ({ id }: Comment) => (scene.inside.reactions.get(id) ?? []).map(({ content }) => content);
  const answers = () => bodies().filter((body) => body.includes('<!-- codered:answer v1'));
  const report = () => bodies().find((body) => body.includes('<!-- codered:comment v1'));
  const bodies = () => [...scene.inside.comments.values()].filter(({ viaApp }) => viaApp).map(({ body }) => body);
  const overrides = () =>
    scene.brain.sql(
      'select "user", criterion, reason, override_type, revoked_by from codered.user_overrides order by created_at',
    );

  test('of a maintainer overrides a failing criterion: the check is green and names who and why, a second delivery changes nothing', async () => {
    await begin([opened, lintFails]);
    await scene.play(0, 1, 2);
    expect(conclusion()).toBe('failure');
    const comment = await say(MAINTAINER, 'We talked.\n\n/codered override lint_pass the rule is **wrong**');
    expect(conclusion()).toBe('success');
    expect(checkRun()?.output?.title).toContain('Gate passed, 1 overridden · ');
    const row =
      /^\| 🔓 overridden \| lint\u00a0*<br>octocat: the rule is \\\*\\\*wrong\\\*\\\* \| – \| pass \| job \[lint\]/m;
    expect(checkRun()?.output?.summary).toMatch(row);
    expect(report()).toMatch(row);
    expect(reactions(comment)).toEqual(['+1']);
    const named = `\`lint_pass\` is overridden on commit \`${checkRun()?.headSha.slice(0, 7)}\`, and on no other.`;
    expect(answers()).toEqual([expect.stringContaining(named)]);
    const kept = [
      {
        user: 'octocat',
        criterion: 'lint_pass',
        reason: 'the rule is **wrong**',
        override_type: 'deploy_anyway',
        revoked_by: null,
      },
    ];
    expect(await overrides()).toEqual(kept);
    expect(
      await scene.brain.sql(
        "select e.message, r.commit_sha is not null as of_run from codered.status_events e join codered.runs r on r.id = e.run_id where e.phase = 'OVERRIDDEN'",
      ),
    ).toEqual([{ message: 'lint_pass: the rule is **wrong**', of_run: 't' }]);
    const { size } = scene.inside.checkRuns;
    await deliver(comment);
    await deliver(comment, 'b2a57a10-7ee0-4b5a-9d10-000000000001');
    expect([scene.inside.checkRuns.size, reactions(comment), answers()]).toEqual([size, ['+1'], answers().slice(0, 1)]);
    expect(await overrides()).toEqual(kept);
  });

  test('followed twice, as after a crash, answers once and changes nothing', async () => {
    await begin([opened, lintFails]);
    await scene.play(0, 1, 2);
    const [override, help] = [
      await say(MAINTAINER, '/codered override all a bad day'),
      await say(MAINTAINER, '/codered help'),
    ];
    // A row that is over stays over: the same work comes as a new row.
    await scene.brain.script(`
      insert into codered.follow_ups (project_id, kind, input, dedupe_key)
      select project_id, kind, input, dedupe_key from codered.follow_ups where kind = 'command'`);
    await scene.settle();
    expect(answers()).toHaveLength(2);
    expect([reactions(override), reactions(help)]).toEqual([['+1'], ['+1']]);
    expect(await overrides()).toHaveLength(1);
  });

  test('overrides one commit, not the next', async () => {
    await begin([opened, lintFails, { kind: 'commit', pull: 1, message: 'More' }, lintFails]);
    await scene.play(0, 1, 2);
    await say(MAINTAINER, '/codered override lint_pass today only');
    expect(conclusion()).toBe('success');
    await scene.play(3, 4);
    expect(conclusion()).toBe('failure');
  });

  test('overrides every commit until its day is over', async () => {
    await begin([opened, lintFails, { kind: 'commit', pull: 1, message: 'More' }, lintFails]);
    await scene.play(0, 1, 2);
    await say(MAINTAINER, '/codered override lint_pass next week until 2099-12-01');
    await scene.play(3, 4);
    expect(conclusion()).toBe('success');
    expect(checkRun()?.output?.summary).toContain('octocat until 2099-12-01: next week');
    // The looks at the deadlines of what was waited for are out of the way: the one at the override's end is left.
    await scene.brain.script('delete from codered.follow_ups where is_scheduled');
    await say(MAINTAINER, '/codered recheck');
    expect(
      await scene.brain.sql(
        "select count(*) > 0 as looks from codered.follow_ups where is_scheduled and status = 'queued'",
      ),
    ).toEqual([{ looks: 't' }]);
    // As if the day were over: what was queued for then comes.
    await scene.brain.script(`
      update codered.user_overrides set expires_at = now() - interval '1 second';
      update codered.follow_ups set run_after = now() where is_scheduled and status = 'queued'`);
    await expect.poll(conclusion, { timeout: SETTLE_MS }).toBe('failure');
    await scene.settle();
  });

  test('revokes what was overridden', async () => {
    await begin([opened, lintFails]);
    await scene.play(0, 1, 2);
    await say(MAINTAINER, '/codered override lint_pass today only');
    expect(conclusion()).toBe('success');
    const other = await say(MAINTAINER, '/codered revoke type_check');
    expect([reactions(other), answers().at(-1)]).toEqual([
      ['confused'],
      expect.stringContaining('Overridden: `lint_pass`.'),
    ]);
    const revoke = await say(MAINTAINER, '/codered revoke lint_pass');
    expect(conclusion()).toBe('failure');
    expect(reactions(revoke)).toEqual(['+1']);
    expect(await overrides()).toMatchObject([{ criterion: 'lint_pass', revoked_by: 'octocat' }]);
  });

  test('is followed as people write: in a list, with signs, in whatever case', async () => {
    await begin([opened, lintFails]);
    await scene.play(0, 1, 2);
    const done = await say(
      MAINTAINER,
      'As in [#12]: fine, 5 > 3\n- [ ] /codered: override `Lint_Pass`: the rule is wrong.',
    );
    expect([reactions(done), conclusion()]).toEqual([['+1'], 'success']);
    expect(await overrides()).toMatchObject([{ criterion: 'lint_pass', reason: 'the rule is wrong.' }]);
    const undone = await say(MAINTAINER, 'Saw List<S>.\n\n* /codered, revoke LINT_PASS.');
    expect([reactions(undone), conclusion()]).toEqual([['+1'], 'failure']);
    await say(MAINTAINER, '1. /codered override ALL a bad day\n2. /codered revoke All');
    expect((await overrides()).map(({ criterion, revoked_by }) => [criterion, revoked_by])).toEqual([
      ['lint_pass', 'octocat'],
      ['all', 'octocat'],
    ]);
  });

  test('of somebody who may not, or that nobody understands, is refused with one answer', async () => {
    const refusals: readonly [Account, string, string][] = [
      [WRITER, '/codered override lint_pass trust me', 'you may not override here.'],
      [WRITER, '/codered revoke', 'you may not revoke here.'],
      [MAINTAINER, '/codered override lint_pass', '`override` needs a reason'],
      [MAINTAINER, '/codered overide lint_pass x', 'There is no such command.'],
      [MAINTAINER, '/codered override `@everyone` x', 'The criteria are `lint_pass`, `type_check`, or `all`.'],
    ];
    await begin([opened, lintFails]);
    await scene.play(0, 1, 2);
    scene.inside.roles.set(WRITER.login, 'write');
    for (const [index, [author, body, said]] of refusals.entries()) {
      const comment = await say(author, body);
      await deliver(comment, `b2a57a10-7ee0-4b5a-9d10-00000000001${index}`);
      expect(reactions(comment)).toEqual(['confused']);
      expect(answers()).toHaveLength(index + 1);
      expect(answers().at(-1)).toContain(said);
    }
    expect(conclusion()).toBe('failure');
    expect(await overrides()).toEqual([]);
  });

  test("of a fork's author is refused without a word, and to a bot's not even a reaction comes", async () => {
    await begin([{ ...opened, author: STRANGER, fromFork: true }, lintFails], 'dod: { lint_pass: true }\n');
    await scene.play(0, 1, 2);
    const comment = await say(STRANGER, '/codered override all it is my pull request');
    expect([reactions(comment), answers()]).toEqual([['confused'], []]);
    const bot = await say({ login: 'helper[bot]', id: 77, type: 'Bot' }, '/codered override all beep');
    expect([reactions(bot), answers().length, conclusion()]).toEqual([[], 0, 'failure']);
    expect(await overrides()).toEqual([]);
  });

  test('is asked of the role of the moment, of teams, and of the account behind the name', async () => {
    await begin([opened, lintFails], `${POLICY}override: { roles: [admin], teams: [release] }\n`);
    await scene.play(0, 1, 2);
    await say(MAINTAINER, '/codered override lint_pass one');
    expect(answers()).toEqual([expect.stringContaining('the role admin, or are in `release`')]);
    scene.github.state.teams.set('octo-org/release', new Set([MAINTAINER.login]));
    await say({ ...MAINTAINER, id: 99 }, '/codered override lint_pass two');
    expect(await overrides()).toEqual([]);
    await say(MAINTAINER, '/codered override lint_pass three');
    expect(await overrides()).toMatchObject([{ reason: 'three' }]);
  });

  test('is followed with all others of its comment, in order, with one answer', async () => {
    await begin([opened, lintFails]);
    await scene.play(0, 1, 2);
    const body =
      '/CodeRed override lint_pass one\n/codered override lint_pass two\n\n/codered revoke\n/codered override all three';
    const comment = await say(MAINTAINER, `${body}\n\n\`\`\`\`\n\`\`\`\n/codered revoke\n\`\`\`\n\`\`\`\``);
    expect(await overrides()).toMatchObject([
      { criterion: 'lint_pass', reason: 'one', revoked_by: 'octocat' },
      { criterion: 'lint_pass', reason: 'two', revoked_by: 'octocat' },
      { criterion: 'all', reason: 'three', revoked_by: null },
    ]);
    expect([reactions(comment), answers().length, conclusion()]).toEqual([['+1'], 1, 'success']);
    for (const part of ['**1.** `lint_pass` is overridden', '**3.** done.', '**4.** every criterion is overridden'])
      expect(answers()[0]).toContain(part);
    const mixed = await say(MAINTAINER, '/codered revoke\n/codered merge\n/codered explain');
    expect([reactions(mixed), answers().length, conclusion()]).toEqual([['confused'], 2, 'failure']);
    expect(answers()[1]).toContain('- `lint_pass` is failed');
    const many = await say(MAINTAINER, '/codered help\n'.repeat(12));
    expect([reactions(many), answers()[2]]).toEqual([['confused'], expect.stringContaining('room for 10 commands')]);
  });

  test('that an earlier version queued is followed', async () => {
    await begin([opened, lintFails]);
    await scene.play(0, 1, 2);
    const comment = scene.github.state.addComment(scene.life.repository.id, {
      pullNumber: 1,
      author: MAINTAINER,
      body: 'x',
    });
    const input = {
      kind: 'command',
      repository_id: scene.life.repository.id,
      pull_request_number: 1,
      comment_id: comment.id,
      author: MAINTAINER.login,
      author_id: MAINTAINER.id,
      author_type: 'User',
      text: 'override lint_pass queued before',
      created_at: '2026-11-20T14:00:00.000Z',
      head_sha: checkRun()?.headSha,
    };
    await scene.brain.sql(
      "select codered.queue_follow_up(r.project_id, 'command', $1::jsonb, 'command:' || ($1::jsonb ->> 'comment_id')) from codered.repositories r where r.id = ($1::jsonb ->> 'repository_id')::bigint",
      [JSON.stringify(input)],
    );
    await scene.settle();
    expect(await overrides()).toMatchObject([{ reason: 'queued before' }]);
  });

  test('explains, and looks again', async () => {
    await begin([opened, lintFails]);
    await scene.play(0, 1, 2);
    await say(MAINTAINER, '/codered explain');
    expect(answers()[0]).toContain('- `lint_pass` is failed: job lint failed (job `lint`, attempt 1)');
    const { size } = scene.inside.checkRuns;
    const recheck = await say(MAINTAINER, '/codered recheck');
    expect(reactions(recheck)).toEqual(['+1']);
    expect(scene.inside.checkRuns.size).toBe(size + 1);
    expect(answers()).toHaveLength(1);
  });
});
