import nock from 'nock';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isPastRequiredCheck, listBypassingPushes } from '../../src/github/rule-suites.ts';
import { Misconfigured, Rejected, Transient } from '../../src/model/errors.ts';
import { testOctokit } from '../support/github-octokit.ts';

const json = { 'content-type': 'application/json' };
const place = { owner: 'o', repo: 'r' };
const path = '/repos/o/r/rulesets/rule-suites';
const query = { time_period: 'week', rule_suite_result: 'bypass', per_page: 100 };
const sha = 'a'.repeat(40);
const suite = {
  id: 21,
  actor_id: 12,
  actor_name: 'octocat',
  before_sha: 'b'.repeat(40),
  after_sha: sha,
  ref: 'refs/heads/main',
  repository_id: 404,
  repository_name: 'r',
  pushed_at: '2026-11-06T08:43:03Z',
  result: 'bypass',
};

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([]);
  nock.cleanAll();
});
afterAll(() => {
  nock.enableNetConnect();
  nock.restore();
});

const api = () => nock('https://api.github.com');

describe('listBypassingPushes', () => {
  const list = async () => listBypassingPushes(await testOctokit(), place);

  it('gives the newest hundred of a week, a deploy key’s without a name', async () => {
    const { actor_name: _, ...nameless } = suite;
    api()
      .get(path)
      .query(query)
      .reply(200, [suite, { ...nameless, id: 22 }, { ...suite, id: 23, actor_name: null }], json);
    const push = { after_sha: sha, ref: 'refs/heads/main', pushed_at: suite.pushed_at };
    const pushes = [
      { id: 21, actor: 'octocat', ...push },
      { id: 22, actor: null, ...push },
      { id: 23, actor: null, ...push },
    ];
    expect(await list()).toEqual({ pushes, malformed: 0 });
  });

  it.each([
    [403, 'Resource not accessible by integration'],
    [403, 'Upgrade to GitHub Pro or make this repository public to enable this feature.'],
    [404, 'Not Found'],
  ])('is null where GitHub does not let us ask: HTTP %i, %s', async (status, message) => {
    api().get(path).query(query).reply(status, { message }, json);
    expect(await list()).toBeNull();
  });

  it.each([
    ['a commit that is none', { ...suite, after_sha: '../x' }],
    ['no time', { ...suite, pushed_at: 'yesterday' }],
    ['an id that is no number that JSON can hold', { ...suite, id: 2 ** 60 }],
    ['nothing at all', null],
  ])('leaves out and counts one with %s, and gives the others', async (_, odd) => {
    api()
      .get(path)
      .query(query)
      .reply(200, [odd, { ...suite, id: 22 }, odd], json);
    expect(await list()).toMatchObject({ pushes: [{ id: 22 }], malformed: 2 });
  });

  it.each([
    ['empty', ''],
    ['too long to be one', 'x'.repeat(201)],
    ['no text', 7],
  ])('gives one without the name of who it was where that is %s', async (_, actor_name) => {
    api()
      .get(path)
      .query(query)
      .reply(200, [{ ...suite, actor_name }], json);
    expect(await list()).toMatchObject({ pushes: [{ id: 21, actor: null }], malformed: 0 });
  });

  it('fails where the answer is no list', async () => {
    api().get(path).query(query).reply(200, { message: 'none' }, json);
    await expect(list()).rejects.toBeInstanceOf(Rejected);
  });

  it('fails when GitHub fails, is throttled, or takes the App’s key no more', async () => {
    api().get(path).query(query).reply(500, {}, json);
    await expect(list()).rejects.toBeInstanceOf(Transient);
    api().get(path).query(query).reply(403, { message: 'You have exceeded a secondary rate limit.' }, json);
    await expect(list()).rejects.toBeInstanceOf(Transient);
    const octokit = await testOctokit();
    octokit.hook.wrap('request', () => {
      throw new Misconfigured("GitHub does not accept the App's signature");
    });
    await expect(listBypassingPushes(octokit, place)).rejects.toBeInstanceOf(Misconfigured);
  });
});

describe('isPastRequiredCheck', () => {
  const ask = async () => isPastRequiredCheck(await testOctokit(), { ...place, rule_suite_id: 21 });
  const rule = (rule_type: string, result: string, enforcement = 'active') => ({ rule_type, result, enforcement });

  it.each([
    ['a required check failed', [rule('pull_request', 'pass'), rule('required_status_checks', 'fail')], true],
    ['its ruleset is deleted by now', [rule('required_status_checks', 'fail', 'deleted ruleset')], true],
    ['only another rule failed', [rule('pull_request', 'fail'), rule('required_status_checks', 'pass')], false],
    ['the check is only tried out', [rule('required_status_checks', 'fail', 'evaluate')], false],
    ['no rule was evaluated', undefined, false],
    ['of which GitHub says nothing', null, false],
    ['another rule is told of oddly', [null, { rule_type: 7 }, rule('required_status_checks', 'fail')], true],
  ])('when %s', async (_, rule_evaluations, given) => {
    const body = JSON.stringify({ ...suite, rule_evaluations });
    api().get(`${path}/21`).reply(200, body, json);
    expect(await ask()).toBe(given);
  });

  it('is false when GitHub has the record no more, and fails when GitHub fails', async () => {
    api().get(`${path}/21`).reply(404, {}, json);
    expect(await ask()).toBe(false);
    api().get(`${path}/21`).reply(502, {}, json);
    await expect(ask()).rejects.toBeInstanceOf(Transient);
  });
});
