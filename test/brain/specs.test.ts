// Specs and sprints in SQL: a document is taken in once, planned while it may be, published for good, evaluated on commits.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openPostgres } from '../../src/brain/backends/postgres.ts';
import type { Json } from '../../src/model/json.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import {
  asRow,
  makeOrg,
  newSha,
  type OrgScene,
  refusalOf,
  refused,
  statementAs,
  textOf,
} from '../support/run-scene.ts';

const dod = { coverage_min: 0.8, e2e_pass: true, lighthouse_min: 85, lint_pass: true, type_check: true };
const keys = ['coverage_min', 'e2e_pass', 'lighthouse_min', 'lint_pass', 'type_check'];

describe.each(testBackends)('specs, sprints and their runs (%s)', (backend) => {
  let brain: TestBrain;
  let ours: OrgScene;
  let theirs: OrgScene;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    [ours, theirs] = [await makeOrg(brain), await makeOrg(brain)];
  });
  afterAll(() => brain?.close());

  const document = (more: object = {}) => ({
    repository_id: ours.repository,
    branch: 'main',
    storage_path: `specs/${randomUUID()}.md`,
    sha: newSha(),
    created_by: 'octocat',
    ...more,
  });
  const ingest = async (spec: object) => asRow(await brain.call('ingest_spec', { spec: spec as Json }));
  const plan = async (spec_id: string, dod_json: unknown = dod, label = 'S1') =>
    asRow(await brain.call('plan_sprint', { spec_id, label, dod_json: dod_json as Json }));
  const newSpec = async () => textOf(await ingest(document()), 'id');
  const newSprint = async (dod_json: unknown = dod) => textOf(await plan(await newSpec(), dod_json), 'id');
  const start = async (run: object) => asRow(await brain.call('start_run', { run: run as Json }));
  const finish = async (run_id: string, result: string, summary_json?: unknown) =>
    asRow(
      await brain.call('finish_run', {
        run_id,
        result,
        ...(summary_json ? { summary_json: summary_json as Json } : {}),
      }),
    );
  const onCommit = (sprint_id: string, more: object = {}) => ({
    sprint_id,
    repository_id: ours.repository,
    commit_sha: newSha(),
    ...more,
  });
  const stateOf = async (sprint: string) =>
    (await brain.sql('select state from codered.sprints where id = $1', [sprint]))[0]?.state;
  const phases = async (where: string, value: string) =>
    (await brain.sql(`select phase from codered.status_events where ${where} = $1 order by id`, [value])).map(
      (e) => e.phase,
    );
  const gates = (run: string) =>
    brain.sql(
      'select gate_id, status, attempt_number, gate_order from codered.gate_executions where run_id = $1 order by gate_id, attempt_number',
      [run],
    );

  describe('taking a spec in', () => {
    it('makes a published row with the repository’s name, and tells it once', async () => {
      const spec = await ingest(document({ storage_path: 'specs/login.md' }));
      expect(spec).toMatchObject({
        is_new: true,
        project_id: ours.project,
        repo: `octo/r${ours.repository}`,
        published_at: expect.any(String),
        version_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
      const [event] = await brain.sql(
        "select event_type, project_id, payload from codered.events where payload -> 'metadata' ->> 'spec_id' = $1",
        [textOf(spec, 'id')],
      );
      expect(event).toMatchObject({ event_type: 'status.SPEC_RECEIVED', project_id: ours.project });
      expect(JSON.parse(event?.payload ?? '')).toMatchObject({ message: expect.stringContaining('specs/login.md') });
    });

    it.each([
      ['at the same commit', newSha()],
      ['without a commit', null],
    ])('changes nothing when told again %s', async (_, sha) => {
      const found = document({ sha });
      const first = await ingest(found);
      const again = await ingest({ ...found, created_by: 'other' });
      expect(again).toEqual({ ...first, is_new: false });
      expect(await phases("metadata ->> 'spec_id'", textOf(first, 'id'))).toEqual(['SPEC_RECEIVED']);
    });

    it('makes another row for another commit', async () => {
      const found = document();
      const first = await ingest(found);
      expect(textOf(await ingest({ ...found, sha: newSha() }), 'id')).not.toBe(textOf(first, 'id'));
    });

    it('knows its author when a profile has that login', async () => {
      await brain.sql('update codered.profiles set github_login = $2 where id = $1', [ours.member, 'hubot']);
      expect(await ingest(document({ created_by: 'hubot' }))).toMatchObject({ created_by_user_id: ours.member });
    });

    it.each([
      [{ project_id: null, repository_id: null }, 'CR002', ['project_id', 'project_id or a repository_id']],
      [{ repository_id: 999_999_999 }, 'CR004', ['repository', '999999999']],
      [{ repository_id: null, project_id: randomUUID(), repo: 'a/b' }, 'CR004', ['project']],
      [{ title: 'x' }, 'CR002', ['specs.title', 'x', 'branch, created_by']],
      [{ sha: 'abc' }, 'CR002', ['specs.sha', 'abc', '40 or 64']],
      [{ branch: null }, 'CR002', ['template_id', 'branch']],
      [{ repository_id: 'one' }, 'CR002', ['specs.repository_id', 'one', 'whole number']],
      [{ project_id: 'here' }, 'CR002', ['specs.project_id', 'here', 'UUID']],
      [{ storage_path: 'x'.repeat(2_000_000) }, 'CR002', ['specs.storage_path', '1 to 2000']],
    ])('refuses %o', async (more, code, words) => {
      const before = await brain.sql('select count(*) from codered.specs');
      expect(await refusalOf(ingest(document(more)))).toMatchObject(refused(code, ...words));
      expect(await brain.sql('select count(*) from codered.specs')).toEqual(before);
    });

    it('refuses what is no object, and a repository of another project', async () => {
      expect(await refusalOf(brain.call('ingest_spec', { spec: [] }))).toMatchObject({ code: 'CR002' });
      expect(await refusalOf(ingest(document({ project_id: theirs.project })))).toMatchObject({ code: 'CR007' });
    });
  });

  describe('planning a sprint', () => {
    it('makes it, changes it while it is planned, and tells each', async () => {
      const spec = await newSpec();
      const planned = await plan(spec);
      expect(planned).toMatchObject({ is_new: true, state: 'PLANNED', project_id: ours.project, dod_json: dod });
      expect(await plan(spec)).toEqual({ ...planned, is_new: false });
      expect(await plan(spec, { lint_pass: true })).toMatchObject({
        id: planned.id,
        is_new: false,
        dod_json: { lint_pass: true },
      });
      expect(await phases("metadata ->> 'sprint_id'", textOf(planned, 'id'))).toEqual(['PLANNING', 'PLANNING']);
    });

    it('fixes what it asks for once it runs', async () => {
      const spec = await newSpec();
      const sprint = textOf(await plan(spec), 'id');
      await start(onCommit(sprint));
      expect(await plan(spec)).toMatchObject({ id: sprint, state: 'RUNNING' });
      expect(await refusalOf(plan(spec, {}))).toMatchObject(refused('CR003', 'sprints.state', 'RUNNING', 'PLANNED'));
      expect(
        await refusalOf(brain.sql("update codered.sprints set label = 'S2' where id = $1", [sprint])),
      ).toMatchObject({ code: 'CR003' });
    });

    it.each([
      ['coverage_min', 0],
      ['coverage_min', 1],
      ['coverage_min', 0.8],
      ['lighthouse_min', 0],
      ['lighthouse_min', 100],
      ['e2e_pass', false],
    ])('takes %s = %j', async (key, value) => {
      expect(await plan(await newSpec(), { [key]: value })).toMatchObject({ dod_json: { [key]: value } });
    });

    it.each([
      ['coverage_min', 80, '80 % is 0.80'],
      ['coverage_min', 1.0001, 'a share from 0 to 1'],
      ['coverage_min', -0.01, 'a share from 0 to 1'],
      ['coverage_min', 1e308, 'a share from 0 to 1'],
      ['coverage_min', '0.8', 'a share from 0 to 1'],
      ['coverage_min', 'NaN', 'a share from 0 to 1'],
      ['coverage_min', 'Infinity', 'a share from 0 to 1'],
      ['coverage_min', null, 'a share from 0 to 1'],
      ['coverage_min', true, 'a share from 0 to 1'],
      ['coverage_min', [0.8], 'a share from 0 to 1'],
      ['lighthouse_min', 101, 'a score from 0 to 100'],
      ['lighthouse_min', -1, 'a score from 0 to 100'],
      ['lighthouse_min', 'NaN', 'a score from 0 to 100'],
      ['e2e_pass', 1, 'true or false'],
      ['lint_pass', 'true', 'true or false'],
      ['type_check', null, 'true or false'],
      ['coverage', 0.8, 'coverage_min, e2e_pass, lighthouse_min, lint_pass, type_check'],
      ['', 1, 'coverage_min'],
    ])('refuses %s = %j', async (key, value, allowed) => {
      const spec = await newSpec();
      expect(await refusalOf(plan(spec, { ...dod, [key]: value }))).toMatchObject(
        refused('CR002', `sprints.dod_json.${key} is`, allowed),
      );
      expect(await brain.sql('select id from codered.sprints where spec_id = $1', [spec])).toEqual([]);
    });

    it.each([[[dod]], ['yes'], [0.8], [null]])('refuses %j, which is no object', async (value) => {
      expect(await refusalOf(plan(await newSpec(), value))).toMatchObject(
        refused('CR002', 'sprints.dod_json', 'an object of coverage_min'),
      );
    });

    it('refuses a spec that is not there, and one of no project', async () => {
      expect(await refusalOf(plan(randomUUID()))).toMatchObject(refused('CR004', 'There is no spec'));
      const [spec] = await brain.sql(
        "insert into codered.specs (repo, branch, storage_path) values ('a/b', 'main', 'x.md') returning id",
      );
      expect(await refusalOf(plan(spec?.id ?? ''))).toMatchObject({ code: 'CR003' });
    });
  });

  describe('evaluating it on a commit', () => {
    let sprint: string;
    beforeEach(async () => {
      sprint = await newSprint();
    });

    it('makes one pending gate for each criterion, and tells that it builds', async () => {
      const run = await start(onCommit(sprint, { pull_request_number: 7, ci_run_id: 42 }));
      expect(run).toMatchObject({
        is_new: true,
        status: 'running',
        result: null,
        project_id: ours.project,
        ci_run_id: '42',
        pull_request_number: 7,
        total_gates: 5,
        gates_passed: 0,
        started_at: expect.any(String),
        display_name: 'S1',
      });
      expect(await gates(textOf(run, 'id'))).toEqual(
        keys.map((gate_id) => ({ gate_id, status: 'pending', attempt_number: '1', gate_order: '1' })),
      );
      expect(await stateOf(sprint)).toBe('RUNNING');
      expect(await phases('run_id', textOf(run, 'id'))).toEqual(['BUILD']);
    });

    it('is the same run when told again, and remembers the CI run that moved it last', async () => {
      const found = onCommit(sprint);
      const run = await start(found);
      const again = await start({ ...found, ci_run_id: '43' });
      expect(again).toMatchObject({
        id: run.id,
        is_new: false,
        is_again: false,
        ci_run_id: '43',
        started_at: run.started_at,
      });
      expect(await gates(textOf(run, 'id'))).toHaveLength(5);
      expect(await phases('run_id', textOf(run, 'id'))).toEqual(['BUILD']);
    });

    it('starts again when it is over, with a new attempt of each gate', async () => {
      const found = onCommit(sprint);
      const id = textOf(await start(found), 'id');
      for (const gate_id of keys) {
        await brain.call('finish_gate', {
          run_id: id,
          gate_id,
          outcome: { status: gate_id === 'lint_pass' ? 'failed' : 'passed' },
        });
      }
      expect(await finish(id, 'FAILED', { status: 'FAILED', duration_seconds: 3 })).toMatchObject({
        gates_passed: 4,
        gates_failed: 1,
      });
      expect(await stateOf(sprint)).toBe('FAILED');
      expect(await start(found)).toMatchObject({
        id,
        is_again: true,
        status: 'running',
        result: null,
        finished_at: null,
        summary_json: null,
        total_gates: 5,
        gates_passed: 0,
        gates_failed: 0,
      });
      expect((await gates(id)).map((gate) => gate.attempt_number)).toEqual(keys.flatMap(() => ['1', '2']));
      expect(await stateOf(sprint)).toBe('RUNNING');
      await finish(id, 'PASSED');
      expect(await stateOf(sprint)).toBe('DONE');
      expect(await phases('run_id', id)).toEqual(['BUILD', 'FAILED', 'BUILD', 'TESTS_PASSED']);
    });

    it('lets the newest run say how the sprint stands, whichever ends last', async () => {
      const older = textOf(await start(onCommit(sprint)), 'id');
      const newer = textOf(await start(onCommit(sprint)), 'id');
      await finish(newer, 'PASSED');
      expect(await stateOf(sprint)).toBe('DONE');
      await finish(older, 'FAILED');
      expect(await stateOf(sprint)).toBe('DONE');
      await brain.sql('delete from codered.runs where id = $1', [newer]);
      expect(await stateOf(sprint)).toBe('FAILED');
    });

    it('knows a run without a commit by the CI run it tells of', async () => {
      const first = await start({ sprint_id: sprint, ci_run_id: '7' });
      expect(await start({ sprint_id: sprint, ci_run_id: '7' })).toMatchObject({ id: first.id, is_new: false });
      expect(await start({ sprint_id: sprint, ci_run_id: '8' })).toMatchObject({ is_new: true });
      expect(await start({ sprint_id: sprint })).toMatchObject({ is_new: true });
      expect(await start({ sprint_id: sprint })).toMatchObject({ is_new: true });
    });

    it('evaluates a commit without a sprint, whose gates somebody else makes', async () => {
      const run = await start({ repository_id: ours.repository, commit_sha: newSha() });
      expect(run).toMatchObject({ is_new: true, project_id: ours.project, sprint_id: null, total_gates: 0 });
      await brain.call('make_gates', { run_id: textOf(run, 'id'), gates: [{ gate_id: 'lint_pass' }] });
      expect(await gates(textOf(run, 'id'))).toMatchObject([{ gate_id: 'lint_pass', status: 'pending' }]);
    });

    it('keeps every CI run that it rests on', async () => {
      const events = await brain.sql(
        `insert into codered.ci_events (project_id, repository_id, provider, workflow_name, run_id, commit_sha, status, trigger)
         select $1, $2, 'github-actions', 'CI', n::text, $3, 'running', 'push' from generate_series(1, 2) n returning id`,
        [ours.project, String(ours.repository), newSha()],
      );
      const found = onCommit(sprint);
      for (const { id } of events) await start({ ...found, ci_event_id: id });
      const run = await start({ ...found, ci_event_id: events[1]?.id });
      expect(run.ci_event_id).toBe(events[1]?.id);
      expect(
        await brain.sql('select ci_event_id from codered.run_ci_events where run_id = $1', [textOf(run, 'id')]),
      ).toHaveLength(2);
    });

    it('may be finished twice with the same words, and not with others', async () => {
      const id = textOf(await start(onCommit(sprint)), 'id');
      const summary = {
        status: 'PASSED',
        tests: { python: { passed: 3, failed: 0, coverage: 0.85 } },
        lighthouse: { score: 92 },
      };
      const finished = await finish(id, 'PASSED', summary);
      expect(finished).toMatchObject({
        status: 'completed',
        result: 'PASSED',
        summary_json: summary,
        finished_at: expect.any(String),
      });
      expect(await finish(id, 'PASSED', summary)).toEqual(finished);
      expect(await finish(id, 'PASSED')).toEqual(finished);
      expect(await refusalOf(finish(id, 'FAILED'))).toMatchObject(refused('CR003', 'runs.status', 'completed'));
      expect(await refusalOf(finish(id, 'PASSED', { ...summary, duration_seconds: 1 }))).toMatchObject({
        code: 'CR003',
      });
      expect(await phases('run_id', id)).toEqual(['BUILD', 'TESTS_PASSED']);
    });

    it.each([
      ['PASSED', { status: 'FAILED' }, 'runs.summary_json.status'],
      ['PASSED', { verdict: 'ok' }, 'runs.summary_json.verdict'],
      ['PASSED', { status: 'passed' }, 'runs.summary_json.status'],
      ['PASSED', { tests: [] }, 'runs.summary_json.tests'],
      ['PASSED', { tests: { python: 3 } }, 'runs.summary_json.tests.python'],
      ['PASSED', { tests: { python: { passed: -1 } } }, 'runs.summary_json.tests.python.passed'],
      ['PASSED', { tests: { python: { failed: 1.5 } } }, 'runs.summary_json.tests.python.failed'],
      ['PASSED', { tests: { python: { coverage: 85 } } }, 'runs.summary_json.tests.python.coverage'],
      ['PASSED', { tests: { python: { coverage: 'NaN' } } }, 'runs.summary_json.tests.python.coverage'],
      ['PASSED', { tests: { python: { flaky: 1 } } }, 'runs.summary_json.tests.python.flaky'],
      ['PASSED', { lighthouse: { score: 101 } }, 'runs.summary_json.lighthouse'],
      ['PASSED', { lighthouse: { score: 'NaN' } }, 'runs.summary_json.lighthouse'],
      ['PASSED', { lighthouse: 92 }, 'runs.summary_json.lighthouse'],
      ['PASSED', { artifacts: 'junit' }, 'runs.summary_json.artifacts'],
      ['PASSED', { artifacts: ['junit', 3] }, 'runs.summary_json.artifacts'],
      ['PASSED', { artifacts: [['junit']] }, 'runs.summary_json.artifacts'],
      ['PASSED', { duration_seconds: -1 }, 'runs.summary_json.duration_seconds'],
      ['PASSED', ['PASSED'], 'runs.summary_json'],
      ['passed', undefined, 'runs.result'],
      ['CANCELLED', undefined, 'runs.result'],
    ])('refuses to finish as %s with %j', async (result, summary, named) => {
      const id = textOf(await start(onCommit(sprint)), 'id');
      expect(await refusalOf(finish(id, result, summary))).toMatchObject(refused('CR002', `${named} is`, 'allowed:'));
      expect(await brain.sql('select status, result, summary_json from codered.runs where id = $1', [id])).toEqual([
        { status: 'running', result: null, summary_json: null },
      ]);
    });

    it.each([
      [{ sprint_id: randomUUID() }, 'CR004', ['sprint']],
      [{ sprint_id: null, repository_id: null }, 'CR002', ['runs.sprint_id']],
      [{ repository_id: 999_999_999 }, 'CR004', ['repository']],
      [{ commit_sha: 'main' }, 'CR002', ['runs.commit_sha']],
      [{ pull_request_number: 0 }, 'CR002', ['runs.pull_request_number']],
      [{ pull_request_number: 1.5 }, 'CR002', ['runs.pull_request_number', '1.5', 'whole number']],
      [{ pull_request_number: 1e12 }, 'CR002', ['runs.pull_request_number']],
      [{ ci_event_id: randomUUID() }, 'CR007', ['runs.ci_event_id']],
      [{ status: 'completed' }, 'CR002', ['runs.status', 'the keys']],
    ])('refuses to start %o', async (more, code, words) => {
      expect(await refusalOf(start(onCommit(sprint, more)))).toMatchObject(refused(code, ...words));
      expect(await stateOf(sprint)).toBe('PLANNED');
    });

    it('refuses a repository of another project', async () => {
      expect(await refusalOf(start(onCommit(sprint, { repository_id: theirs.repository })))).toMatchObject({
        code: 'CR007',
      });
    });

    it('never goes back to planned, nor from planned to done, whoever asks', async () => {
      const set = (state: string) =>
        refusalOf(brain.sql('update codered.sprints set state = $2 where id = $1', [sprint, state]));
      expect(await set('DONE')).toMatchObject(refused('CR003', 'sprints.state', 'DONE', 'RUNNING after PLANNED'));
      expect(await set('OVER')).toMatchObject({ code: 'CR002' });
      await start(onCommit(sprint));
      expect(await set('PLANNED')).toMatchObject({ code: 'CR003' });
    });

    it('starts no run of a spec that is not active any more, and none that was cancelled', async () => {
      const found = onCommit(sprint);
      const run = await start(found);
      await brain.call('cancel_run', { run_id: textOf(run, 'id') });
      expect(await refusalOf(start(found))).toMatchObject(refused('CR003', 'runs.status', 'cancelled'));
      expect(await stateOf(sprint)).toBe('FAILED');
      await brain.sql(
        'update codered.specs s set is_active = false from codered.sprints p where p.spec_id = s.id and p.id = $1',
        [sprint],
      );
      expect(await refusalOf(start(onCommit(sprint)))).toMatchObject({ code: 'CR003' });
    });

    it('is seen by the organisation’s members and nobody else, who cannot write it', async () => {
      const run = textOf(await start(onCommit(sprint)), 'id');
      const seen = (who: OrgScene) => statementAs(brain, who.member, `select id from codered.runs where id = '${run}'`);
      expect(await seen(ours)).toEqual([{ id: run }]);
      expect(await seen(theirs)).toEqual([]);
      for (const [name, args] of [
        ['ingest_spec', { spec: {} }],
        ['plan_sprint', { spec_id: run, label: 'S', dod_json: {} }],
        ['start_run', { run: {} }],
        ['finish_run', { run_id: run, result: 'PASSED' }],
        ['start_gate', { run_id: run, gate_id: 'lint_pass' }],
        ['finish_gate', { run_id: run, gate_id: 'lint_pass', outcome: {} }],
      ] as const) {
        expect(await refusalOf(ours.asMember(name, args)), name).toMatchObject({ code: '42501' });
      }
    });
  });

  describe('artifacts', () => {
    const add = async (artifact: object) => asRow(await brain.call('add_artifact', { artifact: artifact as Json }));
    let run: string;
    beforeAll(async () => {
      run = textOf(await start(onCommit(await newSprint())), 'id');
    });
    const newTask = async (who: OrgScene) =>
      (await brain.sql("insert into codered.tasks (project_id, title) values ($1, 'T') returning id", [who.project]))[0]
        ?.id ?? '';

    it('take project, hash and size from the run and the content', async () => {
      expect(await add({ run_id: run, kind: 'junit', file_name: 'junit.xml', content: 'Grüße\n' })).toMatchObject({
        project_id: ours.project,
        content_hash: 'b1de61b8108f15d9913e0fa2e6371ed737fbe2be84e63a89ca8ae7a370322371',
        size_bytes: 8,
        kind: 'junit',
      });
    });

    it('follow their content when it changes', async () => {
      const { id, content_hash } = await add({ run_id: run, content: 'a' });
      const [changed] = await brain.sql(
        "update codered.artifacts set content = 'bc' where id = $1 returning content_hash, size_bytes",
        [String(id)],
      );
      expect(changed).toMatchObject({ size_bytes: '2', content_hash: expect.not.stringMatching(String(content_hash)) });
    });

    it('keep the hash they are told of a file that lies elsewhere', async () => {
      const hash = 'a'.repeat(64);
      expect(await add({ run_id: run, storage_path: 'x/y', content_hash: hash, size_bytes: 5 })).toMatchObject({
        content_hash: hash,
        size_bytes: 5,
      });
    });

    it.each([
      [{ content: 'a', content_hash: 'a'.repeat(64) }, 'CR002', ['artifacts.content_hash', 'SHA-256 of content']],
      [{ content: 'a', size_bytes: 2 }, 'CR002', ['artifacts.size_bytes']],
      [{ storage_path: 'x', content_hash: 'abc' }, 'CR002', ['artifacts.content_hash', 'SHA-256']],
      [{ content: 'a', kind: 'virus' }, 'CR002', ['artifacts.kind', 'virus', 'junit']],
      [{ content: 'a', size: 1 }, 'CR002', ['artifacts.size', 'the keys']],
      [{ url: 'javascript:alert(1)' }, 'CR002', ['artifacts.url']],
      [{}, 'CR002', ['artifacts.content', 'at least one']],
      [{ run_id: null, content: 'a' }, 'CR002', ['artifacts.run_id', 'a run_id or a task_id']],
      [{ run_id: randomUUID(), content: 'a' }, 'CR004', ['run']],
      [{ task_id: randomUUID(), content: 'a' }, 'CR004', ['task']],
      [{ gate_execution_id: randomUUID(), content: 'a' }, 'CR007', ['artifacts.gate_execution_id']],
    ])('refuse %o', async (more, code, words) => {
      expect(await refusalOf(add({ run_id: run, ...more }))).toMatchObject(refused(code, ...words));
    });

    it('refuse a task and a project that are not the run’s', async () => {
      expect(await refusalOf(add({ run_id: run, task_id: await newTask(theirs), content: 'a' }))).toMatchObject({
        code: 'CR007',
      });
      expect(await refusalOf(add({ run_id: run, project_id: theirs.project, content: 'a' }))).toMatchObject({
        code: 'CR007',
      });
    });

    it('are a member’s to add to tasks they see, and to nothing else', async () => {
      const [task, foreign] = [await newTask(ours), await newTask(theirs)];
      const asMember = (artifact: object) => ours.asMember('add_artifact', { artifact });
      expect(await asMember({ task_id: task, ref: 'https://example.test/1' })).toMatchObject({
        project_id: ours.project,
        user_id: ours.member,
      });
      expect(await refusalOf(asMember({ task_id: foreign, ref: 'x' }))).toMatchObject({ code: 'CR004' });
      expect(await refusalOf(asMember({ task_id: task, ref: 'x', user_id: theirs.member }))).toMatchObject({
        code: 'CR008',
      });
      expect(await refusalOf(asMember({ run_id: run, ref: 'x' }))).toMatchObject({ code: 'CR008' });
      expect(await refusalOf(theirs.asMember('add_artifact', { artifact: { run_id: run, ref: 'x' } }))).toMatchObject({
        code: 'CR004',
      });
    });

    it('go with their run', async () => {
      const doomed = textOf(await start(onCommit(await newSprint())), 'id');
      const [gate] = await brain.sql('select id from codered.gate_executions where run_id = $1 limit 1', [doomed]);
      await add({ run_id: doomed, gate_execution_id: gate?.id, content: 'a' });
      await brain.sql('delete from codered.runs where id = $1', [doomed]);
      expect(await brain.sql('select id from codered.artifacts where run_id = $1', [doomed])).toEqual([]);
    });
  });

  describe('a published spec', () => {
    it('cannot change but for is_active and visibility, not even for the owner', async () => {
      const id = await newSpec();
      const set = (what: string) => brain.sql(`update codered.specs set ${what} where id = $1 returning id`, [id]);
      for (const what of [
        "branch = 'x'",
        "stages = '[1]'",
        'published_at = null',
        "version_hash = 'x'",
        'sha = null',
        "created_by = 'me'",
      ]) {
        expect(await refusalOf(set(what)), what).toMatchObject(
          refused('CR003', what.split(' ')[0] ?? '', 'is_active, visibility'),
        );
      }
      expect(await set("is_active = false, visibility = 'public'")).toHaveLength(1);
    });

    it('outlives whoever wrote it', async () => {
      const author = await makeOrg(brain);
      await brain.sql('update codered.profiles set github_login = $2 where id = $1', [author.member, 'gone']);
      const { id } = await ingest(document({ created_by: 'gone' }));
      await brain.sql('delete from auth.users where id = $1', [author.member]);
      expect(
        await brain.sql('select created_by, created_by_user_id from codered.specs where id = $1', [String(id)]),
      ).toEqual([{ created_by: 'gone', created_by_user_id: null }]);
    });

    it('stays while it is used, and goes with its project', async () => {
      const doomed = await makeOrg(brain);
      const spec = await ingest(document({ repository_id: doomed.repository }));
      const sprint = textOf(await plan(textOf(spec, 'id')), 'id');
      expect(await refusalOf(brain.sql('delete from codered.specs where id = $1', [textOf(spec, 'id')]))).toMatchObject(
        { code: 'CR003' },
      );
      await start({ sprint_id: sprint, repository_id: doomed.repository, commit_sha: newSha() });
      await brain.sql('delete from codered.projects where id = $1', [doomed.project]);
      expect(await brain.sql('select id from codered.specs where id = $1', [textOf(spec, 'id')])).toEqual([]);
    });

    it('may go while nothing has used it', async () => {
      expect(await brain.sql('delete from codered.specs where id = $1 returning id', [await newSpec()])).toHaveLength(
        1,
      );
    });
  });

  it.runIf(backend === 'postgres')('one of two that start the same run at once makes it', async () => {
    const sprint = await newSprint();
    const found = JSON.stringify(onCommit(sprint));
    const pool = openPostgres({ url: brain.databaseUrl ?? '', onIdleError: () => {} });
    const startOne = () =>
      pool.session(async (session) =>
        asRow(JSON.parse((await session.query('select codered.start_run($1) as run', [found]))[0]?.run ?? '')),
      );
    const runs = await Promise.all(Array.from({ length: 6 }, startOne)).finally(() => pool.close());
    expect(runs.filter((run) => run.is_new)).toHaveLength(1);
    expect(new Set(runs.map((run) => run.id)).size).toBe(1);
    expect(await gates(textOf(runs[0] ?? {}, 'id'))).toHaveLength(5);
    expect(await phases('run_id', textOf(runs[0] ?? {}, 'id'))).toEqual(['BUILD']);
  });
});
