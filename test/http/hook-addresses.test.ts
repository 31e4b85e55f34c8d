import nock from 'nock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startHookAddresses } from '../../src/http/hook-addresses.ts';
import { recentAnswer } from '../../src/http/recent-answer.ts';
import { makeLogLines } from '../support/log-lines.ts';

beforeEach(() => nock.disableNetConnect());
afterEach(() => {
  nock.cleanAll();
  nock.enableNetConnect();
});

const github = 'https://api.github.com';

describe("GitHub's own addresses", () => {
  it('are those that GET /meta publishes', async () => {
    nock(github)
      .get('/meta')
      .reply(200, { verifiable_password_authentication: true, hooks: ['198.51.100.0/24', '2001:db8::/32'], web: [] });
    const { log, lines } = makeLogLines();
    const { isAmong, stop } = startHookAddresses({ githubApiUrl: github, fixed: null, log });
    await expect.poll(() => lines.length).toBe(1);
    expect(['198.51.100.9', '2001:db8::9', '192.30.252.1', 'no address'].map(isAmong)).toEqual([
      true,
      true,
      false,
      false,
    ]);
    stop();
  });

  it.each([
    ['fails', 503, {}],
    ['says nothing of hooks', 200, { web: ['198.51.100.0/24'] }],
    ['says that there are none', 200, { hooks: [] }],
  ])('are those that were known before when GitHub %s', async (_, status, body) => {
    nock(github).get('/meta').reply(status, body);
    const { log, lines } = makeLogLines();
    const { isAmong, stop } = startHookAddresses({ githubApiUrl: github, fixed: null, log });
    expect(isAmong('192.30.252.1')).toBe(true);
    await expect.poll(() => lines).toMatchObject([{ level: 40 }]);
    expect(['192.30.252.1', '140.82.115.3', '203.0.113.7'].map(isAmong)).toEqual([true, true, false]);
    stop();
  });

  it('are none of an Enterprise Server that does not tell', async () => {
    nock('https://github.example.com').get('/api/v3/meta').reply(200, { installed_version: '3.20.0' });
    const { log, lines } = makeLogLines();
    const parts = { githubApiUrl: 'https://github.example.com/api/v3', fixed: null, log };
    const { isAmong, stop } = startHookAddresses(parts);
    await expect.poll(() => lines).toMatchObject([{ level: 40 }]);
    expect(isAmong('192.30.252.1')).toBe(false);
    stop();
  });

  it('are those of the setting, and nobody is asked then', () => {
    const { log, lines } = makeLogLines();
    const { isAmong } = startHookAddresses({ githubApiUrl: github, fixed: ['198.51.100.7'], log });
    expect(['198.51.100.7', '198.51.100.8', '192.30.252.1'].map(isAmong)).toEqual([true, false, false]);
    expect(lines).toEqual([]);
  });
});

describe('a question that anybody may cause', () => {
  it('is asked once for all who ask at the same moment, and again when its answer is old', async () => {
    let asked = 0;
    let nowMs = 0;
    const gate = Promise.withResolvers<void>();
    const answer = recentAnswer(
      async () => {
        asked += 1;
        await gate.promise;
        return asked;
      },
      1_000,
      () => nowMs,
    );
    const all = [answer(), answer(), answer()];
    nowMs = 5_000;
    gate.resolve();
    expect(await Promise.all([...all, answer()])).toEqual([1, 1, 1, 1]);
    nowMs = 5_999;
    expect(await answer()).toBe(1);
    nowMs = 6_000;
    expect(await answer()).toBe(2);
  });

  it('keeps a failure as long', async () => {
    let asked = 0;
    let nowMs = 0;
    const answer = recentAnswer(
      () => {
        asked += 1;
        return asked === 1 ? Promise.reject(new Error('gone')) : Promise.resolve(asked);
      },
      1_000,
      () => nowMs,
    );
    await expect(answer()).rejects.toThrow('gone');
    await expect(answer()).rejects.toThrow('gone');
    nowMs = 1_000;
    expect(await answer()).toBe(2);
  });
});
