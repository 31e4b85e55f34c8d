// The life of an agent's job: who may do what with it, what it asks and is told, and that no step is taken out of turn.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openPostgres } from '../../src/brain/backends/postgres.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { callAs, makeOrg, makeProject, scriptAs, signUp } from '../support/people.ts';

const ASKED = [
  { id: 'q1', question: 'Who books?', options: ['dogs', 'walkers'] },
  { id: 'q2', question: 'When?' },
];
const ANSWERED = [
  { question_id: 'q2', answer: '' },
  { question_id: 'q1', answer: 'Just walkers' },
];

describe.each(testBackends)('agents’ jobs (%s)', (backend) => {
  let brain: TestBrain;
  let owner = '';
  let stranger = '';
  let project = '';
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    owner = await signUp(brain);
    stranger = await signUp(brain);
  });
  afterAll(() => brain.close());
  beforeEach(async () => {
    await brain.script('delete from codered.agent_jobs');
    project = await makeProject(brain, { owner });
  });

  const asApp = (name: string, args: object) => callAs(brain, null, name, { ...args });
  const asOwner = (name: string, args: object) => callAs(brain, owner, name, { ...args });
  const asStranger = (name: string, args: object) => callAs(brain, stranger, name, { ...args });
  const create = async (more: object = {}) => {
    const { data } = await asOwner('create_agent_job', {
      project_id: project,
      agent_type: 'research',
      input: { idea: 'x' },
      ...more,
    });
    return (data as { job_id: string }).job_id;
  };
  const start = (job_id: string, worker = 'a') => asApp('start_agent_job', { job_id, worker });
  const report = (job_id: string, progress: number, worker = 'a') =>
    asApp('report_job_progress', { job_id, worker, progress });
  const ask = (job_id: string, questions: unknown = ASKED, worker = 'a') =>
    asApp('ask_job_questions', { job_id, worker, questions });
  const row = async (id: string) => (await brain.sql('select * from codered.agent_jobs where id = $1::uuid', [id]))[0];
  const lapse = (id: string) =>
    brain.sql(
      `update codered.agent_jobs set locked_until = now() - interval '1 s', run_after = now() where id = $1::uuid`,
      [id],
    );

  describe('a new one', () => {
    it('is queued for its owner, and told in the shape of the document', async () => {
      const made = await asOwner('create_agent_job', { project_id: project, agent_type: 'research', input: { a: 1 } });
      expect(made.data).toEqual({ job_id: expect.any(String), status: 'queued', estimated_time: '30s' });
      const { job_id } = made.data as { job_id: string };
      expect(await row(job_id)).toMatchObject({ user_id: owner, input: '{"a": 1}', started_at: null });
      expect((await asOwner('read_job', { job_id })).data).toEqual({
        job_id,
        status: 'queued',
        agent_type: 'research',
        project_id: project,
        parent_job_id: null,
        progress: 0,
        progress_note: null,
        result: null,
        error: null,
        created_at: expect.any(String),
        completed_at: null,
      });
    });

    it('of the app has no owner, and may be anybody’s on their behalf', async () => {
      const args = { project_id: project, agent_type: 'embed', input: {} };
      const mine = (await asApp('create_agent_job', args)).data as { job_id: string };
      expect(await row(mine.job_id)).toMatchObject({ user_id: null, agent_type: 'embed' });
      const theirs = (await asApp('create_agent_job', { ...args, user_id: owner })).data as { job_id: string };
      expect(await row(theirs.job_id)).toMatchObject({ user_id: owner });
      expect(await asApp('create_agent_job', { ...args, user_id: randomUUID() })).toMatchObject({ code: 'CR004' });
      expect((await asApp('create_agent_job', { ...args, project_id: null })).code).toBeNull();
    });

    it.each([
      ['an unknown kind', { agent_type: 'planner' }, 'CR002', 'agent_jobs.agent_type is "planner"; allowed: research,'],
      ['input that is a list', { input: [1] }, 'CR002', 'agent_jobs.input is "[1]"; allowed: a JSON object.'],
      ['input of 2 MB', { input: { a: 'x'.repeat(2_000_000) } }, 'CR002', 'at most 1048576 bytes'],
      ['a project that is not there', { project_id: randomUUID() }, 'CR004', 'There is no project'],
      ['no project', { project_id: null }, 'CR004', 'There is no project'],
      ['somebody else as its owner', { user_id: randomUUID() }, 'CR008', 'allowed: yourself'],
      ['nobody as its owner', { user_id: null }, 'CR008', 'allowed: yourself'],
      ['a kind that works with the app’s rights', { agent_type: 'embed' }, 'CR008', 'only the app queues'],
      ['a parent that is not there', { parent_job_id: randomUUID() }, 'CR007', 'agent_jobs.parent_job_id is'],
    ])('with %s is refused', async (_, wrong, code, words) => {
      const args = { project_id: project, agent_type: 'research', input: {}, ...wrong };
      expect(await asOwner('create_agent_job', args)).toEqual({
        data: null,
        code,
        message: expect.stringContaining(words),
      });
      expect(await brain.sql('select id from codered.agent_jobs')).toEqual([]);
    });

    it('in a stranger’s project is refused in the words of one that is not there', async () => {
      const args = { agent_type: 'research', input: {} };
      const foreign = await asStranger('create_agent_job', { ...args, project_id: project });
      const missing = await asStranger('create_agent_job', { ...args, project_id: stranger });
      expect(foreign.code).toBe('CR004');
      expect(foreign.message.replace(project, stranger)).toBe(missing.message);
    });

    it('hangs on a parent of the same project only', async () => {
      const parent = await create();
      expect(await row(await create({ parent_job_id: parent }))).toMatchObject({ parent_job_id: parent });
      const other = await makeProject(brain, { owner });
      const args = { project_id: other, agent_type: 'code', input: {}, parent_job_id: parent };
      expect(await asOwner('create_agent_job', args)).toMatchObject({ code: 'CR007' });
      expect(await asApp('create_agent_job', args)).toMatchObject({ code: 'CR007' });
    });

    it('in a retired project is refused', async () => {
      await asOwner('retire_project', { project_id: project });
      const args = { project_id: project, agent_type: 'code', input: {} };
      expect(await asOwner('create_agent_job', args)).toMatchObject({ code: 'CR003' });
    });
  });

  describe('its work', () => {
    it('is taken by one worker, with all that it needs, and not by another until the lease ends', async () => {
      const id = await create();
      expect((await start(id)).data).toEqual({
        job_id: id,
        status: 'running',
        stop: false,
        agent_type: 'research',
        project_id: project,
        user_id: owner,
        input: { idea: 'x' },
        questions: null,
        answers: null,
        attempts: 1,
      });
      expect(await start(id, 'b')).toMatchObject({ code: 'CR005', message: expect.stringContaining('held by "a"') });
      expect(await start(id, 'a')).toMatchObject({ code: null, data: { attempts: 1 } });
      await lapse(id);
      expect(await start(id, 'b')).toMatchObject({ data: { attempts: 2 } });
      expect(await report(id, 10, 'a')).toMatchObject({ code: 'CR005' });
    });

    it('moves on and never back, and holds its worker’s lease', async () => {
      const id = await create();
      await start(id);
      await lapse(id);
      expect((await report(id, 45.5)).data).toEqual({ status: 'running', progress: 45.5, stop: false });
      expect((await report(id, 20)).data).toEqual({ status: 'running', progress: 45.5, stop: false });
      expect(await start(id, 'b')).toMatchObject({ code: 'CR005' });
      await brain.call('complete_job', { id, worker: 'a', result: { pages: 3 } });
      expect((await asOwner('read_job', { job_id: id })).data).toMatchObject({
        status: 'completed',
        progress: 100,
        result: { pages: 3 },
        completed_at: expect.any(String),
      });
      expect((await report(id, 99)).data).toEqual({ status: 'completed', progress: 100, stop: true });
    });

    it.each([-1, 100.5, null])('can’t be %s percent done', async (progress) => {
      const id = await create();
      await start(id);
      expect(await report(id, progress as number)).toMatchObject({ code: 'CR002' });
      expect(await row(id)).toMatchObject({ progress: '0' });
    });

    it.each([
      ['start_agent_job', {}],
      ['report_job_progress', { progress: 1 }],
      ['ask_job_questions', { questions: ASKED }],
    ])('%s of a job that is not there is refused', async (name, more) => {
      expect(await asApp(name, { job_id: randomUUID(), worker: 'a', ...more })).toMatchObject({ code: 'CR004' });
    });

    it('needs a worker with a name, and a lease', async () => {
      const job_id = await create();
      expect(await start(job_id, '')).toMatchObject({ code: 'CR002' });
      expect(await asApp('start_agent_job', { job_id, worker: 'a', lease_seconds: 0 })).toMatchObject({
        code: 'CR002',
      });
    });

    it('does not begin before it is due', async () => {
      const id = await create();
      await brain.sql(`update codered.agent_jobs set run_after = now() + interval '1 hour' where id = $1::uuid`, [id]);
      expect(await start(id)).toMatchObject({ code: 'CR003', message: expect.stringContaining('not due before') });
    });

    it('of one key is done by one at a time', async () => {
      await brain.sql(`select codered.queue_job(null, 'embed', '{}', 'k')`);
      const [first] = await brain.sql('select id from codered.agent_jobs');
      await start(first?.id ?? '');
      await brain.sql(`select codered.queue_job(null, 'embed', '{}', 'k')`);
      const [second] = await brain.sql(`select id from codered.agent_jobs where status = 'queued'`);
      expect(await start(second?.id ?? '', 'b')).toMatchObject({ code: 'CR005' });
      await ask(first?.id ?? '');
      expect(await start(second?.id ?? '', 'b')).toMatchObject({ code: null });
      const answer = { job_id: first?.id, responses: ANSWERED };
      expect(await asApp('answer_job_questions', answer)).toMatchObject({ code: 'CR005' });
      await brain.call('complete_job', { id: second?.id ?? '', worker: 'b' });
      expect(await asApp('answer_job_questions', answer)).toMatchObject({ code: null });
    });
  });

  describe('its questions', () => {
    it('wait for answers, and the work goes on with them, for any worker', async () => {
      const id = await create();
      await start(id);
      expect((await ask(id)).data).toEqual({ job_id: id, status: 'waiting_for_input' });
      expect(await row(id)).toMatchObject({ locked_by: null, locked_until: null, completed_at: null });
      expect((await asOwner('read_job', { job_id: id })).data).toMatchObject({ questions: ASKED });
      expect(await start(id, 'b')).toMatchObject({ code: 'CR003' });
      expect((await asOwner('answer_job_questions', { job_id: id, responses: ANSWERED })).data).toEqual({
        status: 'running',
        message: expect.any(String),
      });
      expect((await start(id, 'b')).data).toMatchObject({ questions: ASKED, answers: ANSWERED, attempts: 2 });
    });

    it('may be followed by others; those before and their answers stay', async () => {
      const id = await create();
      await start(id);
      await ask(id);
      await asOwner('answer_job_questions', { job_id: id, responses: ANSWERED });
      await start(id);
      expect(await ask(id, [{ id: 'q1', question: 'Again?' }])).toMatchObject({ code: 'CR002' });
      await ask(id, [{ id: 'q3', question: 'Sure?', options: null }]);
      expect((await asOwner('read_job', { job_id: id })).data).toMatchObject({ questions: [{ id: 'q3' }] });
      await asOwner('answer_job_questions', { job_id: id, responses: [{ question_id: 'q3', answer: 'yes' }] });
      expect((await start(id)).data).toMatchObject({
        answers: [...ANSWERED, { question_id: 'q3', answer: 'yes' }],
      });
    });

    it.each([
      ['none', [], 'a list, 1 to 100 entries'],
      ['no list', { id: 'a' }, 'a list, 1 to 100 entries'],
      ['nothing', null, 'a list, 1 to 100 entries'],
      [
        'another key',
        [{ id: 'a', question: 'b', hint: 'c' }],
        'questions[0].hint is "c"; allowed: the keys id, options',
      ],
      ['a key that is missing', [ASKED[0], { id: 'a' }], 'questions[1].question is missing'],
      ['an empty id', [{ id: '', question: 'b' }], 'questions[0].id is ""; allowed: text, 1 to 100 characters.'],
      ['a number for a question', [{ id: 'a', question: 5 }], 'questions[0].question is 5'],
      ['options that are no words', [{ id: 'a', question: 'b', options: [1] }], 'questions[0].options[0] is 1'],
      ['an id twice', [ASKED[1], ASKED[1]], 'the id "q2" twice'],
    ])('are refused: %s', async (_, questions, words) => {
      const id = await create();
      await start(id);
      expect(await ask(id, questions)).toEqual({ data: null, code: 'CR002', message: expect.stringContaining(words) });
      expect(await row(id)).toMatchObject({ status: 'running', questions: null });
    });

    it('are asked only by who works on it', async () => {
      const id = await create();
      expect(await ask(id)).toMatchObject({ code: 'CR003' });
      await start(id);
      expect(await ask(id, ASKED, 'b')).toMatchObject({ code: 'CR005' });
    });

    it.each([
      ['of an unknown question', [...ANSWERED, { question_id: 'q9', answer: 'x' }], 'question_id "q9"'],
      ['that leave one open', [ANSWERED[1]], 'no answer for question_id "q2"'],
      ['twice to one', [...ANSWERED, ANSWERED[0]], '2 answers for question_id "q2"'],
      ['with another key', [{ ...ANSWERED[0], why: 'x' }, ANSWERED[1]], 'responses[0].why'],
      ['that are none', [], 'no answer for question_id "q1", "q2"'],
      ['that are null', null, 'a list'],
    ])('refuse answers %s', async (_, responses, words) => {
      const id = await create();
      await start(id);
      await ask(id);
      const outcome = await asOwner('answer_job_questions', { job_id: id, responses });
      expect(outcome).toEqual({ data: null, code: 'CR002', message: expect.stringContaining(words) });
      expect(await row(id)).toMatchObject({ status: 'waiting_for_input', answers: null });
    });

    it('are answered only while it waits, and only by its owner', async () => {
      const id = await create();
      const answer = { job_id: id, responses: ANSWERED };
      expect(await asOwner('answer_job_questions', answer)).toMatchObject({ code: 'CR003' });
      await start(id);
      await ask(id);
      expect(await asStranger('answer_job_questions', answer)).toMatchObject({ code: 'CR004' });
      expect(await row(id)).toMatchObject({ status: 'waiting_for_input' });
    });
  });

  describe('cancelling', () => {
    const cancel = async (job_id: string) => (await asOwner('cancel_job', { job_id })).data;

    it('is at once while no worker has it', async () => {
      const queued = await create();
      expect(await cancel(queued)).toEqual({ status: 'cancelled' });
      expect(await row(queued)).toMatchObject({ started_at: null, completed_at: expect.any(String) });
      const waiting = await create();
      await start(waiting);
      await ask(waiting);
      expect(await cancel(waiting)).toEqual({ status: 'cancelled' });
      const lapsed = await create();
      await start(lapsed);
      await lapse(lapsed);
      expect(await cancel(lapsed)).toEqual({ status: 'cancelled' });
      expect((await report(lapsed, 50)).data).toEqual({ status: 'cancelled', progress: 0, stop: true });
      expect(await cancel(lapsed)).toEqual({ status: 'cancelled' });
    });

    it('is told to the worker that has it, at its next report', async () => {
      const id = await create();
      await start(id);
      expect(await cancel(id)).toEqual({ status: 'running' });
      expect(await row(id)).toMatchObject({ status: 'running', cancel_requested_at: expect.any(String) });
      expect((await report(id, 30)).data).toEqual({ status: 'cancelled', progress: 30, stop: true });
      await brain.call('complete_job', { id, worker: 'a', result: { late: true } });
      expect(await row(id)).toMatchObject({ status: 'cancelled', result: null, completed_at: expect.any(String) });
    });

    it('is told to the next worker when the one that had it is gone', async () => {
      const id = await create();
      await start(id);
      await cancel(id);
      await lapse(id);
      expect((await start(id, 'b')).data).toMatchObject({ status: 'cancelled', stop: true });
      expect(await row(id)).toMatchObject({ status: 'cancelled', locked_by: null });
    });

    it('happens instead of a retry or a question', async () => {
      const [retried, asked] = [await create(), await create()];
      for (const id of [retried, asked]) {
        await start(id);
        await cancel(id);
      }
      await brain.call('retry_job', { id: retried, worker: 'a', error: 'rate limit', delay_ms: 0 });
      expect(await row(retried)).toMatchObject({ status: 'cancelled' });
      expect((await ask(asked)).data).toEqual({ job_id: asked, status: 'cancelled' });
    });

    it('comes too late for what is over', async () => {
      const id = await create();
      await start(id);
      await brain.call('complete_job', { id, worker: 'a' });
      expect(await asOwner('cancel_job', { job_id: id })).toMatchObject({ code: 'CR003' });
    });

    it('is for the owner, the app and an operator', async () => {
      const [mine, apps, operators] = [await create(), await create(), await create()];
      expect(await asStranger('cancel_job', { job_id: mine })).toMatchObject({ code: 'CR004' });
      expect(await row(mine)).toMatchObject({ status: 'queued' });
      expect(await asApp('cancel_job', { job_id: apps })).toMatchObject({ data: { status: 'cancelled' } });
      const operator = await signUp(brain);
      await brain.sql(`update codered.profiles set role = 'admin' where id = $1::uuid`, [operator]);
      expect(await callAs(brain, operator, 'cancel_job', { job_id: operators })).toMatchObject({
        data: { status: 'cancelled' },
      });
      const own = (await asApp('create_agent_job', { project_id: project, agent_type: 'embed', input: {} })).data;
      const { job_id } = own as { job_id: string };
      expect(await asOwner('cancel_job', { job_id })).toMatchObject({ code: 'CR004' });
    });
  });

  describe('listing', () => {
    it('gives pages, newest first, with the total and whether there is more', async () => {
      const ids = [await create(), await create(), await create()].toReversed();
      const list = async (more: object) => (await asOwner('list_jobs', { project_id: project, ...more })).data;
      expect(await list({})).toMatchObject({ items: ids.map((job_id) => ({ job_id })), total: 3, has_more: false });
      expect(await list({ batch: 2 })).toMatchObject({ items: [{ job_id: ids[0] }, {}], total: 3, has_more: true });
      expect(await list({ batch: 2, skip: 2 })).toMatchObject({ items: [{ job_id: ids[2] }], has_more: false });
      expect(await list({ skip: 9 })).toEqual({ items: [], total: 3, has_more: false });
    });

    it.each([{ batch: 0 }, { batch: 101 }, { batch: null }, { skip: -1 }, { skip: null }])(
      'refuses %j',
      async (wrong) => {
        expect(await asOwner('list_jobs', { project_id: project, ...wrong })).toMatchObject({ code: 'CR002' });
      },
    );

    it('shows a member their own jobs and the app’s, and a stranger nothing', async () => {
      const colleague = await signUp(brain);
      const org = await makeOrg(brain, { [colleague]: 'member', [owner]: 'member' });
      project = await makeProject(brain, { org });
      const mine = await create();
      const apps = (await asApp('create_agent_job', { project_id: project, agent_type: 'embed', input: {} })).data;
      const { job_id } = apps as { job_id: string };
      const seen = await callAs(brain, colleague, 'list_jobs', { project_id: project });
      expect(seen.data).toMatchObject({ items: [{ job_id }], total: 1 });
      expect(await callAs(brain, colleague, 'read_job', { job_id: mine })).toMatchObject({ code: 'CR004' });
      expect((await callAs(brain, colleague, 'read_job', { job_id })).code).toBeNull();
      expect(await asStranger('list_jobs', { project_id: project })).toMatchObject({ code: 'CR004' });
      expect(await asStranger('read_job', { job_id: mine })).toMatchObject({ code: 'CR004' });
    });
  });

  it.each([
    ['start_agent_job', { worker: 'a' }],
    ['report_job_progress', { worker: 'a', progress: 1 }],
    ['ask_job_questions', { worker: 'a', questions: ASKED }],
    ['lock_own_job', {}],
  ])('%s is not for members', async (name, more) => {
    expect(await asOwner(name, { job_id: await create(), ...more })).toMatchObject({ code: '42501' });
  });

  it('a token without a person in it is nobody’s', async () => {
    const job_id = await create();
    const { error } = await brain.clientFor({ role: 'authenticated' }).rpc('cancel_job', { job_id });
    expect(error).toMatchObject({ code: 'CR004' });
  });

  it('a member writes no row of agent_jobs themselves', async () => {
    const id = await create();
    const write = scriptAs(brain, owner, `update codered.agent_jobs set status = 'running' where id = '${id}'`);
    await expect(write).rejects.toMatchObject({ code: '42501' });
  });

  describe('a status', () => {
    const statuses = ['queued', 'running', 'waiting_for_input', 'completed', 'failed', 'cancelled'];
    const following: Readonly<Record<string, readonly string[]>> = {
      queued: ['running', 'cancelled', 'failed'],
      running: ['completed', 'failed', 'waiting_for_input', 'cancelled', 'queued'],
      waiting_for_input: ['running', 'queued', 'cancelled', 'failed'],
    };
    const steps = statuses.flatMap((from) => statuses.filter((to) => to !== from).map((to) => [from, to] as const));

    it.each(steps)('%s may become %s as the document says', async (from, to) => {
      const [made] = await brain.sql(
        `insert into codered.agent_jobs (agent_type, status) values ('code', $1) returning id`,
        [from],
      );
      const id = made?.id ?? '';
      const change = brain.sql('update codered.agent_jobs set status = $2 where id = $1::uuid', [id, to]);
      if (following[from]?.includes(to)) await change;
      else await expect(change).rejects.toMatchObject({ code: 'CR003', message: expect.stringContaining(`"${from}"`) });
    });

    it('that is none is told by name', async () => {
      const id = await create();
      const change = brain.sql(`update codered.agent_jobs set status = 'done' where id = $1::uuid`, [id]);
      await expect(change).rejects.toMatchObject({ code: 'CR002' });
    });
  });

  it('its times are the trigger’s alone', async () => {
    const id = await create();
    await start(id);
    const before = await row(id);
    await brain.sql(`update codered.agent_jobs set started_at = null, completed_at = now() where id = $1::uuid`, [id]);
    expect(await row(id)).toMatchObject({ started_at: before?.started_at, completed_at: null });
  });
});

describe('two workers at once (postgres)', () => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain('postgres');
  });
  afterAll(() => brain.close());

  it('of all that reach for a job one gets it', async () => {
    const made = await brain.call('create_agent_job', { agent_type: 'code', input: {}, project_id: null as never });
    const { job_id } = made as { job_id: string };
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, n) => callAs(brain, null, 'start_agent_job', { job_id, worker: `w${n}` })),
    );
    expect(outcomes.filter(({ code }) => code === null)).toHaveLength(1);
    expect(new Set(outcomes.map(({ code }) => code))).toEqual(new Set([null, 'CR005']));
  });

  it('two jobs of one key are not started by two transactions that do not see each other', async () => {
    await brain.script(`insert into codered.agent_jobs (id, agent_type, status, dedupe_key, run_after)
      values ('00000000-0000-4000-8000-000000000001', 'embed', 'running', 'k', now()),
        ('00000000-0000-4000-8000-000000000002', 'embed', 'queued', 'k', now());
      update codered.agent_jobs set status = 'waiting_for_input' where dedupe_key = 'k' and status = 'running';`);
    const other = openPostgres({ url: brain.databaseUrl ?? '', poolSize: 1, onIdleError: () => {} });
    await other.session(async (session) => {
      await session.script('begin');
      await session.query(`select codered.start_agent_job('00000000-0000-4000-8000-000000000002', 'b')`);
      const answered = callAs(brain, null, 'answer_job_questions', {
        job_id: '00000000-0000-4000-8000-000000000001',
        responses: [],
      });
      await expect
        .poll(() =>
          brain.sql(`select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`),
        )
        .toHaveLength(1);
      await session.script('commit');
      expect(await answered).toMatchObject({ code: 'CR005' });
    });
    await other.close();
  });
});
