// The operations over REST, as a script with a token meets them.

import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '../../src/http/listen.ts';
import { makeOpenapiPage } from '../../src/http/rest/openapi.ts';
import { makeRest } from '../../src/http/rest/rest.ts';
import { serveRoutes } from '../../src/http/routing.ts';
import { ID, idOf, PEOPLE, seedTwoOrgs } from '../brain/security/two-orgs.ts';
import { openTestBrain, ruleBackend, type TestBrain } from '../support/brain.ts';
import { rowsOf } from '../support/brain-rows.ts';
import { expectDescribed, resolved } from '../support/described.ts';
import { makeLogLines } from '../support/log-lines.ts';

let brain: TestBrain;
let url = '';
let close = async () => {};
let token = '';
const { log, lines } = makeLogLines();
beforeAll(async () => {
  brain = await openTestBrain(ruleBackend);
  await seedTwoOrgs(brain);
  const onError = () => {};
  const resources = [makeOpenapiPage(), makeRest({ brain, log })];
  const http = await listen(
    { host: '127.0.0.1', port: 0 },
    { handlers: [serveRoutes({ resources, onError })], onError },
  );
  url = `${http.url}/api/v1`;
  close = () => http.close(1000);
  token = await tokenOf(PEOPLE.a.member);
});
afterAll(async () => {
  await close();
  await brain.close();
});

async function tokenOf(user_id: string): Promise<string> {
  const made = `crd_${randomUUID()}`;
  const token_hash = createHash('sha256').update(made).digest('hex');
  const expires_at = new Date(Date.now() + 86_400_000).toISOString();
  await brain.call('create_token', { user_id, name: 'rest', token_hash, scope: 'read tasks agents', expires_at });
  return made;
}

interface Sent {
  readonly method?: string;
  readonly body?: unknown;
  readonly raw?: string | Uint8Array;
  readonly headers?: Record<string, string>;
}

async function send(path: string, { method = 'GET', body, raw, headers = {} }: Sent = {}) {
  const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const response = await fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(content === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(content === undefined ? {} : { body: content }),
  });
  const text = await response.text();
  expectDescribed({ method, url: url + path, status: response.status, headers: response.headers, text });
  return { status: response.status, headers: response.headers, text, json: text === '' ? null : JSON.parse(text) };
}

const project = idOf('a', ID.project);

describe('REST', () => {
  it('takes a task through its life: made, listed, changed, locked by one alone, and told of', async () => {
    const made = await send(`/projects/${project}/tasks`, {
      method: 'POST',
      body: { title: 'Mend the build', zone: 'red' },
    });
    expect([made.status, made.json]).toEqual([
      201,
      expect.objectContaining({ title: 'Mend the build', status: 'backlog', lock: null }),
    ]);
    const { id } = made.json;
    const changed = await send(`/tasks/${id}`, { method: 'PATCH', body: { description: 'Red since noon' } });
    expect(changed.json).toMatchObject({ title: 'Mend the build', zone: 'red', description: 'Red since noon' });
    expect((await send(`/tasks/${id}/lock`, { method: 'POST', body: { locker: 'mona' } })).status).toBe(200);
    const second = await send(`/tasks/${id}/lock`, { method: 'POST', body: { locker: 'hubot' } });
    expect([second.status, second.json.code]).toEqual([409, 'CR005']);
    const listed = await send(`/projects/${project}/tasks?status=backlog&limit=200`);
    expect(listed.json.items).toContainEqual(
      expect.objectContaining({ id, lock: expect.objectContaining({ locked_by: 'mona' }) }),
    );
    const told = await send(`/tasks/${id}/events`);
    expect(told.json.items.map((event: { event_type: string }) => event.event_type)).toContain('task.created');
  });

  it('pages with a cursor that is good for its own list alone', async () => {
    for (let n = 0; n < 5; n += 1)
      await send(`/projects/${project}/tasks`, { method: 'POST', body: { title: `n${n}` } });
    const first = await send(`/projects/${project}/tasks?limit=2`);
    const { next_cursor: cursor } = first.json;
    expect(first.headers.get('link')).toBe(`</api/v1/projects/${project}/tasks?limit=2&cursor=${cursor}>; rel="next"`);
    const second = await send(`/projects/${project}/tasks?limit=2&cursor=${cursor}`);
    expect(second.json.items).toHaveLength(2);
    expect(second.json.items).not.toEqual(first.json.items);
    for (const path of [
      `/projects/${project}/tasks?status=done&cursor=${cursor}`,
      `/projects/${project}/failures?cursor=${cursor}`,
    ]) {
      expect((await send(path)).json).toMatchObject({ status: 400, code: 'foreign_cursor' });
    }
    expect((await send(`/projects/${project}/tasks?cursor=nonsense`)).json).toMatchObject({ code: 'malformed_cursor' });
  });

  it.each([
    [
      'per_page=3',
      'per_page',
      'there is no such key. Allowed here: repository, pull_request, commit_sha, limit, cursor',
    ],
    [
      'commit_sha=0f1e2d3',
      'commit_sha',
      'should be the whole SHA of a commit, 40 or 64 hexadecimal digits in lower case',
    ],
    ['repository=shop', 'repository', 'should be owner/name'],
    ['limit=201', 'limit', 'should be at most 200'],
  ])('says of ?%s what would do, by the names that a request has', async (query, field, message) => {
    const { status, json } = await send(`/projects/${project}/failures?${query}`);
    expect([status, json.details]).toEqual([400, { fields: [{ field, message }] }]);
  });

  it('answers 304 to who has the very same, and only to whom may read it', async () => {
    const first = await send('/projects');
    const etag = first.headers.get('etag') ?? '';
    const again = await send('/projects', { headers: { 'if-none-match': etag } });
    expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag]);
    const other = await tokenOf(PEOPLE.b.member);
    const theirs = await send('/projects', { headers: { 'if-none-match': etag, authorization: `Bearer ${other}` } });
    expect([theirs.status, theirs.headers.get('etag') === etag]).toEqual([200, false]);
    const path = `/projects/${project}`;
    const tag = (await send(path)).headers.get('etag') ?? '';
    const stranger = await send(path, { headers: { 'if-none-match': tag, authorization: `Bearer ${other}` } });
    expect(stranger.status).toBe(404);
  });

  describe('with an Idempotency-Key', () => {
    const make = (key: string, title: string, more: Sent = {}) =>
      send(`/projects/${project}/tasks`, {
        method: 'POST',
        body: { title },
        ...more,
        headers: { 'idempotency-key': key, ...more.headers },
      });
    const count = async (title: string) =>
      (await brain.sql('select 1 as one from codered.tasks where title = $1', [title])).length;

    it('does it once, however often and however much at once it is asked', async () => {
      const answers = await Promise.all(Array.from({ length: 6 }, () => make('k1', 'once')));
      expect(new Set(answers.map(({ status, json }) => `${status} ${json.id}`)).size).toBe(1);
      expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === 'true')).toHaveLength(5);
      expect(await count('once')).toBe(1);
    });

    it('is good for one request, of one person', async () => {
      await make('k2', 'first');
      expect((await make('k2', 'second')).json).toMatchObject({ status: 422, code: 'CR009' });
      const other = await tokenOf(PEOPLE.a.admin);
      expect((await make('k2', 'second', { headers: { authorization: `Bearer ${other}` } })).status).toBe(201);
    });

    it('keeps nothing of what failed', async () => {
      expect((await make('k3', 'x', { body: { title: 'x', milestone_id: randomUUID() } })).status).toBe(400);
      expect((await make('k3', 'after all')).status).toBe(201);
    });

    it('gives nothing again to who lost the right to it, and is forgotten after a day', async () => {
      const leaver = await tokenOf(PEOPLE.a.maintainer);
      const headers = { authorization: `Bearer ${leaver}` };
      expect((await make('k4', 'mine', { headers })).status).toBe(201);
      await brain.sql('delete from codered.memberships where user_id = $1', [PEOPLE.a.maintainer]);
      expect((await make('k4', 'mine', { headers })).status).toBe(404);
      await make('k5', 'again');
      await brain.sql("update codered.idempotency_keys set created_at = created_at - interval '25 hours'");
      await make('k5', 'again');
      expect(await count('again')).toBe(2);
    });

    it.each([['k'.repeat(256)], ['']])('refuses a key of %j', async (key) => {
      expect((await make(key, 'never')).json).toMatchObject({ status: 400 });
    });
  });

  it('lists a failed deployment with where it was, also of the pull request that was merged with it', async () => {
    const [deployment] = await brain.sql('select repository_id, commit_sha from codered.deployments where id = $1', [
      idOf('a', ID.failedDeployment),
    ]);
    await brain.sql(
      `insert into codered.errors (project_id, source, deployment_id, message, fingerprint)
       values ($1, 'deployment', $2, 'production went down', 'deployment')`,
      [project, idOf('a', ID.failedDeployment)],
    );
    const [pull] = await brain.sql(
      `update codered.pull_requests set merge_commit_sha = $1
       where repository_id = $2 and number = (select min(number) from codered.pull_requests where repository_id = $2) returning number`,
      [deployment?.commit_sha ?? '', deployment?.repository_id ?? ''],
    );
    for (const which of [
      'repository=org-a/shop',
      `commit_sha=${deployment?.commit_sha}`,
      `pull_request=${pull?.number}`,
    ]) {
      const { json } = await send(`/projects/${project}/failures?${which}`);
      const { commit_sha } = deployment ?? {};
      expect(json.items, which).toContainEqual(
        expect.objectContaining({ source: 'deployment', repository: 'org-a/shop', commit_sha, branch: 'main' }),
      );
    }
  });

  it('lists failures with their cause, by pull request too', async () => {
    const all = await send(`/projects/${project}/failures`);
    expect(all.json.items.length).toBeGreaterThan(0);
    expect((await send(`/projects/${project}/failures?pull_request=9999`)).json.code).toBe('CR004');
  });

  it.each([
    ['a token in the address', `/projects?access_token=x`, {}, 400, 'token_in_query'],
    ['a field that there is not', `/projects/${project}/tasks?colour=red`, {}, 400, 'malformed'],
    ['a field twice', `/projects?limit=1&limit=2`, {}, 400, 'malformed'],
    ['too many', `/projects?limit=201`, {}, 400, 'malformed'],
    ['no number', `/projects?limit=many`, {}, 400, 'malformed'],
    ['no id', `/projects/shop`, {}, 400, 'malformed'],
    ['an id twice', `/projects/${project}/tasks?project_id=${project}`, {}, 400, 'malformed'],
    ['no body', `/projects/${project}/tasks`, { method: 'POST' }, 415, 'unsupported_type'],
    ['a null body', `/projects/${project}/tasks`, { method: 'POST', body: null }, 400, 'malformed'],
    ['a list for a body', `/projects/${project}/tasks`, { method: 'POST', body: [] }, 400, 'malformed'],
    ['a body without what is needed', `/projects/${project}/tasks`, { method: 'POST', body: {} }, 400, 'malformed'],
    ['no JSON', `/projects/${project}/tasks`, { method: 'POST', raw: '{' }, 400, 'malformed'],
    [
      'no UTF-8',
      `/projects/${project}/tasks`,
      { method: 'POST', raw: new Uint8Array([0x22, 0xff, 0x22]) },
      400,
      'malformed',
    ],
    [
      'JSON too deep',
      `/projects/${project}/checkpoints`,
      { method: 'POST', raw: `{"label":"x","snapshot":{"a":${'['.repeat(5000)}${']'.repeat(5000)}}}` },
      400,
      'malformed',
    ],
    [
      '10 MB',
      `/projects/${project}/checkpoints`,
      { method: 'POST', body: { label: 'x', summary: 'x'.repeat(10_000_000) } },
      413,
      'too_large',
    ],
    ['a NUL', `/projects/${project}/tasks`, { method: 'POST', body: { title: 'a\0b' } }, 400, '22P05'],
    ['half a character', `/projects/${project}/tasks`, { method: 'POST', raw: '{"title":"\\ud800"}' }, 400, '22P02'],
    [
      'a number that is none of ours',
      `/projects/${project}/tasks`,
      { method: 'POST', body: { title: 'x', priority: 1e30 } },
      400,
      'malformed',
    ],
    ['a method that there is not', '/projects', { method: 'DELETE' }, 405, 'method_not_allowed'],
  ] as const)('refuses %s with a problem that says what', async (_, path, sent, status, code) => {
    const { oauth_tokens: _before, ...before } = await rowsOf(brain);
    const answered = await send(path, sent);
    expect(answered.json, answered.text).toMatchObject({ status, code, type: 'about:blank' });
    expect([answered.status, answered.headers.get('content-type')]).toEqual([
      status,
      'application/problem+json; charset=utf-8',
    ]);
    expect(answered.json.detail.length).toBeGreaterThan(0);
    const { oauth_tokens: _after, ...after } = await rowsOf(brain);
    expect(after).toEqual(before);
  });

  it('logs no token', async () => {
    expect(JSON.stringify(lines)).not.toContain(token);
  });

  it('is described for everybody, operation by operation', async () => {
    const { status, json } = await send('/openapi.json', { headers: { authorization: '' } });
    expect([status, json.openapi]).toEqual([200, '3.1.1']);
    expect(json.paths['/api/v1/tasks/{task_id}'].patch).toMatchObject({
      operationId: 'update_task',
      'x-scope': 'tasks',
    });
    expect(
      json.paths['/api/v1/projects'].get.parameters.map((parameter: unknown) => Object(resolved(parameter)).name),
    ).toEqual(['state', 'limit', 'cursor', 'If-None-Match']);
  });

  it('answers 409 with when it was changed to who changes what they read before that', async () => {
    const made = await send(`/projects/${project}/milestones`, { method: 'POST', body: { name: 'Beta' } });
    expect(made.status, made.text).toBe(201);
    const seen = { expected_updated_at: made.json.updated_at };
    const path = `/milestones/${made.json.id}`;
    const changed = await send(path, { method: 'PATCH', body: { ...seen, name: 'Gamma' } });
    expect(changed.status, changed.text).toBe(200);
    const late = await send(path, { method: 'PATCH', body: { ...seen, name: 'Delta' } });
    expect([late.status, late.json.code]).toEqual([409, 'CR014']);
    expect(late.json.detail).toContain(changed.json.updated_at);
    const refused = await send(path, { method: 'DELETE' });
    expect([refused.status, refused.json.code]).toEqual([403, 'CR008']);
  });

  it('takes the error of an application, tells it once for each key, and makes the same of it as without', async () => {
    const body = { project_id: project, message: 'It broke', stack: `token=ghp_${'a1B2c3D4e5F6'.repeat(3)}` };
    const keyed = { method: 'POST', body, headers: { 'idempotency-key': 'broke' } };
    const first = await send('/errors', keyed);
    expect([first.status, first.json.occurrences], first.text).toEqual([201, 1]);
    expect(first.json.excerpt).toMatch(/^token=\[redacted:/);
    const again = await send('/errors', keyed);
    expect([again.headers.get('idempotent-replayed'), again.json]).toEqual(['true', first.json]);
    expect((await send('/errors', { method: 'POST', body })).json).toMatchObject({ id: first.json.id, occurrences: 2 });
    expect((await send(`/errors/${first.json.id}`)).json).toMatchObject({ occurrences: 2 });
    const large = await send('/errors', { method: 'POST', body: { ...body, stack: 'é'.repeat(40_000) } });
    expect([large.status, large.json.code]).toEqual([400, 'malformed']);
  });

  it('finishes what an operation makes of an answer also when it is done once for a key', async () => {
    const path = `/milestones/${idOf('a', ID.milestone)}/progress`;
    const sent = { method: 'POST', body: { percent: 30 }, headers: { 'idempotency-key': 'thirty' } };
    const first = await send(path, sent);
    expect(first.json).toEqual({ milestone_id: idOf('a', ID.milestone), progress_percent: 30 });
    expect((await send(path, sent)).json).toEqual(first.json);
  });

  it('answers 410 to a place after which something is no longer kept', async () => {
    await brain.sql(
      `insert into codered.events (event_type, payload) values ('retention.month_archived', '{"last_id": 3}')`,
    );
    const gone = await send(`/projects/${project}/events?direction=oldest&after_event=2`);
    expect([gone.status, gone.json.code, gone.json.title], gone.text).toEqual([410, 'CR015', 'Gone']);
    const kept = await send(`/projects/${project}/events?direction=oldest&after_event=3&limit=1`);
    expect([kept.status, kept.json.items.length]).toEqual([200, 1]);
    const next = await send(
      `/projects/${project}/events?direction=oldest&after_event=3&limit=1&cursor=${kept.json.next_cursor}`,
    );
    expect(next.json.items[0].id).toBeGreaterThan(kept.json.items[0].id);
  });
});
