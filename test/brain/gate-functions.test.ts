// What the gate reads of a commit and writes down about it, in SQL: signals, evidence, verdicts.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GateSubject, gateSubject } from '../../src/gate/collect/collect.ts';
import type { CiEventFact, CiJobFact } from '../../src/model/facts.ts';
import type { Json } from '../../src/model/json.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import {
  forgetEverything,
  HEAD,
  jobFact,
  minute,
  pullRequestFact,
  REPOSITORY,
  repositoryFact,
  runFact,
  tell,
} from '../support/fact-rows.ts';
import { refusalOf, refused } from '../support/run-scene.ts';

const OTHER = 'b'.repeat(40);
const passed = { status: 'succeeded', conclusion: 'success' } as const;
const failed = { status: 'failed', conclusion: 'failure' } as const;
const running = { status: 'running', conclusion: null } as const;

describe.each(testBackends)('the gate in SQL (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());
  beforeEach(async () => {
    await forgetEverything(brain);
    await tell(brain, { pull_requests: [pullRequestFact()] });
  });

  const ran = (run: Partial<CiEventFact>, jobs: readonly Partial<CiJobFact>[] = []) => {
    const event = runFact({ ...passed, ...run });
    const { run_id, run_attempt } = event;
    const ci_jobs = jobs.map((job) => jobFact({ ...passed, run_id, run_attempt, ...job }));
    return tell(brain, { ci_events: [event], ci_jobs });
  };
  const subject = async (sha = HEAD): Promise<GateSubject> =>
    gateSubject.parse(
      await brain.call('read_gate_subject', { repository_id: REPOSITORY, pull_request_number: 1, sha }),
    );
  const signals = async () =>
    (await subject()).signals.map(({ name, attempt, status, conclusion }) => [name, attempt, status, conclusion]);
  const version = () => brain.call('read_evidence_version', { repository_id: REPOSITORY, sha: HEAD });
  const eventId = async (attempt = 1, run = '7001') => {
    const [row] = await brain.sql('select id from codered.ci_events where run_id = $1 and run_attempt = $2', [
      run,
      String(attempt),
    ]);
    return row?.id ?? '';
  };

  describe('read_gate_subject', () => {
    it('is null for a pull request or repository that is unknown or gone', async () => {
      const ask = (pull_request_number: number) =>
        brain.call('read_gate_subject', { repository_id: REPOSITORY, pull_request_number, sha: HEAD });
      expect(await ask(2)).toBeNull();
      await tell(brain, {
        repositories: [repositoryFact({ tells_presence: true, deleted_at: minute(9), source_updated_at: minute(9) })],
      });
      expect(await ask(1)).toBeNull();
    });

    it('tells whether it comes from a fork, also from one that is gone', async () => {
      expect((await subject()).pull_request).toMatchObject({ is_fork: false, head_ref: 'react-19', base_ref: 'main' });
      for (const [number, head_repository_id] of [4711, null].entries()) {
        await tell(brain, {
          pull_requests: [pullRequestFact({ head_repository_id, source_updated_at: minute(10 + number) })],
        });
        expect((await subject()).pull_request.is_fork).toBe(true);
      }
    });

    it('lists runs in their newest attempt, and whether their artifacts were read', async () => {
      await ran({});
      await ran({ run_attempt: 2, ...running, source_updated_at: minute(8) });
      expect((await subject()).runs).toMatchObject([{ run_id: '7001', attempt: 2, is_over: false, is_read: false }]);
      await ran({ run_attempt: 2, source_updated_at: minute(9) });
      const ci_event_id = await eventId(2);
      expect(await brain.call('queue_evidence', { repository_id: REPOSITORY, ci_event_ids: [ci_event_id] })).toBe(1);
      expect((await subject()).runs).toMatchObject([{ ci_event_id, is_over: true, is_read: false }]);
      const jobs = await brain.call('claim_follow_ups', { worker: 'w', batch: 10, lease_seconds: 60 });
      expect((await subject()).runs).toMatchObject([{ is_read: false }]);
      for (const { id } of jobs) await brain.call('complete_job', { id, worker: 'w' });
      expect((await subject()).runs).toMatchObject([{ is_read: true }]);
    });

    it('takes a run whose artifacts could not be read in many tries for read', async () => {
      await ran({});
      await brain.call('queue_evidence', { repository_id: REPOSITORY, ci_event_ids: [await eventId()] });
      await brain.script("update codered.follow_ups set status = 'failed' where kind = 'artifacts'");
      expect((await subject()).runs).toMatchObject([{ is_read: true }]);
    });

    it('tells of overrides of the commit and of the pull request, not of expired, revoked or foreign ones', async () => {
      const give = (fields: Record<string, string>) => {
        const row = {
          repository_id: String(REPOSITORY),
          pull_request_number: '1',
          user: 'octocat',
          override_type: 'deploy_anyway',
          criterion: 'lint_pass',
          ...fields,
        };
        return brain.sql(
          `insert into codered.user_overrides
            (project_id, "user", override_type, repository_id, pull_request_number, criterion, reason, commit_sha, expires_at, revoked_at, revoked_by)
          select r.project_id, j."user", j.override_type, r.id, j.pull_request_number, j.criterion, j.reason, j.commit_sha, j.expires_at, j.revoked_at, j.revoked_by
          from jsonb_populate_record(null::codered.user_overrides, $1::jsonb) j join codered.repositories r on r.id = j.repository_id`,
          [JSON.stringify(row)],
        );
      };
      const before = await version();
      await give({ reason: 'this commit', commit_sha: HEAD });
      await give({ reason: 'until later', expires_at: '2999-01-01T00:00:00Z' });
      expect(await version()).not.toBe(before);
      await give({ reason: 'expired', expires_at: '2020-01-01T00:00:00Z' });
      await give({ reason: 'another commit', commit_sha: OTHER });
      await give({ reason: 'another pull request', commit_sha: HEAD, pull_request_number: '2' });
      await give({ reason: 'revoked', commit_sha: HEAD, revoked_at: '2026-11-20T00:00:00Z', revoked_by: 'hubot' });
      const reasons = (await subject()).overrides.map(({ reason }) => reason);
      expect(reasons.toSorted()).toEqual(['this commit', 'until later']);
    });
  });

  describe('signals_of', () => {
    it('carries the jobs over that a partial re-run leaves out, once it is over', async () => {
      await ran({ ...failed }, [
        { job_id: 1, name: 'lint' },
        { job_id: 2, name: 'test', ...failed },
      ]);
      await ran({ run_attempt: 2, ...running, source_updated_at: minute(7) }, [
        { job_id: 3, name: 'test', ...running },
      ]);
      expect(await signals()).toEqual([
        ['lint', 2, 'running', null],
        ['test', 2, 'running', null],
      ]);
      await ran({ run_attempt: 2, source_updated_at: minute(8) }, [
        { job_id: 3, name: 'test', source_updated_at: minute(8) },
      ]);
      expect(await signals()).toEqual([
        ['lint', 1, 'succeeded', 'success'],
        ['test', 2, 'succeeded', 'success'],
      ]);
    });

    it.each(['test', `test (\${{ matrix.v }})`])(
      'takes the parts of a matrix for skipped that was skipped as a whole since: %s',
      async (name) => {
        const skipped = { status: 'succeeded', conclusion: 'skipped' } as const;
        await ran({}, [
          { job_id: 1, name: 'test (20)' },
          { job_id: 2, name: 'test (22)', ...failed },
          { job_id: 3, name: 'testing' },
        ]);
        await ran({ run_attempt: 2, ...running, source_updated_at: minute(7) }, [{ job_id: 4, name, ...skipped }]);
        expect((await signals()).filter(([job]) => job !== name)).toEqual([
          ['test (20)', 2, 'running', null],
          ['test (22)', 2, 'running', null],
          ['testing', 2, 'running', null],
        ]);
        await ran({ run_attempt: 2, ...failed, source_updated_at: minute(8) });
        expect((await signals()).toSorted()).toEqual(
          [
            [name, 2, 'succeeded', 'skipped'],
            ['test (20)', 2, 'succeeded', 'skipped'],
            ['test (22)', 2, 'succeeded', 'skipped'],
            ['testing', 1, 'succeeded', 'success'],
          ].toSorted(),
        );
        // What runs after all counts again.
        await ran({ run_attempt: 3, source_updated_at: minute(9) }, [{ job_id: 5, name: 'test (20)' }]);
        expect((await signals()).filter(([job]) => String(job).startsWith('test (2'))).toEqual([
          ['test (20)', 3, 'succeeded', 'success'],
          ['test (22)', 2, 'succeeded', 'skipped'],
        ]);
      },
    );

    it('is running as soon as a re-run is told of, before any of its jobs is', async () => {
      await ran({}, [{ name: 'lint' }]);
      await ran({ run_attempt: 2, status: 'queued', conclusion: null, source_updated_at: minute(7) });
      expect(await signals()).toEqual([['lint', 2, 'running', null]]);
    });

    it('takes a job whose end was never told for cancelled once its run is over', async () => {
      await ran({}, [{ name: 'lint', ...running }]);
      expect(await signals()).toEqual([['lint', 1, 'canceled', null]]);
    });

    it('counts the run of the pull request where the workflow ran for the push as well', async () => {
      await ran({ run_id: '1', trigger: 'push', ...failed }, [{ job_id: 1, name: 'lint', ...failed }]);
      expect(await signals()).toEqual([['lint', 1, 'failed', 'failure']]);
      await ran({ run_id: '2', trigger: 'pull_request' }, [{ job_id: 2, name: 'lint' }]);
      expect(await signals()).toEqual([['lint', 1, 'succeeded', 'success']]);
    });

    it('counts of two runs of one workflow the newer one', async () => {
      await ran({ run_id: '9' }, [{ job_id: 1, name: 'lint' }]);
      await ran({ run_id: '10', ...running }, [{ job_id: 2, name: 'lint', ...running }]);
      expect(await signals()).toEqual([['lint', 1, 'running', null]]);
    });

    it('tells two jobs of one name in one attempt both', async () => {
      await ran({}, [
        { job_id: 1, name: 'lint' },
        { job_id: 2, name: 'lint', ...failed },
      ]);
      expect((await signals()).map(([, , status]) => status).toSorted()).toEqual(['failed', 'succeeded']);
    });

    it('tells of checks with their App and of statuses, and of nothing on another commit', async () => {
      await ran({
        provider: 'github-checks',
        run_id: '1',
        workflow_name: 'Sonar',
        workflow_path: null,
        actor: 'sonarcloud',
        trigger: 'other',
      });
      await ran({
        provider: 'github-status',
        run_id: `${HEAD}:ci`,
        workflow_name: 'ci',
        workflow_path: null,
        trigger: 'other',
      });
      await ran({ run_id: '3', commit_sha: OTHER }, [{ job_id: 5, name: 'elsewhere' }]);
      expect((await subject()).signals).toMatchObject([
        { kind: 'check', name: 'Sonar', origin: 'sonarcloud', workflow_path: null },
        { kind: 'status', name: 'ci', origin: '' },
      ]);
    });
  });

  describe('record_evidence', () => {
    const artifact = (fields: Record<string, Json> = {}) => ({
      github_artifact_id: 31,
      kind: 'coverage',
      name: 'coverage',
      url: null,
      ref: 'sha256:1',
      content: '{"reports":[]}',
      summary: '',
      ...fields,
    });
    const record = (ci_event_id: string, ...artifacts: Json[]) =>
      brain.call('record_evidence', { repository_id: REPOSITORY, ci_event_id, artifacts });
    const reports = async () =>
      (await subject()).reports.map(({ artifact: name, attempt, content }) => [name, attempt, content]);

    it('keeps what was read, queues the report of the commit, and does nothing when it is done twice', async () => {
      await ran({});
      const id = await eventId();
      await brain.script('delete from codered.follow_ups');
      expect(await record(id, artifact())).toBe(1);
      expect(await reports()).toEqual([['coverage', 1, '{"reports":[]}']]);
      expect(await brain.sql('select dedupe_key, status from codered.follow_ups')).toEqual([
        { dedupe_key: `report:${REPOSITORY}:${HEAD}`, status: 'queued' },
      ]);
      const before = await version();
      expect(await record(id, artifact())).toBe(0);
      expect(await version()).toBe(before);
    });

    it('moves an artifact that the next attempt still has to that attempt', async () => {
      await ran({});
      await record(await eventId(), artifact());
      await ran({ run_attempt: 2, source_updated_at: minute(9) });
      expect(await reports()).toEqual([]);
      expect(await record(await eventId(2), artifact())).toBe(1);
      expect(await reports()).toEqual([['coverage', 2, '{"reports":[]}']]);
    });

    it('is not moved back by an older attempt that is read late', async () => {
      await ran({});
      await ran({ run_attempt: 2, source_updated_at: minute(9) });
      await record(await eventId(2), artifact());
      expect(await record(await eventId(1), artifact({ content: '{"reports":[],"old":1}' }))).toBe(0);
      expect(await reports()).toEqual([['coverage', 2, '{"reports":[]}']]);
    });

    it('replaces what an artifact of the same run and attempt is, when it is read again', async () => {
      await ran({});
      await record(await eventId(), artifact());
      expect(await record(await eventId(), artifact({ ref: 'sha256:2' }))).toBe(1);
    });

    it('tells of no artifact at all as well', async () => {
      await ran({});
      expect(await record(await eventId())).toBe(0);
    });

    it('refuses an event that is unknown or of another repository', async () => {
      await ran({});
      const id = await eventId();
      const unknown = '00000000-0000-4000-8000-000000000000';
      expect(await refusalOf(record(unknown))).toMatchObject(refused('CR004', unknown));
      expect(
        await refusalOf(brain.call('record_evidence', { repository_id: 901, ci_event_id: id, artifacts: [] })),
      ).toMatchObject(refused('CR004', id));
    });

    it('queues the reading of each attempt once', async () => {
      await ran({});
      const ask = (repository_id = REPOSITORY, ids = [] as string[]) =>
        brain.call('queue_evidence', { repository_id, ci_event_ids: ids });
      const id = await eventId();
      expect(await ask(REPOSITORY, [id, id])).toBe(1);
      expect(await ask(REPOSITORY, [id])).toBe(0);
      expect(await ask(REPOSITORY)).toBe(0);
      await ran({ run_attempt: 2 });
      expect(await ask(901, [await eventId(2)])).toBe(0);
      expect(await ask(REPOSITORY, [id, await eventId(2)])).toBe(1);
      await brain.script("update codered.follow_ups set status = 'failed'");
      expect(await ask(REPOSITORY, [id])).toBe(0);
    });
  });

  describe('record_gate_verdict', () => {
    const criterion = (gate_id: string, status: string, fields: Record<string, Json> = {}) => ({
      gate_id,
      gate_name: gate_id,
      gate_order: 1,
      status,
      attempt_number: 1,
      validation_results: [],
      fail_codes: status === 'failed' ? ['LINT_FAILED'] : [],
      ...fields,
    });
    const recordVerdict = async (state: string, criteria: Json[], fields: Record<string, Json> = {}) =>
      brain.call('record_gate_verdict', {
        verdict: {
          repository_id: REPOSITORY,
          pull_request_number: 1,
          commit_sha: HEAD,
          sprint_id: null,
          state,
          version: await version(),
          ci_run_id: null,
          ci_event_ids: [],
          criteria,
          ...fields,
        },
      });
    const run = () =>
      brain.sql(
        'select status, result, total_gates, gates_passed, gates_failed, pull_request_number from codered.runs',
      );
    const gates = async () =>
      (
        await brain.sql(
          'select gate_id, attempt_number, status, fail_codes from codered.gate_executions order by gate_id, attempt_number',
        )
      ).map((row) => Object.values(row).join(' '));
    const phases = async () =>
      (
        await brain.sql(
          'select phase from codered.status_events where run_id in (select id from codered.runs) order by id',
        )
      ).map(({ phase }) => phase);

    it('writes nothing when more is known by now than it rests on', async () => {
      const old = await version();
      await ran({});
      expect(await recordVerdict('pass', [criterion('lint_pass', 'passed')], { version: old })).toEqual({
        stale: true,
        run_id: null,
      });
      expect(await run()).toEqual([]);
    });

    it.each([
      ['a job', { ci_jobs: [jobFact({ ...running })] }],
      ['an attempt', { ci_events: [runFact({ run_attempt: 2, ...running })] }],
      ['another conclusion', { ci_events: [runFact({ ...failed, source_updated_at: minute(20) })] }],
    ])('is stale after %s was told', async (_, given) => {
      await ran({});
      const old = await version();
      await tell(brain, given);
      expect(await recordVerdict('pass', [], { version: old })).toMatchObject({ stale: true });
    });

    it('makes run, gates, totals and events at once, and changes nothing when it is done twice', async () => {
      await ran({});
      const ids = { ci_event_ids: [await eventId()], ci_run_id: '7001' };
      const verdict = [criterion('lint_pass', 'passed'), criterion('coverage_min', 'overridden', { gate_order: 2 })];
      const first = await recordVerdict('pass', verdict, ids);
      const all = () => brain.sql('select count(*) from codered.events');
      const events = await all();
      expect(await recordVerdict('pass', verdict, ids)).toEqual(first);
      expect(await all()).toEqual(events);
      expect(await run()).toEqual([
        {
          status: 'completed',
          result: 'PASSED',
          total_gates: '2',
          gates_passed: '2',
          gates_failed: '0',
          pull_request_number: '1',
        },
      ]);
      expect(await gates()).toEqual(['coverage_min 1 overridden {}', 'lint_pass 1 passed {}']);
      expect(await phases()).toEqual(['BUILD', 'TESTS_PASSED', 'GATE_PASSED']);
      expect(await brain.sql('select ci_event_id from codered.run_ci_events')).toEqual([
        { ci_event_id: await eventId() },
      ]);
    });

    it('goes from passed over waiting to failed on the same run, with an attempt of each', async () => {
      await recordVerdict('pass', [criterion('lint_pass', 'passed')]);
      await recordVerdict('pending', [criterion('lint_pass', 'pending', { attempt_number: 2 })]);
      expect(await run()).toMatchObject([{ status: 'running', result: null, gates_passed: '0' }]);
      await recordVerdict('fail', [criterion('lint_pass', 'failed', { attempt_number: 2 })]);
      expect(await run()).toMatchObject([{ status: 'failed', result: 'FAILED', total_gates: '1', gates_failed: '1' }]);
      expect(await gates()).toEqual(['lint_pass 1 passed {}', 'lint_pass 2 failed {LINT_FAILED}']);
      expect(await phases()).toEqual(['BUILD', 'TESTS_PASSED', 'GATE_PASSED', 'BUILD', 'FAILED', 'GATE_FAILED']);
    });

    it('goes from failed to passed without waiting', async () => {
      await recordVerdict('fail', [criterion('lint_pass', 'failed')]);
      await recordVerdict('pass', [criterion('lint_pass', 'overridden')]);
      expect(await run()).toMatchObject([
        { status: 'completed', result: 'PASSED', gates_passed: '1', gates_failed: '0' },
      ]);
    });

    it('skips what the policy no longer asks for, which counts neither way, and takes it up again', async () => {
      await recordVerdict('fail', [criterion('lint_pass', 'passed'), criterion('e2e_pass', 'failed')]);
      await recordVerdict('pass', [criterion('lint_pass', 'passed')]);
      expect(await gates()).toEqual([expect.stringMatching(/^e2e_pass 1 skipped/), 'lint_pass 1 passed {}']);
      expect(await run()).toMatchObject([{ status: 'completed', gates_failed: '0' }]);
      await recordVerdict('fail', [criterion('lint_pass', 'passed'), criterion('e2e_pass', 'failed')]);
      expect(await run()).toMatchObject([{ status: 'failed', gates_failed: '1' }]);
    });

    it('keeps to the newest attempt when a criterion comes to rest on something with fewer', async () => {
      await recordVerdict('fail', [criterion('lint_pass', 'failed', { attempt_number: 3 })]);
      await recordVerdict('pass', [criterion('lint_pass', 'passed', { attempt_number: 1 })]);
      expect(await gates()).toEqual(['lint_pass 3 passed {}']);
    });

    it('passes when nothing is asked for', async () => {
      await recordVerdict('pass', []);
      expect(await run()).toMatchObject([{ status: 'completed', total_gates: '0' }]);
    });

    it('is a run of the sprint where there is one', async () => {
      const spec = await brain.call('ingest_spec', {
        spec: {
          repository_id: REPOSITORY,
          branch: 'main',
          storage_path: 'specs/a.md',
          sha: OTHER,
          created_by: 'octocat',
        },
      });
      const spec_id = (spec as { id: string }).id;
      const sprint = (await brain.call('plan_sprint', { spec_id, label: 'S1', dod_json: { lint_pass: true } })) as {
        id: string;
      };
      expect((await subject()).sprint).toMatchObject({ id: sprint.id, label: 'S1', dod_json: { lint_pass: true } });
      await recordVerdict('fail', [criterion('lint_pass', 'failed')], { sprint_id: sprint.id });
      expect(await brain.sql('select state from codered.sprints')).toEqual([{ state: 'FAILED' }]);
      await recordVerdict('pending', [criterion('lint_pass', 'pending')], { sprint_id: sprint.id });
      expect(await brain.sql('select state from codered.sprints')).toEqual([{ state: 'RUNNING' }]);
      await recordVerdict('pass', [criterion('lint_pass', 'passed')], { sprint_id: sprint.id });
      expect(await brain.sql('select state from codered.sprints')).toEqual([{ state: 'DONE' }]);
      // Being started again it gets an attempt of its own.
      expect(await gates()).toEqual(['lint_pass 1 failed {LINT_FAILED}', 'lint_pass 2 passed {}']);
    });

    describe('and a merge', () => {
      const merge = () =>
        tell(brain, {
          pull_requests: [
            pullRequestFact({
              state: 'merged',
              merged_at: minute(30),
              merge_commit_sha: OTHER,
              source_updated_at: minute(30),
            }),
          ],
        });
      const noted = async () => [
        (await phases()).filter((phase) => phase === 'MERGED').length,
        (
          await brain.sql('select "user", override_type, reason, commit_sha, criterion from codered.user_overrides')
        ).map((row) => Object.values(row)),
      ];
      const bypass = (state: string) => ['unknown', 'deploy_anyway', `merged while the gate was ${state}`, HEAD, null];

      it.each([
        ['fail', 'failed'],
        ['pending', 'pending'],
      ])('past a gate that said %s is recorded once as a bypass', async (state, status) => {
        await recordVerdict(state, [criterion('lint_pass', status)]);
        await merge();
        expect(await noted()).toEqual([1, [bypass(state)]]);
        await merge();
        await recordVerdict('pass', [criterion('lint_pass', 'passed')]);
        await recordVerdict('fail', [criterion('lint_pass', 'failed')]);
        expect(await noted()).toEqual([1, [bypass(state)]]);
      });

      it('of what passed is none', async () => {
        await recordVerdict('pass', [criterion('lint_pass', 'passed')]);
        await merge();
        await recordVerdict('fail', [criterion('lint_pass', 'failed')]);
        expect(await noted()).toEqual([1, []]);
      });

      it('that is told before the first verdict waits for it', async () => {
        await merge();
        await recordVerdict('pending', [criterion('lint_pass', 'pending')]);
        expect(await noted()).toEqual([0, []]);
        await recordVerdict('fail', [criterion('lint_pass', 'failed')]);
        expect(await noted()).toEqual([1, [bypass('fail')]]);
      });

      it('where nothing is asked for leaves nothing behind', async () => {
        await merge();
        expect(await noted()).toEqual([0, []]);
      });

      it('is no evidence, so that it makes no verdict stale', async () => {
        await recordVerdict('fail', [criterion('lint_pass', 'failed')]);
        const before = await version();
        await merge();
        expect(await version()).toBe(before);
      });
    });

    it('refuses fields that it does not know', async () => {
      expect(await refusalOf(recordVerdict('pass', [], { color: 'green' }))).toMatchObject(refused('CR002', 'color'));
    });
  });

  describe('find_sprint', () => {
    const plan = async (branch: string, label: string) => {
      const spec = await brain.call('ingest_spec', {
        spec: {
          repository_id: REPOSITORY,
          branch,
          storage_path: `specs/${branch}.md`,
          sha: OTHER,
          created_by: 'octocat',
        },
      });
      await brain.call('plan_sprint', { spec_id: (spec as { id: string }).id, label, dod_json: { lint_pass: true } });
    };
    const found = async () => (await subject()).sprint?.label;

    it('takes that of the base branch before that of the head, and the newest of one branch', async () => {
      expect(await found()).toBeUndefined();
      await plan('elsewhere', 'other');
      expect(await found()).toBeUndefined();
      await plan('react-19', 'head');
      expect(await found()).toBe('head');
      await plan('main', 'base');
      expect(await found()).toBe('base');
      await brain.script("update codered.sprints set created_at = created_at - interval '1 hour'");
      await plan('main', 'newer');
      expect(await found()).toBe('newer');
    });
  });
});
