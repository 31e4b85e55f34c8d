// Merges and pushes past the gate over real sockets: webhooks and GitHub's rule suites become one row each, with the actor.

import { afterEach, describe, expect, test } from 'vitest';
import type { Account, Permissions, RuleSuite } from '../../src/demo/github/state/records.ts';
import { ACCOUNTS } from '../../src/demo/github/state/retell.ts';
import type { Moment } from '../../src/demo/story/life-outline.ts';
import { job, opened, openStoryRepository, ran, SETTLE_MS, type StoryRepository } from '../support/story-repository.ts';

const ADMINISTRATION = { administration: 'read' } as const;
const lint = (conclusion: 'success' | 'failure'): Moment => ran(job('lint', conclusion));
const merged: Moment = { kind: 'merge', pull: 1 };
const pushed: Moment = { kind: 'push', message: 'Straight to main' };

describe('a bypass', () => {
  let scene: StoryRepository;
  afterEach(() => scene.close());

  async function begin(moments: readonly Moment[], alsoGranted: Permissions = ADMINISTRATION): Promise<void> {
    // GitHub is asked about a week: it has to have happened just now.
    const startAt = new Date(Date.now() - 300_000).toISOString();
    scene = await openStoryRepository(moments, 'dod: { lint_pass: true }\n', { startAt, alsoGranted });
  }

  /** Delivers moments (0 is the installation), and lets the minute go by after which GitHub is asked. */
  async function play(...moments: readonly number[]): Promise<void> {
    for (const moment of moments) {
      await scene.deliver(scene.of(moment));
      const waiting = `select count(*) from codered.webhook_deliveries where status not in ('done', 'ignored')`;
      await expect.poll(() => scene.brain.sql(waiting), { timeout: SETTLE_MS }).toEqual([{ count: '0' }]);
      await scene.brain.script(
        `update codered.follow_ups set run_after = now() where is_scheduled and kind = 'bypasses' and status = 'queued'`,
      );
      await scene.idle();
    }
    expect(scene.github.violations).toEqual([]);
  }

  type Told = Partial<Pick<RuleSuite, 'id' | 'result' | 'ref'>> & { readonly rule?: string; readonly actor?: Account };

  /** What GitHub writes down when the newest commit of the default branch was pushed past a rule. */
  function bypassed(after: string, { rule = 'required_status_checks', actor = ACCOUNTS.octocat, ...given }: Told = {}) {
    const id = given.id ?? scene.github.state.nextId();
    scene.inside.ruleSuites.set(id, {
      id,
      actor,
      before: 'e'.repeat(40),
      after,
      ref: 'refs/heads/main',
      pushedAt: new Date().toISOString(),
      result: 'bypass',
      evaluations: [
        { rule: 'deletion', result: 'pass', enforcement: 'active' },
        { rule, result: 'fail', enforcement: 'active' },
      ],
      ...given,
    });
  }
  const shaOf = (moment: number) => String(scene.of(moment, 'push')[0]?.payload.after);
  const rows = () =>
    scene.brain.sql(
      `select "user", pull_request_number as pull, commit_sha, reason, github_rule_suite_id is not null as suite
       from codered.user_overrides where override_type = 'deploy_anyway' order by created_at`,
    );
  const asked = () => scene.github.requests.filter(({ path }) => path.includes('/rule-suites'));
  const head = () => scene.inside.pulls.get(1)?.head.sha;

  test('by a merge is one row, which the merge leaves and the rule suite gives the actor', async () => {
    await begin([opened, lint('failure'), merged]);
    await play(0, 1, 2);
    bypassed(shaOf(3));
    await play(3);
    const reason = 'merged while the gate was fail';
    expect(await rows()).toEqual([{ user: 'octocat', pull: '1', commit_sha: head(), reason, suite: 't' }]);
    expect(asked().map(({ query }) => query)).toEqual(['time_period=week&rule_suite_result=bypass&per_page=100', '']);
    expect(scene.github.refused).toEqual([]);
  });

  test('by a push straight to the branch is a row with the actor, and is looked at once', async () => {
    await begin([opened, lint('failure'), pushed, pushed]);
    await play(0, 1, 2);
    bypassed(shaOf(3));
    await play(3);
    const row = {
      user: 'octocat',
      pull: null,
      commit_sha: shaOf(3),
      reason: 'pushed to main past the rules',
      suite: 't',
    };
    expect(await rows()).toEqual([row]);
    await play(4);
    expect(await rows()).toEqual([row]);
    expect(asked()).toHaveLength(3);
    expect(scene.github.refused).toEqual([]);
  });

  test('is found beside one that GitHub tells of oddly', async () => {
    await begin([opened, lint('failure'), pushed]);
    await play(0, 1, 2);
    bypassed('no commit', { id: 8 });
    bypassed(shaOf(3));
    await play(3);
    expect(await rows()).toMatchObject([{ user: 'octocat', commit_sha: shaOf(3) }]);
    expect(
      await scene.brain.sql(
        `select result ->> 'malformed' as malformed from codered.follow_ups where result ? 'malformed'`,
      ),
    ).toEqual([{ malformed: '1' }]);
  });

  test('is found by a merge whose webhook is lost, with its pull request', async () => {
    await begin([opened, lint('failure'), merged]);
    await play(0, 1, 2);
    bypassed(shaOf(3));
    const { deliveries } = scene.life;
    deliveries.find(({ event, action }) => event === 'pull_request' && action === 'closed')?.effect(scene.github.state);
    deliveries.splice(
      deliveries.findIndex(({ action }) => action === 'closed'),
      1,
    );
    await play(3);
    expect(await rows()).toMatchObject([{ user: 'octocat', pull: '1', commit_sha: head(), suite: 't' }]);
  });

  test.each<[string, Told]>([
    ['of another rule', { rule: 'pull_request' }],
    ['that GitHub stopped', { result: 'fail' }],
    ['of a tag', { ref: 'refs/tags/v1' }],
    ['of a merge queue’s own branch', { ref: 'refs/heads/gh-readonly-queue/main/pr-1-abc' }],
  ])('is none %s', async (_, given) => {
    await begin([opened, lint('failure'), pushed]);
    await play(0, 1, 2);
    bypassed(shaOf(3), given);
    await play(3);
    expect(asked().length).toBeGreaterThan(0);
    expect(await rows()).toEqual([]);
  });

  test('is none of CodeRed where its own check was green', async () => {
    await begin([opened, lint('success'), merged]);
    await play(0, 1, 2);
    bypassed(shaOf(3));
    await play(3);
    expect(asked()).toHaveLength(2);
    expect(await rows()).toEqual([]);
  });

  test('is not asked for where the App lacks the permission, and the merge leaves its row', async () => {
    await begin([opened, lint('failure'), merged, pushed], {});
    await play(0, 1, 2, 3, 4);
    expect(asked()).toEqual([]);
    expect(await rows()).toMatchObject([{ user: 'Codertocat', pull: '1', suite: 'f' }]);
  });

  test('is asked for once, and nothing comes of it, where GitHub says that the permission is lacking', async () => {
    await begin([opened, lint('failure'), pushed], {});
    await play(0, 1, 2);
    await scene.brain.script('update codered.installations set permissions = null');
    await play(3);
    expect(asked().map(({ status }) => status)).toEqual([403]);
    expect(
      await scene.brain.sql(
        `select status, attempts, result from codered.follow_ups where is_scheduled and kind = 'bypasses'`,
      ),
    ).toEqual([{ status: 'completed', attempts: '1', result: '{"state": "not permitted"}' }]);
    expect(await rows()).toEqual([]);
  });
});
