import nock from 'nock';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { asking, githubError } from '../../src/github/github-error.ts';
import { Misconfigured, Rejected, Transient } from '../../src/model/errors.ts';
import { testOctokit } from '../support/github-octokit.ts';

beforeAll(() => nock.disableNetConnect());
afterEach(() => nock.cleanAll());
afterAll(() => {
  nock.enableNetConnect();
  nock.restore();
});

/** What a request comes to that GitHub answers so. */
async function failure(status: number, body: unknown = {}, headers: Record<string, string | undefined> = {}) {
  nock('https://api.github.com')
    .get('/repos/o/r')
    .reply(status, JSON.stringify(body), {
      'content-type': 'application/json',
      ...headers,
    });
  const octokit = await testOctokit();
  return asking('read repository o/r', () => octokit.rest.repos.get({ owner: 'o', repo: 'r' })).catch(
    (error: unknown) => error,
  );
}

const date = 'Tue, 01 Dec 2026 12:00:00 GMT';
const reset = String(Date.parse(date) / 1000 + 90);
const secondary = {
  message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
  documentation_url: 'https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits',
};

describe('githubError', () => {
  it.each([
    {
      name: 'a used-up limit',
      status: 403,
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset, date },
      ms: 91_000,
    },
    {
      name: 'a used-up limit told with 429',
      status: 429,
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset, date },
      ms: 91_000,
    },
    { name: 'a limit with retry-after', status: 403, headers: { 'retry-after': '120' }, ms: 120_000 },
    { name: 'a limit with retry-after told with 429', status: 429, headers: { 'retry-after': '5' }, ms: 5_000 },
    { name: 'a 429 that says no time', status: 429, headers: {}, ms: 60_000 },
    { name: 'a secondary limit that says no time', status: 403, headers: {}, body: secondary, ms: 60_000 },
    { name: 'an outage with retry-after', status: 503, headers: { 'retry-after': '30' }, ms: 30_000 },
    {
      name: 'a suspended installation',
      status: 403,
      headers: {},
      body: { message: 'This installation has been suspended' },
      ms: 3_600_000,
    },
  ])('has the whole installation wait for $name', async ({ status, headers, body, ms }) => {
    const error = await failure(status, body, headers);
    expect(error).toBeInstanceOf(Transient);
    expect(error).toMatchObject({ retryAfterMs: ms });
  });

  it.each([401, 408, 409, 425, 500, 502, 503, 504])('tries HTTP %i again without a set time', async (status) => {
    const error = await failure(status);
    expect(error).toBeInstanceOf(Transient);
    expect(error).toMatchObject({ retryAfterMs: null });
  });

  it.each([
    { status: 400, code: '400' },
    { status: 403, code: '403', said: 'Repository was archived so is read-only.' },
    { status: 403, code: 'locked', said: 'Unable to create comment because issue is locked.' },
    { status: 404, code: '404', said: 'Not Found' },
    { status: 410, code: '410', said: 'Gone' },
    { status: 422, code: '422', said: 'Validation Failed' },
    { status: 451, code: '451' },
  ])('gives up on HTTP $status with the code $code', async ({ status, code, said }) => {
    const error = await failure(status, { message: said });
    expect(error).toBeInstanceOf(Rejected);
    expect(error).toMatchObject({ code, message: expect.stringContaining(said ?? `answered ${status}`) });
    expect(error).toMatchObject({ message: expect.stringMatching(/^read repository o\/r: /) });
  });

  it('names the permission that is missing and how to grant it', async () => {
    const error = await failure(
      403,
      { message: 'Resource not accessible by integration' },
      { 'x-accepted-github-permissions': 'checks=write' },
    );
    expect(error).toBeInstanceOf(Misconfigured);
    expect(error).toMatchObject({ message: expect.stringContaining('the permission "checks=write"') });
    expect(error).toMatchObject({ message: expect.stringContaining('Review request') });
  });

  it('tries again when no answer came, and says why none did', async () => {
    nock('https://api.github.com').get('/repos/o/r').replyWithError(new Error('socket hang up'));
    const octokit = await testOctokit();
    const error = await octokit.rest.repos
      .get({ owner: 'o', repo: 'r' })
      .catch((thrown: unknown) => githubError(thrown, 'read repository o/r'));
    expect(error).toBeInstanceOf(Transient);
    expect(error).toMatchObject({ message: 'read repository o/r: no answer from GitHub (socket hang up)' });
  });

  it('keeps what is one of ours already', () => {
    const error = new Rejected('too late', { code: '410' });
    expect(githubError(error, 'anything')).toBe(error);
  });

  it('does not try a mistake of our own again', () => {
    const error = githubError(new TypeError('x is not a function'), 'create a comment');
    expect(error).toBeInstanceOf(Rejected);
    expect(error).toMatchObject({ code: 'unexpected', message: 'create a comment: x is not a function' });
  });

  it('never carries the token in a message', async () => {
    const error = await failure(422, { message: 'Validation Failed' });
    expect(error).not.toMatchObject({ message: expect.stringContaining('test-token') });
  });
});
