// The hosted backend as far as it is ours: what we ask of a Supabase project, and what we make of its answers.

import nock from 'nock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Brain, migrateBrain, openBrain } from '../../src/brain/client.ts';
import { ensurePerson } from '../../src/brain/people.ts';
import { Misconfigured, Rejected, Transient } from '../../src/model/errors.ts';

const url = 'https://codered-test.supabase.co';
const serviceRoleKey = 'sb_secret_not_a_real_key';
const log = { info: () => {}, warn: () => {} };

describe('the brain on Supabase', () => {
  let brain: Brain;
  beforeAll(() => nock.disableNetConnect());
  beforeEach(async () => {
    brain = await openBrain({ kind: 'supabase', url, serviceRoleKey }, { log });
  });
  afterEach(async () => {
    await brain.close();
    expect(nock.pendingMocks()).toEqual([]);
  });
  afterAll(() => {
    nock.cleanAll();
    nock.enableNetConnect();
  });

  const work = { worker: 'w1', batch: 4, lease_seconds: 60 };
  const failure = () => brain.call('claim_jobs', work).catch((error: unknown) => error);

  it('calls a function as the service role in schema codered', async () => {
    nock(url, {
      reqheaders: {
        apikey: serviceRoleKey,
        authorization: `Bearer ${serviceRoleKey}`,
        'content-profile': 'codered',
        'content-type': 'application/json',
      },
    })
      .post('/rest/v1/rpc/claim_jobs', work)
      .reply(200, [{ id: 1 }]);
    expect(await brain.call('claim_jobs', work)).toEqual([{ id: 1 }]);
  });

  it('gives null for a function that returns void', async () => {
    nock(url).post('/rest/v1/rpc/fail_job').reply(204);
    expect(
      await brain.call('fail_job', { id: '7d3f0a52-3b5e-4a4e-9a55-0f2a7d0c1b11', worker: 'w1', error: 'x' }),
    ).toBeNull();
  });

  describe('makes a person', () => {
    const user = { id: 583231, login: 'octocat', name: 'The Octocat', avatarUrl: null };
    const id = '7d3f0a52-3b5e-4a4e-9a55-0f2a7d0c1b11';
    const find = (found: string | null) =>
      nock(url).post('/rest/v1/rpc/find_person', { github_id: user.id }).reply(200, JSON.stringify(found));
    const record = () =>
      nock(url)
        .post('/rest/v1/rpc/record_person', {
          user_id: id,
          github_id: user.id,
          login: 'octocat',
          display_name: 'The Octocat',
        })
        .reply(204);
    const make = (status: number, body: object) =>
      nock(url, { reqheaders: { authorization: `Bearer ${serviceRoleKey}` } })
        .post(
          '/auth/v1/admin/users',
          (asked) => asked.app_metadata.github_id === user.id && asked.user_metadata === undefined,
        )
        .reply(status, body);

    it('through Auth’s own API, known by app metadata that nobody can write themselves', async () => {
      find(null);
      make(200, { id });
      record();
      expect(await ensurePerson(brain, user)).toBe(id);
    });

    it('once: who is there already is found', async () => {
      find(id);
      record();
      expect(await ensurePerson(brain, user)).toBe(id);
    });

    it('once, when two sign in at the same moment: the second is refused and finds the first', async () => {
      find(null);
      make(422, { code: 'email_exists', msg: 'A user with this email address has already been registered' });
      find(id);
      record();
      expect(await ensurePerson(brain, user)).toBe(id);
    });

    it('or says why not', async () => {
      find(null);
      make(422, { code: 'validation_failed', msg: 'no' });
      find(null);
      await expect(ensurePerson(brain, user)).rejects.toBeInstanceOf(Rejected);
      find(null);
      make(500, { msg: 'down' });
      await expect(ensurePerson(brain, user)).rejects.toBeInstanceOf(Transient);
    });
  });

  it('is ready when the project has our functions', async () => {
    nock(url).post('/rest/v1/rpc/inbox_status', {}).reply(200, {});
    await expect(brain.check()).resolves.toBeUndefined();
  });

  it.each([
    ['schema codered is not exposed', 406, { code: 'PGRST106', message: 'Invalid schema: codered' }, 'exposed schemas'],
    [
      'the migrations are missing',
      404,
      { code: 'PGRST202', message: 'Could not find the function' },
      'run codered migrate with DATABASE_URL',
    ],
    [
      'the key is no key',
      401,
      { message: 'Invalid API key', hint: 'Double check your key.' },
      'SUPABASE_SERVICE_ROLE_KEY',
    ],
    [
      'the token is refused',
      401,
      { code: 'PGRST301', message: 'JWT cryptographic operation failed' },
      'SUPABASE_SERVICE_ROLE_KEY',
    ],
    [
      'the key is the public one',
      401,
      { code: '42501', message: 'permission denied for schema codered' },
      'SUPABASE_SERVICE_ROLE_KEY',
    ],
    ['the address is no project', 404, { message: 'requested path is invalid' }, 'SUPABASE_URL'],
  ])('says what to do when %s', async (_, status, body, advice) => {
    nock(url).post('/rest/v1/rpc/claim_jobs').reply(status, body);
    const error = await failure();
    expect(error).toBeInstanceOf(Misconfigured);
    expect(error).toMatchObject({ message: expect.stringContaining(advice) });
    expect(String(error)).not.toContain(serviceRoleKey);
  });

  it.each([
    ['the database is down', 503, { code: 'PGRST000', message: 'Could not connect with the database' }],
    ['no connection was free', 504, { code: 'PGRST003', message: 'Timed out acquiring connection' }],
    ['two transactions collided', 500, { code: '40001', message: 'could not serialize access' }],
    ['two transactions waited for each other', 500, { code: '40P01', message: 'deadlock detected' }],
    ['a statement took too long', 500, { code: '57014', message: 'canceling statement due to statement timeout' }],
    ['the gateway failed', 502, '<html>Bad Gateway</html>'],
    ['we called too often', 429, { message: 'Too many requests' }],
  ])('throws Transient when %s', async (_, status, body) => {
    nock(url).post('/rest/v1/rpc/claim_jobs').reply(status, body);
    expect(await failure()).toBeInstanceOf(Transient);
  });

  it('throws Transient when there is no network, and asks once only', async () => {
    nock(url)
      .post('/rest/v1/rpc/claim_jobs')
      .replyWithError(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }));
    const error = await failure();
    expect(error).toBeInstanceOf(Transient);
    expect(error).toMatchObject({ message: expect.stringContaining('claim_jobs failed') });
  });

  it.each([
    [
      'a key is there twice',
      409,
      { code: '23505', message: 'duplicate key value', details: 'Key (id)=(1) already exists.' },
      '23505',
    ],
    ['a function raised an error', 400, { code: 'P0001', message: 'no such job' }, 'P0001'],
    ['a function failed in PL/pgSQL', 500, { code: 'P0002', message: 'query returned no rows' }, 'P0002'],
    ['a privilege is missing', 403, { code: '42501', message: 'permission denied' }, '42501'],
    ['the answer has no code', 400, { message: 'Bad Request' }, '400'],
  ])('throws Rejected with the code when %s', async (_, status, body, code) => {
    nock(url).post('/rest/v1/rpc/claim_jobs').reply(status, body);
    const error = await failure();
    expect(error).toBeInstanceOf(Rejected);
    expect(error).toMatchObject({ code, cause: expect.objectContaining({ message: body.message }) });
  });

  it('keeps the page of a broken gateway out of its message', async () => {
    nock(url).post('/rest/v1/rpc/claim_jobs').reply(400, 'x'.repeat(100_000));
    expect(String(await failure()).length).toBeLessThan(1_000);
  });

  it('can not migrate, and says how it is done', async () => {
    const migrating = migrateBrain({ kind: 'supabase', url, serviceRoleKey }, { log });
    await expect(migrating).rejects.toThrow(Misconfigured);
    await expect(migrating).rejects.toThrow('npx supabase db push --include-seed');
  });
});
