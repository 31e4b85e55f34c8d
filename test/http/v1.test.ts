// The paths of document 002 under /v1, as a client that was written to the document meets them.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ID, idOf, PEOPLE } from '../brain/security/two-orgs.ts';
import { openRestServer, type RestServer, type Sent } from '../support/rest-server.ts';

let server: RestServer;
let token = '';
beforeAll(async () => {
  server = await openRestServer();
  token = await server.tokenOf(PEOPLE.a.member);
});
afterAll(() => server.close());

const send = (path: string, sent: Sent = {}) => server.askV1(token, path, sent);
const post = (body: unknown, headers: Record<string, string> = {}): Sent => ({ method: 'POST', body, headers });
const project = idOf('a', ID.project);
const crm = { user_idea: 'A CRM for dog walkers' };

/** A worker takes the job, and `work` is what it does there. */
const asWorker = async (job_id: string, then: readonly [string, object][] = []) => {
  await server.brain.call('start_agent_job', { job_id, worker: 'w' } as never);
  for (const [name, more] of then) await server.brain.call(name as never, { job_id, worker: 'w', ...more } as never);
};
/** As if it had taken so long. */
const completed = (job_id: string, seconds: number) =>
  server.brain.sql(
    `insert into codered.agent_jobs (project_id, user_id, agent_type, status, started_at, completed_at)
      select j.project_id, j.user_id, j.agent_type, 'completed', now() - make_interval(secs => $2::integer), now()
      from codered.agent_jobs j where j.id = $1::uuid`,
    [job_id, String(seconds)],
  );

describe('POST /v1/run-agent', () => {
  it('keeps no secret of what the agent is given, nor of what it is answered', async () => {
    const secret = `ghp_${'Zq3'.repeat(12)}`;
    const task_id = randomUUID();
    const input_context = { task_id, note: `with ${secret}`, api_key: 'wJq7Rt2mXp9LkV4nB8sD' };
    const kept = { task_id, note: 'with [redacted:github-token]', api_key: expect.stringContaining('[redacted') };
    const inputOf = async (id: string) => {
      const text = 'select input::text, answers::text from codered.agent_jobs where id = $1::uuid';
      const [row] = await server.brain.sql(text, [id]);
      return { input: JSON.parse(row?.input ?? '{}'), answers: row?.answers };
    };
    const { job_id } = (await send('/run-agent', post({ project_id: project, agent_type: 'qa', input_context }))).json;
    expect((await inputOf(job_id)).input).toEqual(kept);
    const pipeline = (await send('/run-pipeline', post({ project_id: project, input_context }))).json;
    expect((await inputOf(pipeline.job_id)).input).toMatchObject(kept);
    const later = await server.ask(
      token,
      `/projects/${project}/jobs`,
      post({ agent_type: 'qa', input: input_context }),
    );
    expect((await inputOf(later.json.job_id)).input).toEqual(kept);
    const questions = JSON.stringify([{ id: 'q', question: 'Which key?' }]);
    const waits = "set status = 'waiting_for_input', questions = $2::jsonb where id = $1::uuid";
    await server.brain.sql("update codered.agent_jobs set status = 'running' where id = $1::uuid", [job_id]);
    await server.brain.sql(`update codered.agent_jobs ${waits}`, [job_id, questions]);
    await send(`/jobs/${job_id}/respond`, post({ responses: [{ question_id: 'q', answer: secret }] }));
    expect((await inputOf(job_id)).answers).toContain('[redacted:github-token]');
  });

  it('queues a job and says how long it will take, in the fields of the document alone', async () => {
    const made = await send('/run-agent', post({ project_id: project, agent_type: 'research', input_context: crm }));
    expect([made.status, made.json]).toEqual([
      200,
      { job_id: expect.any(String), status: 'queued', estimated_time: '30s' },
    ]);
    const [job] = await server.brain.sql('select input::text from codered.agent_jobs where id = $1::uuid', [
      made.json.job_id,
    ]);
    expect(JSON.parse(job?.input ?? '')).toEqual(crm);
  });

  it('estimates by how long the last ones took here, and says nothing of what nobody knows', async () => {
    const ask = async (agent_type: string) =>
      (await send('/run-agent', post({ project_id: project, agent_type, input_context: {} }))).json;
    const first = await ask('qa');
    expect(first.estimated_time).toBeNull();
    for (const [seconds, told] of [
      [12, '12s'],
      [4_000, '34m'],
      [40_000, '2h'],
    ] as const) {
      await completed(first.job_id, seconds);
      expect((await ask('qa')).estimated_time).toBe(told);
    }
  });

  it.each([
    ['an agent that there is not', { agent_type: 'magician' }],
    ['a pipeline, which has a path of its own', { agent_type: 'pipeline' }],
    ['a name that the document does not have', { agent_type: 'qa', input: {} }],
    ['no project', { project_id: 'x', agent_type: 'qa' }],
  ])('refuses %s', async (_, more) => {
    const refused = await send('/run-agent', post({ project_id: project, input_context: {}, ...more }));
    expect(refused.json, refused.text).toMatchObject({ status: 400, code: 'malformed', type: 'about:blank' });
  });

  it('is done once for a key', async () => {
    const asked = post({ project_id: project, agent_type: 'code', input_context: crm }, { 'idempotency-key': 'run-1' });
    const [first, again] = [await send('/run-agent', asked), await send('/run-agent', asked)];
    expect(again.json).toEqual(first.json);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
  });
});

describe('POST /v1/run-pipeline', () => {
  it('queues the pipeline and its first step, which both end when the pipeline is cancelled', async () => {
    const made = await send('/run-pipeline', post({ project_id: project, input_context: crm }));
    expect([made.status, made.json]).toEqual([
      200,
      { job_id: expect.any(String), status: 'queued', estimated_time: '5m' },
    ]);
    const steps = async () =>
      (await server.ask(token, `/projects/${project}/jobs?parent_job_id=${made.json.job_id}`)).json.items;
    const [step] = await steps();
    expect(step).toMatchObject({ agent_type: 'research', status: 'queued', parent_job_id: made.json.job_id });
    await asWorker(step.job_id);
    expect((await send(`/jobs/${made.json.job_id}/cancel`, post({}))).json).toEqual({ status: 'cancelled' });
    // Whoever works on it hears so when it next reports.
    expect(await steps()).toMatchObject([{ status: 'running' }]);
    const told = await server.brain.call('report_job_progress', {
      job_id: step.job_id,
      worker: 'w',
      progress: 50,
    } as never);
    expect(told).toMatchObject({ status: 'cancelled', stop: true });
  });
});

describe('a job of /v1', () => {
  it('is read, asks, is answered and goes on, in the words of the document', async () => {
    const { job_id } = (await send('/run-agent', post({ project_id: project, agent_type: 'wireframe' }))).json;
    const queued = await send(`/jobs/${job_id}`);
    expect(queued.json).toEqual({
      ...{ job_id, status: 'queued', agent_type: 'wireframe', project_id: project, progress: 0 },
      ...{ result: null, error: null, created_at: expect.any(String), completed_at: null },
    });
    const questions = [{ id: 'q1', question: 'Which part first?', options: ['scheduling', 'billing'] }];
    await asWorker(job_id, [
      ['report_job_progress', { progress: 45 }],
      ['ask_job_questions', { questions }],
    ]);
    expect((await send(`/jobs/${job_id}`)).json).toMatchObject({
      status: 'waiting_for_input',
      progress: 45,
      questions,
    });
    const answer = { responses: [{ question_id: 'q1', answer: 'Just scheduling for MVP' }] };
    expect((await send(`/jobs/${job_id}/respond`, post({ responses: [] }))).status).toBe(400);
    const answered = await send(`/jobs/${job_id}/respond`, post(answer));
    expect([answered.status, answered.json]).toEqual([
      200,
      { status: 'running', message: 'Agent resumed with clarifications' },
    ]);
    const again = await send(`/jobs/${job_id}/respond`, post(answer));
    expect(again.json).toMatchObject({ status: 409, code: 'CR003' });
    expect((await send(`/jobs/${job_id}/cancel`, { method: 'POST' })).json).toEqual({ status: 'cancelled' });
  });

  it('is nobody’s to read whom it is not for', async () => {
    const other = await server.tokenOf(PEOPLE.a.admin);
    const theirs = await server.askV1(other, `/jobs/${idOf('a', ID.ownJob)}`);
    const absent = await server.askV1(other, `/jobs/${randomUUID()}`);
    expect([theirs.status, absent.status]).toEqual([404, 404]);
  });
});

describe('GET /v1/jobs/{project_id}/list', () => {
  it('pages by limit and offset, and counts only what the person may see', async () => {
    const admin = await server.tokenOf(PEOPLE.a.admin);
    const list = async (query: string) => (await server.askV1(admin, `/jobs/${project}/list${query}`)).json;
    const before = await list('');
    await server.brain.sql(
      `insert into codered.agent_jobs (project_id, user_id, agent_type, created_at)
        select $1::uuid, case when n <= 5 then $2 else $3 end::uuid, 'qa', now() - n * interval '1 minute'
        from generate_series(1, 12) as n`,
      [project, PEOPLE.a.admin, PEOPLE.a.member],
    );
    const whole = await list('?limit=100');
    expect([whole.total, whole.has_more, whole.items.length]).toEqual([before.total + 5, false, before.total + 5]);
    const first = await list('?limit=2&offset=1');
    expect(first).toEqual({ items: whole.items.slice(1, 3), total: whole.total, has_more: true });
    expect(await list(`?limit=2&offset=${whole.total - 1}`)).toMatchObject({ has_more: false });
    expect(await list('?offset=10001')).toMatchObject({ status: 400 });
    expect(await list('?limit=101')).toMatchObject({ status: 400 });
  });

  it('counts to ten thousand and goes on behind it', async () => {
    const owner = await server.tokenOf(PEOPLE.a.owner);
    const own = idOf('a', ID.personalProject);
    // Without the triggers, which would tell the timeline of each.
    await server.brain.script(`
      set session_replication_role = replica;
      insert into codered.agent_jobs (project_id, user_id, agent_type, is_apps)
        select '${own}', '${PEOPLE.a.owner}', 'qa', false from generate_series(1, 10050);
      set session_replication_role = default;`);
    const last = await server.askV1(owner, `/jobs/${own}/list?limit=100&offset=10000`);
    expect([last.json.items.length, last.json.total, last.json.has_more]).toEqual([50, 10_000, false]);
    const middle = await server.askV1(owner, `/jobs/${own}/list?limit=100&offset=9950`);
    expect([middle.json.total, middle.json.has_more]).toEqual([10_000, false]);
  });
});

describe('the description', () => {
  it('has the paths of both prefixes', async () => {
    const { paths } = (await server.ask(token, '/openapi.json')).json;
    const v1 = Object.keys(paths).filter((path) => path.startsWith('/v1/'));
    expect(v1.sort()).toEqual([
      '/v1/jobs/{job_id}',
      '/v1/jobs/{job_id}/cancel',
      '/v1/jobs/{job_id}/respond',
      '/v1/jobs/{job_id}/stream',
      '/v1/jobs/{project_id}/list',
      '/v1/projects/{project_id}/export/github',
      '/v1/run-agent',
      '/v1/run-pipeline',
    ]);
    expect(paths['/v1/run-agent'].post).toMatchObject({ operationId: 'v1_run_agent', 'x-scope': 'agents' });
  });

  it('says which methods a path takes', async () => {
    const refused = await send('/run-agent', { method: 'DELETE' });
    expect([refused.status, refused.headers.get('allow'), refused.json.code]).toEqual([
      405,
      'POST, OPTIONS',
      'method_not_allowed',
    ]);
  });

  it('is asked the same right under both', async () => {
    const reader = await server.tokenOf(PEOPLE.a.member, 'read');
    const refused = await server.askV1(reader, '/run-agent', post({ project_id: project, agent_type: 'qa' }));
    expect(refused.json).toMatchObject({ status: 403, code: 'insufficient_scope' });
  });
});
