// REST under requests that are meant to find out, to use up or to mislead, and under what people are used to from other APIs.

import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/config/limits.ts';
import { ApiError } from '../../src/http/api-error.ts';
import { FailedTokens } from '../../src/http/person-door/failed-tokens.ts';
import { Written } from '../../src/http/person-door/written.ts';
import { fullPath } from '../../src/http/rest/paths.ts';
import { placed } from '../../src/http/rest/placed.ts';
import { SCOPES } from '../../src/model/scopes.ts';
import { ID, idOf, PEOPLE } from '../brain/security/two-orgs.ts';
import { ruleBackend } from '../support/brain.ts';
import { rowsOf } from '../support/brain-rows.ts';
import { resolved } from '../support/described.ts';
import { openRestServer, type RestServer, type Sent } from '../support/rest-server.ts';

let server: RestServer;
let token = '';
let strangers = '';
beforeAll(async () => {
  server = await openRestServer();
  // Of every scope: what is refused here is refused for its body.
  token = await server.tokenOf(PEOPLE.a.member, SCOPES.join(' '));
  strangers = await server.tokenOf(PEOPLE.b.member);
});
afterAll(() => server.close());

const send = (path: string, sent: Sent = {}) => server.ask(token, path, sent);
const project = idOf('a', ID.project);
const task = idOf('a', ID.task);
const post = (body: unknown, headers: Record<string, string> = {}): Sent => ({ method: 'POST', body, headers });

describe('an Idempotency-Key', () => {
  it('tells nobody which projects, tasks, jobs and runs there are', async () => {
    const paths = (of: (number: number) => string) => [
      [`/projects/${of(ID.project)}/tasks`, { title: 'x' }],
      [`/tasks/${of(ID.task)}/lock`, { locker: 'x' }],
      [`/jobs/${of(ID.ownJob)}/cancel`, {}],
      [`/runs/${of(ID.ownRun)}/cancel`, {}],
    ];
    const absent = randomUUID();
    const askAll = (of: (number: number) => string) =>
      Promise.all(
        paths(of).map(async ([path, body]) => {
          const sent = post(body, { 'idempotency-key': randomUUID() });
          const { status, text } = await server.ask(strangers, `${path}`, sent);
          return [status, text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '…')];
        }),
      );
    const theirs = await askAll((number) => idOf('a', number));
    expect(theirs).toEqual(await askAll(() => absent));
    expect(theirs.map(([status]) => status)).toEqual([404, 404, 404, 404]);
  });

  it('is one of ten thousand within a day, and those of who never came back go', async () => {
    const person = PEOPLE.a.admin;
    const insert = (user: string, count: number, age: string) =>
      server.brain.sql(
        `insert into codered.idempotency_keys (user_id, key_hash, request_hash, created_at)
        select $1::uuid, encode(sha256(('k' || n)::bytea), 'hex'), repeat('0', 64), now() - $2::interval
        from generate_series(1, $3::integer) as n`,
        [user, age, String(count)],
      );
    await insert(PEOPLE.stranger, 60, '2 days');
    await insert(person, 9_999, '1 hour');
    const admin = await server.tokenOf(person);
    const make = () =>
      server.ask(admin, `/projects/${project}/tasks`, post({ title: 'y' }, { 'idempotency-key': randomUUID() }));
    expect((await make()).status).toBe(201);
    expect((await make()).json).toMatchObject({ status: 409, code: 'CR003', detail: expect.stringContaining('10000') });
    const left = await server.brain.sql('select 1 as one from codered.idempotency_keys where user_id = $1', [
      PEOPLE.stranger,
    ]);
    expect(left).toEqual([]);
  });
});

describe('what one person has written', () => {
  it('is kept for their keys up to 64 MB a day', async () => {
    const person = PEOPLE.a.maintainer;
    await server.brain.sql(
      `with text as materialized (
        select string_agg(encode(sha256(i::text::bytea), 'base64'), '') as long from generate_series(1, 200000) i)
      insert into codered.idempotency_keys (user_id, key_hash, request_hash, answer)
      select $1::uuid, encode(sha256(('m' || n)::bytea), 'hex'), repeat('0', 64), jsonb_build_object('x', text.long)
      from text, generate_series(1, 8) as n`,
      [person],
    );
    const maintainer = await server.tokenOf(person);
    const make = (key: Record<string, string>) =>
      server.ask(maintainer, `/projects/${project}/tasks`, post({ title: 'z' }, key));
    const refused = await make({ 'idempotency-key': randomUUID() });
    expect(refused.json).toMatchObject({ status: 409, code: 'CR003', detail: expect.stringContaining('64 MB') });
    expect((await make({})).status).toBe(201);
    await server.brain.sql('delete from codered.idempotency_keys where user_id = $1', [person]);
  });

  it('is so much in an hour, and nobody else’s', () => {
    let now = 0;
    const written = new Written({ burstBytes: 1_000, hourBytes: 3_600, eachBytes: 100, people: 3 }, () => now);
    const take = (person: string, bytes: number) => {
      try {
        return written.take(person, bytes);
      } catch (thrown) {
        return thrown instanceof ApiError ? [thrown.status, thrown.code, thrown.headers?.['retry-after']] : thrown;
      }
    };
    expect([take('a', 400), take('a', 300), take('a', 0)]).toEqual([undefined, undefined, undefined]);
    expect(take('a', 0)).toEqual([429, 'too_much_written', '100']);
    expect(take('b', 900)).toBeUndefined();
    // What would never fit is let in when nothing else was written.
    expect(take('c', 5_000)).toBeUndefined();
    now += 100_000;
    expect(take('a', 0)).toBeUndefined();
    expect(take('a', 0)).toEqual([429, 'too_much_written', '100']);
  });

  it('is counted of what changes something, and read by nobody', async () => {
    const small = await openRestServer({ written: { burstBytes: 3_000, hourBytes: 1, eachBytes: 1_000, people: 10 } });
    const member = await small.tokenOf(PEOPLE.a.member);
    const make = () => small.ask(member, `/projects/${project}/tasks`, post({ title: 'w' }));
    expect([(await make()).status, (await make()).status]).toEqual([201, 201]);
    const { status, json, headers } = await make();
    expect([status, json.code, Number(headers.get('retry-after')) > 0]).toEqual([429, 'too_much_written', true]);
    expect((await small.ask(member, `/projects/${project}/tasks`)).status).toBe(200);
    await small.close();
  });
});

describe('a list', () => {
  it.each([
    ['what befell a task', `/tasks/${task}/events`],
    ['events found by a word', `/projects/${project}/events/search?query=walked`],
  ])('of %s goes on with its cursor to the end, and leaves nothing out', async (_, path) => {
    for (let n = 0; n < 5; n += 1) {
      await send(`/tasks/${task}`, { method: 'PATCH', body: { title: `walked ${n} ${path.length}` } });
    }
    const and = path.includes('?') ? '&' : '?';
    const all = await send(`${path}${and}limit=200`);
    expect(all.json.next_cursor).toBeNull();
    expect(all.json.items.length).toBeGreaterThanOrEqual(5);
    const seen: unknown[] = [];
    for (let cursor: string | null = '', pages = 0; cursor !== null && pages < 50; pages += 1) {
      const page = await send(`${path}${and}limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      expect(page.status, page.text).toBe(200);
      seen.push(...page.json.items);
      cursor = page.json.next_cursor;
    }
    expect(seen).toEqual(all.json.items);
  });

  it('goes on after the place where it was, also when what stood there has moved or is gone', async () => {
    const titles = ['p1', 'p2', 'p3', 'p4'];
    const ids: string[] = [];
    for (const [at, title] of titles.entries()) {
      const made = await send(`/projects/${project}/tasks`, post({ title, priority: -1_000 + at }));
      ids.push(made.json.id);
    }
    const first = await send(`/projects/${project}/tasks?limit=1`);
    await send(`/tasks/${ids[0]}`, { method: 'PATCH', body: { priority: 1_000 } });
    const second = await send(`/projects/${project}/tasks?limit=1&cursor=${first.json.next_cursor}`);
    await server.brain.sql('delete from codered.tasks where id = $1::uuid', [ids[1] ?? '']);
    const third = await send(`/projects/${project}/tasks?limit=1&cursor=${second.json.next_cursor}`);
    expect([first, second, third].map(({ json }) => json.items?.[0]?.title)).toEqual(['p1', 'p2', 'p3']);
  });

  it('lets nobody name more with a cursor of their own making than a place', async () => {
    const filters = [['project_id', project]];
    const mark = createHash('sha256')
      .update(JSON.stringify(['list_tasks', filters]))
      .digest('base64url')
      .slice(0, 16);
    const cursor = (place: object) => Buffer.from(JSON.stringify([mark, place])).toString('base64url');
    const path = `/projects/${project}/tasks?limit=1&cursor=`;
    const other = await send(path + cursor({ project_id: idOf('b', ID.project), batch: 200 }));
    expect([other.status, other.json.items.length]).toEqual([200, 1]);
    expect((await send(path + cursor({ after_task: task }))).json).toMatchObject({ status: 400, code: 'CR002' });
    expect((await send(path + cursor({ after_task: 'x' }))).json.details.fields).toEqual([
      { field: 'cursor', message: 'should be a UUID' },
    ]);
  });

  it('names a field that is wrong as the request did', async () => {
    const { json } = await send(`/projects/${project}/tasks?limit=0`);
    expect(json.details.fields).toEqual([{ field: 'limit', message: 'should be at least 1' }]);
  });
});

describe('a request', () => {
  it.each([
    [
      'a time in a zone that there is not',
      `/projects/${project}/tasks`,
      post({ title: 'x', due_date: '2026-01-01T00:00:00+23:00' }),
      400,
    ],
    [
      '__proto__ in a body',
      `/projects/${project}/tasks`,
      { method: 'POST', raw: '{"title":"x","__proto__":{"status":"done"}}' },
      400,
    ],
    [
      '__proto__ deep in a body',
      `/projects/${project}/checkpoints`,
      { method: 'POST', raw: '{"label":"x","snapshot":{"\\u005f_proto__":1}}' },
      400,
    ],
    ['__proto__ in a query', `/projects/${project}/tasks?__proto__=1`, {}, 400],
    [
      'a number that no number can hold',
      `/projects/${project}/checkpoints`,
      { method: 'POST', raw: '{"label":"x","snapshot":{"a":[1e400]}}' },
      400,
    ],
    ['a query beside a body', `/projects/${project}/tasks?dry_run=true`, post({ title: 'x' }), 400],
    ["GitLab's token in the address", '/projects?private_token=x', {}, 400],
  ] as const)('with %s is refused, and changes nothing', async (_, path, sent, status) => {
    const count = () =>
      server.brain.sql(
        'select (select count(*) from codered.tasks) as tasks, (select count(*) from codered.checkpoints) as made',
      );
    const before = await count();
    const answered = await send(path, sent);
    expect([answered.status, answered.json.status], answered.text).toEqual([status, status]);
    expect(await count()).toEqual(before);
    expect(server.lines).toEqual([]);
  });

  it('that takes nothing but its path needs no body', async () => {
    const cancelled = await send(`/jobs/${idOf('a', ID.ownJob)}/cancel`, { method: 'POST' });
    expect([cancelled.status, cancelled.json]).toEqual([200, { status: 'cancelled' }]);
    const { json } = await send('/openapi.json');
    expect(json.paths['/api/v1/jobs/{job_id}/cancel'].post.requestBody.required).toBe(false);
    expect(json.paths['/api/v1/tasks/{task_id}/lock'].post.requestBody.required).toBe(true);
    const { parameters } = json.paths['/api/v1/tasks/{task_id}/lock'].post;
    const names = parameters.map((parameter: unknown) => Object(resolved(parameter)).name);
    expect(names).toEqual(['task_id', 'Idempotency-Key']);
  });

  it('with If-None-Match: * is answered 304 where there is something', async () => {
    const headers = { 'if-none-match': '*' };
    expect((await send('/me', { headers })).status).toBe(304);
    expect((await server.ask(strangers, `/projects/${project}`, { headers })).status).toBe(404);
  });

  it('is answered 304 for a tag of the very body that its reader would get, in whichever form the tag is sent', async () => {
    const path = `/projects/${project}/tasks?limit=1`;
    const tag = (await send(path)).headers.get('etag') ?? '';
    const statusOf = async (forms: string, who = token) =>
      (await server.ask(who, path, { headers: { 'if-none-match': forms } })).status;
    for (const forms of [tag, `W/${tag}`, `"x", ${tag}`, `"x",W/${tag}`, ` ${tag} `, `${tag},`, '*']) {
      expect(await statusOf(forms), forms).toBe(304);
    }
    const naked = tag.replaceAll('"', '');
    for (const forms of [naked, `"${naked}x"`, `w/${tag}`, '"*"', '""', `"${naked.toUpperCase()}"`]) {
      expect(await statusOf(forms), forms).toBe(200);
    }
    // Somebody else who may read the same gets the same, and whoever may not gets nothing, whatever they know.
    expect(await statusOf(tag, await server.tokenOf(PEOPLE.a.admin))).toBe(304);
    expect(await statusOf(tag, strangers)).toBe(404);
    expect(await statusOf('*', strangers)).toBe(404);
    const mine = (await send('/me')).headers.get('etag') ?? '';
    const theirs = await server.ask(strangers, '/me', { headers: { 'if-none-match': mine } });
    expect([theirs.status, theirs.headers.get('etag') === mine]).toEqual([200, false]);
  });

  it.each(placed().flatMap(([{ name }, place]) => (place.method === 'get' ? [] : [[name, place] as const])))(
    'to %s is refused with null, a list or a text for a body, or with 10 MB of it',
    async (_, place) => {
      const { method } = place;
      const filled = fullPath(place).replaceAll(/\{\w+\}/g, () => randomUUID());
      for (const raw of ['null', '[]', '"x"', '1', 'true']) {
        const answered = await server.askWhole(token, filled, { method: method.toUpperCase(), raw });
        expect([answered.status, answered.json.code], raw).toEqual([400, 'malformed']);
      }
      const large = await server.askWhole(token, filled, {
        method: method.toUpperCase(),
        raw: JSON.stringify({ x: 'x'.repeat(10_000_000) }),
      });
      expect([large.status, large.json.code]).toEqual([413, 'too_large']);
    },
  );

  it('finds what has an id that Postgres takes and no version of RFC 9562 is', async () => {
    const odd = '0a1b2c3d-0000-f000-0000-00000000000f';
    await server.brain.sql(
      'insert into codered.projects (id, slug, name, owner_user_id) values ($1::uuid, $2, $2, $3::uuid)',
      [odd, 'odd', PEOPLE.a.member],
    );
    expect((await send(`/projects/${odd}`)).json).toMatchObject({ project: { id: odd, slug: 'odd' } });
    expect((await send('/projects?limit=200')).json.items).toContainEqual(expect.objectContaining({ id: odd }));
  });

  it('with a word that is no token of ours does not reach the database', async () => {
    const before = server.asked.length;
    for (const word of ['x'.repeat(900), 'ghp_0123456789', 'crd_', `crd_${'x'.repeat(200)}`]) {
      expect((await server.ask(word, '/me')).json).toMatchObject({ status: 401, code: 'invalid_token' });
    }
    expect(server.asked.length).toBe(before);
  });
});

describe('every answer', () => {
  it('is a problem where there is nothing, whatever the method', async () => {
    for (const [path, method] of [
      ['/nothing', 'GET'],
      ['/nothing', 'POST'],
      ['/projects/', 'GET'],
      ['/tasks', 'OPTIONS'],
    ] as const) {
      const answered = await send(path, { method });
      expect([answered.status, answered.headers.get('content-type')]).toEqual([
        404,
        'application/problem+json; charset=utf-8',
      ]);
      expect(answered.json).toMatchObject({ status: 404, code: 'not_found', title: 'Not Found' });
    }
  });

  it('says that nobody guesses at its type, keeps it for others or reads it from another origin', async () => {
    const paths: [string, Sent, number, RegExp][] = [
      ['/me', {}, 200, /^private, no-cache$/],
      ['/openapi.json', {}, 200, /^public, no-cache$/],
      [`/tasks/${task}`, { method: 'PATCH', body: { title: 'again' } }, 200, /^no-store$/],
      ['/none', {}, 404, /^no-store$/],
      ['/me', { method: 'DELETE' }, 405, /^no-store$/],
      ['/me', { headers: { authorization: 'Bearer x' } }, 401, /^no-store$/],
    ];
    for (const [path, sent, status, kept] of paths) {
      const { headers, status: found } = await send(path, {
        ...sent,
        headers: { origin: 'https://elsewhere.example', ...sent.headers },
      });
      expect([found, headers.get('x-content-type-options'), headers.get('cache-control')]).toEqual([
        status,
        'nosniff',
        expect.stringMatching(kept),
      ]);
      expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  });

  it('to HEAD is that to GET without its body, and to OPTIONS which methods there are', async () => {
    const head = await send('/me', { method: 'HEAD' });
    const read = await send('/me');
    expect([head.status, head.text, head.headers.get('etag')]).toEqual([200, '', read.headers.get('etag')]);
    expect((await server.ask('', '/me', { method: 'HEAD' })).status).toBe(401);
    const options = await send('/projects', { method: 'OPTIONS' });
    expect([options.status, options.text, options.headers.get('allow')]).toEqual([204, '', 'GET, POST, HEAD, OPTIONS']);
  });
});

describe('a body', () => {
  it.each(['gzip', 'br', 'gzip, identity', 'x'])('with Content-Encoding: %s is not read', async (encoding) => {
    const sent = post({ title: 'packed' }, { 'content-encoding': encoding });
    const { json, headers } = await send(`/projects/${project}/tasks`, sent);
    expect(json).toMatchObject({ status: 415, code: 'unsupported_encoding' });
    expect(headers.get('accept-encoding')).toBe('identity');
  });

  it('with Content-Encoding: identity is', async () => {
    const sent = post({ title: 'plain' }, { 'content-encoding': 'Identity' });
    expect((await send(`/projects/${project}/tasks`, sent)).status).toBe(201);
  });
});

describe('tokens that let nobody in', () => {
  const guess = (address: string) => server.ask(`crd_${randomUUID()}`, '/me', { headers: { 'x-address': address } });

  it('may come from an address so many times, and never keep out who has a good one there', async () => {
    const answers: number[] = [];
    for (let n = 0; n < LIMITS.failedTokens.burst + 5; n += 1) answers.push((await guess('192.0.2.1')).status);
    // Time passes meanwhile, and with it comes room.
    expect(answers.slice(0, LIMITS.failedTokens.burst)).toEqual(Array(LIMITS.failedTokens.burst).fill(401));
    expect(answers).toContain(429);
    const last = await guess('192.0.2.1');
    if (last.status === 429) expect(Number(last.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect((await send('/me', { headers: { 'x-address': '192.0.2.1' } })).status).toBe(200);
    expect((await guess('192.0.2.2')).status).toBe(401);
  });

  it('are counted by the clock, for so many addresses and no more', () => {
    let now = 0;
    const bucket = { burst: 2, everyMs: 1_000 };
    const failed = new FailedTokens({ ...bucket, unknown: bucket, addresses: 2 }, () => now);
    const refusal = new ApiError(401, 'invalid_token', 'none');
    const statuses = (...addresses: (string | null)[]) =>
      addresses.map((address) => (failed.note(refusal, address) as ApiError).status);
    expect(statuses('a', 'a', 'a', 'b', null)).toEqual([401, 401, 429, 401, 401]);
    // 'a' came first, and is forgotten.
    expect(statuses('a', 'a', 'a')).toEqual([401, 401, 429]);
    expect((failed.note(refusal, 'a') as ApiError).headers).toEqual({ 'retry-after': '1' });
    now = 1_000;
    expect(statuses('a', 'a')).toEqual([401, 429]);
    const other = new ApiError(401, 'no_token', 'none');
    expect(failed.note(other, 'a')).toBe(other);
  });
});

describe('tasks', () => {
  const make = async (task: object) => {
    const made = await send(`/projects/${project}/tasks`, post(task));
    expect(made.status, made.text).toBe(201);
    return made.json.id as string;
  };
  const change = (id: string, body: object) => send(`/tasks/${id}`, { method: 'PATCH', body });

  it('stand in no circle, by their parents or by what they wait for', async () => {
    const top = await make({ title: 'top' });
    const middle = await make({ title: 'middle', parent_task_id: top, dependencies: [top] });
    const low = await make({ title: 'low', parent_task_id: middle, dependencies: [middle] });
    const circle = await change(top, { parent_task_id: low });
    expect(circle.json).toMatchObject({
      ...{ status: 409, code: 'CR006' },
      detail: expect.stringContaining('close a circle: "top" → "low" → "middle" → "top".'),
    });
    expect((await change(top, { parent_task_id: top })).json).toMatchObject({ code: 'CR006' });
    expect((await change(top, { dependencies: [low] })).json).toMatchObject({
      code: 'CR006',
      detail: expect.stringContaining('"top" → "low" → "middle" → "top"'),
    });
    expect((await change(low, { parent_task_id: top })).status).toBe(200);
  });

  it('name none of another project as parent or as what they wait for', async () => {
    const [own] = await server.brain.sql(
      "insert into codered.projects (slug, name, org_id) values ('own_second', 'Second', $1::uuid) returning id",
      [idOf('a', ID.org)],
    );
    const [other] = await server.brain.sql(
      "insert into codered.tasks (project_id, title) values ($1::uuid, 'elsewhere') returning id",
      [own?.id ?? ''],
    );
    for (const foreign of [other?.id, idOf('b', ID.task), randomUUID()]) {
      for (const named of [{ parent_task_id: foreign }, { dependencies: [foreign] }]) {
        const made = await send(`/projects/${project}/tasks`, post({ title: 'x', ...named }));
        expect([made.status, made.text.includes('elsewhere')], made.text).toEqual([400, false]);
        expect((await change(task, named)).status).toBe(400);
      }
    }
  });

  it('are locked by nobody while they wait, and say for what', async () => {
    const first = await make({ title: 'first' });
    const second = await make({ title: 'second', dependencies: [first], constraints: { paths: ['src/**'] } });
    const lock = () => send(`/tasks/${second}/lock`, post({ locker: 'me' }));
    const listed = async () => {
      const { json } = await send(`/projects/${project}/tasks?limit=200`);
      return json.items.find(({ id }: { id: string }) => id === second);
    };
    expect((await lock()).json).toMatchObject({
      ...{ status: 409, code: 'CR003' },
      detail: expect.stringContaining('"first" (backlog)'),
    });
    expect(await listed()).toMatchObject({
      ...{ is_blocked_by: [first], status: 'blocked', lock: null },
      constraints: { paths: ['src/**'] },
    });
    expect((await change(first, { status: 'done' })).status).toBe(200);
    expect((await lock()).status).toBe(200);
    expect(await listed()).toMatchObject({ is_blocked_by: [], status: 'backlog', lock: { locked_by: 'me' } });
    // What is open again holds back who comes next; who works on it may go on.
    expect((await change(first, { status: 'backlog' })).status).toBe(200);
    expect((await lock()).status).toBe(409);
    expect((await send(`/tasks/${second}/lock/keep`, post({ locker: 'me' }))).status).toBe(200);
  });
});

describe('who left the organisation', () => {
  it('reads, changes and ends nothing any more, also of what they began themselves', async () => {
    const askAll = (of: (number: number) => string) =>
      Promise.all(
        [
          [`/jobs/${of(ID.ownJob)}`, {}],
          [`/jobs/${of(ID.ownJob)}/cancel`, { method: 'POST' }],
          [`/jobs/${of(ID.ownJob)}/respond`, post({ responses: [{ question_id: 'q', answer: 'a' }] })],
          [`/runs/${of(ID.ownRun)}/cancel`, { method: 'POST' }],
          [`/runs/${of(ID.ownRun)}/pause`, post({ reason: 'x' })],
          [`/runs/${of(ID.ownRun)}/resume`, { method: 'POST' }],
          [`/tasks/${of(ID.task)}/events`, {}],
        ].map(async ([path, sent]) => {
          const { status, text } = await send(path as string, sent as Sent);
          return [status, text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '…')];
        }),
      );
    const { memberships } = await rowsOf(server.brain);
    await server.brain.sql('delete from codered.memberships where user_id = $1', [PEOPLE.a.member]);
    const { memberships: _, oauth_tokens: _tokens, ...before } = await rowsOf(server.brain);
    const theirs = await askAll((number) => idOf('a', number));
    expect(theirs).toEqual(await askAll(() => randomUUID()));
    expect(new Set(theirs.map(([status]) => status))).toEqual(new Set([404]));
    const { memberships: _left, oauth_tokens: _used, ...after } = await rowsOf(server.brain);
    expect(after).toEqual(before);
    await server.brain.sql('insert into codered.memberships (org_id, user_id) values ($1, $2)', [
      idOf('a', ID.org),
      PEOPLE.a.member,
    ]);
    expect((await rowsOf(server.brain)).memberships).toHaveLength(memberships?.length ?? 0);
  });
});

describe('one person who asks for much at once', () => {
  // The embedded database has one connection, which the test itself would hold.
  it.runIf(ruleBackend === 'postgres')('waits, is asked to come again, and keeps nobody else waiting', async () => {
    await server.brain.session(async (session) => {
      await session.query('begin');
      await session.query('select 1 as one from codered.tasks where id = $1::uuid for update', [task]);
      const sent = post({ locker: 'x' });
      const all = Promise.withResolvers<void>();
      let refusals = 0;
      const answers = Array.from({ length: 25 }, async () => {
        const answered = await send(`/tasks/${task}/lock`, sent);
        if (answered.status === 429) refusals += 1;
        if (refusals === 5) all.resolve();
        return answered;
      });
      await all.promise;
      expect((await server.ask(strangers, '/me')).status).toBe(200);
      await session.query('rollback');
      const refused = (await Promise.all(answers)).filter(({ status }) => status !== 200);
      expect(refused.map(({ status, json }) => [status, json.code])).toEqual(
        Array.from({ length: 5 }, () => [429, 'too_many_at_once']),
      );
      expect(refused[0]?.headers.get('retry-after')).toBe('1');
    });
    expect((await send('/me')).status).toBe(200);
  });
});
