import { generateKeyPairSync } from 'node:crypto';
import nock from 'nock';
import { Probot } from 'probot';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { asking } from '../../src/github/github-error.ts';
import { installationOctokit } from '../../src/github/installation.ts';
import { keepPauses } from '../../src/github/pauses.ts';
import { Misconfigured, Rejected, Transient } from '../../src/model/errors.ts';
import { localPauses } from '../support/github-octokit.ts';

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
      read: async () => null,
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
    const shared = { read: async () => 30_000, write: async () => {} };
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
