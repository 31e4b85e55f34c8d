import { generateKeyPairSync } from 'node:crypto';
import nock from 'nock';
import { Probot } from 'probot';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { asking } from '../../src/github/github-error.ts';
import { appOctokit, installationOctokit } from '../../src/github/installation.ts';
import { keepPauses } from '../../src/github/pauses.ts';
import { Misconfigured, Rejected, Transient } from '../../src/model/errors.ts';
import { localPauses, nobodyElse } from '../support/github-octokit.ts';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const github = 'https://api.github.com';
const comments = '/repos/o/r/issues/1/comments';
const json = { 'content-type': 'application/json' };

beforeAll(() => nock.disableNetConnect());
afterEach(() => nock.cleanAll());
afterAll(() => {
  nock.enableNetConnect();
  nock.restore();
});

const app = () => new Probot({ appId: 1, privateKey, logLevel: 'fatal' });
const grantToken = () =>
  nock(github)
    .post('/app/installations/7/access_tokens')
    .reply(201, { token: 'installation-token', expires_at: new Date(Date.now() + 3_600_000).toISOString() }, json);

async function post() {
  const octokit = await installationOctokit(app(), 7, localPauses());
  const comment = { owner: 'o', repo: 'r', issue_number: 1, body: 'b' };
  return asking('create a comment', () => octokit.rest.issues.createComment(comment)).catch((error: unknown) => error);
}

describe('installationOctokit', () => {
  it("signs requests with the installation's token, asked for once for every Octokit of a Probot", async () => {
    const token = grantToken();
    const pull = nock(github, { reqheaders: { authorization: 'token installation-token' } });
    pull.get('/repos/o/r').twice().reply(200, { id: 5 }, json);
    const probot = app();
    for (const octokit of [
      await installationOctokit(probot, 7, localPauses()),
      await installationOctokit(probot, 7, localPauses()),
    ]) {
      const { data } = await octokit.rest.repos.get({ owner: 'o', repo: 'r' });
      expect(data.id).toBe(5);
    }
    expect(token.isDone() && pull.isDone()).toBe(true);
  });

  it.each([
    { name: 'a server error', status: 502, headers: {} },
    {
      name: 'a used-up rate limit',
      status: 403,
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '4000000000' },
    },
    { name: 'a secondary rate limit', status: 403, headers: { 'retry-after': '60' } },
  ])('sends a write once and fails on $name', async ({ status, headers }) => {
    grantToken();
    let requests = 0;
    nock(github)
      .post(comments)
      .times(5)
      .reply(() => {
        requests += 1;
        return [status, { message: 'You have exceeded a secondary rate limit' }, { ...json, ...headers }];
      });
    expect(await post()).toBeInstanceOf(Transient);
    expect(requests).toBe(1);
  });

  it('sends a write once when the line breaks', async () => {
    grantToken();
    nock(github).post(comments).replyWithError(new Error('socket hang up'));
    const second = nock(github).post(comments).reply(201, { id: 1 }, json);
    expect(await post()).toBeInstanceOf(Transient);
    expect(second.isDone()).toBe(false);
  });

  it.each([
    { name: 'a suspended installation waits', status: 403, type: Transient, holds: { retryAfterMs: 3_600_000 } },
    { name: 'a deleted installation is given up', status: 404, type: Rejected, holds: { code: 'installation_gone' } },
    {
      name: 'a wrong key is told',
      status: 401,
      type: Misconfigured,
      holds: { message: expect.stringContaining('PRIVATE_KEY') },
    },
    { name: 'an outage is waited out', status: 500, type: Transient, holds: { retryAfterMs: null } },
  ])('when no token is given: $name', async ({ status, type, holds }) => {
    nock(github).post('/app/installations/7/access_tokens').reply(status, { message: 'no' }, json);
    const error = await post();
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject(holds);
  });

  it.each([
    ['a read', 403, { 'retry-after': '60' }],
    ['a read', 429, { 'retry-after': '60' }],
    ['a read', 503, { 'retry-after': '60' }],
    ['a read', 429, {}],
    ['a read', 403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '4000000000' }],
  ])('sends nothing more once %s met a limit (%d, %j), until that is over', async (_, status, headers) => {
    grantToken();
    let ms = 0;
    const found: number[] = [];
    const written: number[] = [];
    const shared = {
      ...nobodyElse,
      write: async (_id: number, pauseMs: number) => void written.push(pauseMs),
    };
    const pauses = keepPauses(shared, () => ms);
    const probot = app();
    const read = async (id: number) => {
      const octokit = await installationOctokit(probot, id, pauses);
      return asking('read', () => octokit.rest.repos.get({ owner: 'o', repo: 'r' }));
    };
    const requests = nock(github)
      .get('/repos/o/r')
      .times(3)
      .reply(() => {
        found.push(ms);
        return found.length === 1
          ? [status, { message: 'slow down' }, { ...json, ...headers }]
          : [200, { id: 5 }, json];
      });
    await expect(read(7)).rejects.toBeInstanceOf(Transient);
    expect(written).toEqual([expect.toSatisfy((pauseMs: number) => pauseMs >= 60_000)]);
    const [pauseMs = 0] = written;
    ms = pauseMs - 1_000;
    await expect(read(7)).rejects.toMatchObject({ name: 'Transient', retryAfterMs: 1_000 });
    expect(found).toEqual([0]);
    nock(github)
      .post('/app/installations/8/access_tokens')
      .reply(201, { token: 'another', expires_at: new Date(Date.now() + 3_600_000).toISOString() }, json);
    await read(8);
    ms = pauseMs + 1;
    await read(7);
    expect(requests.isDone()).toBe(true);
  });

  it('keeps a pause that another process was told', async () => {
    let ms = 0;
    const shared = { ...nobodyElse, read: async () => ({ pauseMs: 30_000, left: null }) };
    const octokit = await installationOctokit(
      app(),
      7,
      keepPauses(shared, () => ms),
    );
    const write = () =>
      asking('write', () => octokit.rest.issues.createComment({ owner: 'o', repo: 'r', issue_number: 1, body: 'b' }));
    await expect(write()).rejects.toMatchObject({ name: 'Transient', retryAfterMs: 30_000 });
    ms = 29_000;
    await expect(write()).rejects.toMatchObject({ name: 'Transient', retryAfterMs: 1_000 });
  });
});

describe('the requests that are left of an hour', () => {
  const hour = (remaining: number) => ({
    'x-ratelimit-limit': '5000',
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(Math.ceil(Date.now() / 1000) + 600),
    'x-ratelimit-resource': 'core',
  });
  const read = (octokit: Awaited<ReturnType<typeof installationOctokit>>) =>
    asking('read', () => octokit.rest.repos.get({ owner: 'o', repo: 'r' }));

  it.each([
    [3_000, []],
    [1_900, ['backfill']],
    [900, ['sweep', 'backfill']],
    [200, ['comment', 'sweep', 'backfill']],
    [0, ['gate', 'comment', 'sweep', 'backfill']],
  ])('with %i left of 5,000, keeps them from %j', async (remaining, kept) => {
    grantToken();
    const pauses = localPauses();
    const probot = app();
    const requests = nock(github)
      .get('/repos/o/r')
      .times(5)
      .reply(200, { id: 5 }, { ...json, ...hour(remaining) });
    await read(await installationOctokit(probot, 7, pauses));
    const refused: string[] = [];
    for (const purpose of ['gate', 'comment', 'sweep', 'backfill'] as const) {
      const octokit = await installationOctokit(probot, 7, pauses, purpose);
      const error = await read(octokit).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      if (error !== null) refused.push(purpose);
      if (error !== null)
        expect(error).toMatchObject({ name: 'Transient', isExpected: true, retryAfterMs: expect.any(Number) });
    }
    expect(refused).toEqual(kept);
    expect(requests.pendingMocks()).toHaveLength(kept.length === 0 ? 0 : 1);
    nock(github)
      .post('/app/installations/8/access_tokens')
      .reply(201, { token: 't', expires_at: '2100-01-01T00:00:00Z' }, json);
    nock(github).get('/repos/o/r').reply(200, { id: 5 }, json);
    await read(await installationOctokit(probot, 8, pauses, 'backfill'));
  });

  it('are told to other processes, and heard from them, until the next hour begins', async () => {
    let ms = 0;
    const noted: unknown[] = [];
    const left = { limit: 5_000, remaining: 10, resetsMs: 30_000 };
    const told = () => (ms < 30_000 ? { ...left, resetsMs: 30_000 - ms } : null);
    const shared = { ...nobodyElse, read: async () => ({ pauseMs: null, left: told() }) };
    const pauses = keepPauses({ ...shared, note: async (...what) => void noted.push(what) }, () => ms);
    await expect(pauses.check(7, 'backfill')).rejects.toMatchObject({ retryAfterMs: 30_000 });
    await pauses.check(7, 'gate');
    ms = 29_000;
    await expect(pauses.check(7, 'comment')).rejects.toMatchObject({ retryAfterMs: 1_000 });
    ms = 30_500;
    await pauses.check(7, 'backfill');
    await pauses.heed(7, { ...left, remaining: 4_000 });
    await pauses.heed(7, { ...left, remaining: 3_999 });
    expect(noted).toEqual([[7, { ...left, remaining: 4_000 }]]);
  });

  it('of the App itself are counted apart, and nothing is asked twice', async () => {
    const pauses = localPauses();
    const list = nock(github).get('/app/hook/deliveries').reply(502, {}, json);
    const octokit = await appOctokit(app(), pauses, { purpose: 'sweep', stop: new AbortController().signal });
    const ask = () => asking('list', () => octokit.request('GET /app/hook/deliveries'));
    await expect(ask()).rejects.toBeInstanceOf(Transient);
    expect(list.isDone()).toBe(true);
    nock(github)
      .get('/app/hook/deliveries')
      .reply(200, [], { ...json, ...hour(900) });
    await ask();
    await expect(ask()).rejects.toMatchObject({ isExpected: true });
    await pauses.check(7, 'backfill');
  });

  it('of the App itself are given up as soon as it is to stop, answered or not', async () => {
    const stop = new AbortController();
    nock(github).get('/app/hook/deliveries').delay(86_400_000).reply(200, [], json);
    const octokit = await appOctokit(app(), localPauses(), { purpose: 'sweep', stop: stop.signal });
    const asked = asking('list', () => octokit.request('GET /app/hook/deliveries'));
    stop.abort();
    await expect(asked).rejects.toMatchObject({ name: 'Transient', message: expect.stringContaining('aborted') });
  });
});
