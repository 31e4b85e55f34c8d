// Work over REST as an agent's runner does it: a pipeline from research to qa, questions, what is refused, and what is kept of it.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WORK_TYPES } from '../../src/model/agent-results.ts';
import { ID, idOf, PEOPLE } from '../brain/security/two-orgs.ts';
import { FITTING, type Packet } from '../support/agent-work.ts';
import { openRestServer, type RestServer, type Sent } from '../support/rest-server.ts';

let server: RestServer;
let token = '';
beforeAll(async () => {
  server = await openRestServer();
  token = await server.tokenOf(PEOPLE.a.member);
});
afterAll(() => server.close());
beforeEach(() => server.brain.script('delete from codered.agent_jobs'));

const project = idOf('a', ID.project);
const place = `/projects/${project}`;
const TYPES = WORK_TYPES.filter((type) => type !== 'stage');
/** Has the form of a token of GitHub's, and is none. */
const SECRET = `ghp_${'Zq3'.repeat(12)}`;

const send = (path: string, body: unknown): ReturnType<RestServer['ask']> =>
  server.ask(token, path, { method: 'POST', body });
const get = (path: string, sent: Sent = {}) => server.ask(token, path, sent);
const queue = async (agent_type: string, input: object = {}) =>
  (await send(`${place}/jobs`, { agent_type, input })).json.job_id as string;
const claim = async (more: object = {}) =>
  (await send('/work/claims', { worker: 'runner', types: TYPES, ...more })).json.work as (Packet & {
    result_schema: unknown;
  })[];
const take = async () => {
  const [packet] = await claim();
  if (packet === undefined) throw new Error('There is nothing to take.');
  return packet;
};
const end = (how: string, packet: Packet, more: object = {}) =>
  send(`/work/${packet.work_id}/${how}`, { claim: packet.claim, ...more });
const complete = (packet: Packet, more: object = {}) =>
  end('complete', packet, { result: FITTING[packet.type], ...more });

describe('a pipeline', () => {
  it('goes from an idea to code that was tested, each result where its document has it', async () => {
    const made = (await send(`${place}/pipelines`, { input: { user_idea: 'A CRM', note: SECRET } })).json;
    for (const type of made.steps) {
      const packet = await take();
      expect(packet).toMatchObject({ type, result_schema: { type: 'object', additionalProperties: false } });
      const progress = await end('progress', packet, { progress: 50, note: `with ${SECRET}` });
      expect(progress.json).toMatchObject({ status: 'running', stop: false });
      expect((await get(`/jobs/${packet.work_id}`)).json.progress_note).toBe('with [redacted:github-token]');
      const done = await complete(packet, { usage: { tokens_in: 10, tokens_out: 5, model_id: 'org-a-model' } });
      expect([done.status, done.json.status, typeof done.json.next_job_id]).toEqual([
        200,
        'completed',
        type === 'qa' ? 'object' : 'string',
      ]);
    }
    expect((await get(`/jobs/${made.job_id}`)).json).toMatchObject({ status: 'completed', progress: 100 });
    const [landed] = await server.brain.sql(
      'select requirements_spec, architecture_spec from codered.projects where id = $1::uuid',
      [project],
    );
    expect(JSON.parse(landed?.requirements_spec ?? '')).toEqual(FITTING.research);
    expect(JSON.parse(landed?.architecture_spec ?? '')).toEqual(FITTING.wireframe);
    expect((await get(`${place}/files/content?path=src/app.ts`)).json.content).toBe(FITTING.code.code);
    const runs = (await get(`${place}/agent-runs?agent=qa`)).json.items;
    expect(runs).toMatchObject([{ status: 'succeeded', tokens_prompt: 10, model: 'org-a-model' }]);
    const { full_input, full_output } = (await get(`${place}/agent-runs/${runs[0].id}`)).json;
    expect(JSON.parse(full_input)).toMatchObject({ input: { results: { research: FITTING.research } } });
    expect(JSON.parse(full_output)).toEqual(FITTING.qa);
    expect(full_input).not.toContain(SECRET);
  });
});

describe('an ending', () => {
  it('with the number of an earlier claim changes nothing; the same twice is answered once', async () => {
    await queue('qa');
    const packet = await take();
    const stale = await complete({ ...packet, claim: packet.claim - 1 });
    expect([stale.status, stale.json.code]).toEqual([409, 'CR005']);
    const first = await complete(packet);
    expect(await complete(packet)).toMatchObject({ status: 200, json: first.json });
    const other = await end('fail', packet, { error: 'No' });
    expect([other.status, other.json.code]).toEqual([409, 'CR003']);
  });

  it('in failure says why without secrets, in the job and among the errors', async () => {
    const id = await queue('qa');
    const failed = await end('fail', await take(), { error: `No luck with ${SECRET}`, is_final: true });
    expect(failed.json).toEqual({ status: 'failed' });
    const { error } = (await get(`/jobs/${id}`)).json;
    expect(error).toBe('No luck with [redacted:github-token]');
    const errors = (await get(`${place}/errors?source=agent`)).json.items;
    expect(errors).toContainEqual(expect.objectContaining({ message: error, error_code: 'agent.qa' }));
    expect(JSON.stringify(await server.brain.sql('select * from codered.agent_runs'))).not.toContain(SECRET);
  });

  it('of a stage tells how its run stands; given back it costs no attempt', async () => {
    const [spec] = await server.brain.sql(
      `with made as (insert into codered.workflow_templates (slug, name, type) values ('told', 'T', 't') returning id)
       insert into codered.specs (template_id, version, stages, visibility, published_at)
       select id, 'v1', '[{"id": "G1", "max_attempts": 1, "outputs": ["a.md"]}]', 'system', now() from made returning id`,
    );
    const run = await send('/runs', { spec_id: spec?.id, intent: {}, project_id: project });
    expect(run.status).toBe(201);
    const [first] = await claim({ types: ['stage'], project_id: project });
    const given = await end('release', first as Packet);
    expect(given.json).toEqual({ status: 'error', run_status: 'running', pause_reason: null });
    const [again] = await claim({ types: ['stage'], project_id: project });
    expect((await end('complete', again as Packet, { result: { artifacts: [] } })).json).toMatchObject({
      status: 'failed',
      run_status: 'paused',
      pause_reason: 'Gate G1 failed: MISSING_ARTIFACT',
    });
    const runs = (await get(`${place}/agent-runs?agent=stage`)).json.items;
    expect(runs.map(({ status }: { status: string }) => status)).toEqual(['failed', 'aborted']);
  });

  it.each([
    ['a number for a text', { ...FITTING.qa, summary: 5 }, 'result.summary'],
    ['two wrong fields', { passed: 1, issues: {}, summary: '' }, 'result.issues'],
    ['NUL', { ...FITTING.qa, summary: 'a\u0000b' }, 'result.summary'],
    ['half a pair', { ...FITTING.qa, summary: '\ud800' }, 'result.summary'],
    ['another key', { ...FITTING.qa, constructor: { prototype: 1 } }, 'result.constructor'],
    ['nothing', null, 'result'],
    ['deep lists', JSON.parse(`${'['.repeat(900)}${']'.repeat(900)}`), 'result'],
    ['100,000 wrong entries', { ...FITTING.qa, issues: Array(100_000).fill(1) }, 'more than 20000 values'],
    ['a thousand wrong entries', { ...FITTING.qa, issues: Array(1000).fill({ severity: 1 }) }, 'and '],
  ])('with %s for a result names the field, and leaves the job to be completed', async (_, result, words) => {
    await queue('qa');
    const packet = await take();
    const refused = await complete(packet, { result });
    expect([refused.status, refused.json.code]).toEqual([400, 'CR002']);
    expect(refused.json.detail).toContain(words);
    expect(refused.text.length).toBeLessThan(3_000);
    expect((await complete(packet)).json.status).toBe('completed');
  });

  it('with the key __proto__, or with 10 MB, is refused before it is looked at', async () => {
    await queue('qa');
    const packet = await take();
    const path = `/work/${packet.work_id}/complete`;
    const raw = `{"claim": ${packet.claim}, "result": {"__proto__": {"passed": true}}}`;
    expect((await server.ask(token, path, { method: 'POST', raw })).status).toBe(400);
    const large = `{"claim": ${packet.claim}, "result": {"summary": "${'x'.repeat(10_485_760)}"}}`;
    expect((await server.ask(token, path, { method: 'POST', raw: large })).status).toBe(413);
    expect((await complete(packet)).json.status).toBe('completed');
  });
});

describe('questions', () => {
  it('are asked, answered once, and come with the next claim', async () => {
    const id = await queue('research', { user_idea: 'A CRM' });
    const asked = await end('questions', await take(), { questions: [{ id: 'q1', question: 'For whom?' }] });
    expect(asked.json).toEqual({ status: 'waiting_for_input' });
    expect(await claim()).toEqual([]);
    const answer = { responses: [{ question_id: 'q1', answer: 'Walkers' }] };
    expect((await send(`/jobs/${id}/respond`, answer)).status).toBe(200);
    const twice = await send(`/jobs/${id}/respond`, answer);
    expect([twice.status, twice.json.code]).toEqual([409, 'CR003']);
    expect((await take()).answers).toEqual([{ question_id: 'q1', question: 'For whom?', answer: 'Walkers' }]);
  });

  it('of a stage are refused with what to do', async () => {
    const [stage] = await server.brain.sql('select id from codered.gate_executions where run_id = $1::uuid', [
      idOf('a', ID.ownRun),
    ]);
    const body = { claim: 1, questions: [{ id: 'q', question: 'What?' }] };
    const refused = await send(`/work/${stage?.id}/questions`, body);
    expect([refused.status, refused.json.code]).toEqual([409, 'CR003']);
    expect(refused.json.detail).toContain('approval');
  });
});

it('has the JSON Schema of every type', async () => {
  for (const type of WORK_TYPES) {
    expect((await get(`/work/result-schemas/${type}`)).json).toMatchObject({ type, result_schema: { type: 'object' } });
  }
  expect((await get('/work/result-schemas/pipeline')).status).toBe(400);
});
