// What people do with templates, specs, runs, artifacts and overrides, through the operations and beside them.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlSession } from '../../src/brain/backends/sql-backend.ts';
import type { Operation } from '../../src/operations/declared/operation.ts';
import { OPERATIONS, runOperation } from '../../src/operations/operations.ts';
import {
  attempt,
  become,
  ID,
  idOf,
  inRolledBack,
  makeAttempts,
  numberOf,
  PEOPLE,
  seedTwoOrgs,
  shaOf,
} from '../brain/security/two-orgs.ts';
import { openTestBrain, ruleBackend, type TestBrain } from '../support/brain.ts';

let brain: TestBrain;
beforeAll(async () => {
  brain = await openTestBrain(ruleBackend);
  await seedTwoOrgs(brain);
});
afterAll(() => brain.close());

const project_id = idOf('a', ID.project);
const { member, maintainer } = PEOPLE.a;
const { operator } = PEOPLE;

function operationOf(name: string): Operation {
  const found = OPERATIONS.find((operation) => operation.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

/** Does an operation as that person with an input that its schema has checked, and gives what it answers. */
async function done(userId: string, name: string, given: object) {
  const operation = operationOf(name);
  const { output } = await runOperation(brain, operation, {
    userId,
    by: 'person',
    input: operation.input.parse(given),
  });
  return output as Record<string, never> & { id: string };
}

const refused = (code: string, ...words: string[]) => ({
  code,
  message: expect.stringMatching(words.map((word) => word.replaceAll(/[.?*[\]()|]/g, String.raw`\$&`)).join('[^]*')),
});

const STAGES = [
  { id: 'write', name: 'Write', type: 'creation', order: 1, max_attempts: 1 },
  { id: 'sign', name: 'Sign off', type: 'approval', order: 2 },
];
const INTENT_SCHEMA = [
  { field: 'word', type: 'string', required: true },
  { field: 'angle', type: 'enum', options: ['etymology', 'cultural'], default: 'etymology' },
  { field: 'pages', type: 'integer' },
];

/** A published version of a new template. */
async function published() {
  const template = await done(operator, 'create_template', { slug: randomUUID(), name: 'Essay', type: 'visual-essay' });
  const draft = await done(operator, 'create_template_version', {
    template_id: template.id,
    version: 'v1.0.0',
    visibility: 'public',
    stages: STAGES,
    intent_schema: INTENT_SCHEMA,
  });
  return { template, version: await done(operator, 'publish_template_version', { spec_id: draft.id }) };
}

describe('a version of a template', () => {
  it('is a draft until it is published, and begins with another one', async () => {
    const { template, version } = await published();
    const next = { template_id: template.id, version: 'v2', copied_spec_id: version.id, artifact_type: 'essay' };
    const draft = await done(operator, 'create_template_version', next);
    expect(draft).toMatchObject({ version_hash: null, stages: STAGES, artifact_type: 'essay', visibility: 'public' });
    const changed = await done(operator, 'update_template_version', { spec_id: draft.id, output_formats: ['pdf'] });
    expect(changed).toMatchObject({ output_formats: ['pdf'], stages: STAGES });
    const listed = await done(member, 'list_template_versions', { template_id: template.id });
    expect(listed).toMatchObject([{ version: 'v2', published_at: null }, { version: 'v1.0.0' }]);
    const templates = (await done(member, 'list_templates', { batch: 200 })) as unknown as object[];
    expect(templates).toContainEqual(
      expect.objectContaining({ id: template.id, newest_version: expect.objectContaining({ spec_id: version.id }) }),
    );
    await expect(done(operator, 'create_template_version', next)).rejects.toMatchObject(refused('CR003', 'v2'));
    const events = await brain.sql(
      `select event_type from codered.events where payload ->> 'id' = any ($1::text[]) order by id`,
      [`{${template.id},${draft.id}}`],
    );
    expect(events.map(({ event_type }) => event_type)).toEqual(['template.created', 'spec.created', 'spec.updated']);
  });

  it('is an operator’s to write, and nobody else’s', async () => {
    const { template, version } = await published();
    for (const [name, given] of [
      ['create_template', { slug: 'mine', name: 'Mine', type: 'research' }],
      ['update_template', { template_id: template.id, name: 'Mine' }],
      ['create_template_version', { template_id: template.id, version: 'mine' }],
      ['update_template_version', { spec_id: version.id, is_active: false }],
    ] as const) {
      await expect(done(PEOPLE.a.admin, name, given), name).rejects.toMatchObject({ code: 'CR008' });
    }
  });

  it('never changes once it is published, whatever column, through whatever door, and is not deleted', async () => {
    const { template, version } = await published();
    const row = async () =>
      (await brain.sql('select to_jsonb(s)::text as row from codered.specs s where id = $1', [version.id]))[0]?.row ??
      '';
    const before = JSON.parse(await row()) as Record<string, unknown>;
    const FREE = ['is_active', 'visibility', 'updated_at'];
    const value = (name: string): string => {
      if (name === 'template_id') return "'d0000000-0000-4000-8000-000000000004'";
      if (name === 'object_path') return `'${project_id}/specs/${project_id}'`;
      if (name === 'project_id') return `'${project_id}'`;
      if (name === 'created_by_user_id') return 'null';
      if (name === 'document_bytes') return '7';
      if (name === 'output_formats') return "'{other}'";
      if (/^(intent_schema|stages|output_guarantees)$/.test(name))
        return `'[{"id": "x", "field": "x", "type": "string"}]'`;
      if (/^(qa_config|cost_profile)$/.test(name)) return `'{"other": 1}'`;
      if (/_at$/.test(name)) return 'now()';
      if (/^id$/.test(name)) return 'gen_random_uuid()';
      return /sha256|hash|^sha$/.test(name) ? "repeat('f', 64)" : "'other'";
    };
    const columns = Object.keys(before).filter((name) => !FREE.includes(name));
    expect(columns.length).toBeGreaterThan(20);
    const here = `where id = '${version.id}'`;
    const statements = (isPerson: boolean) => [
      ...columns
        // A service takes the reference away when its person leaves.
        .filter((name) => isPerson || name !== 'created_by_user_id')
        .map((name) => `update codered.specs set ${name} = ${value(name)} ${here}`),
      `update codered.specs set published_at = null ${here}`,
      `insert into codered.specs (id, template_id, version) values ('${version.id}', '${template.id}', 'v1.0.0')
        on conflict (id) do update set stages = excluded.stages`,
      `delete from codered.specs ${here}`,
      `delete from codered.workflow_templates where id = '${template.id}'`,
    ];
    // PostgREST runs what a request asks for as these roles: nothing else stands between.
    const doors: [string, (session: SqlSession) => Promise<void>, string[]][] = [
      ['an operator', (session) => become(session, operator), statements(true)],
      ['the app', (session) => session.script('set local role service_role'), statements(false)],
    ];
    for (const [door, enter, asked] of doors) {
      await inRolledBack(brain, async (session) => {
        await makeAttempts(session);
        await enter(session);
        const attempts = await attempt(session, asked);
        expect(
          attempts.filter(({ outcome }) => outcome !== 'CR003'),
          door,
        ).toEqual([]);
        expect(attempts).toHaveLength(asked.length);
      });
    }
    for (const change of [{ version: 'v9' }, { stages: [] }, { intent_schema: [] }, { cost_profile: { max: 1 } }]) {
      const asked = done(operator, 'update_template_version', { spec_id: version.id, ...change });
      await expect(asked).rejects.toMatchObject(refused('CR003', 'is published'));
    }
    expect(JSON.parse(await row())).toEqual(before);
    const retired = await done(operator, 'update_template_version', { spec_id: version.id, is_active: false });
    expect(retired).toMatchObject({ is_active: false, version_hash: before.version_hash });
  });
});

describe('a run of a workflow', () => {
  it('says of each field of its intent what does not fit, and starts nothing then', async () => {
    const { version } = await published();
    const intent = { colour: 'red', angle: 'sideways', pages: 1.5 };
    const asked = done(member, 'start_run', { spec_id: version.id, intent });
    await expect(asked).rejects.toMatchObject(
      refused(
        'CR002',
        'runs.intent.colour is "red"',
        'runs.intent.word is "null"',
        'angle is "sideways"; allowed: etymology, cultural.',
        'pages is "1.5"; allowed: a whole number.',
      ),
    );
    const checked = await done(member, 'check_intent', { spec_id: version.id, intent });
    expect(checked.problems).toMatchObject([
      { field: 'colour', allowed: 'the fields word, angle, pages' },
      { field: 'word', found: 'null', allowed: 'text that is not blank' },
      { field: 'angle' },
      { field: 'pages' },
    ]);
    const fitting = await done(member, 'check_intent', { spec_id: version.id, intent: { word: 'serendipity' } });
    expect(fitting).toMatchObject({ problems: [], intent: { word: 'serendipity', angle: 'etymology' } });
  });

  /** A run whose first stage an agent has passed, so that a person's turn has come. */
  async function atSignature(who = member) {
    const { version } = await published();
    const run = await done(who, 'start_run', { spec_id: version.id, project_id, intent: { word: 'red' } });
    await brain.call('start_gate', { run_id: run.id, gate_id: 'write' });
    return {
      run,
      finish: (status: string) => brain.call('finish_gate', { run_id: run.id, gate_id: 'write', outcome: { status } }),
    };
  }
  const attemptsOf = (run: Record<string, unknown>) =>
    (run.gates as { gate_id: string; status: string; attempt_number: number }[]).map(
      ({ gate_id, status, attempt_number }) => `${gate_id} ${attempt_number} ${status}`,
    );

  it('waits for the person who started it to approve, and tells who did and why', async () => {
    const { run, finish } = await atSignature();
    const sign = { run_id: run.id, gate_id: 'sign', reason: 'reads well' };
    await expect(done(member, 'approve_stage', sign)).rejects.toMatchObject({ code: 'CR003' });
    await finish('passed');
    await expect(done(maintainer, 'approve_stage', sign)).rejects.toMatchObject({ code: 'CR004' });
    const writing = done(member, 'approve_stage', { ...sign, gate_id: 'write' });
    await expect(writing).rejects.toMatchObject(refused('CR003', 'approval'));
    const after = await done(member, 'approve_stage', sign);
    expect(after).toMatchObject({ status: 'completed', result: 'PASSED', gates_passed: 2 });
    const attempt = await done(member, 'read_attempt', { run_id: run.id, gate_id: 'sign' });
    expect(attempt.validation_results).toMatchObject([
      { type: 'decision', passed: true, reason: 'reads well', user_id: member },
    ]);
    await expect(done(member, 'approve_stage', sign)).rejects.toMatchObject({ code: 'CR003' });
    const told = (await done(member, 'run_timeline', { run_id: run.id })) as unknown as { event_type: string }[];
    expect(told.map(({ event_type }) => event_type)).toContain('status.GATE_PASSED');
  });

  it('stops where they reject, and asks again when it is resumed', async () => {
    const { run, finish } = await atSignature();
    await finish('passed');
    const rejected = await done(member, 'reject_stage', { run_id: run.id, gate_id: 'sign', reason: 'too long' });
    expect(rejected).toMatchObject({ status: 'paused', pause_reason: 'Stage sign was rejected: too long' });
    expect(attemptsOf(rejected)).toEqual(['write 1 passed', 'sign 2 pending', 'sign 1 failed']);
    await done(member, 'resume_run', { run_id: run.id });
    const approved = await done(member, 'approve_stage', { run_id: run.id, gate_id: 'sign', reason: 'now it does' });
    expect(approved).toMatchObject({ status: 'completed' });
  });

  it('goes on over a stage that failed for good where its person overrides it, and keeps what it failed for', async () => {
    const { run, finish } = await atSignature();
    const override = { run_id: run.id, gate_id: 'write', reason: 'good enough', override_type: 'cynic_reject' };
    await expect(done(member, 'override_stage', override)).rejects.toMatchObject(
      refused('CR003', 'failed, missing or error'),
    );
    await finish('failed');
    await expect(done(maintainer, 'override_stage', override)).rejects.toMatchObject({ code: 'CR004' });
    const after = await done(member, 'override_stage', override);
    expect(after).toMatchObject({ status: 'running', gates_passed: 1 });
    expect(attemptsOf(after)[0]).toBe('write 1 overridden');
    const listed = (await done(member, 'list_overrides', { project_id })) as unknown as object[];
    expect(listed[0]).toMatchObject({
      override_type: 'cynic_reject',
      target_type: 'run',
      target_id: run.id,
      criterion: 'write',
      reason: 'good enough',
      is_standing: true,
    });
    expect(await done(member, 'approve_stage', { run_id: run.id, gate_id: 'sign', reason: 'yes' })).toMatchObject({
      status: 'completed',
    });
  });

  it('is listed for whoever started it, with a project and without', async () => {
    const { run } = await atSignature();
    for (const given of [{}, { project_id }]) {
      const listed = (await done(member, 'list_runs', given)) as unknown as { id: string }[];
      expect(listed.map(({ id }) => id)).toContain(run.id);
      const others = done(maintainer, 'list_runs', given) as unknown as Promise<{ id: string }[]>;
      expect((await others).map(({ id }) => id)).not.toContain(run.id);
    }
  });

  it('leaves the evaluation of a pull request to what was measured', async () => {
    const gate = { run_id: idOf('a', ID.run), gate_id: 'lint_pass', reason: 'please' };
    for (const name of ['approve_stage', 'reject_stage', 'override_stage']) {
      await expect(done(member, name, gate), name).rejects.toMatchObject({ code: 'CR008' });
    }
  });
});

describe('an override of an agent', () => {
  it('is written down by a member, opens no gate, and is taken back by them or a maintainer', async () => {
    const given = {
      project_id,
      override_type: 'agent_override',
      target_type: 'task',
      target_id: idOf('a', ID.task),
      reason: 'I know better',
    };
    const made = await done(member, 'create_override', given);
    expect(made).toMatchObject({ user: `account ${member}`, criterion: null, revoked_at: null });
    const foreign = done(member, 'create_override', { ...given, target_id: idOf('b', ID.task) });
    await expect(foreign).rejects.toMatchObject({ code: 'CR007' });
    const gates = { override_id: idOf('a', ID.override) };
    await expect(done(member, 'revoke_override', gates)).rejects.toMatchObject({ code: 'CR008' });
    const revoked = await done(maintainer, 'revoke_override', { override_id: made.id });
    expect(revoked.revoked_at).not.toBeNull();
    expect(await done(member, 'revoke_override', { override_id: made.id })).toEqual(revoked);
  });
});

describe('a spec that is handed in', () => {
  const given = { project_id, repository: 'org-a/shop', path: 'specs/search.md', content: '# Search\nfinds things' };

  it('is kept with its text, once, and another text is another version', async () => {
    const first = await done(member, 'upload_spec', given);
    expect(first).toMatchObject({ spec: { branch: 'main', is_new: true }, sprint: null });
    expect(await done(member, 'upload_spec', given)).toMatchObject({ spec: { is_new: false } });
    const { spec } = first as unknown as { spec: { id: string } };
    const read = await done(member, 'read_spec', { spec_id: spec.id });
    expect(read).toMatchObject({ content: given.content, is_document_kept: true, sprints: [], problem: null });
    const second = await done(member, 'upload_spec', { ...given, content: '# Search\nfinds more' });
    expect(second).toMatchObject({ spec: { is_new: true } });
    const listed = (await done(member, 'list_specs', { project_id, repository: 'ORG-A/shop' })) as unknown as object[];
    expect(listed.slice(0, 2)).toMatchObject([{ storage_path: given.path }, { storage_path: given.path }]);
    expect(JSON.stringify(listed)).not.toContain('finds');
  });

  it('plans a sprint for maintainers alone, as it holds pull requests', async () => {
    const planned = { ...given, label: 'S1', dod: { coverage_min: 0.8, lint_pass: true } };
    await expect(done(member, 'upload_spec', planned)).rejects.toMatchObject(refused('CR008', 'maintainers'));
    const { spec, sprint } = (await done(maintainer, 'upload_spec', planned)) as unknown as {
      spec: { id: string };
      sprint: { id: string };
    };
    expect(await done(member, 'read_sprint', { sprint_id: sprint.id })).toMatchObject({
      label: 'S1',
      state: 'PLANNED',
      dod_json: planned.dod,
      path: given.path,
      runs: [],
    });
    expect(await done(member, 'read_spec', { spec_id: spec.id })).toMatchObject({ sprints: [{ label: 'S1' }] });
    const listed = await done(member, 'list_sprints', { project_id, spec_id: spec.id });
    expect(listed).toMatchObject([{ id: sprint.id }]);
  });

  it('is refused where it is too large for a row, or the repository is another project’s', async () => {
    // Few enough characters for the schema, and too many bytes.
    const large = done(member, 'upload_spec', { ...given, content: 'ä'.repeat(200_000) });
    await expect(large).rejects.toMatchObject(refused('CR002', '262144'));
    await expect(done(member, 'upload_spec', { ...given, repository: 'org-b/shop' })).rejects.toMatchObject({
      code: 'CR004',
      message: expect.not.stringContaining('org-b'),
    });
  });
});

describe('the gate, as people ask it', () => {
  it('says what holds a commit, why, and what to do', async () => {
    const run_id = idOf('a', ID.run);
    const found = [
      {
        type: 'lint_pass',
        threshold: null,
        measured: null,
        passed: false,
        reason: 'no job lints',
        sources: [],
        remedy: 'add one',
      },
    ];
    await brain.sql(
      `update codered.gate_executions set phase = 'definition_of_done', status = 'missing', validation_results = $2::jsonb, fail_codes = '{EVIDENCE_MISSING}' where run_id = $1::uuid`,
      [run_id, JSON.stringify(found)],
    );
    const asked = { project_id, repository: 'org-a/shop', pull_request: 1 };
    expect(await done(member, 'explain_gate', asked)).toMatchObject({
      state: 'pending',
      run_id,
      commit_sha: shaOf('a'),
      explanation: 'Commit aaaaaaa waits for Lint (missing).',
      criteria: [
        { id: 'lint_pass', holds: true, why: 'no job lints', what_to_do: 'add one', fail_codes: ['EVIDENCE_MISSING'] },
      ],
      sprint: { dod_json: { lint_pass: true } },
    });
  });

  it('says that nothing was evaluated where nothing was, which is no pass', async () => {
    const asked = { project_id, repository: 'org-a/shop', commit_sha: 'f'.repeat(40) };
    expect(await done(member, 'explain_gate', asked)).toMatchObject({ state: 'unknown', run_id: null, criteria: [] });
    const neither = done(member, 'explain_gate', { project_id, repository: 'org-a/shop' });
    await expect(neither).rejects.toMatchObject({ code: 'CR002' });
  });
});

describe('what is read of CI', () => {
  it.each([
    [
      'list_tests',
      { project_id, query: 'ADDS' },
      [{ id: numberOf('a', ID.repository), on_default_branch: 'passed', passed: 2 }],
    ],
    ['list_flaky_tests', { project_id }, [{ suite: 'org-a', name: 'adds', commits: 1 }]],
    ['read_test', { test_id: numberOf('a', ID.repository) }, { states: [{ last_status: 'passed' }] }],
    [
      'list_deployments',
      { project_id, status: 'failed' },
      [{ id: idOf('a', ID.failedDeployment), environment: 'prod' }],
    ],
    [
      'read_deployment',
      { deployment_id: idOf('a', ID.deployment) },
      { is_current: true, statuses: [{ state: 'success' }], run: { workflow_name: 'CI' } },
    ],
    [
      'read_dora',
      { project_id },
      {
        weeks: [{ deployments: 1, change_failure_rate: 0.5 }],
        definitions: { change_failure_rate: expect.any(String) },
      },
    ],
    ['list_patterns', { project_id, query: 'org-a' }, [{ id: idOf('a', ID.pattern), hits: 0 }]],
    ['read_pattern', { pattern_id: idOf('a', ID.pattern) }, { root_cause: 'cause', recommended_fix: 'fix' }],
  ])('%s', async (name, given, wanted) => {
    // The days of the seeds are long past.
    await brain.sql('update codered.test_days set day = current_date - 1');
    await brain.sql('update codered.test_today set day = current_date');
    expect(await done(member, name, given)).toMatchObject(wanted);
  });

  it('says in words when the database has no pgvector, else finds what is most like', async () => {
    const asked = { query_embedding: Array.from({ length: 1536 }, () => 0.5) };
    const [vector] = await brain.sql("select 1 as one from pg_extension where extname = 'vector'");
    const answer = done(member, 'match_patterns', asked);
    if (vector === undefined) await expect(answer).rejects.toMatchObject(refused('CR003', 'pgvector'));
    else {
      expect((await answer).matches).toHaveLength(2);
      const all = (value: number) => ({ query_embedding: Array.from({ length: 1536 }, () => value) });
      await expect(done(member, 'match_patterns', all(0))).rejects.toMatchObject(refused('CR002', 'not all of them 0'));
      // Whose squares are next to nothing, or next to everything: what is given is a number all the same.
      for (const value of [1e-38, 3e38]) {
        const { matches = [] } = await done(member, 'match_patterns', all(value));
        expect(matches.filter(({ similarity }) => !Number.isFinite(similarity))).toEqual([]);
      }
    }
  });
});

describe('every list', () => {
  const needs: Readonly<Record<string, object>> = {
    task_timeline: { task_id: idOf('a', ID.task) },
    list_task_runs: { task_id: idOf('a', ID.task) },
    list_task_overrides: { task_id: idOf('a', ID.task) },
    list_job_events: { job_id: idOf('a', ID.ownJob) },
    list_documents: { corpus_id: idOf('a', ID.corpus) },
    run_timeline: { run_id: idOf('a', ID.ownRun) },
    list_template_versions: { template_id: 'd0000000-0000-4000-8000-000000000004' },
    search_events: { query: 'task' },
  };
  const lists = OPERATIONS.filter(({ page, name }) => page?.more === 'extra' && name !== 'list_jobs');
  it.each(lists.map((operation) => [operation.name, operation] as const))(
    '%s gives each thing once, page by page',
    async (name, operation) => {
      await brain.sql(`insert into codered.tests (repository_id, number, key, suite, name)
      select ${numberOf('a', ID.repository)}, n, gen_random_uuid(), 's' || n, 'n' from generate_series(101, 103) n
      on conflict do nothing`);
      const given = { ...('project_id' in operation.input.shape ? { project_id } : {}), ...needs[name] };
      const all = await runOperation(brain, operation, {
        userId: member,
        input: operation.input.parse({ ...given, batch: 200 }),
      });
      const seen: unknown[] = [];
      let after: Readonly<Record<string, unknown>> | null = {};
      for (let pages = 0; after !== null && pages < 12; pages += 1) {
        const input = operation.input.parse({ ...given, batch: 1, ...after });
        const { output, next } = await runOperation(brain, operation, { userId: member, input });
        seen.push(...(output as unknown[]));
        after = next;
      }
      expect(seen).toEqual((all.output as unknown[]).slice(0, 12));
    },
  );
});
