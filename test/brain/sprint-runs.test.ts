// What a verdict makes of a sprint and of the run of its commit, in SQL.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '../../src/model/json.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import {
  forgetEverything,
  HEAD,
  minute,
  pullRequestFact,
  REPOSITORY,
  repositoryFact,
  runFact,
  tell,
} from '../support/fact-rows.ts';
import { refusalOf, refused } from '../support/run-scene.ts';

describe.each(testBackends)('the run of a sprint (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());
  beforeEach(async () => {
    await forgetEverything(brain);
    await tell(brain, { repositories: [repositoryFact()], pull_requests: [pullRequestFact()] });
  });

  let specs = 0;
  const plan = async (dod_json: Json, label = 'S1'): Promise<string> => {
    specs += 1;
    const sha = String(specs).padStart(40, '0');
    const spec = { repository_id: REPOSITORY, branch: 'main', storage_path: 'specs/a.md', sha };
    const { id } = (await brain.call('ingest_spec', { spec })) as { id: string };
    const planned = await brain.call('plan_sprint', { spec_id: id, label, dod_json });
    return (planned as { id: string }).id;
  };
  const criterion = (gate_id: string, status: string, found: { threshold?: number; measured?: number } = {}) => ({
    gate_id,
    gate_name: gate_id,
    gate_order: 1,
    status,
    attempt_number: 1,
    validation_results: [{ type: gate_id, threshold: null, measured: null, ...found }],
    fail_codes: [],
  });
  const recordVerdict = async (
    sprint_id: string | null,
    state: string,
    criteria: Json[],
    more: Record<string, Json> = {},
  ) =>
    brain.call('record_gate_verdict', {
      verdict: {
        ...{ repository_id: REPOSITORY, pull_request_number: 1, commit_sha: HEAD, sprint_id, state, criteria },
        version: await brain.call('read_evidence_version', { repository_id: REPOSITORY, sha: HEAD }),
        ...{ ci_run_id: null, ci_event_ids: [], ...more },
      },
    });
  const stateOf = async (sprint: string) =>
    (await brain.sql('select state from codered.sprints where id = $1', [sprint]))[0]?.state;
  const runs = () => brain.sql('select sprint_id, status from codered.runs order by created_at, sprint_id nulls first');

  it.each<[string, Json, Json[], string]>([
    ['none of its own was among what was judged', { e2e_pass: true }, [criterion('lint_pass', 'passed')], 'RUNNING'],
    [
      'one of its own was waved through',
      { lint_pass: true, type_check: true },
      [criterion('lint_pass', 'passed'), criterion('type_check', 'overridden')],
      'RUNNING',
    ],
    [
      'the policy was content with less than it asks for',
      { coverage_min: 0.8 },
      [criterion('coverage_min', 'passed', { threshold: 0.5, measured: 0.6 })],
      'FAILED',
    ],
    [
      'only a part of the coverage was judged',
      { coverage_min: 0.8 },
      [criterion('coverage_min.flags.api', 'passed', { threshold: 0.9, measured: 0.95 })],
      'RUNNING',
    ],
    ['one of its own was skipped', { lint_pass: true }, [criterion('lint_pass', 'skipped')], 'RUNNING'],
  ])('does not make it DONE when the gate passed and %s', async (_, dod, criteria, state) => {
    const sprint = await plan(dod);
    await recordVerdict(sprint, 'pass', criteria);
    expect(await runs()).toEqual([{ sprint_id: sprint, status: 'completed' }]);
    expect(await stateOf(sprint)).toBe(state);
  });

  it.each<[string, Json, Json[]]>([
    [
      'all of its own were met',
      { lint_pass: true },
      [criterion('lint_pass', 'passed'), criterion('type_check', 'passed')],
    ],
    [
      'the policy asks for more',
      { coverage_min: 0.7 },
      [criterion('coverage_min', 'passed', { threshold: 0.9, measured: 0.91 })],
    ],
    [
      'the policy asks for less, and there is enough',
      { lighthouse_min: 90 },
      [criterion('lighthouse_min', 'passed', { threshold: 50, measured: 95 })],
    ],
    [
      'what it does not ask for was not measured',
      { lint_pass: true, e2e_pass: false },
      [criterion('lint_pass', 'passed')],
    ],
    ['it asks for nothing', {}, []],
  ])('makes it DONE when the gate passed and %s', async (_, dod, criteria) => {
    const sprint = await plan(dod);
    await recordVerdict(sprint, 'pass', criteria);
    expect(await stateOf(sprint)).toBe('DONE');
  });

  it('follows what is measured afterwards, though the gate says the same', async () => {
    const sprint = await plan({ lint_pass: true });
    await recordVerdict(sprint, 'pass', [criterion('lint_pass', 'overridden')]);
    expect(await stateOf(sprint)).toBe('RUNNING');
    await recordVerdict(sprint, 'pass', [criterion('lint_pass', 'passed')]);
    expect(await stateOf(sprint)).toBe('DONE');
    await recordVerdict(sprint, 'pass', [criterion('lint_pass', 'overridden')]);
    expect(await stateOf(sprint)).toBe('RUNNING');
  });

  it.each(['pending', 'pass', 'fail'])('is the one that was begun before there was a sprint (%s)', async (before) => {
    await recordVerdict(null, before, [criterion('lint_pass', before === 'fail' ? 'failed' : 'pending')]);
    const sprint = await plan({ lint_pass: true });
    await recordVerdict(sprint, 'pending', [criterion('lint_pass', 'pending')]);
    expect(await runs()).toEqual([{ sprint_id: sprint, status: 'running' }]);
    expect(await stateOf(sprint)).toBe('RUNNING');
    await recordVerdict(sprint, 'pass', [criterion('lint_pass', 'passed')]);
    expect(await runs()).toEqual([{ sprint_id: sprint, status: 'completed' }]);
    expect(await stateOf(sprint)).toBe('DONE');
    expect(await brain.sql('select count(distinct spec_id) as specs from codered.runs')).toEqual([{ specs: '1' }]);
  });

  it('is not left running when another sprint takes over, and goes on when it is asked for again', async () => {
    const first = await plan({ lint_pass: true });
    await recordVerdict(first, 'pending', [criterion('lint_pass', 'pending')]);
    const second = await plan({ type_check: true }, 'S2');
    await recordVerdict(second, 'pass', [criterion('type_check', 'passed')]);
    expect(await runs()).toEqual([
      { sprint_id: first, status: 'failed' },
      { sprint_id: second, status: 'completed' },
    ]);
    expect([await stateOf(first), await stateOf(second)]).toEqual(['FAILED', 'DONE']);
    expect(
      await brain.sql(
        `select message, metadata ->> 'reason' as reason from codered.status_events where metadata ->> 'sprint_id' = $1 and phase = 'FAILED'`,
        [first],
      ),
    ).toEqual([{ message: 'The commit is judged by another Definition of Done', reason: 'superseded' }]);
    await recordVerdict(first, 'pass', [criterion('lint_pass', 'passed')]);
    expect(await stateOf(first)).toBe('DONE');
    await recordVerdict(null, 'pending', [criterion('lint_pass', 'pending')]);
    await recordVerdict(second, 'pass', [criterion('type_check', 'passed')]);
    expect((await runs()).filter(({ status }) => status === 'running')).toEqual([]);
  });

  it('takes over what was read for information before anything was judged', async () => {
    await tell(brain, { ci_events: [runFact({ status: 'succeeded', conclusion: 'success' })] });
    const [event] = await brain.sql('select id from codered.ci_events');
    const artifacts = [{ github_artifact_id: 1, kind: 'junit', name: 'junit', ref: 'r', content: '{"reports":[]}' }];
    await brain.call('record_evidence', { repository_id: REPOSITORY, ci_event_id: event?.id ?? '', artifacts });
    const sprint = await plan({ lint_pass: true });
    await recordVerdict(sprint, 'pass', [criterion('lint_pass', 'passed')]);
    expect(await runs()).toEqual([{ sprint_id: sprint, status: 'completed' }]);
    expect(await stateOf(sprint)).toBe('DONE');
  });

  it('has gates that say which phase they are of, so that a bypass is found there', async () => {
    const sprint = await plan({ lint_pass: true });
    const found = { sprint_id: sprint, repository_id: REPOSITORY, commit_sha: HEAD, pull_request_number: 1 };
    await brain.call('start_run', { run: found });
    expect(await brain.sql('select gate_id, phase from codered.gate_executions')).toEqual([
      { gate_id: 'lint_pass', phase: 'definition_of_done' },
    ]);
    // As an earlier version left them.
    await brain.script('update codered.gate_executions set phase = null');
    await recordVerdict(sprint, 'fail', [criterion('lint_pass', 'failed')]);
    expect(await brain.sql('select phase, status from codered.gate_executions')).toEqual([
      { phase: 'definition_of_done', status: 'failed' },
    ]);
    const suite = {
      id: 1,
      actor: 'octocat',
      after_sha: HEAD,
      ref: 'refs/heads/main',
      pushed_at: '2099-01-01T00:00:00Z',
    };
    expect(await brain.call('record_bypass', { repository_id: REPOSITORY, suite })).toBe(true);
  });

  describe('and its summary', () => {
    const summary = async () =>
      JSON.parse((await brain.sql('select summary_json from codered.runs'))[0]?.summary_json ?? 'null');
    const measured = {
      tests: { e2e: { passed: 2, failed: 0, skipped: null, coverage: null } },
      lighthouse: null,
      artifacts: ['playwright-report'],
    };

    it('is in the shape of document 001, null being what nobody measured', async () => {
      await tell(brain, {
        ci_events: [
          runFact({ status: 'succeeded', conclusion: 'success', start_time: minute(2), end_time: minute(5) }),
        ],
      });
      const ci_event_ids = (await brain.sql('select id from codered.ci_events')).map(({ id }) => id ?? '');
      await recordVerdict(null, 'pending', [criterion('e2e_pass', 'pending')], { summary: null });
      expect(await summary()).toBeNull();
      await recordVerdict(null, 'pass', [criterion('e2e_pass', 'passed')], { summary: measured, ci_event_ids });
      expect(await summary()).toEqual({ status: 'PASSED', duration_seconds: 180, ...measured });
      const more = { ...measured, lighthouse: { score: 92 } };
      await recordVerdict(null, 'pass', [criterion('e2e_pass', 'passed')], { summary: more, ci_event_ids });
      expect(await summary()).toMatchObject({ status: 'PASSED', lighthouse: { score: 92 } });
      await recordVerdict(null, 'fail', [criterion('e2e_pass', 'failed')], { summary: measured });
      expect(await summary()).toEqual({ status: 'FAILED', duration_seconds: null, ...measured });
    });

    it('has no duration while a run has not told its end', async () => {
      await tell(brain, {
        ci_events: [runFact({ status: 'succeeded', conclusion: 'success', end_time: null })],
      });
      const ci_event_ids = (await brain.sql('select id from codered.ci_events')).map(({ id }) => id ?? '');
      await recordVerdict(null, 'pass', [], { summary: measured, ci_event_ids });
      expect(await summary()).toMatchObject({ duration_seconds: null });
    });

    it.each<[Json, string]>([
      [{ tests: { e2e: { passed: -1 } } }, 'a whole number, 0 or more, or null'],
      [{ tests: { e2e: { coverage: 80 } } }, 'a share from 0 to 1, or null'],
      [{ lighthouse: { score: 101 } }, '{"score": 0 to 100}, or null'],
      [{ artifacts: 'junit' }, 'a list of names, or null'],
      [{ speed: 1 }, 'the keys status, tests'],
    ])('refuses %j', async (wrong, words) => {
      const refusal = await refusalOf(recordVerdict(null, 'pass', [], { summary: wrong }));
      expect(refusal).toMatchObject(refused('CR002', 'runs.summary_json', words));
    });
  });
});
