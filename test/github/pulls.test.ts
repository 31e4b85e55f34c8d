import nock from 'nock';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readPullRequest, readPullRequestsOfCommit } from '../../src/github/pulls.ts';
import { Transient } from '../../src/model/errors.ts';
import { testOctokit } from '../support/github-octokit.ts';

const github = 'https://api.github.com';
const json = { 'content-type': 'application/json' };
const place = { owner: 'o', repo: 'r', pull_number: 3 };
const commit = { owner: 'o', repo: 'r', repository_id: 5, commit_sha: 'abc' };
const listPath = '/repos/o/r/commits/abc/pulls';

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([]);
  nock.cleanAll();
});
afterAll(() => {
  nock.enableNetConnect();
  nock.restore();
});

const listed = {
  number: 3,
  title: 'Use React 19',
  html_url: 'https://github.com/o/r/pull/3',
  state: 'open',
  draft: false,
  user: { login: 'octocat' },
  head: { sha: 'abc', ref: 'react-19', repo: { id: 8 } },
  base: { sha: 'def', ref: 'main', repo: { id: 5 } },
  created_at: '2026-11-01T10:00:00Z',
  updated_at: '2026-11-02T10:00:00Z',
  merged_at: null as string | null,
  merge_commit_sha: null as string | null,
};
const fact = {
  repository_id: 5,
  number: 3,
  title: 'Use React 19',
  html_url: 'https://github.com/o/r/pull/3',
  head_sha: 'abc',
  head_ref: 'react-19',
  head_repository_id: 8,
  base_ref: 'main',
  base_sha: 'def',
  state: 'open',
  draft: false,
  author: 'octocat',
  opened_at: '2026-11-01T10:00:00Z',
  merged_at: null,
  merge_commit_sha: null,
  merged_by: null,
  source_updated_at: '2026-11-02T10:00:00Z',
};

describe('readPullRequest', () => {
  it.each([
    { state: 'open', merged: false, given: 'open' },
    { state: 'closed', merged: false, given: 'closed' },
    { state: 'closed', merged: true, given: 'merged' },
  ])('tells the head and that it is $given', async ({ state, merged, given }) => {
    nock(github)
      .get('/repos/o/r/pulls/3')
      .reply(200, { state, merged, head: { sha: 'abc' } }, json);
    expect(await readPullRequest(await testOctokit(), place)).toEqual({ head_sha: 'abc', state: given });
  });

  it('is null when there is no such pull request', async () => {
    nock(github).get('/repos/o/r/pulls/3').reply(404, {}, json);
    expect(await readPullRequest(await testOctokit(), place)).toBeNull();
  });
});

describe('readPullRequestsOfCommit', () => {
  it.each([
    { name: 'an open one', pull: listed, facts: [fact] },
    {
      name: 'a merged one',
      pull: { ...listed, state: 'closed', merged_at: '2026-11-02T09:00:00Z', merge_commit_sha: 'fed' },
      facts: [{ ...fact, state: 'merged', merged_at: '2026-11-02T09:00:00Z', merge_commit_sha: 'fed' }],
    },
    {
      name: 'an open one, without the commit that tries its merge',
      pull: { ...listed, merge_commit_sha: 'fed' },
      facts: [fact],
    },
    { name: 'a closed one', pull: { ...listed, state: 'closed' }, facts: [{ ...fact, state: 'closed' }] },
    {
      name: 'one from a deleted fork by a deleted user',
      pull: { ...listed, user: null, head: { ...listed.head, repo: null } },
      facts: [{ ...fact, author: null, head_repository_id: null }],
    },
    { name: 'none that goes into a fork', pull: { ...listed, base: { ...listed.base, repo: { id: 6 } } }, facts: [] },
  ])('gives $name', async ({ pull, facts }) => {
    nock(github).get(listPath).query({ per_page: 100 }).reply(200, [pull], json);
    expect(await readPullRequestsOfCommit(await testOctokit(), commit)).toEqual(facts);
  });

  it('reads three pages and no more', async () => {
    for (const page of [1, 2, 3]) {
      const link = `<${github}${listPath}?per_page=100&page=${page + 1}>; rel="next"`;
      const query = page === 1 ? { per_page: 100 } : { per_page: 100, page };
      nock(github)
        .get(listPath)
        .query(query)
        .reply(200, [listed], { ...json, link });
    }
    expect(await readPullRequestsOfCommit(await testOctokit(), commit)).toHaveLength(3);
  });

  it.each([404, 422])('gives none for a commit that GitHub does not know (HTTP %i)', async (status) => {
    nock(github).get(listPath).query({ per_page: 100 }).reply(status, {}, json);
    expect(await readPullRequestsOfCommit(await testOctokit(), commit)).toEqual([]);
  });

  it('fails when GitHub fails', async () => {
    nock(github).get(listPath).query({ per_page: 100 }).reply(500, {}, json);
    await expect(readPullRequestsOfCommit(await testOctokit(), commit)).rejects.toBeInstanceOf(Transient);
  });
});
