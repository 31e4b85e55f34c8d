// A merge queue whose policy trusts the pull request, over real sockets: a commit that nobody ran anything on becomes green or red.

import { afterEach, describe, expect, test } from 'vitest';
import type { JobOutline, Moment } from '../../src/demo/story/life-outline.ts';
import { asJson } from '../../src/model/json.ts';
import { examplePayload } from '../support/example-payload.ts';
import { jobFact, runFact } from '../support/fact-rows.ts';
import {
  job,
  opened,
  openStoryRepository,
  ran as ranOn,
  SETTLE_MS,
  type StoryRepository,
} from '../support/story-repository.ts';

const GROUP = 'c'.repeat(40);
const TREE = '1'.repeat(40);
const TRUSTS = 'dod: { lint_pass: true }\nmerge_queue: trust_pr\n';
const LOG = { kept: '2026-11-20T13:02:11.2000000Z ##[error]The shop is closed\n' };
const FULL = 'dod: { lint_pass: true }\n';

describe('the commit that a merge queue tries', () => {
  let scene: StoryRepository;
  afterEach(() => scene.close());

  const head = () => scene.inside.pulls.get(1)?.head.sha ?? '';

  async function begin(policy: string, moments: readonly Moment[]): Promise<void> {
    scene = await openStoryRepository(moments, policy);
  }

  /** The queue makes its commit; `same`: it holds the files of the pull request's head; null: GitHub does not know it yet. */
  async function queue({ same }: { same: boolean | null }): Promise<void> {
    scene.inside.trees.set(head(), TREE);
    if (same !== null) scene.inside.trees.set(GROUP, same ? TREE : '2'.repeat(40));
    const { repository, organization, installation, sender } = scene.life.deliveries.at(-1)?.payload ?? {};
    const payload = examplePayload('merge_group', 0, {
      'merge_group.head_sha': GROUP,
      'merge_group.head_commit.id': GROUP,
      'merge_group.head_ref': `refs/heads/gh-readonly-queue/main/pr-1-${'d'.repeat(40)}`,
      repository,
      organization,
      installation,
      sender,
    });
    expect((await scene.github.deliver('merge_group', asJson(payload) as never)).status).toBe(202);
    await scene.settle();
  }

  /** A job "lint" of a run on the queue's own commit. */
  async function ranItself(conclusion: 'success' | 'failure'): Promise<void> {
    const status = conclusion === 'success' ? 'succeeded' : 'failed';
    const about = {
      repository_id: scene.life.repository.id,
      run_id: '7777',
      workflow_path: '.github/workflows/ci.yml',
    };
    const run = runFact({ ...about, commit_sha: GROUP, trigger: 'merge_group', status, conclusion });
    const ci_jobs = [jobFact({ ...about, job_id: 77, name: 'lint', status, conclusion })];
    const [job] = scene.inside.jobs.values();
    if (job === undefined) throw new RangeError('no job has run yet');
    scene.github.state.putJob(about.repository_id, { ...job, id: 77, runId: 7777, headSha: GROUP, conclusion });
    scene.inside.logs.set(77, LOG);
    await scene.brain.call('record_facts', { facts: asJson({ ci_events: [run], ci_jobs }) });
    await scene.settle();
  }

  const said = (sha = GROUP) => scene.ownCheckRuns(sha).map(({ status, conclusion }) => conclusion ?? status);
  const why = () => scene.ownCheckRuns(GROUP).at(-1)?.output?.summary ?? '';

  const ran = (conclusion: JobOutline['conclusion']) => ranOn(job('lint', conclusion));
  const reran = (conclusion: JobOutline['conclusion']): Moment => ({
    kind: 'rerun',
    on: 1,
    jobs: [job('lint', conclusion)],
  });

  test('is green by the pull request’s runs when it holds the same files, without a run of its own', async () => {
    await begin(TRUSTS, [opened, ran('success')]);
    await scene.play(0, 1, 2);
    await queue({ same: true });
    expect(said()).toEqual(['success']);
    expect(why()).toContain('on main, trusting the pull request: same files');
    expect(
      await scene.brain.sql(
        `select r.commit_sha, r.status, g.validation_results -> 0 ->> 'commit_sha' as measured, g.validation_results -> 0 -> 'sources' -> 0 ->> 'name' as source
         from codered.runs r join codered.gate_executions g on g.run_id = r.id where r.commit_sha = $1`,
        [GROUP],
      ),
    ).toEqual([{ commit_sha: GROUP, status: 'completed', measured: head(), source: 'lint' }]);
    expect(scene.inside.comments.size).toBe(0);
  });

  test('is red when the pull request is, and waits while that waits', async () => {
    await begin(TRUSTS, [opened, ran('failure')]);
    await scene.play(0, 1);
    await queue({ same: true });
    expect(said()).toEqual(['in_progress']);
    await scene.play(2);
    expect(said()).toEqual(['failure']);
  });

  test('goes back to waiting in a new check run when the pull request’s run is run again, and ends as that does', async () => {
    await begin(TRUSTS, [opened, ran('success'), reran('failure')]);
    await scene.play(0, 1, 2);
    await queue({ same: true });
    const [first, ...others] = scene.of(3);
    if (first === undefined) throw new RangeError('nothing is run again');
    await scene.send([first], () => {
      for (const { effect } of others) effect(scene.github.state);
    });
    expect(said()).toEqual(['success', 'in_progress']);
    await scene.send(others);
    expect(said()).toEqual(['success', 'failure']);
    expect(said(head()).at(-1)).toBe('failure');
  });

  test.each(['success', 'failure'] as const)(
    'with other files than the pull request ends with the %s of its own run',
    async (conclusion) => {
      await begin(TRUSTS, [opened, ran(conclusion === 'success' ? 'failure' : 'success')]);
      await scene.play(0, 1, 2);
      await queue({ same: false });
      expect(said()).toEqual(['in_progress']);
      await ranItself(conclusion);
      expect(said()).toEqual([conclusion]);
      expect(why()).toContain('by its own runs: other files than the pull request');
    },
  );

  test('of which GitHub does not tell the files waits for its own run, and is looked at again soon', async () => {
    await begin(TRUSTS, [opened, ran('success')]);
    await scene.play(0, 1, 2);
    await queue({ same: null });
    expect(said()).toEqual(['in_progress']);
    expect(why()).toContain('by its own runs: GitHub does not tell its files');
    expect(
      await scene.brain.sql(
        `select status, run_after < now() + interval '2 minutes' as soon from codered.follow_ups where dedupe_key = $1`,
        [`deadline:${scene.life.repository.id}:${GROUP}`],
      ),
    ).toEqual([{ status: 'queued', soon: 't' }]);
    scene.inside.trees.set(GROUP, TREE);
    await scene.brain.script('update codered.follow_ups set run_after = now() where is_scheduled');
    await expect.poll(() => said(), { timeout: SETTLE_MS }).toEqual(['success']);
  });

  test('is not green by the pull request when the policy does not say so, whatever the files are', async () => {
    await begin(FULL, [opened, ran('success')]);
    await scene.play(0, 1, 2);
    await queue({ same: true });
    expect(said()).toEqual(['in_progress']);
    expect(scene.github.requests.filter(({ path }) => path.includes('/git/commits/'))).toEqual([]);
    await ranItself('failure');
    expect(said()).toEqual(['failure']);
  });

  test('is no longer trusted when the pull request has a newer commit', async () => {
    await begin(TRUSTS, [opened, ran('success'), { kind: 'commit', pull: 1, message: 'Again' }]);
    await scene.play(0, 1, 2);
    await queue({ same: true });
    expect(said()).toEqual(['success']);
    await scene.send(scene.of(3), () => scene.inside.trees.set(head(), '3'.repeat(40)));
    expect(said()).toEqual(['success', 'in_progress']);
  });

  test.each([
    ['is believed where it changes no workflow file', 'src/shop.ts', 'success'],
    ['is not believed about a workflow file that it changes', '.github/workflows/ci.yml', 'failure'],
  ])('for a fork’s pull request %s', async (_, filename, conclusion) => {
    await begin(TRUSTS, [{ ...opened, fromFork: true } as Moment, ran('success')]);
    const change = { filename, status: 'modified', additions: 1, deletions: 1 } as const;
    scene.inside.pullFiles.set(1, [{ ...change, patch: '@@ -1 +1 @@\n-a\n+b' }]);
    await scene.play(0, 1, 2);
    await queue({ same: true });
    expect(said()).toEqual([conclusion]);
  });

  describe('with an override', () => {
    /** As a command in a comment is kept. */
    async function override(expires_at?: string): Promise<void> {
      const about = {
        repository_id: scene.life.repository.id,
        pull_request_number: 1,
        comment_id: 1,
        login: 'octocat',
      };
      const why = { criterion: 'lint_pass', reason: 'because', head_sha: head() };
      await scene.brain.call('record_override', {
        ...about,
        ...why,
        ...(expires_at === undefined ? {} : { expires_at }),
      });
      await scene.settle();
    }
    const TOMORROW = new Date(Date.now() + 86_400_000).toISOString();

    test.each([
      ['of the pull request’s head', TRUSTS, undefined, 'success'],
      ['of the pull request until a day', TRUSTS, TOMORROW, 'success'],
      ['of the pull request until a day, and a policy that does not trust it', FULL, TOMORROW, 'success'],
      ['of the pull request’s head, and a policy that does not trust it', FULL, undefined, 'in_progress'],
    ])('%s', async (_, policy, until, expected) => {
      await begin(policy, [opened, ran('failure')]);
      await scene.play(0, 1, 2);
      await queue({ same: true });
      expect(said()).toEqual([policy === TRUSTS ? 'failure' : 'in_progress']);
      await override(until);
      expect(said().at(-1)).toBe(expected);
    });
  });
});
