// The gate over real sockets: a signed webhook goes in; rows, a comment and a check run that a team can make required come out.

import { afterEach, describe, expect, test } from 'vitest';
import type { RepositoryState } from '../src/demo/github-state.ts';
import { type Life, tellLife } from '../src/demo/life.ts';
import type { JobOutline, Moment } from '../src/demo/life-outline.ts';
import { APP, type Stage, setStage } from '../src/demo/play-story.ts';
import type { LifeDelivery } from '../src/demo/teller.ts';
import type { Facts } from '../src/facts.ts';
import { asJson } from '../src/model.ts';
import { openTestBrain, type TestBrain } from './support/brain.ts';
import { commitFact, jobFact, runFact } from './support/fact-rows.ts';
import { zipOf } from './support/zip.ts';

const SETTLE_MS = 20_000;
const POLICY = `dod:
  lint_pass: true
  coverage_min: 0.80
evidence:
  coverage_min: { artifact: coverage }
`;

function lcov(hit: number, total: number): string {
  const lines = Array.from({ length: total }, (_, index) => `DA:${index + 1},${index < hit ? 1 : 0}`);
  return ['TN:', 'SF:src/shop.ts', ...lines, `LF:${total}`, `LH:${hit}`, 'end_of_record', ''].join('\n');
}

function job(name: string, conclusion: JobOutline['conclusion'] = 'success'): JobOutline {
  const log = { kept: '2026-11-20T13:02:11.2000000Z ##[error]The shop is closed\n' };
  return { name, conclusion, steps: ['npm test'], ...(conclusion === 'failure' ? { log } : {}) };
}

describe('the gate', () => {
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

  async function begin(moments: readonly Moment[], policy: string | null = POLICY): Promise<void> {
    brain = await openTestBrain('embedded');
    stage = await setStage({ brain });
    life = tellLife({ startAt: '2026-11-20T13:00:00Z', app: APP, moments: [{ kind: 'install' }, ...moments] });
    life.prepare(stage.github.state);
    if (policy !== null) inside().files.set('.github/codered.yml', policy);
  }

  /** Delivers a moment (0 is the installation) and waits for what comes of it. `before` runs once its effects stand on GitHub. */
  async function play(moment: number, before: (deliveries: readonly LifeDelivery[]) => void = () => {}): Promise<void> {
    const deliveries = life.deliveries.filter((delivery) => delivery.moment === moment);
    for (const { effect } of deliveries) effect(stage.github.state);
    before(deliveries);
    for (const { event, payload, guid } of deliveries) {
      expect((await stage.github.deliver(event, payload, { guid })).status).toBe(202);
    }
    await stage.codered.idle(SETTLE_MS);
    expect(stage.github.violations).toEqual([]);
    expect(stage.github.refused).toEqual([]);
  }

  /** What the newest run's artifact says from now on. */
  function upload(name: string, zip: Uint8Array): void {
    const run = [...inside().runs.values()].at(-1);
    if (run === undefined) throw new RangeError('there is no run');
    const id = stage.github.state.nextId();
    const at = '2026-11-20T13:30:00Z';
    inside().artifacts.set(id, { id, name, runId: run.id, headSha: run.headSha, headBranch: 'x', zip, createdAt: at });
  }
  const coverage = (hit: number) =>
    upload('coverage', zipOf([{ name: 'coverage/lcov.info', content: lcov(hit, 100) }]));

  const checkRuns = () =>
    [...inside().checkRuns.values()]
      .filter(({ appSlug }) => appSlug === 'codered')
      .map(({ status, conclusion, output }) => [status, conclusion, output?.title]);
  const gates = () =>
    brain.sql(
      'select gate_id, attempt_number, status, fail_codes from codered.gate_executions order by gate_order, attempt_number',
    );

  const opened: Moment = { kind: 'open', pull: 1, title: 'Close the shop', branch: 'closed' };

  test('is there as soon as the pull request is, waits, and turns green when every criterion was measured and met', async () => {
    await begin([opened, { kind: 'run', on: 1, jobs: [job('lint'), job('test')] }]);
    await play(0);
    await play(1);
    expect(checkRuns()).toEqual([['in_progress', null, 'Waiting for lint, coverage']]);
    await play(2, () => coverage(85));
    expect(checkRuns()).toEqual([
      ['completed', 'success', expect.stringContaining('Definition of Done met, 2 of 2 criteria')],
    ]);
    expect(await gates()).toEqual([
      { gate_id: 'lint_pass', attempt_number: '1', status: 'passed', fail_codes: '{}' },
      { gate_id: 'coverage_min', attempt_number: '1', status: 'passed', fail_codes: '{}' },
    ]);
    expect(
      await brain.sql('select status, result, total_gates, gates_passed, pull_request_number from codered.runs'),
    ).toEqual([
      { status: 'completed', result: 'PASSED', total_gates: '2', gates_passed: '2', pull_request_number: '1' },
    ]);
    expect(await brain.sql(`select phase from codered.status_events order by id`)).toEqual([
      { phase: 'BUILD' },
      { phase: 'TESTS_PASSED' },
      { phase: 'GATE_PASSED' },
    ]);
    expect(inside().comments.size).toBe(0);
  });

  test('stays red though every job is green when what was measured is too little, and says so in a comment', async () => {
    await begin([opened, { kind: 'run', on: 1, jobs: [job('lint')] }]);
    await play(0);
    await play(1);
    await play(2, () => coverage(79));
    expect(checkRuns().at(-1)).toEqual(['completed', 'failure', '1 of 2 criteria not met: coverage']);
    const [comment] = [...inside().comments.values()];
    expect(comment?.body).toContain('| ❌ failed | coverage | 79.0 % | 80.0 % | artifact');
    expect((await gates()).at(-1)).toMatchObject({ status: 'failed', fail_codes: '{COVERAGE_BELOW_MIN}' });
  });

  test('a re-run takes it back to waiting with a new check run, and the new measurement decides', async () => {
    await begin([opened, { kind: 'run', on: 1, jobs: [job('lint')] }, { kind: 'rerun', on: 1, jobs: [job('lint')] }]);
    await play(0);
    await play(1);
    await play(2, () => coverage(90));
    expect(checkRuns().at(-1)?.slice(0, 2)).toEqual(['completed', 'success']);
    await play(3, () => coverage(10));
    expect(checkRuns().at(-1)?.slice(0, 2)).toEqual(['completed', 'failure']);
    expect(checkRuns().length).toBeGreaterThan(1);
    expect(await brain.sql('select status, result from codered.runs')).toEqual([
      { status: 'failed', result: 'FAILED' },
    ]);
  });

  test.each([
    ['a broken archive', Buffer.from('no zip'), '⛔ error'],
    ['a report of no lines', zipOf([{ name: 'lcov.info', content: lcov(0, 0) }]), '⛔ error'],
    ['a name that leads out of the archive', zipOf([{ name: '../../lcov.info', content: lcov(9, 9) }]), '⛔ error'],
  ])('%s is never green', async (_, zip, said) => {
    await begin([opened, { kind: 'run', on: 1, jobs: [job('lint')] }]);
    await play(0);
    await play(1);
    await play(2, () => upload('coverage', zip));
    expect(checkRuns().at(-1)?.slice(0, 2)).toEqual(['completed', 'failure']);
    expect([...inside().comments.values()][0]?.body).toContain(`| ${said} | coverage |`);
  });

  test('an artifact that does not come is waited for, and is missing past the deadline', async () => {
    await begin([opened, { kind: 'run', on: 1, jobs: [job('lint')] }]);
    await play(0);
    await play(1);
    await play(2);
    expect(checkRuns().at(-1)).toEqual(['in_progress', null, 'Waiting for coverage']);
    expect(
      await brain.sql(
        `select status, run_after > now() + interval '50 minutes' as later from codered.agent_jobs where dedupe_key like 'deadline:%'`,
      ),
    ).toEqual([{ status: 'queued', later: 't' }]);
    // As if an hour had gone by: what was seen was seen then.
    await brain.script(`
      update codered.runs set created_at = created_at - interval '2 hours';
      update codered.ci_events set source_updated_at = source_updated_at - interval '2 days';
      update codered.agent_jobs set run_after = now() where dedupe_key like 'deadline:%'`);
    await stage.codered.idle(SETTLE_MS);
    await expect.poll(() => checkRuns().at(-1)?.slice(0, 2), { timeout: SETTLE_MS }).toEqual(['completed', 'failure']);
    expect([...inside().comments.values()][0]?.body).toContain('not received within 60 minutes');
  });

  test('a broken policy is an error that says where, and never green', async () => {
    await begin([opened, { kind: 'run', on: 1, jobs: [job('lint')] }], 'dod:\n  coverage_min: 80\n');
    await play(0);
    await play(1);
    await play(2);
    expect(checkRuns()).toEqual([['completed', 'failure', 'The policy is broken: 1 problem']]);
    expect([...inside().comments.values()][0]?.body).toContain('line 2, column 17: dod.coverage\\_min');
  });

  test('a policy that GitHub does not let us read is an error, not the absence of one', async () => {
    await begin([opened, { kind: 'run', on: 1, jobs: [job('lint')] }], 'dod: { lint_pass: true }\n');
    await play(0);
    const installation = stage.github.state.installations.get(life.installation.id);
    if (installation === undefined) throw new RangeError('the App is not installed');
    const { contents: _, ...permissions } = installation.permissions;
    stage.github.state.installations.set(installation.id, { ...installation, permissions });
    for (const moment of [1, 2]) {
      for (const { event, payload, guid, effect } of life.deliveries.filter((one) => one.moment === moment)) {
        effect(stage.github.state);
        expect((await stage.github.deliver(event, payload, { guid })).status).toBe(202);
      }
      await stage.codered.idle(SETTLE_MS);
    }
    expect(checkRuns().map((one) => one[1])).toEqual(['failure']);
  });

  test('a fork that brings the workflow file with its job "lint" is not believed', async () => {
    const fork: Moment = { kind: 'open', pull: 1, title: 'Trust me', branch: 'lint', fromFork: true };
    await begin([fork, { kind: 'run', on: 1, jobs: [job('lint')] }], 'dod: { lint_pass: true }\n');
    const change = { filename: '.github/workflows/ci.yml', status: 'modified', additions: 1, deletions: 1 } as const;
    inside().pullFiles.set(1, [{ ...change, patch: '@@ -1 +1 @@\n-run: npm run lint\n+run: true' }]);
    await play(0);
    await play(1);
    await play(2);
    expect(checkRuns().at(-1)?.slice(0, 2)).toEqual(['completed', 'failure']);
    expect((await gates()).at(-1)).toMatchObject({ status: 'error', fail_codes: '{EVIDENCE_NOT_TRUSTED}' });
  });

  test('of the commit that a merge queue tries is judged by that commit’s own runs', async () => {
    await begin([opened, { kind: 'run', on: 1, jobs: [job('lint')] }], 'dod: { lint_pass: true }\n');
    await play(0);
    await play(1);
    await play(2);
    const repository_id = life.repository.id;
    const sha = 'c'.repeat(40);
    const ref = `refs/heads/gh-readonly-queue/main/pr-1-${'d'.repeat(40)}`;
    const tell = async (told: Partial<Facts>) => {
      await brain.call('record_facts', { facts: asJson(told) });
      await stage.codered.idle(SETTLE_MS);
    };
    const onQueue = () =>
      [...inside().checkRuns.values()].filter(({ headSha, appSlug }) => headSha === sha && appSlug === 'codered');
    await tell({ commits: [commitFact({ repository_id, sha, ref })], rechecks: [{ repository_id, head_sha: sha }] });
    expect(onQueue().map(({ status }) => status)).toEqual(['in_progress']);
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
    expect(onQueue().map(({ status, conclusion }) => [status, conclusion])).toEqual([['completed', 'success']]);
    expect(inside().comments.size).toBe(0);
  });

  test('without a policy the check run tells of CI alone, and a sprint of the brain is a policy', async () => {
    await begin(
      [opened, { kind: 'run', on: 1, jobs: [job('lint', 'failure')] }, { kind: 'commit', pull: 1, message: 'Again' }],
      null,
    );
    await play(0);
    await play(1);
    expect(checkRuns()).toEqual([]);
    const spec = await brain.call('ingest_spec', {
      spec: {
        repository_id: life.repository.id,
        branch: 'main',
        storage_path: 'specs/shop.md',
        sha: 'a'.repeat(40),
        created_by: 'octocat',
      },
    });
    const spec_id = (spec as { id: string }).id;
    await brain.call('plan_sprint', { spec_id, label: 'S1', dod_json: { lint_pass: true } });
    await play(2);
    expect(checkRuns()).toEqual([['completed', 'failure', expect.stringContaining('1 of 1 criterion not met: lint')]]);
    expect(await brain.sql('select state from codered.sprints')).toEqual([{ state: 'FAILED' }]);
  });
});
