// Streams of events: what is told, in which order, where it goes on, and when it ends.

import { createHash, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ID, idOf, PEOPLE } from '../brain/security/two-orgs.ts';
import { ruleBackend } from '../support/brain.ts';
import type { OpenedStream } from '../support/read-stream.ts';
import { openRestServer, type RestServer } from '../support/rest-server.ts';

const HEARTBEAT_MS = 150;
const project = idOf('a', ID.project);
const eventsPath = `/api/v1/projects/${project}/events/stream`;

let server: RestServer;
let token = '';
beforeAll(async () => {
  server = await openRestServer({ streams: { heartbeatMs: HEARTBEAT_MS, ofOne: 3, together: 6 } });
  token = await server.tokenOf(PEOPLE.a.member);
});
afterAll(() => server.close());

type Open = Extract<OpenedStream, { problem: null }>;
let opened: Open[] = [];
afterEach(() => {
  for (const stream of opened) stream.close();
  opened = [];
});

async function follow(path: string, headers: Record<string, string> = {}, who = token): Promise<Open> {
  const stream = await server.follow(who, path, headers);
  if (stream.problem !== null) throw new Error(`refused: ${JSON.stringify(stream.problem)}`);
  opened.push(stream);
  return stream;
}
const refused = async (path: string, headers: Record<string, string> = {}, who = token) => {
  const { status, problem, headers: answered } = await server.follow(who, path, headers);
  return { status, code: problem?.code, detail: String(problem?.detail), retryAfter: answered.get('retry-after') };
};
/** Places are given back when the server has seen that a client is gone. */
const untilThereIsRoom = async (path: string, who = token) => {
  await expect
    .poll(async () => {
      const stream = await server.follow(who, path);
      if (stream.problem === null) stream.close();
      return stream.status;
    })
    .toBe(200);
};

const note = (text: string, of = project) =>
  server.brain.sql(
    `insert into codered.events (project_id, event_type, payload) values ($1::uuid, 'note.test', jsonb_build_object('text', $2::text))`,
    [of, text],
  );
const told = z.object({ id: z.int(), payload: z.object({ text: z.string() }) });
const textsOf = async (stream: Open, count: number) => {
  const texts: string[] = [];
  for (let left = count; left > 0; left -= 1) texts.push(told.parse((await stream.next())?.data).payload.text);
  return texts;
};

async function makeJob(status = 'running', progress = 0): Promise<string> {
  const id = randomUUID();
  await server.brain.sql(
    `insert into codered.agent_jobs (id, project_id, user_id, agent_type) values ($1::uuid, $2::uuid, $3::uuid, 'research')`,
    [id, project, PEOPLE.a.member],
  );
  if (status !== 'queued') await change(id, `status = 'running', progress = ${progress}`);
  return id;
}
const change = (job: string, set: string) =>
  server.brain.sql(`update codered.agent_jobs set ${set} where id = $1::uuid`, [job]);

describe('the stream of a project', () => {
  it('tells each event as it happens, with its place, and nothing of what was before', async () => {
    await note('before');
    const stream = await follow(eventsPath);
    expect(stream.headers.get('cache-control')).toBe('no-store');
    expect(stream.headers.get('x-accel-buffering')).toBe('no');
    await note('one');
    await note('two');
    const first = await stream.next();
    expect(first).toMatchObject({ event: 'message', data: { event_type: 'note.test', payload: { text: 'one' } } });
    expect(first?.id).toBe(String(told.parse(first?.data).id));
    expect(await textsOf(stream, 1)).toEqual(['two']);
    expect(stream.seen.retry).toBeGreaterThanOrEqual(1_000);
  });

  it('goes on after the place that a client had, by header or query, and the header goes first', async () => {
    const stream = await follow(eventsPath);
    for (const text of ['a', 'b', 'c']) await note(text);
    const place = (await stream.next())?.id ?? '';
    expect(await textsOf(await follow(eventsPath, { 'last-event-id': place }), 2)).toEqual(['b', 'c']);
    stream.close();
    await untilThereIsRoom(eventsPath);
    expect(await textsOf(await follow(`${eventsPath}?last_event_id=${place}`), 2)).toEqual(['b', 'c']);
    opened[1]?.close();
    await untilThereIsRoom(eventsPath);
    const both = await follow(`${eventsPath}?last_event_id=0`, { 'last-event-id': place });
    expect(await textsOf(both, 1)).toEqual(['b']);
  });

  it('says where it begins, so that who is cut off before the first event misses none', async () => {
    const stream = await follow(eventsPath);
    await expect.poll(async () => Promise.race([stream.next(), stream.seen.place])).not.toBe('');
    stream.close();
    await note('while nobody was there');
    const again = await follow(eventsPath, { 'last-event-id': stream.seen.place });
    expect(await textsOf(again, 1)).toEqual(['while nobody was there']);
  });

  it('gives a long history in pages, all of it, in order', async () => {
    const stream = await follow(eventsPath);
    await server.brain.sql(
      `insert into codered.events (project_id, event_type, payload)
       select $1::uuid, 'note.test', jsonb_build_object('text', n::text) from generate_series(1, 65) as n`,
      [project],
    );
    expect(await textsOf(stream, 65)).toEqual(Array.from({ length: 65 }, (_, at) => String(at + 1)));
  });

  // The embedded database does one thing at a time: there is nobody to be late.
  it.skipIf(ruleBackend === 'embedded')(
    'tells nothing that came after an event which is still to be committed',
    async () => {
      const stream = await follow(eventsPath);
      await server.brain.session(async (late) => {
        await late.script('begin');
        await late.query(
          `insert into codered.events (project_id, event_type, payload) values ($1::uuid, 'note.test', '{"text": "late"}')`,
          [project],
        );
        await note('early');
        // Until the next sign of life it has looked: nothing may have come.
        const beats = stream.seen.comments.length;
        const coming = stream.next();
        await expect.poll(() => stream.seen.comments.length).toBeGreaterThan(beats + 1);
        await late.script('commit');
        expect(told.parse((await coming)?.data).payload.text).toBe('late');
      });
      expect(await textsOf(stream, 1)).toEqual(['early']);
    },
  );

  it('refuses a place that is none, is too old, or is of another history', async () => {
    expect(await refused(eventsPath, { 'last-event-id': 'x' })).toMatchObject({ status: 400, code: 'malformed' });
    expect(await refused(eventsPath, { 'last-event-id': '9'.repeat(16) })).toMatchObject({ status: 400 });
    const ahead = await refused(eventsPath, { 'last-event-id': '900719925474099' });
    expect(ahead).toMatchObject({
      status: 410,
      code: 'CR015',
      detail: expect.stringContaining('begin anew, after event'),
    });
    expect(await refused(`${eventsPath}?other=1`)).toMatchObject({ status: 400, code: 'malformed' });
    expect(await refused(`${eventsPath}?access_token=x`)).toMatchObject({ status: 400, code: 'token_in_query' });
  });

  it('shows that it is there, having asked for the right again, and ends when the person has left', async () => {
    const stream = await follow(eventsPath);
    const coming = stream.next();
    await expect.poll(() => stream.seen.comments).toContain('still here');
    await server.brain.sql('delete from codered.memberships where user_id = $1', [PEOPLE.a.member]);
    await note('not theirs any more');
    const last = await coming;
    expect(last).toMatchObject({ event: 'error', data: { code: 'CR004' } });
    expect(await stream.next()).toBeNull();
    const words = z.object({ error: z.string() }).parse(last?.data).error;
    expect((await refused(eventsPath)).detail).toBe(words);
    await server.brain.sql('insert into codered.memberships (org_id, user_id) values ($1, $2)', [
      idOf('a', ID.org),
      PEOPLE.a.member,
    ]);
  });

  it.each([
    ['revoked', 'revoked_at = now()'],
    ['expired', "expires_at = now() - interval '1 second'"],
  ])('ends when its token is %s', async (state, changed) => {
    const another = await server.tokenOf(PEOPLE.a.member);
    const stream = await follow(eventsPath, {}, another);
    await server.brain.sql(`update codered.oauth_tokens set ${changed} where access_token_hash = $1`, [
      createHash('sha256').update(another).digest('hex'),
    ]);
    expect(await stream.rest()).toMatchObject([
      { event: 'error', data: { code: 'invalid_token', error: expect.stringContaining(state) } },
    ]);
  });

  it('is for whoever may read, and in the same words not there for others', async () => {
    const strangers = await server.tokenOf(PEOPLE.b.owner);
    const [theirs, nobodys] = [
      await refused(eventsPath, {}, strangers),
      await refused(`/api/v1/projects/${randomUUID()}/events/stream`, {}, strangers),
    ];
    const plain = (said: { detail: string }) => ({ ...said, detail: said.detail.replaceAll(/[0-9a-f-]{36}/g, '…') });
    expect(plain(theirs)).toEqual(plain(nobodys));
    expect(theirs).toMatchObject({ status: 404, code: 'CR004' });
    expect(await refused(eventsPath, {}, 'crd_nobodys')).toMatchObject({ status: 401, code: 'invalid_token' });
    const writers = await server.tokenOf(PEOPLE.a.member, 'tasks');
    expect(await refused(eventsPath, {}, writers)).toMatchObject({ status: 403, code: 'insufficient_scope' });
    expect(await refused('/api/v1/projects/x/events/stream')).toMatchObject({ status: 400, code: 'malformed' });
    const answered = await server.askWhole(token, eventsPath, { method: 'HEAD' });
    expect([answered.status, answered.text]).toEqual([200, '']);
    expect((await server.askWhole(token, eventsPath, { method: 'POST' })).status).toBe(405);
  });

  it('is one of so many of a person, and of all', async () => {
    for (let open = 0; open < 3; open += 1) await follow(eventsPath);
    expect(await refused(eventsPath)).toMatchObject({ status: 429, code: 'too_many_streams', retryAfter: '10' });
    const admins = await server.tokenOf(PEOPLE.a.admin);
    for (let open = 0; open < 3; open += 1) await follow(eventsPath, {}, admins);
    const owners = await server.tokenOf(PEOPLE.a.maintainer);
    expect(await refused(eventsPath, {}, owners)).toMatchObject({ status: 503, code: 'no_room', retryAfter: '10' });
    // What is asked in the ordinary way goes on.
    expect((await server.ask(token, `/projects/${project}/tasks`)).status).toBe(200);
    opened[0]?.close();
    await untilThereIsRoom(eventsPath, owners);
  });

  it('is read once for all streams of a person, and asks nothing while nobody is there', async () => {
    const streams = [await follow(eventsPath), await follow(eventsPath), await follow(eventsPath)];
    await Promise.all(
      streams.map((stream) => expect.poll(() => Promise.race([stream.next(), stream.seen.place])).not.toBe('')),
    );
    for (const stream of streams) stream.close();
    await untilThereIsRoom(eventsPath);
    let before = -1;
    await expect
      .poll(
        () => {
          const asked = server.asked.length;
          const isQuiet = asked === before;
          before = asked;
          return isQuiet;
        },
        { interval: 100 },
      )
      .toBe(true);
  });
});

describe.each(['/v1', '/api/v1'])('the stream of a job under %s', (prefix) => {
  const pathOf = (job: string) => `${prefix}/jobs/${job}/stream`;

  it('tells progress, what it waits for, and its result, each in the form of document 002, and ends', async () => {
    const job = await makeJob('running', 10);
    const stream = await follow(pathOf(job));
    expect(await stream.next()).toMatchObject({ event: 'progress', data: { progress: 10, status: 'running' } });
    await change(job, 'progress = 45');
    const place = await stream.next();
    expect(place).toMatchObject({ event: 'progress', data: { progress: 45, status: 'running' } });
    const questions = [{ id: 'q1', question: 'For whom?' }];
    await change(job, `status = 'waiting_for_input', questions = '${JSON.stringify(questions)}'`);
    expect((await stream.next())?.data).toEqual({ questions, status: 'waiting_for_input' });
    await change(job, `status = 'running', answers = '[{"question_id": "q1", "answer": "Dogs"}]'`);
    expect((await stream.next())?.data).toEqual({ progress: 45, status: 'running' });
    await change(job, `status = 'completed', progress = 100, result = '{"idea": "good"}'`);
    const last = await stream.next();
    expect(last).toMatchObject({ event: 'complete', data: { result: { idea: 'good' }, status: 'completed' } });
    expect(await stream.next()).toBeNull();
    // Whoever comes again learns the end, also who had all but that.
    expect(await (await follow(pathOf(job), { 'last-event-id': place?.id ?? '' })).rest()).toEqual([last]);
    expect(await (await follow(pathOf(job), { 'last-event-id': last?.id ?? '' })).rest()).toEqual([last]);
  });

  it.each([
    ["status = 'failed', error = 'Agent timeout'", 'error', { error: 'Agent timeout', status: 'failed' }],
    ["status = 'cancelled'", 'cancelled', { status: 'cancelled' }],
  ])('ends with what became of it: %s', async (set, event, data) => {
    const job = await makeJob();
    const stream = await follow(pathOf(job));
    await stream.next();
    await change(job, set);
    expect(await stream.rest()).toMatchObject([{ event, data }]);
  });

  it('tells a client nothing twice that it had', async () => {
    const job = await makeJob('running', 20);
    const place = (await (await follow(pathOf(job))).next())?.id ?? '';
    const again = await follow(pathOf(job), { 'last-event-id': place });
    await change(job, 'progress = 30');
    expect((await again.next())?.data).toEqual({ progress: 30, status: 'running' });
  });

  it('is refused for a job that is gone, and ends when it goes', async () => {
    expect(await refused(pathOf(randomUUID()))).toMatchObject({ status: 404, code: 'CR004' });
    const job = await makeJob();
    const stream = await follow(pathOf(job));
    await stream.next();
    await server.brain.sql('delete from codered.agent_jobs where id = $1::uuid', [job]);
    expect(await stream.rest()).toMatchObject([{ event: 'error', data: { code: 'CR004' } }]);
  });
});

describe('what is no longer kept', () => {
  let apart: RestServer;
  let member = '';
  beforeAll(async () => {
    apart = await openRestServer({ streams: { heartbeatMs: HEARTBEAT_MS } });
    member = await apart.tokenOf(PEOPLE.a.member);
  });
  afterAll(() => apart.close());

  it('is told by a reset, or refused at once, with where to begin anew; and a process that stops ends its streams', async () => {
    const stream = await apart.follow(member, eventsPath, { 'last-event-id': '0' });
    if (stream.problem !== null) throw new Error('refused');
    const place = Number((await stream.next())?.id);
    await apart.brain.sql(
      `insert into codered.events (event_type, payload)
       select 'retention.month_detached', jsonb_build_object('last_id', max(id) + 1) from codered.events`,
    );
    const [last] = (await stream.rest()).slice(-1);
    expect(last).toMatchObject({
      event: 'reset',
      data: { code: 'CR015', error: expect.stringContaining('begin anew, after event') },
    });
    const again = await apart.follow(member, eventsPath, { 'last-event-id': String(place) });
    expect(again).toMatchObject({ status: 410, problem: { code: 'CR015' } });

    const open = await apart.follow(member, eventsPath);
    if (open.problem !== null) throw new Error('refused');
    const coming = open.next();
    await expect.poll(() => open.seen.retry).toBeGreaterThan(0);
    open.seen.retry = 0;
    await apart.endStreams();
    expect(await coming).toBeNull();
    expect(open.seen.retry).toBeGreaterThan(0);
    expect(await apart.follow(member, eventsPath)).toMatchObject({ status: 503, problem: { code: 'no_room' } });
  });
});
