// Jobs under a number: who may take them, that one worker has each, and what becomes of it when it ends, is lost, asks or is cancelled.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FITTING, type Packet } from '../support/agent-work.ts';
import { bothBackends, openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { callAs, makeOrg, makeProject, signUp } from '../support/people.ts';

let brain: TestBrain;
let owner = '';
let project = '';
const close = () => brain.close();

async function open(backend: (typeof testBackends)[number]): Promise<void> {
  brain = await openTestBrain(backend);
  owner = await signUp(brain);
}
async function begin(): Promise<void> {
  await brain.script('delete from codered.agent_runs; delete from codered.agents; delete from codered.agent_jobs');
  project = await makeProject(brain, { owner });
}

const call = (name: string, args: object, who: string | null = owner) => callAs(brain, who, name, { ...args });
const queue = async (agent_type: string, input: object = {}, more: object = {}) => {
  const made = await call('create_agent_job', { project_id: project, agent_type, input, ...more });
  return (made.data as { job_id: string }).job_id;
};
const claim = async (more: object = {}, who: string | null = owner) =>
  (await call('claim_agent_jobs', { worker: 'w', ...more }, who)).data as Packet[];
/** The one that is there. */
const take = async (more: object = {}) => {
  const [packet] = await claim(more);
  if (packet === undefined) throw new Error('There is nothing to take.');
  return packet;
};
const heldBy = ({ work_id, claim: number }: Packet) => ({ job_id: work_id, claim: number });
const complete = (packet: Packet, more: object = {}, who: string | null = owner) =>
  call('complete_agent_job', { ...heldBy(packet), result: FITTING[packet.type], ...more }, who);
const fail = (packet: Packet, more: object = {}) =>
  call('fail_agent_job', { ...heldBy(packet), error: 'It broke', ...more });
const keep = (packet: Packet, more: object = {}) => call('keep_agent_job', { ...heldBy(packet), ...more });
const ask = (packet: Packet) =>
  call('ask_agent_job', { ...heldBy(packet), questions: [{ id: 'q1', question: 'Which?' }] });
const row = async (id: string) => (await brain.sql('select * from codered.agent_jobs where id = $1::uuid', [id]))[0];
const rows = (table: string) => brain.sql(`select * from codered.${table} where project_id = $1::uuid`, [project]);
const lapse = (id: string) =>
  brain.sql(
    `update codered.agent_jobs set locked_until = now() - interval '1 s', run_after = now() - interval '1 s' where id = $1::uuid`,
    [id],
  );
const makeAgent = (more: object) =>
  brain.call('upsert_agents', { agents: [{ name: 'Coder', slug: 'code', role: 'code', ...more }] } as never);

describe.each(bothBackends)('a race for a job (%s)', (backend) => {
  beforeAll(() => open(backend));
  beforeEach(begin);
  afterAll(close);

  it('has one winner, and each of many jobs is taken once', async () => {
    await queue('qa');
    const first = await Promise.all(Array.from({ length: 6 }, (_, n) => claim({ worker: `w${n}` })));
    expect(first.flat()).toHaveLength(1);
    for (let n = 0; n < 5; n += 1) await queue('qa');
    const all = (await Promise.all(Array.from({ length: 8 }, (_, n) => claim({ worker: `w${n}` })))).flat();
    expect(new Set(all.map(({ work_id }) => work_id)).size).toBe(all.length);
    const rest = await claim({ batch: 10 });
    expect(all.length + rest.length).toBe(5);
  });

  it('of a worker that was killed is finished by another, once', async () => {
    const id = await queue('research');
    const dead = await take();
    await lapse(id);
    const alive = await take({ worker: 'b' });
    expect([alive.work_id, alive.attempt, alive.claim > dead.claim]).toEqual([id, 2, true]);
    const [late, done] = await Promise.all([complete(dead), complete(alive)]);
    expect([late.code, done.data]).toEqual(['CR005', { status: 'completed', next_job_id: null }]);
    expect((await rows('agent_runs')).map(({ status }) => status).sort()).toEqual(['aborted', 'succeeded']);
  });
});

describe.each(testBackends)('work on jobs (%s)', (backend) => {
  beforeAll(() => open(backend));
  beforeEach(begin);
  afterAll(close);

  describe('who may take it', () => {
    it('is whoever it belongs to, and nobody else: not a member, not a stranger, not by its number', async () => {
      const member = await signUp(brain);
      const org = await makeOrg(brain, { [owner]: 'maintainer', [member]: 'member' });
      project = await makeProject(brain, { org });
      await queue('code');
      expect(await claim({}, member)).toEqual([]);
      expect(await claim({}, await signUp(brain))).toEqual([]);
      const packet = await take();
      for (const who of [member, await signUp(brain)]) {
        expect(await complete(packet, {}, who)).toMatchObject({ code: 'CR004' });
      }
      await brain.sql('delete from codered.memberships where user_id = $1::uuid', [owner]);
      expect(await complete(packet)).toMatchObject({ code: 'CR004' });
    });

    it('of the app’s plans of sprints are its maintainers, and of what only the app does nobody', async () => {
      const member = await signUp(brain);
      const org = await makeOrg(brain, { [owner]: 'maintainer', [member]: 'member' });
      project = await makeProject(brain, { org });
      for (const agent_type of ['plan_sprint', 'embed', 'backfill', 'pipeline']) {
        await call('create_agent_job', { project_id: project, agent_type, input: {} }, null);
      }
      // A member's own plan would hold others' pull requests.
      await call('create_agent_job', { project_id: project, agent_type: 'plan_sprint', input: {} }, member);
      expect(await claim({ batch: 10 }, member)).toEqual([]);
      expect((await claim({ batch: 10 })).map(({ type }) => type)).toEqual(['plan_sprint']);
    });

    it('goes by turns: a project with many jobs leaves another its turn', async () => {
      for (let n = 0; n < 3; n += 1) await queue('qa');
      const full = project;
      project = await makeProject(brain, { owner });
      await queue('qa');
      const order: string[] = [];
      for (let n = 0; n < 4; n += 1) order.push(((await take()) as unknown as { project_id: string }).project_id);
      expect(order).toEqual([full, project, full, full]);
    });

    it.each([
      ['no name', { worker: '' }],
      ['a batch of 11', { batch: 11 }],
      ['a lease of a second', { lease_seconds: 1 }],
      ['a type of the app', { types: ['embed'] }],
    ])('with %s is refused', async (_, wrong) => {
      expect(await call('claim_agent_jobs', { worker: 'w', ...wrong })).toMatchObject({ code: 'CR002' });
    });
  });

  describe('a claim', () => {
    it('gives all that is needed, and its number goes with all that follows', async () => {
      const id = await queue('research', { user_idea: 'A CRM' });
      const packet = await take({ types: ['research'] });
      expect(packet).toMatchObject({
        work_id: id,
        kind: 'job',
        attempt: 1,
        max_attempts: 3,
        input: { user_idea: 'A CRM' },
        agent: null,
        answers: [],
        artifacts: [],
        constraints: { allowed_zones: ['green'], spent_usd: 0 },
        prompt_packet: expect.stringContaining('"user_idea": "A CRM"'),
      });
      const kept = (await keep(packet, { progress: 40, note: 'reading' })).data;
      expect(kept).toMatchObject({ status: 'running', stop: false, locked_until: expect.any(String), progress: 40 });
      expect((await call('read_job', { job_id: id })).data).toMatchObject({ progress: 40, progress_note: 'reading' });
      const stale = { ...packet, claim: packet.claim - 1 };
      const before = await row(id);
      for (const tried of [keep(stale), ask(stale), complete(stale), fail(stale)]) {
        expect(await tried).toMatchObject({ code: 'CR005' });
      }
      expect(await row(id)).toEqual(before);
    });

    it('is not got round by those who go by a worker’s name', async () => {
      const { work_id: id } = await queueAndTake('qa');
      const before = await row(id);
      for (const [name, more] of [
        ['start_agent_job', {}],
        ['report_job_progress', { progress: 50 }],
        ['ask_job_questions', { questions: [{ id: 'a', question: 'b' }] }],
      ] as const) {
        expect(await call(name, { job_id: id, worker: 'w', ...more }, null)).toMatchObject({ code: 'CR005' });
      }
      await brain.call('complete_job', { id, worker: 'w', result: {} });
      await brain.call('retry_job', { id, worker: 'w', error: 'x', delay_ms: 0 } as never);
      await brain.call('fail_job', { id, worker: 'w', error: 'x' });
      expect(await row(id)).toEqual(before);
      await lapse(id);
      expect(await call('start_agent_job', { job_id: id, worker: 'w' }, null)).toMatchObject({ data: { attempts: 2 } });
      await brain.call('complete_job', { id, worker: 'w', result: {} });
      expect(await row(id)).toMatchObject({ status: 'completed' });
    });

    it('that lapsed too often has failed, and says so', async () => {
      const id = await queue('qa');
      for (let n = 1; n <= 3; n += 1) {
        expect((await take()).attempt).toBe(n);
        await lapse(id);
      }
      expect(await claim()).toEqual([]);
      expect(await row(id)).toMatchObject({
        status: 'failed',
        error: 'The lease of attempt 3 of 3 ended before the work did.',
      });
      expect(await rows('errors')).toMatchObject([{ source: 'agent', error_code: 'agent.qa' }]);
    });

    it('ends with a failure that is tried again later, and for good after the last one', async () => {
      const id = await queue('qa');
      const first = await take();
      expect((await fail(first)).data).toEqual({ status: 'queued' });
      expect((await fail(first)).data).toEqual({ status: 'queued' });
      expect(await row(id)).toMatchObject({ status: 'queued', error: 'It broke', attempts: '1' });
      expect(await claim()).toEqual([]);
      await brain.sql('update codered.agent_jobs set run_after = now() where id = $1::uuid', [id]);
      expect((await fail(await take(), { is_final: true })).data).toEqual({ status: 'failed' });
      expect(await rows('errors')).toMatchObject([{ message: 'It broke' }, { message: 'It broke' }]);
    });

    it('is given back without an attempt being spent, twenty times, and nothing of before is lost', async () => {
      const id = await queue('code');
      const giveBack = (packet: Packet, more: object = {}) => call('release_agent_job', { ...heldBy(packet), ...more });
      const first = await take();
      expect((await giveBack(first, { usage: { cost_usd: 0.5 } })).data).toEqual({ status: 'queued' });
      expect((await giveBack(first, { usage: { cost_usd: 0.5 } })).data).toEqual({ status: 'queued' });
      expect(await complete(first)).toMatchObject({ code: 'CR003' });
      expect(await row(id)).toMatchObject({ status: 'queued', attempts: '0', releases: '1' });
      expect(await rows('agent_runs')).toMatchObject([{ status: 'aborted', approx_cost_usd: '0.500000' }]);
      await brain.sql('update codered.agent_jobs set releases = 19 where id = $1::uuid', [id]);
      const states: (string | null | undefined)[] = [];
      for (let times = 0; times < 4; times += 1) {
        await giveBack(await take());
        const { status, attempts } = (await row(id)) ?? {};
        states.push(`${status} ${attempts}`);
      }
      expect(states).toEqual(['queued 0', 'queued 1', 'queued 2', 'failed 3']);
      expect((await row(id))?.error).toContain('given back 22 times');
      expect(await giveBack(first)).toMatchObject({ code: 'CR005' });
    });

    it('that lapsed after its last attempt ends though nobody claims any more, and another stays to be taken', async () => {
      const [last, other, asked] = [await queue('qa', {}, {}), await queue('code'), await queue('research')];
      await brain.sql(`update codered.agent_jobs set max_attempts = 1 where id = $1::uuid`, [last]);
      await claim({ batch: 3 });
      const lapseFor = (minutes: number) =>
        brain.sql(`update codered.agent_jobs set locked_until = now() - make_interval(mins => $1::integer)`, [
          String(minutes),
        ]);
      await call('cancel_job', { job_id: asked });
      await lapseFor(4);
      expect(await brain.call('end_lapsed_work', {})).toMatchObject({ jobs: 0 });
      await lapseFor(6);
      expect(await brain.call('end_lapsed_work', {})).toMatchObject({ jobs: 2 });
      expect(await row(last)).toMatchObject({
        status: 'failed',
        error: expect.stringContaining('attempt 1 of 1 ended'),
      });
      expect(await row(asked)).toMatchObject({ status: 'cancelled' });
      expect(await row(other)).toMatchObject({ status: 'running' });
      expect((await rows('agent_runs')).map(({ status }) => status).toSorted()).toEqual(['aborted', 'failed']);
      expect(await brain.call('end_lapsed_work', {})).toMatchObject({ jobs: 0, problem: null });
    });

    it('that can’t be ended holds up no other', async () => {
      const [odd] = [await queue('qa'), await queue('code')];
      await claim({ batch: 2 });
      await brain.script(`
        update codered.agent_jobs set max_attempts = 1, locked_until = now() - interval '1 hour';
        insert into codered.agents (name, slug, role) values ('Jobs of the type qa', 'elsewhere', 'test')`);
      expect(await brain.call('end_lapsed_work', {})).toMatchObject({
        jobs: 1,
        problem: expect.stringContaining(`job ${odd}: `),
      });
    });

    it('of an agent for short work is held for an hour at the most', async () => {
      const { work_id: id, ...packet } = await queueAndTake('qa', { lease_seconds: 3600 });
      const mine = { ...packet, work_id: id };
      await brain.sql(`update codered.agent_jobs set claimed_at = now() - interval '61 min' where id = $1::uuid`, [id]);
      expect((await keep(mine)).data).toMatchObject({ stop: true });
      expect(await complete(mine)).toMatchObject({ code: 'CR003', message: expect.stringContaining('long_horizon') });
      await brain.call('upsert_agents', {
        agents: [{ name: 'QA', slug: 'qa', role: 'test', long_horizon_allowed: true }],
      } as never);
      expect((await keep(mine)).data).toMatchObject({ stop: false });
      expect((await complete(mine)).data).toMatchObject({ status: 'completed' });
    });
  });

  describe('questions', () => {
    it('hold no lease and spend no attempt; answers come with the next claim', async () => {
      const id = await queue('research');
      const packet = await take();
      expect((await ask(packet)).data).toEqual({ status: 'waiting_for_input' });
      expect((await ask(packet)).data).toEqual({ status: 'waiting_for_input' });
      expect(await row(id)).toMatchObject({ locked_by: null, locked_until: null, attempts: '0', answers: null });
      expect(await claim()).toEqual([]);
      expect((await keep(packet)).data).toMatchObject({ status: 'waiting_for_input', stop: true });
      expect(await complete(packet)).toMatchObject({ code: 'CR003' });
      const answer = { job_id: id, responses: [{ question_id: 'q1', answer: 'that' }] };
      expect((await call('answer_job_questions', answer)).code).toBeNull();
      expect(await call('answer_job_questions', answer)).toMatchObject({ code: 'CR003' });
      // Whoever asked holds nothing any more.
      expect((await keep(packet)).data).toMatchObject({ stop: true, locked_until: null });
      expect(await complete(packet)).toMatchObject({ code: 'CR003' });
      const next = await take();
      expect(next.attempt).toBe(1);
      expect(next.answers).toEqual([{ question_id: 'q1', question: 'Which?', answer: 'that' }]);
      expect(
        await call('ask_agent_job', { ...heldBy(next), questions: [{ id: 'q1', question: 'Again?' }] }),
      ).toMatchObject({ code: 'CR002' });
    });

    it('that nobody answered are told as unanswered', async () => {
      const id = await queue('research');
      await ask(await take());
      // By the app's hand, as when a person is gone.
      await brain.sql(`update codered.agent_jobs set status = 'queued', run_after = now() where id = $1::uuid`, [id]);
      expect((await take()).answers).toEqual([{ question_id: 'q1', question: 'Which?', answer: null }]);
    });
  });

  describe('a result', () => {
    it.each(['qa', 'pedagogy'] as const)('of %s stays with its job', async (type) => {
      const { work_id: id } = await finish(type);
      expect(JSON.parse((await row(id))?.result ?? '')).toEqual(FITTING[type]);
    });

    it('lands where its document says', async () => {
      for (const type of ['research', 'wireframe', 'code', 'roadmap'] as const) await finish(type);
      const [spec] = await brain.sql('select * from codered.projects where id = $1::uuid', [project]);
      expect(JSON.parse(spec?.requirements_spec ?? '')).toEqual(FITTING.research);
      expect(JSON.parse(spec?.architecture_spec ?? '')).toEqual(FITTING.wireframe);
      expect(await rows('project_files')).toMatchObject([{ path: 'src/app.ts', version: '1', language: 'typescript' }]);
      expect(await rows('learning_roadmaps')).toMatchObject([{ title: 'Walks', skill_level: 'beginner' }]);
      await finish('code', { code: 'export {};', explanation: 'Less.', file_path: 'src/app.ts' });
      expect(await rows('project_files')).toMatchObject([{ path: 'src/app.ts', version: '2', content: 'export {};' }]);
      await finish('code', { code: 'export {};', explanation: 'As the document has it.' });
      expect((await rows('project_files')).map(({ path }) => path).sort()).toEqual(['src/app.ts', 'src/app/page.tsx']);
    });

    it('of a plan becomes a sprint of its spec, which has to be one of the project', async () => {
      await queue('plan_sprint', { spec_id: 'none' });
      expect(await complete(await take())).toMatchObject({ code: 'CR003', message: expect.stringContaining('spec') });
      await brain.script('delete from codered.agent_jobs');
      const spec = await makeSpec(await makeRepository());
      await queue('plan_sprint', { spec_id: spec });
      const packet = await take();
      expect(packet.artifacts).toMatchObject([{ file_path: 'spec.md', content: '# All of it' }]);
      await complete(packet);
      expect(await rows('sprints')).toMatchObject([{ spec_id: spec, label: 'Sprint 1', state: 'PLANNED' }]);
      const reports = await brain.sql(
        `select input ->> 'head_sha' as sha from codered.follow_ups where kind = 'report'`,
      );
      expect(reports).toEqual([{ sha: 'b'.repeat(40) }]);
    });

    it('of a plan shows no document of a repository that whoever takes it may not read', async () => {
      project = await makeProject(brain, { org: await makeOrg(brain, { [owner]: 'maintainer' }) });
      await makeRepository();
      await queue('plan_sprint', { spec_id: await makeSpec(await makeRepository({ isReadable: false })) });
      const packet = await take();
      expect(packet.artifacts).toEqual([]);
      expect(await complete(packet)).toMatchObject({ code: 'CR003' });
      expect(await rows('sprints')).toEqual([]);
    });

    it.each([
      ['research', { ...FITTING.research, elevator_pitch: 'short' }, 'result.elevator_pitch'],
      ['research', { ...FITTING.research, extra: 1 }, 'result.extra'],
      ['code', { ...FITTING.code, file_path: '../etc/passwd' }, 'project_files.path'],
      ['code', { ...FITTING.code, file_path: 'src/.git/hooks/x' }, 'result.file_path'],
      ['code', { ...FITTING.code, code: 'x'.repeat(5_000_000) }, 'result'],
      ['code', { ...FITTING.code, code: '\u0001' }, 'project_files.content'],
      ['qa', { ...FITTING.qa, issues: Array(20_000).fill(1) }, 'at most 20000 values'],
      ['qa', null, 'result is null'],
      ['roadmap', { ...FITTING.roadmap, total_estimated_hours: 0 }, 'result.total_estimated_hours'],
      ['qa', JSON.parse('{"__proto__": {"passed": true}, "constructor": 1}'), 'result.'],
    ] as const)(
      'of %s that does not fit says where, by whatever door, and may be handed in again',
      async (type, result, words) => {
        const { work_id: id, ...packet } = await queueAndTake(type);
        const mine = { ...packet, work_id: id };
        const before = await row(id);
        expect(await complete(mine, { result })).toMatchObject({
          code: 'CR002',
          message: expect.stringContaining(words),
        });
        expect(await row(id)).toEqual(before);
        expect((await complete(mine)).data).toMatchObject({ status: 'completed' });
      },
    );

    it('handed in again is answered as before and does nothing; another is refused', async () => {
      await call('run_pipeline', { project_id: project, input: {} });
      const packet = await take();
      const first = (await complete(packet)).data as { next_job_id: string };
      const after = await brain.sql('select count(*) as n from codered.agent_jobs');
      expect((await complete(packet)).data).toEqual(first);
      expect(first.next_job_id).toEqual(expect.any(String));
      expect(await brain.sql('select count(*) as n from codered.agent_jobs')).toEqual(after);
      expect(await rows('agent_runs')).toHaveLength(1);
      expect(await complete(packet, { usage: { tokens_in: 5 } })).toMatchObject({ code: 'CR003' });
      expect(await fail(packet)).toMatchObject({ code: 'CR003' });
    });

    it('of a job that was cancelled is not kept, and nothing follows', async () => {
      const pipeline = (await call('run_pipeline', { project_id: project, input: {} })).data as { job_id: string };
      const packet = await take();
      await call('cancel_job', { job_id: pipeline.job_id });
      expect((await complete(packet, { usage: { tokens_in: 7, tokens_out: 1 } })).data).toMatchObject({
        status: 'cancelled',
      });
      const jobs = await rows('agent_jobs');
      expect(jobs.map(({ status, result }) => [status, result])).toEqual([
        ['cancelled', null],
        ['cancelled', null],
      ]);
      expect(await brain.sql('select requirements_spec from codered.projects where id = $1::uuid', [project])).toEqual([
        { requirements_spec: null },
      ]);
      expect(await rows('agent_runs')).toMatchObject([{ status: 'aborted', tokens_prompt: '7' }]);
      expect(await claim()).toEqual([]);
    });
  });

  describe('what the agent may', () => {
    it('touch: its zones and no other, by what it says and by the file that it writes', async () => {
      await brain.sql(`update codered.projects set rules = '{"zones": {"red": ["src/**"]}}' where id = $1::uuid`, [
        project,
      ]);
      const packet = await queueAndTake('code');
      expect(await complete(packet)).toMatchObject({ code: 'CR008', message: expect.stringContaining('"src/app.ts"') });
      const elsewhere = { ...FITTING.code, file_path: 'docs/a.md' };
      const usage = { zones_touched: ['yellow'] };
      expect(await complete(packet, { result: elsewhere, usage })).toMatchObject({ code: 'CR008' });
      await makeAgent({ allowed_zones: ['red', 'green'] });
      expect((await complete(packet)).data).toMatchObject({ status: 'completed' });
      expect(await rows('agent_runs')).toMatchObject([{ zones_touched: '{red}' }]);
    });

    it('be given: no task of a zone that it may not touch', async () => {
      const [task] = await brain.sql(
        `insert into codered.tasks (project_id, title, zone) values ($1::uuid, 'Pay', 'red') returning id`,
        [project],
      );
      const id = await queue('code', { task_id: task?.id });
      expect(await claim()).toEqual([]);
      expect(await row(id)).toMatchObject({ status: 'failed', error: expect.stringContaining('zone "red"') });
    });

    it('cost: no more than its ceiling, with all attempts, and what it cost has to be known', async () => {
      await brain.script(`insert into codered.models (id, provider, display_name, tier, input_cost_per_1k, output_cost_per_1k)
        values ('m1', 'p', 'M', 'mid', 1, 2) on conflict do nothing`);
      await makeAgent({ cost_ceiling_usd: 5, default_model: 'm1' });
      const first = await queueAndTake('code');
      expect(await complete(first)).toMatchObject({
        code: 'CR002',
        message: expect.stringContaining('usage.cost_usd'),
      });
      const usage = { tokens_in: 1000, tokens_out: 1000 };
      expect((await complete(first, { usage })).data).toMatchObject({ status: 'completed' });
      expect(await rows('agent_runs')).toMatchObject([{ approx_cost_usd: '3.000000', model_id: 'm1' }]);
      const second = await queueAndTake('code');
      const over = (await complete(second, { usage: { cost_usd: 5.01 } })).data;
      expect(over).toEqual({ status: 'failed', problems: [expect.stringContaining('5.01')] });
      expect(await rows('project_files')).toHaveLength(1);
      const third = await queue('code');
      await fail(await take(), { usage: { cost_usd: 5 } });
      await brain.sql('update codered.agent_jobs set run_after = now() where id = $1::uuid', [third]);
      expect(await claim()).toEqual([]);
      expect(await row(third)).toMatchObject({ status: 'failed', error: expect.stringContaining('cost_ceiling_usd') });
    });
  });

  it('is written down: the run, its pass over a task, and no text that the operation did not redact', async () => {
    const [task] = await brain.sql(
      `insert into codered.tasks (project_id, title) values ($1::uuid, 'Walks') returning id`,
      [project],
    );
    await queue('code', { task_id: task?.id });
    const usage = {
      model_id: 'their-model',
      tokens_in: 10,
      tokens_out: 20,
      duration_ms: 1500,
      tools: ['read_file'],
      documents: [task?.id],
    };
    const packet = await take();
    expect(await complete(packet, { usage: { ...usage, sneaked: 1 } })).toMatchObject({ code: 'CR002' });
    await complete(packet, { usage });
    const [run] = await rows('agent_runs');
    expect(run).toMatchObject({
      status: 'succeeded',
      model: 'their-model',
      tokens_prompt: '10',
      tokens_completion: '20',
      duration_ms: '1500',
      tools_used: '{read_file}',
      task_id: task?.id,
      full_input: null,
      full_output: null,
      approx_cost_usd: null,
    });
    expect(await rows('task_runs')).toMatchObject([{ phase: 'code', status: 'succeeded', agent_run_id: run?.id }]);
    const pass = (await call('start_task_run', { task_id: task?.id, phase: 'test' })).data as { id: string };
    await queue('qa');
    await complete(await take(), { task_run_id: pass.id });
    expect(await brain.sql('select status from codered.task_runs where id = $1::uuid', [pass.id])).toEqual([
      { status: 'succeeded' },
    ]);
  });

  describe('a pipeline', () => {
    it('goes from step to step, whoever does them, and is done with the last', async () => {
      const { job_id } = (await call('run_pipeline', { project_id: project, input: { idea: 'x' } })).data as {
        job_id: string;
      };
      const seen: unknown[] = [];
      for (let n = 0; n < 4; n += 1) {
        const packet = await take();
        seen.push([packet.type, Object.keys(packet.input).sort(), packet.artifacts.map(({ file_path }) => file_path)]);
        expect(await row(job_id)).toMatchObject({ status: 'running', progress: String(n * 25) });
        await complete(packet);
      }
      expect(seen).toEqual([
        ['research', ['idea'], []],
        ['wireframe', ['idea', 'results'], ['research.json']],
        ['code', ['idea', 'results'], ['research.json', 'wireframe.json']],
        ['qa', ['idea', 'results'], ['research.json', 'wireframe.json', 'src/app.ts']],
      ]);
      const done = await row(job_id);
      expect(done).toMatchObject({ status: 'completed', progress: '100' });
      expect(Object.keys(JSON.parse(done?.result ?? '{}')).sort()).toEqual(['code', 'qa', 'research', 'wireframe']);
      expect(await claim()).toEqual([]);
    });

    it.each([
      ['fails', 'failed', (packet: Packet) => fail(packet, { is_final: true })],
      ['is cancelled', 'cancelled', ({ work_id }: Packet) => cancelAfterLapse(work_id)],
    ])('ends with a step that %s', async (_, status, end) => {
      const { job_id } = (await call('run_pipeline', { project_id: project, input: {} })).data as { job_id: string };
      await end(await take());
      expect(await row(job_id)).toMatchObject({ status });
      expect(await claim()).toEqual([]);
    });
  });

  it('tells the timeline of each step', async () => {
    const id = await queue('qa');
    await ask(await take());
    await call('answer_job_questions', { job_id: id, responses: [{ question_id: 'q1', answer: 'x' }] });
    await take();
    await lapse(id);
    await complete(await take());
    const events = (await call('list_job_events', { job_id: id })).data as {
      event_type: string;
      payload: { status: string };
    }[];
    expect(events.map(({ event_type, payload }) => `${event_type} ${payload.status}`).reverse()).toEqual([
      'job.created queued',
      'job.status_changed running',
      'job.status_changed waiting_for_input',
      'job.status_changed running',
      'job.claimed running',
      'job.claimed running',
      'job.status_changed completed',
    ]);
  });
});

/** A repository of the project, with an open pull request into its branch; returns its id. */
async function makeRepository({ isReadable = true } = {}): Promise<string> {
  const [made] = await brain.sql(
    `insert into codered.repositories (id, project_id, owner, name, default_branch, private)
     select coalesce(max(id), 0) + 1, $1::uuid, 'octo', 'shop' || coalesce(max(id), 0) + 1, 'main', true from codered.repositories returning id`,
    [project],
  );
  const id = made?.id ?? '';
  await brain.script(`
    insert into codered.pull_requests (
      repository_id, number, title, html_url, state, draft, head_sha, head_ref, base_sha, base_ref, opened_at, source_updated_at)
      values (${id}, 1, 'One', 'https://x', 'open', false, repeat('b', 40), 'one', repeat('c', 40), 'main', now(), now());
    delete from codered.follow_ups`);
  // Whoever is in by hand was let in by trigger.
  if (!isReadable) await brain.script(`delete from codered.repository_access where repository_id = ${id}`);
  return id;
}

/** A spec of a repository; returns its id. */
async function makeSpec(repository: string): Promise<string> {
  const [spec] = await brain.sql(
    `insert into codered.specs (project_id, repo, branch, storage_path, sha, created_by, content)
     values ($1::uuid, 'octo/shop' || $2, 'main', 'spec.md', repeat('a', 40), 'mona', '# All of it') returning id`,
    [project, repository],
  );
  return spec?.id ?? '';
}

async function queueAndTake(type: keyof typeof FITTING, more: object = {}): Promise<Packet> {
  await queue(type);
  return take({ types: [type], ...more });
}

async function finish(type: keyof typeof FITTING, result: unknown = FITTING[type]): Promise<Packet> {
  const packet = await queueAndTake(type);
  expect((await complete(packet, { result })).message).toBe('');
  return packet;
}

async function cancelAfterLapse(id: string) {
  await lapse(id);
  return call('cancel_job', { job_id: id });
}
