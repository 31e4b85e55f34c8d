// A fork's author tries to make the gate green, over real sockets: whatever is touched, started, renamed or timed.

import { afterEach, describe, expect, test } from 'vitest';
import type { PullFile } from '../../src/demo/github/state/records.ts';
import type { JobOutline, Moment } from '../../src/demo/story/life-outline.ts';
import type { CiEventFact } from '../../src/model/facts.ts';
import { asJson } from '../../src/model/json.ts';
import { commitFact, jobFact, pullRequestFact, runFact } from '../support/fact-rows.ts';
import {
  job,
  lcov,
  opened,
  openStoryRepository,
  ran,
  SETTLE_MS,
  type StoryRepository,
} from '../support/story-repository.ts';
import { zipOf } from '../support/zip.ts';

const POLICY = 'dod: { lint_pass: true }\n';
const fork: Moment = { ...opened, title: 'Trust me', branch: 'lint', fromFork: true };
/** What the base branch runs on pull requests of forks, with the fork's text and none of its files. */
const title = (event: string, ...jobs: JobOutline[]): Moment => ({
  kind: 'run',
  on: 1,
  workflow: 'Title',
  event,
  jobs,
});
const touched = (filename: string, fields: Partial<PullFile> = {}): PullFile => ({
  filename,
  status: 'modified',
  additions: 1,
  deletions: 1,
  patch: '@@ -1 +1 @@\n-run: npm run lint\n+run: true',
  ...fields,
});

describe('a fork’s author', () => {
  let scene: StoryRepository;
  afterEach(() => scene.close());

  async function begin(moments: readonly Moment[], policy = POLICY, env: Record<string, string> = {}): Promise<void> {
    scene = await openStoryRepository(moments, policy, { env });
  }
  const touches = (...files: PullFile[]) => void scene.inside.pullFiles.set(1, files);
  const standing = () => scene.checkRuns().at(-1)?.slice(0, 2);
  const gates = () =>
    scene.brain.sql(
      "select status, fail_codes from codered.gate_executions where status <> 'skipped' order by updated_at",
    );
  const error = { status: 'error', fail_codes: '{EVIDENCE_NOT_TRUSTED}' };

  test('touches ci.yml, whose lint is red: "Lint PR title" of a pull_request_target workflow makes nothing green', async () => {
    await begin([fork, ran(job('lint', 'failure')), title('pull_request_target', job('Lint PR title'))]);
    touches(touched('.github/workflows/ci.yml'));
    await scene.play(0, 1, 2, 3);
    expect(standing()).toEqual(['completed', 'failure']);
    expect((await gates()).at(-1)).toEqual(error);
  });

  test.each(['pull_request_target', 'issue_comment', 'workflow_run', 'schedule', 'workflow_dispatch'])(
    'has a job named for the linter run for %s: the linter itself is waited for, and what it says counts',
    async (event) => {
      await begin([fork, title(event, job('lint')), ran(job('lint', 'failure'))]);
      await scene.play(0, 1, 2);
      expect(standing()).toEqual(['in_progress', null]);
      await scene.play(3);
      expect(standing()).toEqual(['completed', 'failure']);
    },
  );

  test('may be judged by such a job where the policy names its workflow', async () => {
    await begin(
      [fork, title('pull_request_target', job('Lint PR title'))],
      `${POLICY}evidence: { lint_pass: { job: Lint PR title, workflow: title.yml } }\n`,
    );
    await scene.play(0, 1, 2);
    expect(standing()).toEqual(['completed', 'success']);
  });

  test('touches nothing that runs, and is judged like everybody', async () => {
    await begin([fork, ran(job('lint')), title('pull_request_target', job('Lint PR title', 'failure'))]);
    touches(touched('src/shop.ts'));
    await scene.play(0, 1, 2, 3);
    expect(standing()).toEqual(['completed', 'success']);
  });

  test.each<[string, PullFile]>([
    ['a workflow that ci.yml calls', touched('.github/workflows/called.yml')],
    ['a workflow of another name', touched('.github/workflows/new.yml', { status: 'added' })],
    ['one that looks like a workflow with its ref', touched('.github/workflows/ci.yml@x.yml', { status: 'added' })],
    ['the action that lints', touched('.github/actions/lint/action.yml')],
    ['the code of that action', touched('.github/actions/lint/index.js')],
    ['an action elsewhere', touched('tools/lint/action.yaml')],
    ['a workflow that it removes', touched('.github/workflows/ci.yml', { status: 'removed' })],
    [
      'a workflow that it moves away',
      touched('old/ci.yml', { status: 'renamed', previousFilename: '.github/workflows/ci.yml' }),
    ],
    ['a link in place of .github', touched('.github', { status: 'added' })],
    [
      'an action that is a submodule',
      touched('tools/lint', { patch: '@@ -1 +1 @@\n-Subproject commit 1\n+Subproject commit 2' }),
    ],
    ['where submodules come from', touched('.gitmodules')],
    ['a name that some file systems take for it', touched('.GitHub/Workflows/CI.yml', { status: 'added' })],
  ])('touches %s, and a person has to look at whatever its jobs say', async (_, file) => {
    await begin([fork, ran(job('lint'))]);
    touches(touched('src/shop.ts'), file);
    await scene.play(0, 1, 2);
    expect(standing()).toEqual(['completed', 'failure']);
    expect((await gates()).at(-1)).toEqual(error);
  });

  test('takes the linter away and leaves the check of another App: that alone is not enough', async () => {
    const other: Moment = { kind: 'other check', on: 1, name: 'eslint', conclusion: 'success', summary: 'Fine' };
    await begin([fork, other]);
    touches(touched('.github/workflows/ci.yml', { status: 'removed' }));
    await scene.play(0, 1, 2);
    expect(standing()).toEqual(['completed', 'failure']);
    expect((await gates()).at(-1)).toEqual(error);
  });

  test('touches ci.yml: neither its coverage nor one that another job uploads counts', async () => {
    await begin([fork, ran(job('test'))], 'dod: { coverage_min: 0.8 }\n');
    touches(touched('.github/workflows/ci.yml'));
    await scene.play(0, 1);
    await scene.send(scene.of(2), () =>
      scene.upload('coverage', zipOf([{ name: 'lcov.info', content: lcov(99, 100) }])),
    );
    expect(standing()).toEqual(['completed', 'failure']);
    expect((await gates()).at(-1)).toEqual(error);
  });

  test('changes more files than GitHub lists', async () => {
    await begin([fork, ran(job('lint'))]);
    touches(...Array.from({ length: 3_000 }, (_, index) => touched(`src/${index}.ts`, { patch: null })));
    await scene.play(0, 1, 2);
    expect(standing()).toEqual(['completed', 'failure']);
    expect((await gates()).at(-1)).toEqual(error);
  });

  test.each([true, false])(
    'or anybody (fork: %s) has jobs whose run GitHub has not told of: they are waited for',
    async (isFork) => {
      await begin([isFork ? fork : opened, ran(job('lint'))]);
      await scene.play(0, 1);
      await scene.send(scene.of(2, 'workflow_job'));
      expect(scene.checkRuns().at(-1)?.slice(0, 2)).toEqual(['in_progress', null]);
      await scene.send(scene.of(2, 'workflow_run'));
      expect(standing()).toEqual(['completed', 'success']);
    },
  );

  test('is green once a person who may has looked and overridden, and not before', async () => {
    await begin([fork, ran(job('lint'))]);
    touches(touched('.github/workflows/ci.yml'));
    await scene.play(0, 1, 2);
    expect(standing()).toEqual(['completed', 'failure']);
    const head_sha = scene.inside.pulls.get(1)?.head.sha ?? '';
    const about = { repository_id: scene.life.repository.id, pull_request_number: 1, comment_id: 1, login: 'octocat' };
    await scene.brain.call('record_override', { ...about, criterion: 'lint_pass', reason: 'read it', head_sha });
    await scene.settle();
    expect(standing()).toEqual(['completed', 'success']);
  });

  test('pushes while the files are listed: those of another head decide nothing', async () => {
    await begin([fork, ran(job('lint'))]);
    await scene.play(0, 1);
    const pull = scene.inside.pulls.get(1);
    if (pull === undefined) throw new RangeError('there is no pull request');
    touches(touched('src/shop.ts'));
    // GitHub has the next head already, and lists its files; the webhook is under way.
    const moved = { ...pull, head: { ...pull.head, sha: '9'.repeat(40) } };
    const before = scene.github.requests.length;
    await scene.deliver(scene.of(2), () => scene.github.state.putPull(scene.life.repository.id, moved));
    const asked = () =>
      scene.github.requests.slice(before).filter(({ path, method }) => method === 'GET' && path.endsWith('/pulls/1'));
    await expect.poll(() => asked().length, { timeout: SETTLE_MS }).toBeGreaterThan(0);
    expect(scene.checkRuns(pull.head.sha).map(([, conclusion]) => conclusion)).not.toContain('success');
    scene.github.state.putPull(scene.life.repository.id, pull);
    await expect.poll(standing, { timeout: SETTLE_MS }).toEqual(['completed', 'success']);
    await scene.idle();
  });

  test('opens the same branch into an older one, where the linter is content: a person has to look', async () => {
    await begin([fork, ran(job('lint', 'failure')), ran(job('lint'))]);
    await scene.play(0, 1, 2);
    const pull = scene.inside.pulls.get(1);
    const twin = pullRequestFact({
      repository_id: scene.life.repository.id,
      number: 2,
      head_sha: pull?.head.sha ?? '',
      head_ref: 'lint',
      head_repository_id: pull?.head.repository?.id ?? 0,
      base_ref: 'old',
      state: 'closed',
    });
    await scene.brain.call('record_facts', { facts: asJson({ pull_requests: [twin] }) });
    await scene.deliver(scene.of(3));
    await scene.idle();
    expect(standing()).toEqual(['completed', 'failure']);
    expect((await gates()).at(-1)).toEqual(error);
  });

  /** A run on the commit that GitHub tells of, with a job "lint", both green. */
  async function tellRun(given: Partial<CiEventFact>): Promise<void> {
    const repository_id = scene.life.repository.id;
    const commit_sha = scene.inside.pulls.get(1)?.head.sha ?? '';
    const run_id = given.run_id ?? '99999';
    const ended = { status: 'succeeded', conclusion: 'success' } as const;
    const facts = {
      rechecks: [{ repository_id, head_sha: commit_sha }],
      ci_events: [runFact({ repository_id, run_id, commit_sha, ...ended, ...given })],
      ci_jobs: [jobFact({ repository_id, run_id, job_id: Number(run_id), name: 'lint', ...ended })],
    };
    await scene.brain.call('record_facts', { facts: asJson(facts) });
    await scene.idle();
  }

  test('has the commit run as another branch of the fork, or as another fork’s: it is waited for its own run', async () => {
    await begin([fork, ran(job('lint', 'failure'))]);
    touches(touched('src/shop.ts'));
    await scene.play(0, 1);
    const own = scene.inside.pulls.get(1)?.head.repository?.id ?? 0;
    await tellRun({ run_id: '101', branch: 'other-branch', head_repository_id: own });
    await tellRun({ run_id: '102', branch: 'evil', head_repository_id: 424242 });
    await tellRun({ run_id: '103', branch: 'lint', head_repository_id: null });
    expect(standing()).toEqual(['in_progress', null]);
    await scene.play(2);
    expect(standing()).toEqual(['completed', 'failure']);
  });

  test('changes its workflow to one that writes the status that the policy names: it does not count', async () => {
    await begin([fork], `${POLICY}evidence: { lint_pass: { status: lint } }\n`);
    touches(touched('.github/workflows/ci.yml'));
    await scene.play(0, 1);
    await tellRun({
      provider: 'github-status',
      run_id: '42',
      workflow_name: 'lint',
      workflow_path: null,
      trigger: 'other',
      actor: 'github-actions[bot]',
      head_repository_id: null,
    });
    expect(standing()).toEqual(['completed', 'failure']);
    expect((await gates()).at(-1)).toEqual(error);
  });

  test('has it run into an older branch, and changes the base before anybody heard of it', async () => {
    await begin([fork, ran(job('lint'))]);
    touches(touched('src/shop.ts'));
    await scene.play(0);
    for (const { payload } of scene.of(1, 'pull_request')) {
      Object.assign(payload, { action: 'edited', changes: { base: { ref: { from: 'old' }, sha: { from: '1' } } } });
      Object.assign(payload.pull_request as object, { updated_at: '2026-11-20T15:00:00Z' });
    }
    await scene.play(1, 2);
    expect(standing()).toEqual(['completed', 'failure']);
    expect((await gates()).at(-1)).toEqual(error);
  });

  test('has it run into an older branch, where the linter is content, and then into main: a person has to look', async () => {
    await begin([fork, ran(job('lint'))]);
    const old = (ref: string) => {
      const pull = scene.inside.pulls.get(1);
      if (pull === undefined) throw new RangeError('there is no pull request');
      scene.github.state.putPull(scene.life.repository.id, { ...pull, base: { ...pull.base, ref } });
    };
    scene.inside.filesAt.set('old', new Map([['.github/codered.yml', POLICY]]));
    await scene.play(0);
    for (const { payload } of scene.of(1, 'pull_request'))
      (payload.pull_request as { base: { ref: string } }).base.ref = 'old';
    await scene.deliver(scene.of(1), () => old('old'));
    await scene.send(scene.of(2));
    expect(standing()).toEqual(['completed', 'success']);
    old('main');
    const pull = scene.inside.pulls.get(1);
    const moved = pullRequestFact({
      repository_id: scene.life.repository.id,
      head_sha: pull?.head.sha ?? '',
      head_ref: 'lint',
      head_repository_id: pull?.head.repository?.id ?? 0,
      source_updated_at: '2026-11-20T15:00:00Z',
    });
    await scene.brain.call('record_facts', { facts: asJson({ pull_requests: [moved] }) });
    await scene.settle();
    expect(standing()).toEqual(['completed', 'failure']);
    expect((await gates()).at(-1)).toEqual(error);
  });

  test.each([
    ['on its own', POLICY, 'success'],
    [
      'as the policy asks for by its workflow',
      `${POLICY}evidence: { lint_pass: { job: lint, workflow: title.yml } }\n`,
      'failure',
    ],
  ])(
    'opened it into the wrong branch, where a labeler ran (%s): reopening it has CI count',
    async (_, policy, ends) => {
      await begin([fork, title('pull_request_target', job('lint')), ran(job('lint')), ran(job('lint'))], policy);
      const old = (ref: string) => {
        const pull = scene.inside.pulls.get(1);
        if (pull === undefined) throw new RangeError('there is no pull request');
        scene.github.state.putPull(scene.life.repository.id, { ...pull, base: { ...pull.base, ref } });
      };
      scene.inside.filesAt.set('old', new Map([['.github/codered.yml', policy]]));
      await scene.play(0);
      for (const { payload } of scene.of(1, 'pull_request'))
        (payload.pull_request as { base: { ref: string } }).base.ref = 'old';
      await scene.deliver(scene.of(1), () => old('old'));
      await scene.send([...scene.of(2), ...scene.of(3)]);
      old('main');
      const [reopened] = scene.of(4, 'workflow_run');
      const began = Date.parse(
        String((reopened?.payload.workflow_run as { run_started_at?: string } | undefined)?.run_started_at),
      );
      const pull = scene.inside.pulls.get(1);
      const moved = pullRequestFact({
        repository_id: scene.life.repository.id,
        head_sha: pull?.head.sha ?? '',
        head_ref: 'lint',
        head_repository_id: pull?.head.repository?.id ?? 0,
        // A run of up to two minutes after it may be one of before.
        source_updated_at: new Date(began - 125_000).toISOString(),
      });
      await scene.brain.call('record_facts', { facts: asJson({ pull_requests: [moved] }) });
      await scene.settle();
      expect((await gates()).at(-1)).toEqual(error);
      await scene.send(scene.of(4));
      expect(standing()).toEqual(['completed', ends]);
    },
  );

  test('changes more files than GitHub lists: the check that the policy names counts, and GitHub Actions does not', async () => {
    const other: Moment = { kind: 'other check', on: 1, name: 'eslint', conclusion: 'success', summary: 'Fine' };
    await begin([fork, other, ran(job('lint'))], `${POLICY}evidence: { lint_pass: { check: eslint } }\n`);
    touches(...Array.from({ length: 3_000 }, (_, index) => touched(`src/${index}.ts`, { patch: null })));
    await scene.play(0, 1, 2, 3);
    expect(standing()).toEqual(['completed', 'success']);
  });

  test.each([
    ['octocoders-linter', 'failure'],
    ['another-app', 'success'],
  ])('configures an App’s check; where the owner lists %s as such it is %s', async (listed, conclusion) => {
    const other: Moment = { kind: 'other check', on: 1, name: 'eslint', conclusion: 'success', summary: 'Fine' };
    await begin([fork, other], `${POLICY}evidence: { lint_pass: { check: eslint } }\n`, {
      CODERED_UNTRUSTED_CHECK_APPS: listed,
    });
    await scene.play(0, 1, 2);
    expect(standing()).toEqual(['completed', conclusion]);
  });

  test('is in a merge queue with a workflow of its own: its runs there count as little', async () => {
    const trusting = `${POLICY}merge_queue: trust_pr\n`;
    for (const policy of [POLICY, trusting]) {
      await begin([fork, ran(job('lint'))], policy);
      touches(touched('.github/workflows/ci.yml'));
      await scene.play(0, 1, 2);
      const repository_id = scene.life.repository.id;
      const sha = 'c'.repeat(40);
      const ref = `refs/heads/gh-readonly-queue/main/pr-1-${'d'.repeat(40)}`;
      for (const commit of [sha, scene.inside.pulls.get(1)?.head.sha ?? ''])
        scene.inside.trees.set(commit, '1'.repeat(40));
      const passed = { status: 'succeeded', conclusion: 'success' } as const;
      const about = { repository_id, run_id: '7777' };
      const facts = {
        commits: [commitFact({ repository_id, sha, ref, merge_group_ref: ref, pushed_at: null })],
        rechecks: [{ repository_id, head_sha: sha }],
        ci_events: [runFact({ ...about, ...passed, commit_sha: sha, branch: ref, trigger: 'merge_group' })],
        ci_jobs: [jobFact({ ...about, ...passed, job_id: 77, name: 'lint' })],
      };
      await scene.brain.call('record_facts', { facts: asJson(facts) });
      await scene.settle();
      expect(scene.checkRuns(sha).map(([status, conclusion]) => [status, conclusion])).toEqual([
        ['completed', 'failure'],
      ]);
      if (policy === POLICY) await scene.close();
    }
  });
});

describe('the policy', () => {
  let scene: StoryRepository;
  afterEach(() => scene.close());

  test('is the base branch’s, not that of a tag of its name', async () => {
    scene = await openStoryRepository([opened, ran(job('lint', 'failure'))], POLICY);
    scene.inside.filesAt.set('refs/tags/main', new Map([['.github/codered.yml', 'dod: {}\n']]));
    await scene.play(0, 1, 2);
    expect(scene.checkRuns().at(-1)?.slice(0, 2)).toEqual(['completed', 'failure']);
  });

  test.each(['9'.repeat(40), 'release/1.0 #%&+é', 'refs/heads/x', 'HEAD', 'tags/v1'])(
    'of a base branch called %j is that branch’s',
    async (base_ref) => {
      scene = await openStoryRepository([opened, ran(job('lint', 'failure'))], 'dod: {}\n');
      const lax = new Map([['.github/codered.yml', 'dod: {}\n']]);
      for (const other of ['9'.repeat(40), 'refs/heads/x', 'refs/tags/v1', `refs/tags/${base_ref}`])
        scene.inside.filesAt.set(other, lax);
      scene.inside.filesAt.set(`refs/heads/${base_ref}`, new Map([['.github/codered.yml', POLICY]]));
      await scene.play(0);
      for (const { payload } of scene.of(1, 'pull_request')) {
        const pull = payload.pull_request as { base: { ref: string } };
        pull.base.ref = base_ref;
      }
      await scene.play(1, 2);
      expect(scene.checkRuns().at(-1)?.slice(0, 2)).toEqual(['completed', 'failure']);
      expect(await scene.brain.sql('select base_ref from codered.pull_requests')).toEqual([{ base_ref }]);
    },
  );
});
