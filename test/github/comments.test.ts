import nock from 'nock';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createComment, deleteComment, editComment, findOwnComments, readComment } from '../../src/github/comments.ts';
import { Rejected, Transient } from '../../src/model/errors.ts';
import { testOctokit } from '../support/github-octokit.ts';

const github = 'https://api.github.com';
const list = '/repos/o/r/issues/3/comments';
const one = '/repos/o/r/issues/comments/11';
const place = { owner: 'o', repo: 'r', comment_id: 11 };
const search = {
  owner: 'o',
  repo: 'r',
  issue_number: 3,
  appId: 42,
  appSlug: 'codered',
  accepts: (body: string) => body.includes('MARK'),
};
const json = { 'content-type': 'application/json' };

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([]);
  nock.cleanAll();
});
afterAll(() => {
  nock.enableNetConnect();
  nock.restore();
});

const comment = (id: number, { body = 'MARK', login = 'codered[bot]', app = null as number | null } = {}) => ({
  id,
  body,
  user: { login },
  performed_via_github_app: app === null ? null : { id: app },
});

describe('findOwnComments', () => {
  it('looks at every page and gives the oldest first', async () => {
    const next = `<${github}${list}?per_page=100&page=2>; rel="next"`;
    nock(github)
      .get(list)
      .query({ per_page: 100 })
      .reply(200, [comment(30), comment(29)], { ...json, link: next });
    nock(github)
      .get(list)
      .query({ per_page: 100, page: 2 })
      .reply(200, [comment(12)], json);
    const found = await findOwnComments(await testOctokit(), search);
    expect(found.map(({ id }) => id)).toEqual([12, 29, 30]);
  });

  it('asks only for those since a time when one is named', async () => {
    const since = '2026-11-20T13:00:00.000Z';
    nock(github)
      .get(list)
      .query({ per_page: 100, since })
      .reply(200, [comment(30)], json);
    expect(await findOwnComments(await testOctokit(), { ...search, since })).toHaveLength(1);
  });

  it.each([
    { name: 'written through the App', of: comment(1, { login: 'octocat', app: 42 }), found: true },
    { name: "written by the App's bot", of: comment(1), found: true },
    { name: 'with the marker, by somebody else', of: comment(1, { login: 'octocat' }), found: false },
    { name: 'with the marker, through another App', of: comment(1, { login: 'other[bot]', app: 43 }), found: false },
    { name: 'by a user who is named like the App', of: comment(1, { login: 'codered' }), found: false },
    { name: 'by the App, without the marker', of: comment(1, { body: 'hello' }), found: false },
    { name: 'by a deleted user', of: { ...comment(1), user: null }, found: false },
    { name: 'without a body', of: { ...comment(1), body: null }, found: false },
  ])('tells a comment $name: $found', async ({ of, found }) => {
    nock(github).get(list).query({ per_page: 100 }).reply(200, [of], json);
    expect(await findOwnComments(await testOctokit(), search)).toHaveLength(found ? 1 : 0);
  });
});

describe('one comment', () => {
  it.each([404, 410])(
    'is null when it is read and false when it is edited after it went away (HTTP %i)',
    async (status) => {
      nock(github).get(one).reply(status, {}, json);
      nock(github).patch(one, { body: 'new' }).reply(status, {}, json);
      const octokit = await testOctokit();
      expect(await readComment(octokit, place)).toBeNull();
      expect(await editComment(octokit, { ...place, body: 'new' })).toBe(false);
    },
  );

  it('is read and edited by its id', async () => {
    nock(github)
      .get(one)
      .reply(200, comment(11, { body: 'old' }), json);
    nock(github)
      .patch(one, { body: 'new' })
      .reply(200, comment(11, { body: 'new' }), json);
    const octokit = await testOctokit();
    expect(await readComment(octokit, place)).toEqual({ id: 11, body: 'old' });
    expect(await editComment(octokit, { ...place, body: 'new' })).toBe(true);
  });

  it.each([204, 404])('counts as deleted on HTTP %i', async (status) => {
    nock(github).delete(one).reply(status);
    await expect(deleteComment(await testOctokit(), place)).resolves.toBeUndefined();
  });

  it('is created with one request and gives its id', async () => {
    nock(github).post(list, { body: 'text' }).reply(201, comment(77), json);
    const made = { owner: 'o', repo: 'r', issue_number: 3, body: 'text' };
    expect(await createComment(await testOctokit(), made)).toBe(77);
  });

  it('is not taken for created when GitHub redirected the POST to a list', async () => {
    nock(github)
      .post(list)
      .reply(301, {}, { ...json, location: `${github}/repositories/5/issues/3/comments` });
    nock(github)
      .get('/repositories/5/issues/3/comments')
      .reply(200, [comment(1)], json);
    const made = createComment(await testOctokit(), { owner: 'o', repo: 'r', issue_number: 3, body: 'text' });
    await expect(made).rejects.toBeInstanceOf(Transient);
  });

  it('says that the conversation is locked', async () => {
    nock(github).post(list).reply(403, { message: 'Unable to create comment because issue is locked.' }, json);
    const made = createComment(await testOctokit(), { owner: 'o', repo: 'r', issue_number: 3, body: 'text' });
    await expect(made).rejects.toBeInstanceOf(Rejected);
    await expect(made).rejects.toMatchObject({ code: 'locked' });
  });
});
