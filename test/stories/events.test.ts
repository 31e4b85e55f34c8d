// What other events, other Apps and silence make of a pull request's check run and comment, over real sockets.

import { afterEach, describe, expect, test } from 'vitest';
import type { Moment } from '../../src/demo/story/life-outline.ts';
import { asJson } from '../../src/model/json.ts';
import { examplePayload } from '../support/example-payload.ts';
import { jobFact, runFact } from '../support/fact-rows.ts';
import { job, opened, openStoryRepository, ran, SETTLE_MS, type StoryRepository } from '../support/story-repository.ts';

const LINT = 'dod: { lint_pass: true }\n';
const NAMED = `${LINT}evidence: { lint_pass: { job: lint, workflow: ci.yml } }\n`;
const pushed: Moment = { kind: 'commit', pull: 1, message: 'Close it again' };
let scene: StoryRepository;
afterEach(() => scene.close());

const head = () => scene.inside.pulls.get(1)?.head.sha ?? '';
const checks = (sha = head()) => scene.ownCheckRuns(sha).map(({ status, conclusion }) => conclusion ?? status);
const newest = (sha = head()) => scene.ownCheckRuns(sha).at(-1)?.output;
const comment = () => [...scene.inside.comments.values()].map(({ body }) => body).join('\n');
const about = () => ({ repository_id: scene.life.repository.id, commit_sha: head(), branch: 'closed' });

async function send(event: string, payload: object): Promise<void> {
  const { repository, organization, installation, sender } = scene.life.deliveries.at(-1)?.payload ?? {};
  const whole = asJson({ ...payload, repository, organization, installation, sender }) as never;
  expect((await scene.github.deliver(event, whole)).status).toBe(202);
  await scene.settle();
}

let number = 9_000;
/** A check run of an App, as its webhook tells it. */
async function checked(slug: string, changes: Record<string, unknown>): Promise<void> {
  number += 1;
  await send(
    'check_run',
    examplePayload('check_run', 2, {
      'check_run.id': number,
      'check_run.head_sha': head(),
      'check_run.app': { id: 77, slug },
      'check_run.html_url': `https://github.com/${scene.fullName}/runs/${number}`,
      'check_run.details_url': 'https://docs.github.com/actions',
      'check_run.pull_requests': [],
      ...changes,
    }) as object,
  );
}

/** GitHub has the job of that number, with a log. */
function putJob(headSha: string): void {
  const [known] = scene.inside.jobs.values();
  if (known === undefined) return;
  scene.github.state.putJob(about().repository_id, { ...known, id: number, runId: number, headSha });
  scene.inside.logs.set(number, { kept: '2026-11-20T13:02:11.2000000Z ##[error]The shop is closed\n' });
}

/** A run of the workflow for another event, with a job "lint". */
async function alsoRan(event: string, conclusion: 'success' | 'failure' | 'skipped'): Promise<void> {
  number += 1;
  const run_id = String(number);
  const status = conclusion === 'failure' ? 'failed' : 'succeeded';
  const [known] = await scene.brain.sql(
    "select workflow_path from codered.ci_events where provider = 'github-actions' and workflow_path is not null limit 1",
  );
  const run = runFact({
    ...about(),
    run_id,
    workflow_path: known?.workflow_path ?? '.github/workflows/ci.yml',
    head_repository_id: scene.life.repository.id,
    status,
    conclusion,
    trigger: event === 'workflow_dispatch' ? 'manual' : 'other',
    event,
  });
  const { repository_id } = about();
  const ci_jobs = [jobFact({ repository_id, run_id, job_id: number, name: 'lint', status, conclusion })];
  putJob(head());
  await scene.brain.call('record_facts', { facts: asJson({ ci_events: [run], ci_jobs }) });
  await scene.settle();
}

/** As if so many minutes had gone by since the head came, and since anything was told of it. */
async function wait(minutes: number): Promise<void> {
  await scene.brain.script(`
    set session_replication_role = replica;
    update codered.pull_request_heads set created_at = created_at - interval '${minutes} minutes';
    update codered.ci_events set updated_at = updated_at - interval '${minutes} minutes';
    update codered.gate_executions set created_at = created_at - interval '${minutes} minutes';
    set session_replication_role = origin;
    update codered.follow_ups set run_after = now() where status = 'queued';`);
  await scene.brain.call('queue_report', { repository_id: about().repository_id, head_sha: head(), seconds: 0 });
  await scene.idle();
}

describe('a check that a workflow writes', () => {
  test('fails the pull request though every job passed, and is told by its name', async () => {
    scene = await openStoryRepository([opened, ran(job('test'))], null);
    await scene.play(0, 1, 2);
    expect(checks()).toEqual(['success']);
    await checked('github-actions', {
      'check_run.name': 'Test Results',
      'check_run.conclusion': 'failure',
      'check_run.output': { title: '2 fail, 98 pass', summary: '' },
    });
    expect(checks()).toEqual(['success', 'failure']);
    expect(comment()).toContain('**`Test Results`** failed');
    await checked('github-actions', { 'check_run.name': 'Test Results', 'check_run.conclusion': 'success' });
    expect(checks().at(-1)).toBe('success');
  });

  test('is evidence where the policy names it', async () => {
    scene = await openStoryRepository(
      [opened],
      `dod: { e2e_pass: true }\nevidence: { e2e_pass: { check: Browser tests } }\n`,
    );
    await scene.play(0, 1);
    expect(checks()).toEqual(['in_progress']);
    await checked('github-actions', { 'check_run.name': 'Browser tests', 'check_run.conclusion': 'success' });
    expect(checks()).toEqual(['success']);
  });

  test('is no linter by its name alone when it is well, and holds when it is not', async () => {
    scene = await openStoryRepository([opened, ran(job('lint'))], LINT);
    await scene.play(0, 1);
    await checked('github-actions', { 'check_run.name': 'ESLint', 'check_run.conclusion': 'success' });
    expect(checks()).toEqual(['in_progress']);
    expect(newest()?.summary).toContain('counts only where the policy names it');
    await scene.play(2);
    expect(checks()).toEqual(['success']);
    await checked('github-actions', { 'check_run.name': 'ESLint', 'check_run.conclusion': 'failure' });
    expect(checks().at(-1)).toBe('failure');
  });
});

test('an App that asks for something fails the pull request and says what, until it has it', async () => {
  scene = await openStoryRepository([opened, ran(job('test'))], null);
  await scene.play(0, 1, 2);
  await checked('cla-bot', {
    'check_run.name': 'CLA',
    'check_run.conclusion': 'action_required',
    'check_run.output': { title: 'Sign the agreement', summary: null },
  });
  expect(checks()).toEqual(['success', 'failure']);
  expect(comment()).toContain('**cla-bot** asks for something: [open it](');
  expect(comment()).toContain('Sign the agreement');
  await checked('cla-bot', { 'check_run.name': 'CLA', 'check_run.conclusion': 'success' });
  expect(checks().at(-1)).toBe('success');
});

test('a pull request whose jobs were all cancelled may not be merged, and says what to do', async () => {
  scene = await openStoryRepository([opened, ran(job('test', 'cancelled'))], null);
  await scene.play(0, 1, 2);
  expect(checks()).toEqual(['action_required']);
  expect(newest()?.summary).toContain('re-run it, or push');
});

describe('a run for another event on the same head', () => {
  test.each(['workflow_dispatch', 'pull_request_review'])(
    'takes no green gate back, and makes no red one green: %s',
    async (event) => {
      scene = await openStoryRepository([opened, ran(job('lint')), pushed, ran(job('lint', 'failure'))], NAMED);
      await scene.play(0, 1, 2);
      expect(checks()).toEqual(['success']);
      for (const conclusion of ['skipped', 'failure'] as const) await alsoRan(event, conclusion);
      expect(checks()).toEqual(['success']);
      expect(comment()).toBe('');
      await scene.play(3, 4);
      expect(checks().at(-1)).toBe('failure');
      await alsoRan(event, 'success');
      expect(checks().at(-1)).toBe('failure');
    },
  );

  test('counts where the policy names its workflow and that has no run of the pull request’s own', async () => {
    scene = await openStoryRepository([opened, ran(job('lint', 'failure'))], NAMED);
    await scene.play(0, 1);
    await alsoRan('workflow_dispatch', 'success');
    expect(checks()).toEqual(['success']);
    await scene.play(2);
    expect(checks().at(-1)).toBe('failure');
  });
});

describe('another system’s check that is pending', () => {
  const pending = { 'check_run.status': 'in_progress', 'check_run.conclusion': null, 'check_run.completed_at': null };

  test('is not waited for when its App merges, and is named', async () => {
    scene = await openStoryRepository([opened, ran(job('test'))], null);
    await scene.play(0, 1);
    await checked('mergify', { 'check_run.name': 'Queue', ...pending });
    expect(checks()).toEqual([]);
    await scene.play(2);
    expect(checks()).toEqual(['success']);
    expect(newest()?.summary).toContain('Not waited for: `Queue` (merges)');
  });

  test('is waited for until its time is over, and named from then on', async () => {
    scene = await openStoryRepository([opened, ran(job('test'))], null);
    await scene.play(0, 1, 2);
    await checked('sonarcloud', { 'check_run.name': 'Sonar', ...pending });
    expect(checks().at(-1)).toBe('in_progress');
    await wait(59);
    expect(checks().at(-1)).toBe('in_progress');
    await wait(2);
    expect(checks().at(-1)).toBe('success');
    expect(newest()?.title).toBe('The only job passed · 1 check never came');
    expect(newest()?.summary).toContain('Not waited for: `Sonar` (no result in time)');
  });

  test('is neither waited for nor counted when another CodeRed wrote it', async () => {
    scene = await openStoryRepository([opened, ran(job('test'))], null);
    await scene.play(0, 1, 2);
    await checked('codered-staging', { 'check_run.name': 'CodeRed', ...pending });
    await checked('codered-staging', { 'check_run.name': 'CodeRed', 'check_run.conclusion': 'failure' });
    expect(checks()).toEqual(['success']);
  });

  test('is waited for when a setting says so, and the time is the setting’s', async () => {
    scene = await openStoryRepository([opened, ran(job('test'))], null, {
      env: { CODERED_MERGE_APPS: '-mergify,acme-merger', CODERED_CHECK_DEADLINE_MINUTES: '5' },
    });
    await scene.play(0, 1, 2);
    await checked('acme-merger', { 'check_run.name': 'Queue', ...pending });
    expect(checks()).toEqual(['success']);
    await checked('mergify', { 'check_run.name': 'Rules', ...pending });
    expect(checks().at(-1)).toBe('in_progress');
    await wait(6);
    expect(checks().at(-1)).toBe('success');
  });
});

describe('a head on which nothing runs', () => {
  test('stands from the beginning with a policy, requires an action after a while, and goes on when something runs', async () => {
    scene = await openStoryRepository([opened, ran(job('lint'))], LINT);
    await scene.play(0, 1);
    expect(checks()).toEqual(['in_progress']);
    await wait(9);
    expect(checks()).toEqual(['in_progress']);
    await wait(2);
    expect(checks()).toEqual(['action_required']);
    expect(newest()?.title).toContain('no workflow ran on this commit');
    expect(newest()?.summary).toContain('path filters');
    await wait(60);
    expect(checks()).toEqual(['action_required']);
    await scene.play(2);
    expect(checks().at(-1)).toBe('success');
  });

  test('names a merge conflict, and asks GitHub once', async () => {
    scene = await openStoryRepository([opened], LINT);
    await scene.play(0, 1);
    scene.inside.conflicts.add(1);
    const asked = () => scene.github.requests.filter(({ path }) => path.endsWith('/pulls/1')).length;
    await wait(11);
    expect(newest()?.summary).toContain('merge conflict with the base branch: GitHub starts no workflow for it');
    const once = asked();
    await wait(1);
    await wait(1);
    expect(asked()).toBe(once);
  });

  test.each(['success', 'neutral', 'failure'] as const)('concludes %s where the policy says so', async (conclusion) => {
    const policy = `${LINT}no_runs: { after_minutes: 3, conclusion: ${conclusion} }\n`;
    scene = await openStoryRepository([opened], policy);
    await scene.play(0, 1);
    await wait(2);
    expect(checks()).toEqual(['in_progress']);
    await wait(2);
    expect(checks()).toEqual([conclusion]);
  });

  test('never passes for that while it conflicts with its base', async () => {
    scene = await openStoryRepository([opened], `${LINT}no_runs: { conclusion: success }\n`);
    await scene.play(0, 1);
    scene.inside.conflicts.add(1);
    await wait(11);
    expect(checks()).not.toContain('success');
    scene.inside.conflicts.delete(1);
    await wait(2);
    expect(checks()).not.toContain('in_progress');
  });

  test('is told of without a policy where CI is usual, and nowhere else', async () => {
    scene = await openStoryRepository([opened, ran(job('test')), pushed], null);
    await scene.play(0, 1);
    await wait(20);
    expect(checks()).toEqual([]);
    await scene.play(2, 3);
    expect(checks()).toEqual([]);
    await wait(11);
    expect(checks()).toEqual(['action_required']);
    expect(comment()).toBe('');
  });
});

describe('a pull request in a merge queue', () => {
  const group = (digit: string, action: 'checks_requested' | 'destroyed', reason?: string) =>
    send(
      'merge_group',
      examplePayload('merge_group', 0, {
        action,
        ...(reason === undefined ? {} : { reason }),
        'merge_group.head_sha': digit.repeat(40),
        'merge_group.head_commit.id': digit.repeat(40),
        'merge_group.head_ref': `refs/heads/gh-readonly-queue/main/pr-1-${'e'.repeat(40)}`,
      }) as object,
    );

  async function ranOn(digit: string, conclusion: 'success' | 'failure'): Promise<void> {
    number += 1;
    const { repository_id } = about();
    const status = conclusion === 'success' ? 'succeeded' : 'failed';
    const run_id = String(number);
    const commit_sha = digit.repeat(40);
    const run = runFact({ repository_id, run_id, commit_sha, branch: 'q', trigger: 'merge_group', status, conclusion });
    const page = `https://github.com/${scene.fullName}/actions/runs/${run_id}/job/${number}`;
    const lint = jobFact({ repository_id, run_id, job_id: number, name: 'lint', status, conclusion, html_url: page });
    putJob(commit_sha);
    await scene.brain.call('record_facts', { facts: asJson({ ci_events: [run], ci_jobs: [lint] }) });
    await scene.settle();
  }

  test('is told what failed there and that it was dropped, until a newer commit passes', async () => {
    scene = await openStoryRepository([opened, ran(job('lint'))], null);
    await scene.play(0, 1, 2);
    await group('c', 'checks_requested');
    expect(comment()).toBe('');
    await ranOn('c', 'failure');
    await expect.poll(comment, { timeout: SETTLE_MS }).toMatch(/merge queue failed on .*ccccccc.*lint.*failed there/);
    await group('c', 'destroyed', 'dequeued');
    expect(comment()).toMatch(/merge queue dropped it \(`dequeued`\) with/);
    expect(comment().match(/merge queue/g)).toHaveLength(1);
    await group('d', 'checks_requested');
    await ranOn('d', 'success');
    expect(comment()).not.toContain('merge queue');
    expect(checks()).toEqual(['success']);
  });

  test('is told that it was dropped though nothing failed', async () => {
    scene = await openStoryRepository([opened, ran(job('lint'))], null);
    await scene.play(0, 1, 2);
    await group('c', 'checks_requested');
    await group('c', 'destroyed', 'dequeued');
    expect(comment()).toMatch(/no run failed there/);
    await group('d', 'checks_requested');
    await group('d', 'destroyed', 'merged');
    expect(comment()).not.toContain('merge queue');
  });
});
