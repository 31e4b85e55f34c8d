// Workflow runs in SQL: started from a published spec, gate by gate, tried again, paused, resumed, cancelled; and the views over them.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

const intentSchema = [
  { field: 'word', type: 'string', required: true, description: 'The word to research' },
  { field: 'angle', type: 'enum', options: ['etymology', 'cultural'], default: 'etymology' },
  { field: 'depth', type: 'integer' },
  { field: 'share', type: 'number' },
  { field: 'draft', type: 'boolean', default: false },
];
const stages = [
  { order: 1, id: 'G1', name: 'Intake', type: 'intake', agent: 'intent-parser', model_id: 'priced' },
  {
    order: 2,
    id: 'G2',
    name: 'Research',
    type: 'research',
    agent: 'researcher',
    model_id: 'not-known',
    max_attempts: 2,
  },
  { order: 3, id: 'G3', name: 'Audit', type: 'audit' },
];

describe.each(testBackends)('workflow runs (%s)', (backend) => {
  let brain: TestBrain;
  let ours: OrgScene;
  let theirs: OrgScene;
  let colleague: OrgScene;
  let spec: string;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    [ours, theirs, colleague] = [await makeOrg(brain), await makeOrg(brain), await makeOrg(brain)];
    await brain.sql('insert into codered.memberships (org_id, user_id) values ($1, $2)', [ours.org, colleague.member]);
    await brain.script(`insert into codered.models (id, provider, display_name, tier, input_cost_per_1k, output_cost_per_1k)
      values ('priced', 'anthropic', 'Priced', 'top', 0.01, 0.1), ('free-of-price', 'openai', 'No price', 'low', null, null)`);
    spec = await newSpec();
  });
  afterAll(() => brain?.close());

  const newDraft = async ({ fields = intentSchema as unknown, steps = stages as unknown, version = 'v1.0.0' } = {}) => {
    const slug = randomUUID();
    await brain.sql(
      "insert into codered.workflow_templates (slug, name, type) values ($1, 'Etymology', 'visual-essay')",
      [slug],
    );
    const [row] = await brain.sql(
      `insert into codered.specs (template_id, version, intent_schema, stages, visibility)
       select id, $2, $3::jsonb, $4::jsonb, 'system' from codered.workflow_templates where slug = $1 returning id`,
      [slug, version, JSON.stringify(fields), JSON.stringify(steps)],
    );
    return row?.id ?? '';
  };
  const publish = async (spec_id: string) => asRow(await brain.call('publish_spec', { spec_id }));
  const newSpec = async (draft: Parameters<typeof newDraft>[0] = {}) =>
    textOf(await publish(await newDraft(draft)), 'id');
  const startAs = (who: OrgScene, intent: unknown, more: object = {}) =>
    who.asMember('start_workflow_run', { spec_id: spec, intent, ...more }).then(asRow);
  const newRun = async (who = ours, more: object = {}) =>
    textOf(await startAs(who, { word: 'serendipity' }, more), 'id');
  const startGate = async (run_id: string, gate_id: string) =>
    asRow(await brain.call('start_gate', { run_id, gate_id }));
  const finishGate = async (run_id: string, gate_id: string, outcome: object) =>
    asRow(await brain.call('finish_gate', { run_id, gate_id, outcome: outcome as Json }));
  const passGate = async (run: string, gate: string) => {
    await startGate(run, gate);
    return finishGate(run, gate, { status: 'passed' });
  };
  const failGate = async (run: string, gate: string, fail_codes: string[] = []) => {
    await startGate(run, gate);
    return finishGate(run, gate, { status: 'failed', fail_codes });
  };
  const runRow = async (run: string) => (await brain.sql('select * from codered.runs where id = $1', [run]))[0];
  const attempts = (run: string) =>
    brain
      .sql(
        "select gate_id || '/' || attempt_number || ' ' || status as attempt from codered.gate_executions where run_id = $1 order by gate_order, attempt_number",
        [run],
      )
      .then((rows) => rows.map((row) => row.attempt));

  describe('publishing', () => {
    it('stamps the time and a hash of what is promised, for good', async () => {
      const id = await newDraft();
      const published = await publish(id);
      expect(published).toMatchObject({
        published_at: expect.any(String),
        version_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
      expect(await publish(id)).toEqual(published);
      const same = await publish(await newDraft({ version: 'v2' }));
      const other = await publish(await newDraft({ steps: stages.slice(1) }));
      expect(same.version_hash).toBe(published.version_hash);
      expect(other.version_hash).not.toBe(published.version_hash);
    });

    it('lets a draft change and gives it no hash', async () => {
      const id = await newDraft();
      const [row] = await brain.sql(
        "update codered.specs set stages = '[]', version_hash = 'mine' where id = $1 returning version_hash",
        [id],
      );
      expect(row).toEqual({ version_hash: null });
    });

    it.each([
      ['intent_schema', [{ type: 'string' }], 'a field name'],
      [
        'intent_schema',
        [
          { field: 'a', type: 'string' },
          { field: 'a', type: 'string' },
        ],
        'each field once',
      ],
      ['intent_schema', [{ field: 'a', type: 'date' }], 'string, enum, number'],
      ['intent_schema', [{ field: 'a', type: 'enum' }], 'options for an enum'],
      ['intent_schema', [{ field: 'a', type: 'enum', options: ['x'], default: 'y' }], 'a default'],
      ['intent_schema', ['word'], 'a field name'],
      ['stages', [{ name: 'x' }], 'an id'],
      ['stages', [{ id: 'a' }, { id: 'a' }], 'each id once'],
      ['stages', [{ id: 'a', order: -1 }], 'an order'],
      ['stages', [{ id: 'a', max_attempts: 0 }], 'max_attempts'],
      ['stages', [1], 'an id'],
    ])('refuses %s of %j', async (column, value, allowed) => {
      const id = await newDraft(column === 'stages' ? { steps: value } : { fields: value });
      expect(await refusalOf(publish(id))).toMatchObject(refused('CR002', `specs.${column}`, allowed));
    });

    it('is for operators and the app', async () => {
      const id = await newDraft();
      expect(await refusalOf(ours.asMember('publish_spec', { spec_id: id }))).toMatchObject({ code: 'CR008' });
      expect(await refusalOf(ours.asMember('publish_spec', { spec_id: randomUUID() }))).toMatchObject({
        code: 'CR004',
      });
      const operator = await makeOrg(brain);
      await brain.sql("update codered.profiles set role = 'admin' where id = $1", [operator.member]);
      expect(await operator.asMember('publish_spec', { spec_id: id })).toMatchObject({
        published_at: expect.any(String),
      });
    });

    it('holds the template of a spec and a spec that has run', async () => {
      await newRun();
      for (const statement of [
        'delete from codered.specs where id = $1',
        'delete from codered.workflow_templates where id = (select template_id from codered.specs where id = $1)',
      ]) {
        expect(await refusalOf(brain.sql(statement, [spec]))).toMatchObject(refused('CR003', 'in use'));
      }
    });
  });

  describe('starting', () => {
    it('fills the intent, names the run and makes its gates in order', async () => {
      const run = await startAs(ours, { word: 'serendipity' }, { project_id: ours.project });
      const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
      expect(run).toMatchObject({
        status: 'pending',
        user_id: ours.member,
        project_id: ours.project,
        intent: { word: 'serendipity', angle: 'etymology', draft: false },
        project_slug: `serendipity-etymology-${day}`,
        display_name: 'Serendipity',
        total_gates: 3,
        gates_passed: 0,
        started_at: null,
      });
      expect(
        await brain.sql(
          'select gate_id, gate_name, phase, gate_order, agent_slug, model_id, model_provider, status, max_attempts from codered.gate_executions where run_id = $1 order by gate_order',
          [textOf(run, 'id')],
        ),
      ).toMatchObject([
        {
          gate_id: 'G1',
          gate_name: 'Intake',
          phase: 'intake',
          gate_order: '1',
          agent_slug: 'intent-parser',
          model_id: 'priced',
          model_provider: 'anthropic',
        },
        { gate_id: 'G2', model_id: null, model_provider: null, max_attempts: '2', status: 'pending' },
        { gate_id: 'G3', agent_slug: null, max_attempts: '3' },
      ]);
    });

    it.each([
      [
        { word: 'a', angle: 'cultural', depth: 3, share: 0.5, draft: true },
        { angle: 'cultural', depth: 3 },
      ],
      [
        { word: 'a', angle: null, draft: null },
        { angle: 'etymology', draft: false },
      ],
      [{ word: '漢字' }, { word: '漢字' }],
    ])('takes %j', async (intent, kept) => {
      expect((await startAs(ours, intent)).intent).toMatchObject(kept);
    });

    it.each([
      [{}, 'word', 'null', 'text that is not blank'],
      [{ word: ' ' }, 'word', ' ', 'not blank'],
      [{ word: 7 }, 'word', '7', 'text'],
      [{ word: 'a', angle: 'legal' }, 'angle', 'legal', 'etymology, cultural'],
      [{ word: 'a', angle: ['etymology'] }, 'angle', 'etymology', 'etymology, cultural'],
      [{ word: 'a', depth: 1.5 }, 'depth', '1.5', 'a whole number'],
      [{ word: 'a', share: 'NaN' }, 'share', 'NaN', 'a number'],
      [{ word: 'a', draft: 'yes' }, 'draft', 'yes', 'true or false'],
      [{ word: 'a', tone: 'dry' }, 'tone', 'dry', 'the fields word, angle, depth, share, draft'],
    ])('refuses %j', async (intent, field, value, allowed) => {
      expect(await refusalOf(startAs(ours, intent))).toMatchObject(
        refused('CR002', `runs.intent.${field} is`, value, allowed),
      );
    });

    it('refuses an intent that is no object, or is too large', async () => {
      expect(await refusalOf(startAs(ours, ['a']))).toMatchObject(refused('CR002', 'runs.intent is', 'a JSON object'));
      expect(await refusalOf(startAs(ours, { word: 'x'.repeat(300_000) }))).toMatchObject(
        refused('CR002', 'runs.intent', '262144'),
      );
    });

    it('refuses a spec that is a draft, retired, without stages or not to be seen', async () => {
      const go = (spec_id: string) => refusalOf(startAs(ours, { word: 'a' }, { spec_id }));
      expect(await go(await newDraft())).toMatchObject({ code: 'CR003' });
      expect(await go(await newSpec({ steps: [] }))).toMatchObject(refused('CR003', 'specs.stages'));
      const retired = await newSpec();
      await brain.sql('update codered.specs set is_active = false where id = $1', [retired]);
      expect(await go(retired)).toMatchObject({ code: 'CR004' });
      expect(
        await refusalOf(
          brain.call('start_workflow_run', { spec_id: retired, intent: { word: 'a' }, project_id: ours.project }),
        ),
      ).toMatchObject(refused('CR003', 'is_active = false'));
      expect(await go(randomUUID())).toMatchObject({ code: 'CR004' });
    });

    it('refuses the project or the spec of another organisation', async () => {
      expect(await refusalOf(newRun(ours, { project_id: theirs.project }))).toMatchObject(
        refused('CR004', 'There is no project'),
      );
      const [foreign] = await brain.sql(
        `insert into codered.specs (project_id, repo, branch, storage_path, stages, published_at)
         values ($1, 'a/b', 'main', 'w.yml', '[{"id": "A"}]', now()) returning id`,
        [theirs.project],
      );
      const spec_id = foreign?.id;
      expect(await refusalOf(newRun(ours, { spec_id }))).toMatchObject(refused('CR004', 'There is no spec'));
      expect(await theirs.asMember('start_workflow_run', { spec_id, intent: {} })).toMatchObject({
        project_id: theirs.project,
        display_name: 'w.yml',
      });
      expect(
        await refusalOf(
          brain.call('start_workflow_run', { spec_id: spec_id ?? '', intent: {}, project_id: ours.project }),
        ),
      ).toMatchObject({ code: 'CR007' });
    });

    it('is held to the same rules when a member inserts the row, under their own name only', async () => {
      const insert = (user: string, intent: string) =>
        statementAs(
          brain,
          ours.member,
          `insert into codered.runs (spec_id, user_id, intent) values ('${spec}', '${user}', '${intent}')`,
        );
      expect(await insert(ours.member, '{"word": "by hand"}')).toBe(1);
      const [run] = await brain.sql("select id, total_gates from codered.runs where display_name = 'By hand'");
      expect(run?.total_gates).toBe('3');
      expect(await refusalOf(insert(ours.member, '{}'))).toMatchObject({ code: 'CR002' });
      expect(await refusalOf(insert(theirs.member, '{"word": "x"}'))).toMatchObject({ code: '42501' });
    });

    it('asks for a project when nobody is signed in', async () => {
      expect(await refusalOf(brain.call('start_workflow_run', { spec_id: spec, intent: { word: 'a' } }))).toMatchObject(
        refused('CR002', 'runs.project_id'),
      );
      expect(
        await brain.call('start_workflow_run', {
          spec_id: spec,
          intent: { word: 'a' },
          project_id: ours.project,
          display_name: 'Nightly',
        }),
      ).toMatchObject({ user_id: null, display_name: 'Nightly' });
    });
  });

  describe('gates', () => {
    it('run in order, one at a time, and the last that passes completes the run', async () => {
      const run = await newRun();
      expect(await refusalOf(startGate(run, 'G2'))).toMatchObject(refused('CR003', 'pending', 'G1'));
      expect(await startGate(run, 'G1')).toMatchObject({ status: 'running', started_at: expect.any(String) });
      expect(await runRow(run)).toMatchObject({
        status: 'running',
        current_gate: 'G1',
        started_at: expect.any(String),
      });
      expect(await refusalOf(startGate(run, 'G1'))).toMatchObject(refused('CR003', 'running', 'pending'));
      expect(await refusalOf(startGate(run, 'G2'))).toMatchObject(refused('CR003', 'running', 'G1'));
      await finishGate(run, 'G1', { status: 'warning' });
      await startGate(run, 'G2');
      await finishGate(run, 'G2', { status: 'skipped' });
      await startGate(run, 'G3');
      await finishGate(run, 'G3', { status: 'overridden' });
      expect(await runRow(run)).toMatchObject({
        status: 'completed',
        result: 'PASSED',
        gates_passed: '3',
        current_gate: null,
        finished_at: expect.any(String),
      });
      expect(await refusalOf(startGate(run, 'G3'))).toMatchObject({ code: 'CR003' });
    });

    it('keep what they are told, and work out cost and duration', async () => {
      const run = await newRun();
      await startGate(run, 'G1');
      const validation_results = [{ type: 'file_exists', target: 'CONCEPTS.md', passed: true }];
      expect(
        await finishGate(run, 'G1', {
          status: 'passed',
          validation_results,
          tokens_in: 2000,
          tokens_out: 500,
          prompt_packet: 'p',
          raw_output: 'o',
        }),
      ).toMatchObject({
        validation_results,
        cost_usd: 0.07,
        duration_ms: expect.any(Number),
        prompt_packet: 'p',
        completed_at: expect.any(String),
      });
      await startGate(run, 'G2');
      await finishGate(run, 'G2', { status: 'failed', tokens_in: 10, tokens_out: 1, cost_usd: 0.5, duration_ms: 12 });
      await startGate(run, 'G2');
      expect(await finishGate(run, 'G2', { status: 'passed', tokens_in: 10, duration_ms: 12 })).toMatchObject({
        cost_usd: null,
        duration_ms: 12,
      });
      expect(await runRow(run)).toMatchObject({
        total_tokens_in: '2020',
        total_tokens_out: '501',
        total_cost_usd: '0.570000',
        gates_passed: '2',
        gates_failed: '0',
      });
    });

    it('are tried again until their attempts are used up, then the run is paused and says why', async () => {
      const run = await newRun();
      await passGate(run, 'G1');
      await failGate(run, 'G2', ['HEADING_MISMATCH']);
      expect(await runRow(run)).toMatchObject({ status: 'running', gates_failed: '0' });
      await failGate(run, 'G2', ['MISSING_ARTIFACT', 'HEADING_MISMATCH']);
      expect(await runRow(run)).toMatchObject({
        status: 'paused',
        pause_reason: 'Gate G2 failed: MISSING_ARTIFACT, HEADING_MISMATCH',
        gates_failed: '1',
        current_gate: 'G2',
      });
      expect(await refusalOf(startGate(run, 'G2'))).toMatchObject(refused('CR003', 'runs.status', 'paused'));
      expect(await ours.asMember('resume_run', { run_id: run })).toMatchObject({
        status: 'running',
        pause_reason: null,
        gates_failed: 0,
      });
      await failGate(run, 'G2');
      expect(await runRow(run)).toMatchObject({ status: 'paused', pause_reason: 'Gate G2 failed' });
      await brain.call('resume_run', { run_id: run });
      await passGate(run, 'G2');
      await passGate(run, 'G3');
      expect(await attempts(run)).toEqual([
        'G1/1 passed',
        'G2/1 failed',
        'G2/2 failed',
        'G2/3 failed',
        'G2/4 passed',
        'G3/1 passed',
      ]);
      expect(await runRow(run)).toMatchObject({ status: 'completed' });
    });

    it('tell a late answer about an attempt that is past', async () => {
      const run = await newRun();
      await failGate(run, 'G1');
      await startGate(run, 'G1');
      expect(await refusalOf(finishGate(run, 'G1', { status: 'passed', attempt_number: 1 }))).toMatchObject(
        refused('CR003', 'attempt_number', '2, the newest'),
      );
      expect(await finishGate(run, 'G1', { status: 'passed', attempt_number: 2 })).toMatchObject({ attempt_number: 2 });
    });

    it.each([
      ['gate_executions.status', { status: 'done' }, 'passed, failed'],
      ['gate_executions.status', {}, 'passed, failed'],
      ['gate_executions.status', { status: 'running' }, 'passed, failed'],
      ['gate_executions.verdict', { status: 'passed', verdict: 1 }, 'the keys'],
      ['gate_executions.duration_ms', { status: 'passed', duration_ms: -1 }, '0 or more'],
      ['gate_executions.tokens_in', { status: 'passed', tokens_in: 1e10 }, 'a whole number'],
      ['gate_executions.tokens_out', { status: 'passed', tokens_out: -5 }, '0 or more'],
      ['gate_executions.cost_usd', { status: 'passed', cost_usd: 'NaN' }, 'US dollars'],
      ['gate_executions.cost_usd', { status: 'passed', cost_usd: -0.1 }, 'US dollars'],
      ['gate_executions.fail_codes', { status: 'failed', fail_codes: ['missing artifact'] }, 'codes of A-Z'],
      ['gate_executions.fail_codes', { status: 'failed', fail_codes: [['A']] }, 'a list of texts'],
      ['gate_executions.validation_results', { status: 'failed', validation_results: {} }, 'a JSON array'],
      ['gate_executions.raw_output', { status: 'passed', raw_output: 'x'.repeat(8_388_609) }, '8388608'],
    ])('refuse an outcome whose %s is wrong (%#)', async (named, outcome, allowed) => {
      const run = await newRun();
      await startGate(run, 'G1');
      expect(await refusalOf(finishGate(run, 'G1', outcome))).toMatchObject(refused('CR002', named, allowed));
      expect(await attempts(run)).toEqual(['G1/1 running', 'G2/1 pending', 'G3/1 pending']);
    });

    it('refuse to be finished unstarted, and what is not there', async () => {
      const run = await newRun();
      expect(await refusalOf(finishGate(run, 'G1', { status: 'passed' }))).toMatchObject({ code: 'CR003' });
      await startGate(run, 'G1');
      expect(await refusalOf(finishGate(run, 'G2', { status: 'passed' }))).toMatchObject(refused('CR003', 'pending'));
      expect(await refusalOf(startGate(run, 'G9'))).toMatchObject(refused('CR004', 'gate', 'G9'));
      expect(await refusalOf(startGate(randomUUID(), 'G1'))).toMatchObject(refused('CR004', 'There is no run'));
    });

    it('are the app’s to start and finish', async () => {
      const run = await newRun();
      expect(await refusalOf(ours.asMember('start_gate', { run_id: run, gate_id: 'G1' }))).toMatchObject({
        code: '42501',
      });
      expect(
        await refusalOf(
          statementAs(
            brain,
            ours.member,
            `update codered.gate_executions set status = 'passed' where run_id = '${run}'`,
          ),
        ),
      ).toMatchObject({ code: '42501' });
      expect(
        await refusalOf(
          statementAs(brain, ours.member, `update codered.runs set status = 'cancelled' where id = '${run}'`),
        ),
      ).toMatchObject({ code: '42501' });
    });
  });

  describe('totals', () => {
    it('follow what is inserted, changed, moved and deleted by hand, many rows at a time', async () => {
      const [a, b] = [await newRun(), await newRun()];
      await brain.sql("update codered.gate_executions set status = 'passed', tokens_in = 10 where run_id in ($1, $2)", [
        a,
        b,
      ]);
      await brain.sql(
        `insert into codered.gate_executions (run_id, gate_id, gate_name, gate_order, status, attempt_number, tokens_in, cost_usd)
         select r, 'G' || n, 'x', n, case n when 1 then 'failed' when 2 then 'missing' else 'error' end, 2, 5, 0.25
         from unnest($1::uuid[]) r, generate_series(1, 3) n`,
        [`{${a},${b}}`],
      );
      const totals = {
        total_gates: '3',
        gates_passed: '0',
        gates_failed: '3',
        total_tokens_in: '45',
        total_cost_usd: '0.750100',
      };
      expect(await runRow(a)).toMatchObject(totals);
      expect(await runRow(b)).toMatchObject(totals);
      await brain.sql(
        "delete from codered.gate_executions where run_id = $1 and attempt_number = 2 and gate_id <> 'G1'",
        [a],
      );
      expect(await runRow(a)).toMatchObject({ gates_passed: '2', gates_failed: '1', total_tokens_in: '35' });
      await brain.sql(
        "update codered.gate_executions set run_id = $2, gate_id = 'G9' where run_id = $1 and attempt_number = 2",
        [a, b],
      );
      expect(await runRow(a)).toMatchObject({ gates_passed: '3', gates_failed: '0' });
      expect(await runRow(b)).toMatchObject({ total_gates: '4', gates_failed: '4' });
    });

    it('follow the tokens with a cost that was worked out, and leave one that was told', async () => {
      const run = await newRun();
      const set = (what: string) =>
        brain.sql(`update codered.gate_executions set ${what} where run_id = $1 and gate_id = 'G1'`, [run]);
      await set('tokens_in = 1000');
      expect(await runRow(run)).toMatchObject({ total_cost_usd: '0.010000' });
      await set("model_id = 'free-of-price'");
      expect(
        await brain.sql(
          "select model_provider, cost_usd from codered.gate_executions where run_id = $1 and gate_id = 'G1'",
          [run],
        ),
      ).toEqual([{ model_provider: 'openai', cost_usd: null }]);
      await set('cost_usd = 3');
      await set("model_id = 'priced', tokens_in = 5000");
      expect(await runRow(run)).toMatchObject({ total_cost_usd: '3.000000', total_tokens_in: '5000' });
    });
  });

  describe('pausing and cancelling', () => {
    it('pauses with a reason; the gate that runs may still finish, and resuming goes on from there', async () => {
      const run = await newRun();
      for (const gate of ['G1', 'G2']) await passGate(run, gate);
      await startGate(run, 'G3');
      expect(await ours.asMember('pause_run', { run_id: run, reason: 'lunch' })).toMatchObject({
        status: 'paused',
        pause_reason: 'lunch',
      });
      expect(await ours.asMember('pause_run', { run_id: run, reason: 'lunch' })).toMatchObject({ status: 'paused' });
      expect(await refusalOf(ours.asMember('pause_run', { run_id: run, reason: 'tea' }))).toMatchObject({
        code: 'CR003',
      });
      await finishGate(run, 'G3', { status: 'passed' });
      expect(await runRow(run)).toMatchObject({ status: 'paused', pause_reason: 'lunch' });
      expect(await ours.asMember('resume_run', { run_id: run })).toMatchObject({
        status: 'completed',
        result: 'PASSED',
      });
    });

    it('keeps a person’s reason when the gate fails meanwhile, and gives the gate its attempt on resuming', async () => {
      const run = await newRun();
      await passGate(run, 'G1');
      await failGate(run, 'G2');
      await startGate(run, 'G2');
      await ours.asMember('pause_run', { run_id: run, reason: 'lunch' });
      await finishGate(run, 'G2', { status: 'error' });
      expect(await runRow(run)).toMatchObject({ pause_reason: 'lunch' });
      await ours.asMember('resume_run', { run_id: run });
      expect(await attempts(run)).toContain('G2/3 pending');
    });

    it.each([
      ['nothing', ''],
      ['blanks', '  '],
      ['2001 characters', 'x'.repeat(2001)],
    ])('refuses to pause because of %s', async (_, reason) => {
      const run = await newRun();
      await startGate(run, 'G1');
      expect(await refusalOf(ours.asMember('pause_run', { run_id: run, reason }))).toMatchObject(
        refused('CR002', 'runs.pause_reason'),
      );
    });

    it('cancels what is not over, once, and ends the gate that runs', async () => {
      const run = await newRun();
      await startGate(run, 'G1');
      const cancelled = await ours.asMember('cancel_run', { run_id: run });
      expect(cancelled).toMatchObject({
        status: 'cancelled',
        result: null,
        finished_at: expect.any(String),
        gates_failed: 1,
      });
      expect(await ours.asMember('cancel_run', { run_id: run })).toEqual(cancelled);
      expect(
        await brain.sql("select status, fail_codes from codered.gate_executions where run_id = $1 and gate_id = 'G1'", [
          run,
        ]),
      ).toEqual([{ status: 'error', fail_codes: '{RUN_CANCELLED}' }]);
      for (const work of [
        () => startGate(run, 'G2'),
        () => finishGate(run, 'G1', { status: 'passed' }),
        () => brain.call('resume_run', { run_id: run }),
        () => brain.call('finish_run', { run_id: run, result: 'FAILED' }),
      ]) {
        expect(await refusalOf(work())).toMatchObject(refused('CR003', 'cancelled'));
      }
    });

    it('can be given up by the app, never declared passed over its gates', async () => {
      const run = await newRun();
      await startGate(run, 'G1');
      expect(await refusalOf(brain.call('finish_run', { run_id: run, result: 'PASSED' }))).toMatchObject({
        code: 'CR003',
      });
      expect(await brain.call('finish_run', { run_id: run, result: 'FAILED' })).toMatchObject({
        status: 'failed',
        result: 'FAILED',
        gates_failed: 1,
      });
      expect(
        await refusalOf(brain.sql("update codered.runs set status = 'running' where id = $1", [run])),
      ).toMatchObject({ code: 'CR003' });
    });

    it.each([
      ['pause_run', { reason: 'x' }],
      ['resume_run', {}],
      ['cancel_run', {}],
    ])('%s is for whoever started the run', async (name, more) => {
      const [own, shared] = [await newRun(), await newRun(ours, { project_id: ours.project })];
      const [gateRun] = await brain.sql(
        'insert into codered.runs (project_id, repository_id) values ($1, $2) returning id',
        [ours.project, String(ours.repository)],
      );
      const ask = (who: OrgScene, run_id: string | null | undefined) =>
        refusalOf(who.asMember(name, { run_id, ...more }));
      for (const run of [own, shared, gateRun?.id])
        expect(await ask(theirs, run)).toMatchObject(refused('CR004', 'There is no run'));
      expect(await ask(theirs, randomUUID())).toMatchObject(refused('CR004', 'There is no run'));
      expect(await ask(colleague, shared)).toMatchObject({ code: 'CR004' });
      expect(await ask(colleague, gateRun?.id)).toMatchObject({ code: 'CR008' });
    });

    it('takes a token without a user for nobody’s', async () => {
      const run = await newRun();
      const nobody: { rpc(name: string, args: object): PromiseLike<{ error: { code: string } | null }> } =
        brain.clientFor({ role: 'authenticated' });
      expect((await nobody.rpc('cancel_run', { run_id: run })).error).toMatchObject({ code: 'CR004' });
    });
  });

  describe('a status by hand', () => {
    const moves: Record<string, string[]> = {
      pending: ['running', 'cancelled'],
      running: ['paused', 'completed', 'failed', 'cancelled'],
      paused: ['running', 'cancelled'],
      completed: [],
      failed: [],
      cancelled: [],
    };
    const all = Object.keys(moves);
    const place = async (status: string, gateRun: boolean) => {
      const [row] = await brain.sql(
        `insert into codered.runs (project_id, repository_id, status, pause_reason) values ($1, $2, $3, $4) returning id`,
        [ours.project, gateRun ? String(ours.repository) : null, status, status === 'paused' ? 'x' : null],
      );
      return row?.id ?? '';
    };
    const move = (id: string, to: string) =>
      brain.sql(
        "update codered.runs set status = $2::text, pause_reason = case when $2 = 'paused' then 'x' end where id = $1 returning result, started_at, finished_at",
        [id, to],
      );

    it.each(all.flatMap((from) => all.filter((to) => to !== from).map((to) => [from, to] as const)))(
      'from %s to %s keeps to the table, and times and result with it',
      async (from, to) => {
        for (const gateRun of [false, true]) {
          const again = gateRun && to === 'running' && ['completed', 'failed'].includes(from);
          const id = await place(from, gateRun);
          if (!again && !moves[from]?.includes(to)) {
            expect(await refusalOf(move(id, to))).toMatchObject(refused('CR003', 'runs.status', `after ${from}`));
            continue;
          }
          const over = ['completed', 'failed', 'cancelled'].includes(to);
          expect((await move(id, to))[0]).toEqual({
            result: to === 'completed' ? 'PASSED' : to === 'failed' ? 'FAILED' : null,
            started_at: from === 'pending' && to === 'cancelled' ? null : expect.any(String),
            finished_at: over ? expect.any(String) : null,
          });
        }
      },
    );

    it('leaves a result that contradicts it to be refused', async () => {
      const run = await place('running', true);
      expect(
        await refusalOf(
          brain.sql("update codered.runs set status = 'completed', result = 'FAILED' where id = $1", [run]),
        ),
      ).toMatchObject(refused('CR002', 'runs.result'));
      expect(
        await refusalOf(brain.sql("update codered.runs set result = 'PASSED' where id = $1", [run])),
      ).toMatchObject({ code: 'CR002' });
      expect(await refusalOf(brain.sql("update codered.runs set status = 'over' where id = $1", [run]))).toMatchObject({
        code: 'CR002',
      });
    });
  });

  describe('views', () => {
    it('show a member their own and their organisation’s, and a stranger nothing', async () => {
      const stranger = await makeOrg(brain);
      const run = await newRun(ours, { project_id: ours.project });
      await startGate(run, 'G1');
      const gateRun = asRow(
        await brain.call('start_run', { run: { repository_id: ours.repository, commit_sha: newSha() } }),
      );
      await brain.call('add_artifact', { artifact: { run_id: run, file_name: 'CONCEPTS.md', content: 'x' } });
      const [task] = await brain.sql("insert into codered.tasks (project_id, title) values ($1, 'T') returning id", [
        ours.project,
      ]);
      await brain.call('add_artifact', { artifact: { task_id: task?.id ?? '', ref: 'x' } });
      const see = async (who: OrgScene, view: string) =>
        asRows(await statementAs(brain, who.member, `select * from codered.${view}`));
      expect((await see(ours, 'active_runs')).map((row) => row.id)).toEqual(expect.arrayContaining([run, gateRun.id]));
      // Once, though there are other specs, templates and sprints.
      await brain.sql(
        "insert into codered.workflow_templates (slug, name, type) values ($1, 'Another', 'visual-essay')",
        [randomUUID()],
      );
      expect((await see(ours, 'active_runs')).filter((row) => row.id === run)).toMatchObject([
        { version: 'v1.0.0', template_name: 'Etymology', total_gates: 3, current_gate: 'G1', sprint_label: null },
      ]);
      expect(await see(ours, 'run_gate_timeline')).toContainEqual(
        expect.objectContaining({ run_id: run, gate_id: 'G1', status: 'running' }),
      );
      const artifacts = await see(ours, 'artifact_browser');
      expect(artifacts).toContainEqual(
        expect.objectContaining({
          run_id: run,
          user_id: ours.member,
          run_name: 'Serendipity',
          file_name: 'CONCEPTS.md',
        }),
      );
      expect(artifacts).toContainEqual(expect.objectContaining({ task_id: task?.id, task_title: 'T', run_id: null }));
      expect(Object.keys(artifacts[0] ?? {})).not.toContain('content');
      expect(await see(ours, 'cost_by_model')).toContainEqual(
        expect.objectContaining({ model_id: 'priced', model_provider: 'anthropic' }),
      );
      expect((await see(colleague, 'active_runs')).map((row) => row.id)).toContain(gateRun.id);
      expect((await see(colleague, 'active_runs')).map((row) => row.id)).not.toContain(run);
      for (const view of ['active_runs', 'run_gate_timeline', 'artifact_browser', 'cost_by_model', 'status_events']) {
        expect(await see(stranger, view), view).toEqual([]);
      }
    });

    it('leave out what is retired, and what another month cost', async () => {
      const org = await makeOrg(brain);
      const run = await newRun(org, { project_id: org.project });
      await startGate(run, 'G1');
      await finishGate(run, 'G1', { status: 'passed', tokens_in: 1000 });
      const cost = () =>
        statementAs(brain, org.member, 'select model_id, total_executions, total_cost from codered.cost_by_model').then(
          asRows,
        );
      expect(await cost()).toEqual([{ model_id: 'priced', total_executions: 1, total_cost: 0.01 }]);
      await brain.sql(
        "update codered.gate_executions set created_at = date_trunc('month', now(), 'UTC') - interval '1 second' where run_id = $1",
        [run],
      );
      expect(await cost()).toEqual([]);
      const active = () => statementAs(brain, org.member, 'select id from codered.active_runs').then(asRows);
      expect(await active()).toEqual([{ id: run }]);
      await brain.sql('update codered.projects set deleted_at = now() where id = $1', [org.project]);
      expect(await active()).toEqual([]);
      expect(await statementAs(brain, org.member, 'select id from codered.run_gate_timeline')).toEqual([]);
    });

    it('answer for one run, user or project from an index', async () => {
      await brain.script(`
        insert into auth.users (email) select 'many' || n || '@example.test' from generate_series(1, 40) n;
        insert into codered.projects (slug, name, owner_user_id)
        select 'many_' || replace(u.id::text, '-', '_'), 'x', u.id from auth.users u where u.email like 'many%';
        insert into codered.runs (project_id, user_id, status)
        select p.id, p.owner_user_id, 'running' from codered.projects p, generate_series(1, 60) where p.slug like 'many%';
        insert into codered.runs (project_id, user_id, status)
        select '${ours.project}', '${ours.member}', 'running' from generate_series(1, 60);
        insert into codered.gate_executions (run_id, gate_id, gate_name, gate_order, status)
        select r.id, 'G' || n, 'x', n, 'pending' from codered.runs r, generate_series(10, 12) n;
        insert into codered.artifacts (run_id, ref) select r.id, 'x' from codered.runs r, generate_series(1, 2);
        analyze codered.runs; analyze codered.gate_executions; analyze codered.artifacts;`);
      const run = await newRun();
      const plan = async (question: string) => JSON.stringify(await brain.sql(`explain ${question}`));
      const large = /Seq Scan on (runs|gate_executions|artifacts|events)/;
      for (const [question, index] of [
        [
          `select * from codered.run_gate_timeline where run_id = '${run}' order by gate_order, attempt_number desc`,
          'gate_executions_run_',
        ],
        [
          `select * from codered.artifact_browser where run_id = '${run}' order by created_at desc`,
          'artifacts_run_id_idx',
        ],
        [
          `select * from codered.artifact_browser where user_id = '${ours.member}' order by created_at desc limit 50`,
          'artifacts_(user_id|created_at|user_created)_idx',
        ],
        [
          `select * from codered.artifact_browser where project_id = '${ours.project}' order by created_at desc limit 50`,
          'artifacts_project_id_idx',
        ],
        [`select * from codered.active_runs where project_id = '${ours.project}'`, 'runs_project_id_idx'],
        [`select * from codered.active_runs where user_id = '${ours.member}'`, 'runs_user_id_idx'],
        [`select * from codered.status_events where run_id = '${run}' order by id`, 'run_id_idx'],
      ] as const) {
        const chosen = await plan(question);
        expect(chosen, question).toMatch(new RegExp(index));
        expect(chosen, question).not.toMatch(large);
        // Row level security adds its own questions, and none of them may read everything.
        const asMember = JSON.stringify(await statementAs(brain, ours.member, `explain ${question}`));
        expect(asMember, question).not.toMatch(large);
      }
    });
  });

  it.runIf(backend === 'postgres')('one of two that finish the same gate at once does so', async () => {
    const run = await newRun();
    await startGate(run, 'G1');
    const pool = openPostgres({ url: brain.databaseUrl ?? '', onIdleError: () => {} });
    const finishOne = (status: string) =>
      pool.session((session) =>
        session.query('select codered.finish_gate($1, $2, $3)', [run, 'G1', JSON.stringify({ status })]),
      );
    const outcomes = await Promise.allSettled(['passed', 'failed', 'passed', 'failed'].map(finishOne)).finally(() =>
      pool.close(),
    );
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome.status === 'rejected').map((outcome) => outcome.reason.code)).toEqual([
      'CR003',
      'CR003',
      'CR003',
    ]);
    expect((await attempts(run)).filter((attempt) => attempt?.startsWith('G1/1'))).toHaveLength(1);
  });

  it.runIf(backend === 'postgres')('counts every gate that is written at the same time', async () => {
    const [run] = await brain.sql('insert into codered.runs (repository_id, project_id) values ($1, $2) returning id', [
      String(ours.repository),
      ours.project,
    ]);
    const pool = openPostgres({ url: brain.databaseUrl ?? '', onIdleError: () => {} });
    await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        pool.session((session) =>
          session.query(
            "insert into codered.gate_executions (run_id, gate_id, gate_name, gate_order, status, tokens_in) values ($1, $2, 'x', 1, 'passed', 1)",
            [run?.id ?? '', `C${n}`],
          ),
        ),
      ),
    ).finally(() => pool.close());
    expect(await runRow(run?.id ?? '')).toMatchObject({ total_gates: '8', gates_passed: '8', total_tokens_in: '8' });
  });
});

function asRows(answer: Json): readonly Readonly<Record<string, Json | undefined>>[] {
  if (!Array.isArray(answer)) throw new Error('the answer is no list');
  return answer.map(asRow);
}
