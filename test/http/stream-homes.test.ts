// Streams on every home of the brain, and what a process holds for readers who do not read.

import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOfCall } from '../../src/brain/calls/call-error.ts';
import { peopleThrough } from '../../src/brain/person-calls/people-calls.ts';
import { hashOfToken } from '../../src/brain/tokens.ts';
import { listen } from '../../src/http/listen.ts';
import { serveRoutes } from '../../src/http/routing.ts';
import { News } from '../../src/http/streams/news.ts';
import { makeStreams, type StreamDeps } from '../../src/http/streams/streams.ts';
import { UnsentBytes } from '../../src/http/streams/unsent-bytes.ts';
import { ID, idOf, PEOPLE, seedTwoOrgs } from '../brain/security/two-orgs.ts';
import { bothBackends, openTestBrain, type TestBrain } from '../support/brain.ts';
import { makeLogLines } from '../support/log-lines.ts';
import { openStream } from '../support/read-stream.ts';

const project = idOf('a', ID.project);
const path = `/api/v1/projects/${project}/events/stream`;

/** As supabase-js calls: over PostgREST, with the service role's key. */
function overPostgrest(brain: TestBrain): StreamDeps['brain'] {
  const client = brain.clientFor({ role: 'service_role' });
  const call = async (name: string, args: object) => {
    const { data, error, status } = await client.rpc(name as 'call_as', args as never);
    if (error !== null) throw errorOfCall({ name, backend: 'supabase', status, error });
    return data;
  };
  return { call: call as StreamDeps['brain']['call'], callAs: peopleThrough(call).callAs };
}

async function serve(brain: StreamDeps['brain'], limits: NonNullable<StreamDeps['limits']> = {}) {
  const { log } = makeLogLines();
  const streams = makeStreams({ brain, log, pollMs: 20, limits });
  const onError = () => {};
  const http = await listen(
    { host: '127.0.0.1', port: 0 },
    { handlers: [serveRoutes({ resources: [streams.routes], onError })], onError },
  );
  return { url: http.url, close: () => streams.close().then(() => http.close(1_000)) };
}

async function tokenOf(brain: TestBrain): Promise<string> {
  const token = `crd_${randomUUID()}`;
  const expires_at = new Date(Date.now() + 86_400_000).toISOString();
  await brain.call('create_token', {
    user_id: PEOPLE.a.member,
    name: randomUUID(),
    token_hash: hashOfToken(token),
    scope: 'read',
    expires_at,
  });
  return token;
}

const note = (brain: TestBrain, text: string) =>
  brain.sql(
    `insert into codered.events (project_id, event_type, payload) values ($1::uuid, 'note.test', jsonb_build_object('text', $2::text))`,
    [project, text],
  );

const opened: Partial<Record<(typeof bothBackends)[number], TestBrain>> = {};
beforeAll(async () => {
  for (const kind of bothBackends) {
    const brain = await openTestBrain(kind);
    opened[kind] = brain;
    await seedTwoOrgs(brain);
  }
});
afterAll(() => Promise.all(Object.values(opened).map((brain) => brain.close())));

function brainOf(kind: (typeof bothBackends)[number]): TestBrain {
  const brain = opened[kind];
  if (brain === undefined) throw new Error(`${kind} is not open`);
  return brain;
}

describe.each([...bothBackends, 'supabase'] as const)('streams (%s)', (home) => {
  it('tell events and jobs as they go on, and go on where a client was', async () => {
    const under = brainOf(home === 'supabase' ? 'postgres' : home);
    const server = await serve(home === 'supabase' ? overPostgrest(under) : under);
    const token = await tokenOf(under);
    const events = await openStream(server.url + path, token);
    const job = randomUUID();
    await under.sql(
      `insert into codered.agent_jobs (id, project_id, user_id, agent_type) values ($1::uuid, $2::uuid, $3::uuid, 'qa')`,
      [job, project, PEOPLE.a.member],
    );
    const progress = await openStream(`${server.url}/v1/jobs/${job}/stream`, token);
    if (events.problem !== null || progress.problem !== null) throw new Error('refused');
    expect((await progress.next())?.data).toEqual({ progress: 0, status: 'queued' });
    await under.sql(`update codered.agent_jobs set status = 'running', progress = 50 where id = $1::uuid`, [job]);
    expect((await progress.next())?.data).toEqual({ progress: 50, status: 'running' });
    const made = await events.next();
    expect(made?.data).toMatchObject({ event_type: 'job.created' });
    events.close();
    await note(under, 'missed by nobody');
    const again = await openStream(server.url + path, token, { 'last-event-id': made?.id ?? '' });
    if (again.problem !== null) throw new Error('refused');
    expect((await again.next())?.data).toMatchObject({ event_type: 'job.status_changed' });
    expect((await again.next())?.data).toMatchObject({ payload: { text: 'missed by nobody' } });
    await server.close();
    expect(await again.next()).toBeNull();
  });
});

describe('a reader who does not read', () => {
  it('is cut off, and costs nobody else anything', async () => {
    const brain = brainOf('postgres');
    const server = await serve(brain, { unreadMs: 300 });
    const token = await tokenOf(brain);
    const { hostname, port } = new URL(server.url);
    const deaf: Socket = connect(Number(port), hostname);
    const gone = new Promise((resolve) => deaf.once('close', resolve).once('error', () => {}));
    deaf.write(`GET ${path} HTTP/1.1\r\nhost: c\r\nauthorization: Bearer ${token}\r\n\r\n`);
    // It takes the head, and then nothing more.
    await new Promise((resolve) => deaf.once('data', resolve));
    deaf.pause();
    const reads = await openStream(server.url + path, token);
    if (reads.problem !== null) throw new Error('refused');
    const count = 70;
    await brain.sql(
      `insert into codered.events (project_id, event_type, payload)
       select $1::uuid, 'note.test', jsonb_build_object('text', repeat('x', 250000), 'n', n) from generate_series(1, $2::integer) as n`,
      [project, String(count)],
    );
    for (let n = 1; n <= count; n += 1) expect((await reads.next())?.data).toMatchObject({ payload: { n } });
    deaf.resume();
    await gone;
    reads.close();
    await server.close();
  });

  it('is cut off when all together hold too much: who waited longest, and each buffer counts once', () => {
    const dropped: string[] = [];
    const unsent = new UnsentBytes(100);
    const shared = Buffer.alloc(60);
    unsent.hold([shared], () => dropped.push('first'));
    const release = unsent.hold([shared], () => dropped.push('second'));
    expect(dropped).toEqual([]);
    release();
    unsent.hold([Buffer.alloc(60)], () => dropped.push('third'));
    expect(dropped).toEqual(['first']);
    // What one alone has to send is let through.
    new UnsentBytes(10).hold([Buffer.alloc(60)], () => dropped.push('alone'));
    expect(dropped).toEqual(['first']);
  });
});

describe('the one reader of a process', () => {
  const makeNews = (answers: readonly (object | Error)[]) => {
    const asked: unknown[] = [];
    const call = async (_: string, { asked: question }: { asked: unknown }) => {
      const answer = answers[Math.min(asked.push(question) - 1, answers.length - 1)];
      if (answer instanceof Error) throw answer;
      return answer;
    };
    const faults: unknown[] = [];
    const brain = { call } as unknown as StreamDeps['brain'];
    return { asked, faults, news: new News({ brain, everyMs: 5, onFault: (fault) => faults.push(fault) }) };
  };
  const nothing = { settled: 7, given: 7, projects: [], jobs: {} };

  it('asks one question for all, never goes back, and says once that the database is away', async () => {
    const away = new Error('away');
    const { asked, faults, news } = makeNews([nothing, { ...nothing, settled: 5 }, away, away, nothing]);
    let woken = 0;
    const ends = ['p1', 'p2'].map((id) => news.follow({ kind: 'project', id }, () => (woken += 1)));
    ends.push(news.follow({ kind: 'job', id: 'J1' }, () => (woken += 1)));
    await expect.poll(() => asked.length).toBeGreaterThan(5);
    expect(asked[0]).toMatchObject({ after_event: null });
    expect(asked[1]).toEqual({ after_event: 7, projects: ['p1', 'p2'], jobs: { j1: '' } });
    expect(asked[2]).toMatchObject({ after_event: 7 });
    // Of what came before the first question nobody knows whose it is.
    expect(woken).toBeGreaterThanOrEqual(3);
    expect(faults).toEqual([away]);
    for (const end of ends) end();
    await news.close();
    const before = asked.length;
    await expect(news.place()).rejects.toThrow('stopping');
    expect(asked).toHaveLength(before);
  });

  it('tells who wants the place of now of a fault, and asks nothing when nobody follows', async () => {
    const { asked, news } = makeNews([new Error('away'), nothing]);
    await expect(news.place()).rejects.toThrow('away');
    expect(await news.place()).toEqual({ settled: 7, given: 7 });
    await expect.poll(() => asked.length).toBe(2);
    await news.close();
  });
});
