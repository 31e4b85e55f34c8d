// Commands in comments over real sockets: somebody writes /codered, and what they may do becomes a green check, a reaction, an answer.

import { afterEach, describe, expect, test } from 'vitest';
import type { RepositoryState } from '../src/demo/github-state.ts';
import { type Life, tellLife } from '../src/demo/life.ts';
import type { JobOutline, Moment } from '../src/demo/life-outline.ts';
import { commentPayload } from '../src/demo/payloads-comment.ts';
import { APP, type Stage, setStage } from '../src/demo/play-story.ts';
import type { Account, Comment } from '../src/demo/records.ts';
import { ACCOUNTS } from '../src/demo/retell.ts';
import { openTestBrain, type TestBrain } from './support/brain.ts';

const SETTLE_MS = 20_000;
const POLICY = 'dod: { lint_pass: true, type_check: true }\n';
const MAINTAINER = ACCOUNTS.octocat;
const STRANGER = ACCOUNTS.hacktocat;

function job(name: string, conclusion: JobOutline['conclusion'] = 'success'): JobOutline {
  return { name, conclusion, steps: ['npm run it'], ...(conclusion === 'failure' ? { log: { kept: 'no\n' } } : {}) };
}

const opened: Moment = { kind: 'open', pull: 1, title: 'Close the shop', branch: 'closed' };
const lintFails: Moment = { kind: 'run', on: 1, jobs: [job('lint', 'failure'), job('typecheck')] };

describe('a command in a comment', () => {
  let brain: TestBrain;
  let stage: Stage;
  let life: Life;
  afterEach(async () => {
    await stage.close();
    await brain.close();
  });

  const inside = (): RepositoryState => {
    const found = stage.github.state.repositories.get(life.repository.id);
    if (found === undefined) throw new RangeError('the life was not prepared');
    return found;
  };

  async function begin(moments: readonly Moment[], policy = POLICY): Promise<void> {
    brain = await openTestBrain('embedded');
    stage = await setStage({ brain });
    life = tellLife({ startAt: '2026-11-20T13:00:00Z', app: APP, moments: [{ kind: 'install' }, ...moments] });
    life.prepare(stage.github.state);
    inside().files.set('.github/codered.yml', policy);
    inside().roles.set(MAINTAINER.login, 'maintain');
  }

  async function settle(): Promise<void> {
    await stage.codered.idle(SETTLE_MS);
    expect(stage.github.violations).toEqual([]);
    expect(stage.github.refused).toEqual([]);
  }

  async function play(...moments: readonly number[]): Promise<void> {
    for (const moment of moments) {
      const deliveries = life.deliveries.filter((delivery) => delivery.moment === moment);
      for (const { effect } of deliveries) effect(stage.github.state);
      for (const { event, payload, guid } of deliveries)
        expect((await stage.github.deliver(event, payload, { guid })).status).toBe(202);
      await settle();
    }
  }

  async function deliver(comment: Comment, guid?: string): Promise<void> {
    const scene = { repository: life.repository, installationId: life.installation.id, sender: comment.author };
    await stage.github.deliver('issue_comment', commentPayload(scene, comment), guid === undefined ? {} : { guid });
    await settle();
  }

  async function say(author: Account, body: string): Promise<Comment> {
    const comment = stage.github.state.addComment(life.repository.id, { pullNumber: 1, author, body });
    await deliver(comment);
    return comment;
  }

  const checkRun = () => [...inside().checkRuns.values()].filter(({ appSlug }) => appSlug === 'codered').at(-1);
  const conclusion = () => checkRun()?.conclusion;
  const reactions = ({ id }: Comment) => (inside().reactions.get(id) ?? []).map(({ content }) => content);
  const answers = () => bodies().filter((body) => body.includes('<!-- codered:answer v1'));
  const report = () => bodies().find((body) => body.includes('<!-- codered:comment v1'));
  const bodies = () => [...inside().comments.values()].filter(({ viaApp }) => viaApp).map(({ body }) => body);
  const overrides = () =>
    brain.sql(
      'select "user", criterion, reason, override_type, revoked_by from codered.user_overrides order by created_at',
    );

  test('of a maintainer overrides a failing criterion: the check is green and names who and why, a second delivery changes nothing', async () => {
    await begin([opened, lintFails]);
    await play(0, 1, 2);
    expect(conclusion()).toBe('failure');
    const comment = await say(MAINTAINER, 'We talked.\n\n/codered override lint_pass the rule is **wrong**');
    expect(conclusion()).toBe('success');
    expect(checkRun()?.output?.title).toContain('Definition of Done met, 2 of 2 criteria, 1 overridden');
    const row = '| 🔓 overridden | lint | – | pass | job [lint]';
    expect(checkRun()?.output?.summary).toContain(row);
    expect(checkRun()?.output?.summary).toContain('octocat: the rule is \\*\\*wrong\\*\\*');
    expect(report()).toContain(row);
    expect(report()).toContain('octocat: the rule is');
    expect(reactions(comment)).toEqual(['+1']);
    expect(answers()).toEqual([]);
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
      await brain.sql(
        "select e.message, r.commit_sha is not null as of_run from codered.status_events e join codered.runs r on r.id = e.run_id where e.phase = 'OVERRIDDEN'",
      ),
    ).toEqual([{ message: 'lint_pass: the rule is **wrong**', of_run: 't' }]);
    const { size } = inside().checkRuns;
    await deliver(comment);
    await deliver(comment, 'b2a57a10-7ee0-4b5a-9d10-000000000001');
    expect([inside().checkRuns.size, reactions(comment), answers()]).toEqual([size, ['+1'], []]);
    expect(await overrides()).toEqual(kept);
  });

  test('followed twice, as after a crash, answers once and changes nothing', async () => {
    await begin([opened, lintFails]);
    await play(0, 1, 2);
    const [override, help] = [
      await say(MAINTAINER, '/codered override all a bad day'),
      await say(STRANGER, '/codered help'),
    ];
    // A row that is over stays over: the same work comes as a new row.
    await brain.script(`
      insert into codered.agent_jobs (project_id, agent_type, input, dedupe_key)
      select project_id, agent_type, input, dedupe_key from codered.agent_jobs where dedupe_key like 'command:%'`);
    await settle();
    expect(answers()).toHaveLength(1);
    expect([reactions(override), reactions(help)]).toEqual([['+1'], ['+1']]);
    expect(await overrides()).toHaveLength(1);
  });

  test('overrides one commit, not the next', async () => {
    await begin([opened, lintFails, { kind: 'commit', pull: 1, message: 'More' }, lintFails]);
    await play(0, 1, 2);
    await say(MAINTAINER, '/codered override lint_pass today only');
    expect(conclusion()).toBe('success');
    await play(3, 4);
    expect(conclusion()).toBe('failure');
  });

  test('overrides every commit until its day is over', async () => {
    await begin([opened, lintFails, { kind: 'commit', pull: 1, message: 'More' }, lintFails]);
    await play(0, 1, 2);
    await say(MAINTAINER, '/codered override lint_pass next week until 2099-12-01');
    await play(3, 4);
    expect(conclusion()).toBe('success');
    expect(checkRun()?.output?.summary).toContain('octocat until 2099-12-01: next week');
    // The looks at the deadlines of what was waited for are out of the way: the one at the override's end is left.
    await brain.script("delete from codered.agent_jobs where dedupe_key like 'deadline:%'");
    await say(MAINTAINER, '/codered recheck');
    expect(
      await brain.sql(
        "select count(*) > 0 as looks from codered.agent_jobs where dedupe_key like 'deadline:%' and status = 'queued'",
      ),
    ).toEqual([{ looks: 't' }]);
    // As if the day were over: what was queued for then comes.
    await brain.script(`
      update codered.user_overrides set expires_at = now() - interval '1 second';
      update codered.agent_jobs set run_after = now() where dedupe_key like 'deadline:%' and status = 'queued'`);
    await expect.poll(conclusion, { timeout: SETTLE_MS }).toBe('failure');
    await settle();
  });

  test('revokes what was overridden', async () => {
    await begin([opened, lintFails]);
    await play(0, 1, 2);
    await say(MAINTAINER, '/codered override lint_pass today only');
    expect(conclusion()).toBe('success');
    const other = await say(MAINTAINER, '/codered revoke type_check');
    expect([reactions(other), answers()[0]]).toEqual([
      ['confused'],
      expect.stringContaining('Overridden: `lint_pass`.'),
    ]);
    const revoke = await say(MAINTAINER, '/codered revoke lint_pass');
    expect(conclusion()).toBe('failure');
    expect(reactions(revoke)).toEqual(['+1']);
    expect(await overrides()).toMatchObject([{ criterion: 'lint_pass', revoked_by: 'octocat' }]);
  });

  test('of somebody who may not, or that nobody understands, is refused with one answer', async () => {
    const refusals: readonly [Account, string, string][] = [
      [STRANGER, '/codered override lint_pass trust me', 'you may not override here.'],
      [STRANGER, '/codered revoke all', 'you may not revoke here.'],
      [STRANGER, '/codered recheck', 'you may not recheck here.'],
      [MAINTAINER, '/codered override lint_pass', '`override` needs a reason'],
      [MAINTAINER, '/codered overide lint_pass x', 'There is no such command.'],
      [MAINTAINER, '/codered override `@everyone` x', 'The criteria are `lint_pass`, `type_check`, or `all`.'],
    ];
    await begin([opened, lintFails]);
    await play(0, 1, 2);
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

  test("of a fork's author is refused, and a bot's is not even answered", async () => {
    await begin([{ ...opened, author: STRANGER, fromFork: true }, lintFails], 'dod: { lint_pass: true }\n');
    await play(0, 1, 2);
    const comment = await say(STRANGER, '/codered override all it is my pull request');
    expect([reactions(comment), answers()]).toEqual([['confused'], [expect.stringContaining('you may not override')]]);
    const bot = await say({ login: 'helper[bot]', id: 77, type: 'Bot' }, '/codered override all beep');
    expect([reactions(bot), answers().length, conclusion()]).toEqual([[], 1, 'failure']);
    expect(await overrides()).toEqual([]);
  });

  test('is asked of the role of the moment, of teams, and of the account behind the name', async () => {
    await begin([opened, lintFails], `${POLICY}override: { roles: [admin], teams: [release] }\n`);
    await play(0, 1, 2);
    await say(MAINTAINER, '/codered override lint_pass one');
    expect(answers()).toEqual([expect.stringContaining('the role admin, or are in `release`')]);
    stage.github.state.teams.set('octo-org/release', new Set([MAINTAINER.login]));
    await say({ ...MAINTAINER, id: 99 }, '/codered override lint_pass two');
    expect(await overrides()).toEqual([]);
    await say(MAINTAINER, '/codered override lint_pass three');
    expect(await overrides()).toMatchObject([{ reason: 'three' }]);
  });

  test('explains, and looks again', async () => {
    await begin([opened, lintFails]);
    await play(0, 1, 2);
    await say(MAINTAINER, '/codered explain');
    expect(answers()[0]).toContain('- `lint_pass` is failed: job lint failed (job `lint`, attempt 1)');
    const { size } = inside().checkRuns;
    const recheck = await say(MAINTAINER, '/codered recheck');
    expect(reactions(recheck)).toEqual(['+1']);
    expect(inside().checkRuns.size).toBe(size + 1);
    expect(answers()).toHaveLength(1);
  });
});
