// What people and agents reach over REST of jobs, agents, models, files, documents and learning; each change stands in the timeline.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ID, idOf, PEOPLE } from '../brain/security/two-orgs.ts';
import { openRestServer, type RestServer, type Sent } from '../support/rest-server.ts';

let server: RestServer;
let token = '';
let maintainer = '';
beforeAll(async () => {
  server = await openRestServer();
  token = await server.tokenOf(PEOPLE.a.member);
  maintainer = await server.tokenOf(PEOPLE.a.maintainer);
});
afterAll(() => server.close());

const send = (path: string, sent: Sent = {}) => server.ask(token, path, sent);
const post = (body: unknown): Sent => ({ method: 'POST', body });
const patch = (body: unknown): Sent => ({ method: 'PATCH', body });
const project = idOf('a', ID.project);
const place = `/projects/${project}`;

/** What the project's timeline tells of a thing, oldest first: types and payloads. */
async function toldOf(id: string) {
  const events = await server.brain.sql(
    `select event_type, payload::text, user_id from codered.events where project_id = $1::uuid and payload ->> 'id' = $2 order by id`,
    [project, id],
  );
  return events.map(({ event_type, payload, user_id }) => ({ event_type, user_id, ...JSON.parse(payload ?? '{}') }));
}
/** Follows the cursor to the end. */
async function all(path: string): Promise<unknown[]> {
  const found: unknown[] = [];
  for (let cursor = '', pages = 0; pages < 50; pages += 1) {
    const { json } = await send(`${path}${path.includes('?') ? '&' : '?'}limit=2${cursor}`);
    found.push(...json.items);
    if (json.next_cursor === null) break;
    cursor = `&cursor=${json.next_cursor}`;
  }
  return found;
}

describe('versions of templates', () => {
  it('are all that is published: a document is none', async () => {
    const token = await server.tokenOf(PEOPLE.a.member, 'admin');
    const answer = await server.ask(token, `/versions/${idOf('a', ID.spec)}/publish`, post({}));
    expect([answer.status, answer.json.code]).toEqual([404, 'CR004']);
  });
});

describe('jobs', () => {
  it('are found by status, type and pipeline, page by page', async () => {
    const made = await send(`${place}/pipelines`, post({ input: { user_idea: 'A CRM for dog walkers' } }));
    expect([made.status, made.json.steps]).toEqual([201, ['research', 'wireframe', 'code', 'qa']]);
    for (let n = 0; n < 4; n += 1) await send(`${place}/jobs`, post({ agent_type: 'qa' }));
    const whole = (await send(`${place}/jobs?limit=200`)).json.items;
    expect(await all(`${place}/jobs`)).toEqual(whole);
    const quality = (await send(`${place}/jobs?agent_type=qa&status=queued`)).json.items;
    expect(quality).toHaveLength(4);
    const steps = (await send(`${place}/jobs?parent_job_id=${made.json.job_id}`)).json.items;
    expect(steps.map(({ job_id }: { job_id: string }) => job_id)).toEqual([made.json.first_job_id]);
  });

  it('tell what befell them to their owner, and the project no more than type and status', async () => {
    const { job_id } = (await send(`${place}/jobs`, post({ agent_type: 'code', input: { secret: 'mine' } }))).json;
    await server.brain.call('start_agent_job', { job_id, worker: 'w' } as never);
    await send(`/jobs/${job_id}/cancel`, { method: 'POST' });
    await server.brain.call('report_job_progress', { job_id, worker: 'w', progress: 1 } as never);
    const events = (await all(`/jobs/${job_id}/events`)) as { event_type: string; payload: { status: string } }[];
    expect(events.map(({ event_type, payload }) => `${event_type} ${payload.status}`)).toEqual([
      'job.status_changed cancelled',
      'job.cancel_requested running',
      'job.status_changed running',
      'job.created queued',
    ]);
    expect(JSON.stringify(await toldOf(job_id))).not.toContain('mine');
    const found = await server.ask(maintainer, `${place}/events/search?query=code&limit=200`);
    expect(found.json.items).toContainEqual(expect.objectContaining({ event_type: 'job.created' }));
    expect((await server.ask(maintainer, `/jobs/${job_id}/events`)).status).toBe(404);
  });
});

describe('agents', () => {
  it('are the same for everybody, each with what it may do', async () => {
    const listed = (await send('/agents')).json.items;
    expect(listed.map(({ slug }: { slug: string }) => slug)).toEqual(['org-a', 'org-b']);
    expect((await send('/agents/org-a')).json).toMatchObject({ slug: 'org-a', model_id: 'org-a-model', role: 'code' });
    expect((await send('/agents/nobody')).status).toBe(404);
  });

  it('leave calls that are found by task and job, and read whole', async () => {
    const job = idOf('a', ID.ownJob);
    const insert = (more: string) =>
      server.brain.sql(
        `insert into codered.agent_runs (project_id, agent_id, job_id, status, full_output)
          values ($1::uuid, $2::uuid, $3::uuid, 'succeeded', ${more}) returning id`,
        [project, idOf('a', ID.agent), job],
      );
    const [made] = await insert("repeat('x', 100001)");
    for (let n = 0; n < 2; n += 1) await insert("'short'");
    const byJob = await all(`${place}/agent-runs?job_id=${job}`);
    expect(byJob).toHaveLength(4);
    const byTask = (await send(`${place}/agent-runs?task_id=${idOf('a', ID.task)}&agent=org-a`)).json.items;
    expect(byTask).toMatchObject([{ id: idOf('a', ID.agentRun), model: 'org-a-model', approx_cost_usd: 0.3 }]);
    const whole = (await send(`${place}/agent-runs/${made?.id}`)).json;
    expect([whole.full_output.length, whole.is_cut, whole.full_input]).toEqual([100_000, true, null]);
    expect((await send(`${place}/agent-runs/${idOf('b', ID.agentRun)}`)).status).toBe(404);
  });

  it('may not be run for a job of another project', async () => {
    const sent = server.brain.sql(
      `insert into codered.agent_runs (project_id, agent_id, job_id, status) values ($1::uuid, $2::uuid, $3::uuid, 'failed')`,
      [project, idOf('a', ID.agent), idOf('b', ID.ownJob)],
    );
    await expect(sent).rejects.toMatchObject({ code: 'CR007' });
  });
});

describe('models', () => {
  it('are everybody’s to read and the operator’s to write, and what was called keeps its cost', async () => {
    const operator = await server.tokenOf(PEOPLE.operator, 'read admin');
    const asAdmin = await server.tokenOf(PEOPLE.a.admin, 'read admin');
    const change = { model_id: 'org-a-model', input_cost_per_1k: 9 };
    expect((await server.ask(asAdmin, '/models', post(change))).json).toMatchObject({ status: 403, code: 'CR008' });
    expect((await server.ask(operator, '/models', post(change))).json).toMatchObject({
      ...{ id: 'org-a-model', input_cost_per_1k: 9, output_cost_per_1k: 2, tier: 'low' },
    });
    expect((await send('/models?limit=200')).json.items).toContainEqual(
      expect.objectContaining({ id: 'org-a-model', input_cost_per_1k: 9 }),
    );
    const fresh = { model_id: 'new/model', provider: 'somebody', display_name: 'New', tier: 'mid', is_active: false };
    expect((await server.ask(operator, '/models', post(fresh))).json).toMatchObject({ id: 'new/model' });
    expect((await server.ask(operator, '/models', post({ model_id: 'half', tier: 'mid' }))).status).toBe(400);
    expect(JSON.stringify((await send('/models?limit=200')).json)).not.toContain('new/model');
    const told = await server.brain.sql(
      `select payload -> 'changed' -> 'input_cost_per_1k' as price from codered.events where event_type = 'model.updated' and user_id = $1::uuid`,
      [PEOPLE.operator],
    );
    expect(told).toHaveLength(1);
    const cost = (await send(`${place}/cost`)).json;
    expect(cost.models).toContainEqual({
      ...{ model: 'org-a-model', calls: 2, tokens_in: 110, tokens_out: 110, cost_usd: 0.4, without_price: 0 },
    });
    expect(cost.total_cost_usd).toBe(0.4);
    const ofAYear = `${place}/cost?since=2020-01-01T00:00:00Z&until=2022-01-01T00:00:00Z`;
    expect((await send(ofAYear)).json).toMatchObject({ status: 400, code: 'CR002' });
  });
});

describe('files', () => {
  const write = (path: string, more: object) => send(`${place}/files/content`, post({ path, ...more }));

  it('are written version by version, and over no other version than the one that was read', async () => {
    const first = await write('src/app/page.tsx', { content: 'one', language: 'typescript', expected_version: 0 });
    expect([first.status, first.json.version]).toEqual([200, 1]);
    expect((await write('src/app/page.tsx', { content: 'two', expected_version: 1 })).json.version).toBe(2);
    expect((await write('src/app/page.tsx', { content: 'two' })).json.version).toBe(2);
    for (const expected_version of [0, 1]) {
      const refused = await write('src/app/page.tsx', { content: 'three', expected_version });
      expect(refused.json).toMatchObject({ status: 409, code: 'CR005' });
    }
    const read = await send(`${place}/files/content?path=src/app/page.tsx`);
    expect(read.json).toMatchObject({ content: 'two', version: 2, language: 'typescript', size_bytes: 3 });
    const told = await toldOf(first.json.id);
    expect(told.map(({ event_type, name, changed }) => [event_type, name, changed])).toEqual([
      ['file.created', 'src/app/page.tsx', undefined],
      ['file.updated', 'src/app/page.tsx', { version: [1, 2] }],
    ]);
  });

  it('are listed by folder, page by page', async () => {
    for (const path of ['lib/a.ts', 'lib/b.ts', 'lib/c/d.ts', 'library.ts']) await write(path, { content: path });
    const paths = ((await all(`${place}/files?under=lib/`)) as { path: string }[]).map(({ path }) => path);
    expect(paths).toEqual(['lib/a.ts', 'lib/b.ts', 'lib/c/d.ts']);
    expect((await send(`${place}/files/content?path=lib/nothing.ts`)).status).toBe(404);
  });

  it.each([
    ['what is no text', 'a.png', '\u0089PNG\r\n\u001a\n\u0000', 400],
    ['what was read as text and is none', 'a.png', '\ufffdPNG', 400],
    ['a way out of the project', '../a.ts', 'x', 400],
    ['more than there is room for', 'a.ts', 'x'.repeat(1_000_001), 400],
  ])('refuse %s', async (_, path, content, status) => {
    expect((await write(path, { content })).status).toBe(status);
  });
});

describe('groups of documents', () => {
  it('are a maintainer’s to make, with what everybody has beside them', async () => {
    const made = { name: 'Handbook', risk_level: 'safe' };
    expect((await send(`${place}/corpora`, post(made))).json).toMatchObject({ status: 403, code: 'CR008' });
    const corpus = (await server.ask(maintainer, `${place}/corpora`, post(made))).json;
    expect(corpus).toMatchObject({ name: 'Handbook', risk_level: 'safe', project_id: project });
    expect((await server.ask(maintainer, `${place}/corpora`, post(made))).status).toBe(409);
    const change = patch({ description: 'How we work' });
    const changed = await server.ask(maintainer, `${place}/corpora/${corpus.id}`, change);
    expect(changed.json).toMatchObject({ name: 'Handbook', description: 'How we work' });
    expect((await all(`${place}/corpora`)).map((one) => (one as { name: string }).name)).toEqual([
      ...['Handbook', 'global corpus', 'org-a corpus'],
    ]);
    expect((await toldOf(corpus.id)).map(({ event_type }) => event_type)).toEqual(['corpus.created', 'corpus.updated']);
    const theirs = `${place}/corpora/${idOf('b', ID.corpus)}`;
    expect((await server.ask(maintainer, theirs, change)).status).toBe(404);
    expect((await send(`${theirs}/documents`)).status).toBe(404);
  });

  it('tell which documents they hold', async () => {
    const listed = await send(`${place}/corpora/${idOf('a', ID.corpus)}/documents`);
    expect(listed.json.items).toMatchObject([{ title: 'org-a document', source_path: 'one.md', is_pinned: false }]);
  });
});

describe('a roadmap', () => {
  const modules = [
    { title: 'Begin', steps: ['read', 'run'], estimated_hours: 2 },
    { title: 'Build', steps: ['write', 'test'], is_locked: true },
  ];

  it('is gone through forward and back, within its steps and through no locked module', async () => {
    const made = await send(`${place}/roadmaps`, post({ title: 'Webhooks', skill_level: 'beginner', modules }));
    expect(made.json).toMatchObject({ current_step_index: 0, step_count: 4, modules });
    const at = `${place}/roadmaps/${made.json.id}`;
    const move = (step_index: number) => send(`${at}/step`, post({ step_index }));
    expect((await move(2)).json).toMatchObject({ current_step_index: 2 });
    expect((await move(3)).json).toMatchObject({
      status: 409,
      code: 'CR003',
      detail: expect.stringContaining('Build'),
    });
    const open = modules.map((module) => ({ ...module, is_locked: false }));
    await send(at, patch({ modules: open }));
    expect((await move(4)).json).toMatchObject({ current_step_index: 4 });
    expect((await move(5)).json).toMatchObject({ status: 400, code: 'CR002' });
    expect((await move(1)).json).toMatchObject({ current_step_index: 1 });
    await move(3);
    expect((await send(at, patch({ modules: open.slice(0, 1) }))).json).toMatchObject({ current_step_index: 2 });
    expect((await send(at, patch({ modules: [] }))).status).toBe(400);
    const steps = (await toldOf(made.json.id)).flatMap(({ changed }) => changed?.current_step_index ?? []);
    expect(steps).toEqual([0, 2, 2, 4, 4, 1, 1, 3, 3, 2]);
    expect((await all(`${place}/roadmaps`)).length).toBe(2);
    expect((await send(`${place}/roadmaps/${idOf('b', ID.roadmap)}`)).status).toBe(404);
  });
});

describe('a daily session', () => {
  it('grows message by message, and the timeline tells how much, not what', async () => {
    const said = (count: number) => Array.from({ length: count }, (_, n) => ({ role: 'user', content: `secret ${n}` }));
    const made = await send(`${place}/daily-sessions`, post({ transcript: said(1), concepts_covered: ['http'] }));
    expect([made.status, made.json.message_count]).toEqual([201, 1]);
    const at = `${place}/daily-sessions/${made.json.id}`;
    const more = { transcript: said(200), concepts_covered: ['hmac', 'http', 'hmac'], duration_minutes: 20 };
    const both = await Promise.all([send(`${at}/messages`, post(more)), send(`${at}/messages`, post(more))]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    const read = (await send(at)).json;
    expect(read).toMatchObject({ message_count: 401, duration_minutes: 40, concepts_covered: ['http', 'hmac'] });
    expect(read.transcript).toHaveLength(200);
    expect((await send(`${at}?after_message=400`)).json.transcript).toHaveLength(1);
    const told = await toldOf(made.json.id);
    expect(told.map(({ event_type }) => event_type)).toEqual([
      ...['daily_session.created', 'daily_session.updated', 'daily_session.updated'],
    ]);
    expect(JSON.stringify(told)).not.toContain('secret');
    expect((await send(`${at}/messages`, post({ duration_minutes: 1440 }))).status).toBe(400);
    const concepts_covered = Array.from({ length: 199 }, (_, n) => `concept ${n}`);
    expect((await send(`${at}/messages`, post({ concepts_covered }))).json).toMatchObject({ code: 'CR002' });
    expect((await send(`${place}/daily-sessions/${randomUUID()}`)).status).toBe(404);
    expect((await all(`${place}/daily-sessions`)).length).toBe(2);
  });
});

describe('a project that is purged', () => {
  it('takes all of it along, whatever points at what', async () => {
    const theirs = idOf('b', ID.project);
    await server.brain.call('retire_project', { project_id: theirs } as never);
    await server.brain.call('purge_project', { project_id: theirs } as never);
    const left = await server.brain.sql('select 1 as one from codered.agent_runs where project_id = $1::uuid', [
      theirs,
    ]);
    expect(left).toEqual([]);
  });
});
