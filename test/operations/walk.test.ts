// Every operation, asked for by everybody who must not: nothing is read, nothing changes, and what is not theirs is as if it were not there.

import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '../../src/http/listen.ts';
import { PLACES, REST_PREFIX } from '../../src/http/rest/paths.ts';
import { makeRest } from '../../src/http/rest/rest.ts';
import { serveRoutes } from '../../src/http/routing.ts';
import { SCOPES, type Scope } from '../../src/model/scopes.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { OPERATIONS } from '../../src/operations/operations.ts';
import { ID, idOf, markOf, PEOPLE, seedTwoOrgs } from '../brain/security/two-orgs.ts';
import { openTestBrain, ruleBackend, type TestBrain } from '../support/brain.ts';
import { rowsOf } from '../support/brain-rows.ts';
import { expectDescribed } from '../support/described.ts';
import { makeLogLines } from '../support/log-lines.ts';
import { seedOutsiders } from './outsiders.ts';

/** An input of each operation that is about organisation A. */
const ABOUT_A: Readonly<Record<string, object>> = {
  project_id: { project_id: idOf('a', ID.project) },
  task_id: { task_id: idOf('a', ID.task) },
  job_id: { job_id: idOf('a', ID.ownJob) },
  run_id: { run_id: idOf('a', ID.ownRun) },
};
const MORE: Readonly<Record<string, object>> = {
  search_events: { query: 'task' },
  create_checkpoint: { label: 'half way' },
  record_decision: { title: 'Which way' },
  create_task: { title: 'Do it' },
  update_task: { title: 'Done otherwise' },
  lock_task: { locker: 'walker' },
  keep_lock: { locker: 'walker' },
  release_task: { locker: 'walker' },
  break_lock: { reason: 'because' },
  run_agent: { agent_type: 'research' },
  answer_job: { responses: [{ question_id: 'q1', answer: 'yes' }] },
  pause_run: { reason: 'lunch' },
};
const inputOf = ({ name, input }: Operation, about = ABOUT_A): Record<string, unknown> =>
  Object.assign({}, ...Object.keys(input.shape).map((field) => about[field] ?? {}), MORE[name]);
/** Those that name nothing of anybody's answer for oneself alone. */
const isAboutOneself = ({ input }: Operation) => !Object.keys(input.shape).some((field) => field in ABOUT_A);

let brain: TestBrain;
let outsiders: Awaited<ReturnType<typeof seedOutsiders>>;
let url = '';
let close = async () => {};
beforeAll(async () => {
  brain = await openTestBrain(ruleBackend);
  await seedTwoOrgs(brain);
  outsiders = await seedOutsiders(brain);
  const { log } = makeLogLines();
  const onError = () => {};
  const handlers = [serveRoutes({ resources: [makeRest({ brain, log })], onError })];
  const http = await listen({ host: '127.0.0.1', port: 0 }, { handlers, onError });
  url = http.url;
  close = () => http.close(1000);
});
afterAll(async () => {
  await close();
  await brain.close();
});

async function tokenOf(user: string, scopes: readonly Scope[] = SCOPES): Promise<string> {
  const token = `crd_${randomUUID()}`;
  await brain.call('create_token', {
    user_id: user,
    name: 'walk',
    token_hash: createHash('sha256').update(token).digest('hex'),
    scope: scopes.join(' '),
    expires_at: new Date(Date.now() + 86_400_000).toISOString(),
  });
  return token;
}

async function ask(
  operation: Operation,
  token: string | null,
  {
    input = inputOf(operation),
    headers = {},
  }: { input?: Record<string, unknown>; headers?: Record<string, string> } = {},
) {
  const place = PLACES[operation.name];
  if (place === undefined) throw new Error(`${operation.name} has no place in REST`);
  const rest = { ...input };
  const path = place.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(rest[name]);
    delete rest[name];
    return value;
  });
  const query = place.method === 'get' ? `?${new URLSearchParams(rest as Record<string, string>)}` : '';
  const response = await fetch(`${url}${REST_PREFIX}${path}${query}`, {
    method: place.method.toUpperCase(),
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(place.method === 'get' ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(place.method === 'get' ? {} : { body: JSON.stringify(rest) }),
  });
  const text = await response.text();
  const { status, headers: answered } = response;
  expectDescribed({ method: place.method, url: REST_PREFIX + path, status, headers: answered, text });
  return { status: response.status, text, json: text === '' ? null : JSON.parse(text), headers: response.headers };
}

/** All rows, but for when a token was last used and its person last seen. */
async function rows() {
  const { oauth_tokens: _, access_checks: __, ...all } = await rowsOf(brain);
  return all;
}

describe('the table of operations', () => {
  it('has each name once, and a place in REST for each and for no other', () => {
    const names = OPERATIONS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(Object.keys(PLACES).sort()).toEqual([...names].sort());
    expect(new Set(Object.values(PLACES).map(({ method, path }) => `${method} ${path}`)).size).toBe(names.length);
  });
  it('asks for more than reading wherever something changes', () => {
    expect(OPERATIONS.filter(({ hints, scope }) => !hints.readOnly && scope === 'read')).toEqual([]);
  });
});

describe.each(OPERATIONS.map((operation) => [operation.name, operation] as const))('%s', (_, operation) => {
  it('is refused without a token, with one that nobody has, that is expired, revoked, for another resource or good for other things', async () => {
    const [expired, revoked] = [await tokenOf(PEOPLE.a.member), await tokenOf(PEOPLE.a.member)];
    const hash = (token: string) => createHash('sha256').update(token).digest('hex');
    await brain.sql('update codered.oauth_tokens set expires_at = now() where access_token_hash = $1', [hash(expired)]);
    await brain.sql('update codered.oauth_tokens set revoked_at = now() where access_token_hash = $1', [hash(revoked)]);
    const others = await tokenOf(
      PEOPLE.a.member,
      SCOPES.filter((scope) => scope !== operation.scope),
    );
    const foreign = await tokenOf(PEOPLE.a.member);
    await brain.sql(
      "update codered.oauth_tokens set client_id = 'an-app', audience = 'https://codered.example/mcp' where access_token_hash = $1",
      [hash(foreign)],
    );
    const before = await rows();
    const outcomes = [
      ['no token', null, 401, 'no_token'],
      ['unknown', `crd_${randomUUID()}`, 401, 'invalid_token'],
      ['expired', expired, 401, 'invalid_token'],
      ['revoked', revoked, 401, 'invalid_token'],
      ['other audience', foreign, 401, 'invalid_token'],
      ['other scopes', others, 403, 'insufficient_scope'],
    ] as const;
    for (const [what, token, status, code] of outcomes) {
      const answered = await ask(operation, token);
      expect([answered.status, answered.json.code], what).toEqual([status, code]);
      expect(answered.headers.get('content-type'), what).toContain('application/problem+json');
      expect(answered.text, what).not.toMatch(markOf('a'));
    }
    expect(await rows()).toEqual(before);
  });

  it('tells strangers, members of another organisation and whom GitHub shows nothing of this one nothing, and changes nothing', async () => {
    const before = await rows();
    const keys: Record<string, string>[] = operation.hints.readOnly ? [{}] : [{}, { 'idempotency-key': 'walk' }];
    const { withoutAccess, forksAuthor, removed } = outsiders;
    const people = [PEOPLE.stranger, PEOPLE.b.admin, PEOPLE.b.owner, withoutAccess, forksAuthor, removed];
    for (const [user, headers] of people.flatMap((user) => keys.map((key) => [user, key] as const))) {
      const token = await tokenOf(user);
      const answered = await ask(operation, token, { headers });
      if (isAboutOneself(operation)) {
        expect(answered.status).toBe(200);
        expect(answered.text).not.toMatch(markOf('a'));
        continue;
      }
      expect([400, 404], answered.text).toContain(answered.status);
      const absent = Object.fromEntries(Object.keys(ABOUT_A).map((field) => [field, { [field]: randomUUID() }]));
      const input = inputOf(operation, absent);
      const ofNothing = await ask(operation, token, { input, headers });
      const named = (text: string, given: object) =>
        Object.values(given).reduce<string>((left, value) => left.replaceAll(String(value), '…'), text);
      expect(named(answered.text, inputOf(operation)), 'the same words for "absent" and "not yours"').toBe(
        named(ofNothing.text, input),
      );
    }
    expect(await rows()).toEqual(before);
  });

  it('tells who left the organisation nothing, also of what they began there themselves', async () => {
    const token = await tokenOf(PEOPLE.a.member);
    await brain.sql('delete from codered.memberships where user_id = $1', [PEOPLE.a.member]);
    try {
      const before = await rows();
      const answered = await ask(operation, token);
      if (!isAboutOneself(operation)) expect(answered.status, answered.text).toBe(404);
      expect(await rows()).toEqual(before);
    } finally {
      await brain.sql('insert into codered.memberships (org_id, user_id) values ($1::uuid, $2::uuid)', [
        idOf('a', ID.org),
        PEOPLE.a.member,
      ]);
    }
  });

  it('tells whom GitHub was not asked of for an hour that it was not, and nothing else', async () => {
    const token = await tokenOf(outsiders.uncheckedAdmin);
    const before = await rows();
    const keys: Record<string, string>[] = operation.hints.readOnly ? [{}] : [{}, { 'idempotency-key': 'unchecked' }];
    for (const headers of keys) {
      const answered = await ask(operation, token, { headers });
      const refused = [503, 'access_unchecked', '60'];
      const seen = [answered.status, answered.json.code, answered.headers.get('retry-after')];
      expect(seen, answered.text).toEqual(operation.run === 'my_profile' ? [200, undefined, null] : refused);
      expect(answered.text).not.toMatch(markOf('a'));
      if (isAboutOneself(operation)) continue;
      const elsewhere = Object.fromEntries(Object.keys(ABOUT_A).map((field) => [field, { [field]: randomUUID() }]));
      expect((await ask(operation, token, { input: inputOf(operation, elsewhere), headers })).status).toBe(404);
    }
    expect(await rows()).toEqual(before);
  });

  it('is no fault of ours for whoever may do it', async () => {
    const answered = await ask(operation, await tokenOf(PEOPLE.a.member));
    expect(answered.status, answered.text).toBeLessThan(500);
    if (operation.hints.readOnly) expect(answered.status, answered.text).toBe(200);
  });
});
