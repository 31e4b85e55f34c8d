// The gate over real sockets: a signed webhook goes in; rows, a comment and a check run that a team can make required come out.

import { afterEach, describe, expect, test } from 'vitest';
import type { Moment } from '../../src/demo/story/life-outline.ts';
import { simulate } from '../../src/gate/simulate.ts';
import type { Facts } from '../../src/model/facts.ts';
import { asJson } from '../../src/model/json.ts';
import { policySchema } from '../../src/policy/schema/policy.ts';
import { commitFact, jobFact, runFact } from '../support/fact-rows.ts';
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

const POLICY = `dod:
  lint_pass: true
  coverage_min: 0.80
evidence:
  coverage_min: { artifact: coverage }
`;

describe('the gate', () => {
  let scene: StoryRepository;
  afterEach(() => scene.close());

  async function begin(moments: readonly Moment[], policy: string | null = POLICY): Promise<void> {
    scene = await openStoryRepository(moments, policy);
  }

  const coverage = (hit: number) =>
    scene.upload('coverage', zipOf([{ name: 'coverage/lcov.info', content: lcov(hit, 100) }]));

  const gates = () =>
    scene.brain.sql(
      'select gate_id, attempt_number, status, fail_codes from codered.gate_executions order by gate_order, attempt_number',
    );

  test('is there as soon as the pull request is, waits, and turns green when every criterion was measured and met', async () => {
    await begin([opened, ran(job('lint'), job('test'))]);
    await scene.play(0, 1);
    expect(scene.checkRuns()).toEqual([['in_progress', null, 'Gate waiting (0 of 2) · waiting for lint, coverage']]);
    await scene.send(scene.of(2), () => coverage(85));
    expect(scene.checkRuns()).toEqual([['completed', 'success', 'Gate passed · both jobs passed']]);
    expect(await gates()).toEqual([
      { gate_id: 'lint_pass', attempt_number: '1', status: 'passed', fail_codes: '{}' },
      { gate_id: 'coverage_min', attempt_number: '1', status: 'passed', fail_codes: '{}' },
    ]);
    expect(
      await scene.brain.sql('select status, result, total_gates, gates_passed, pull_request_number from codered.runs'),
    ).toEqual([
      { status: 'completed', result: 'PASSED', total_gates: '2', gates_passed: '2', pull_request_number: '1' },
    ]);
    expect(await scene.brain.sql(`select phase from codered.status_events order by id`)).toEqual([
      { phase: 'BUILD' },
      { phase: 'TESTS_PASSED' },
      { phase: 'GATE_PASSED' },
    ]);
    expect(scene.inside.comments.size).toBe(0);
  });

  test('stays red though every job is green when what was measured is too little, and says so in a comment', async () => {
    await begin([opened, ran(job('lint'))]);
    await scene.play(0, 1);
    await scene.send(scene.of(2), () => coverage(79));
    expect(scene.checkRuns().at(-1)).toEqual(['completed', 'failure', 'Gate failed (1 of 2) · failed: coverage']);
    const [comment] = [...scene.inside.comments.values()];
    expect(comment?.body).toMatch(
      /^\| ❌ failed \| coverage\u00a0*<br>\d+ of \d+ lines \| 79\.0 % \| 80\.0 % \| artifact \[/m,
    );
    expect((await gates()).at(-1)).toMatchObject({ status: 'failed', fail_codes: '{COVERAGE_BELOW_MIN}' });
  });

  test('a re-run takes it back to waiting with a new check run, and the new measurement decides', async () => {
    await begin([opened, ran(job('lint')), { kind: 'rerun', on: 1, jobs: [job('lint')] }]);
    await scene.play(0, 1);
    await scene.send(scene.of(2), () => coverage(90));
    expect(scene.checkRuns().at(-1)?.slice(0, 2)).toEqual(['completed', 'success']);
    await scene.send(scene.of(3), () => coverage(10));
    expect(scene.checkRuns().at(-1)?.slice(0, 2)).toEqual(['completed', 'failure']);
    expect(scene.checkRuns().length).toBeGreaterThan(1);
    expect(await scene.brain.sql('select status, result from codered.runs')).toEqual([
      { status: 'failed', result: 'FAILED' },
    ]);
  });

  test.each([
    ['a broken archive', Buffer.from('no zip'), '⛔ error'],
    ['a report of no lines', zipOf([{ name: 'lcov.info', content: lcov(0, 0) }]), '⛔ error'],
    ['a name that leads out of the archive', zipOf([{ name: '../../lcov.info', content: lcov(9, 9) }]), '⛔ error'],
  ])('%s is never green', async (_, zip, said) => {
    await begin([opened, ran(job('lint'))]);
    await scene.play(0, 1);
    await scene.send(scene.of(2), () => scene.upload('coverage', zip));
    expect(scene.checkRuns().at(-1)?.slice(0, 2)).toEqual(['completed', 'failure']);
    expect([...scene.inside.comments.values()][0]?.body).toMatch(
      new RegExp(`^\\| ${said} \\| coverage\u00a0*<br>.*<br>\\*\\*Fix\\*\\* `, 'm'),
    );
  });

  test('an artifact that does not come is waited for, and is missing past the deadline', async () => {
    await begin([opened, ran(job('lint'))]);
    await scene.play(0, 1, 2);
    expect(scene.checkRuns().at(-1)).toEqual(['in_progress', null, 'Gate waiting (1 of 2) · waiting for coverage']);
    // The one from before there was a run, ten minutes on: it queues the next.
    expect(
      await scene.brain.sql(
        `select status, run_after > now() + interval '5 minutes' as later from codered.follow_ups where is_scheduled`,
      ),
    ).toEqual([{ status: 'queued', later: 't' }]);
    // As if an hour had gone by: what was seen was seen then.
    await scene.brain.script(`
      update codered.gate_executions set created_at = created_at - interval '2 hours';
      update codered.ci_events set source_updated_at = source_updated_at - interval '2 days';
      update codered.follow_ups set run_after = now() where is_scheduled`);
    await scene.idle();
    await expect
      .poll(() => scene.checkRuns().at(-1)?.slice(0, 2), { timeout: SETTLE_MS })
      .toEqual(['completed', 'failure']);
    expect([...scene.inside.comments.values()][0]?.body).toContain('not received within 60 minutes');
  });

  test('a broken policy is an error that says where, and never green', async () => {
    await begin([opened, ran(job('lint'))], 'dod:\n  coverage_min: 80\n');
    await scene.play(0, 1, 2);
    expect(scene.checkRuns()).toEqual([['completed', 'failure', 'Gate error: the policy is broken, 1 problem']]);
    expect([...scene.inside.comments.values()][0]?.body).toContain('line 2, column 17: dod.coverage\\_min');
    expect(await gates()).toEqual([
      { gate_id: 'policy', attempt_number: '1', status: 'error', fail_codes: '{POLICY_INVALID}' },
    ]);
    expect(await scene.brain.sql('select status, result, pull_request_number from codered.runs')).toEqual([
      { status: 'failed', result: 'FAILED', pull_request_number: '1' },
    ]);
  });

  test('a broken policy that is mended takes its row back, and a merge until then is one past the gate', async () => {
    const again: Moment = { kind: 'commit', pull: 1, message: 'Again' };
    await begin([opened, ran(job('lint')), again, ran(job('lint')), { kind: 'merge', pull: 1 }], 'dod: 80\n');
    await scene.play(0, 1, 2);
    scene.inside.files.set('.github/codered.yml', 'dod: { lint_pass: true }\n');
    await scene.play(3, 4);
    expect(scene.checkRuns().at(-1)?.slice(0, 2)).toEqual(['completed', 'success']);
    const bypasses = () => scene.brain.sql(`select reason from codered.user_overrides`);
    scene.inside.files.set('.github/codered.yml', 'dod: 80\n');
    await scene.brain.call('queue_recheck', {
      repository_id: scene.life.repository.id,
      sha: scene.inside.pulls.get(1)?.head.sha ?? '',
    });
    await scene.settle();
    expect(scene.checkRuns().at(-1)?.slice(0, 2)).toEqual(['completed', 'failure']);
    const asked = (await gates()).filter(({ status }) => status !== 'skipped').map(({ gate_id }) => gate_id);
    expect(new Set(asked)).toEqual(new Set(['policy']));
    expect(await bypasses()).toEqual([]);
    await scene.play(5);
    expect(await bypasses()).toEqual([{ reason: 'merged while the gate was fail' }]);
  });

  test('a policy that GitHub does not let us read is an error, not the absence of one', async () => {
    await begin([opened, ran(job('lint'))], 'dod: { lint_pass: true }\n');
    await scene.play(0);
    const installation = scene.github.state.installations.get(scene.life.installation.id);
    if (installation === undefined) throw new RangeError('the App is not installed');
    const { contents: _, ...permissions } = installation.permissions;
    scene.github.state.installations.set(installation.id, { ...installation, permissions });
    for (const moment of [1, 2]) {
      await scene.deliver(scene.of(moment));
      await scene.idle();
    }
    expect(scene.checkRuns().map((one) => one[1])).toEqual(['failure']);
  });

  test('a fork that brings the workflow file with its job "lint" is not believed', async () => {
    const fork: Moment = { ...opened, title: 'Trust me', branch: 'lint', fromFork: true };
    await begin([fork, ran(job('lint'))], 'dod: { lint_pass: true }\n');
    const change = { filename: '.github/workflows/ci.yml', status: 'modified', additions: 1, deletions: 1 } as const;
    scene.inside.pullFiles.set(1, [{ ...change, patch: '@@ -1 +1 @@\n-run: npm run lint\n+run: true' }]);
    await scene.play(0, 1, 2);
    expect(scene.checkRuns().at(-1)?.slice(0, 2)).toEqual(['completed', 'failure']);
    expect((await gates()).at(-1)).toMatchObject({ status: 'error', fail_codes: '{EVIDENCE_NOT_TRUSTED}' });
  });

  test('of the commit that a merge queue tries is judged by that commit’s own runs', async () => {
    await begin([opened, ran(job('lint'))], 'dod: { lint_pass: true }\n');
    await scene.play(0, 1, 2);
    const repository_id = scene.life.repository.id;
    const sha = 'c'.repeat(40);
    const ref = `refs/heads/gh-readonly-queue/main/pr-1-${'d'.repeat(40)}`;
    const tell = async (found: Partial<Facts>) => {
      await scene.brain.call('record_facts', { facts: asJson(found) });
      await scene.idle();
    };
    const onQueue = () => scene.checkRuns(sha).map(([status, conclusion]) => [status, conclusion]);
    const rechecks = [{ repository_id, head_sha: sha }];
    // Whoever may push can name a branch like this.
    await tell({ commits: [commitFact({ repository_id, sha, ref })], rechecks });
    expect(onQueue()).toEqual([]);
    await tell({ commits: [commitFact({ repository_id, sha, ref, merge_group_ref: ref, pushed_at: null })], rechecks });
    expect(onQueue().map(([status]) => status)).toEqual(['in_progress']);
    const about = { repository_id, run_id: '7777', workflow_path: '.github/workflows/ci.yml' };
    const run = runFact({
      ...about,
      commit_sha: sha,
      branch: ref,
      trigger: 'merge_group',
      status: 'succeeded',
      conclusion: 'success',
    });
    await tell({
      ci_events: [run],
      ci_jobs: [jobFact({ ...about, job_id: 77, name: 'lint', status: 'succeeded', conclusion: 'success' })],
    });
    expect(onQueue()).toEqual([['completed', 'success']]);
    expect(scene.inside.comments.size).toBe(0);
  });

  test('a policy file and a sprint both count', async () => {
    await begin([opened, ran(job('lint'))], 'dod: { lint_pass: true }\n');
    await scene.play(0);
    const spec = {
      repository_id: scene.life.repository.id,
      branch: 'main',
      storage_path: 'specs/shop.md',
      sha: 'a'.repeat(40),
      created_by: 'octocat',
    };
    const { id: spec_id } = (await scene.brain.call('ingest_spec', { spec })) as { id: string };
    await scene.brain.call('plan_sprint', { spec_id, label: 'S1', dod_json: { type_check: true } });
    await scene.play(1);
    expect(scene.checkRuns().at(-1)).toEqual(['in_progress', null, expect.stringContaining('types')]);
    expect(scene.ownCheckRuns().at(-1)?.output.summary).toContain('.github/codered.yml on main and sprint S1');
    const [owner = '', name = ''] = scene.fullName.split('/');
    const parts = { brain: scene.brain, octokitFor: null, now: Date.now };
    const tried = policySchema.parse({ dod: { lint_pass: true } });
    const found = await simulate({ owner, name, number: 1 }, tried, parts);
    expect(found?.criteria.map(({ id }) => id)).toEqual(['lint_pass', 'type_check']);
  });

  test('without a policy the check run tells of CI alone, and a sprint of the brain is a policy', async () => {
    await begin([opened, ran(job('lint', 'failure')), { kind: 'commit', pull: 1, message: 'Again' }], null);
    await scene.play(0, 1);
    expect(scene.checkRuns()).toEqual([]);
    const spec = await scene.brain.call('ingest_spec', {
      spec: {
        repository_id: scene.life.repository.id,
        branch: 'main',
        storage_path: 'specs/shop.md',
        sha: 'a'.repeat(40),
        created_by: 'octocat',
      },
    });
    const spec_id = (spec as { id: string }).id;
    await scene.brain.call('plan_sprint', { spec_id, label: 'S1', dod_json: { lint_pass: true } });
    await scene.play(2);
    expect(scene.checkRuns()).toEqual([
      ['completed', 'failure', expect.stringMatching(/^Gate failed \(0 of 1\) · 1 failure needs you/)],
    ]);
    expect(await scene.brain.sql('select state from codered.sprints')).toEqual([{ state: 'FAILED' }]);
  });
});
