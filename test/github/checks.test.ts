import nock from 'nock';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createCheckRun, findOwnCheckRuns, readCheckRun, updateCheckRun } from '../../src/github/checks.ts';
import { testOctokit } from '../support/github-octokit.ts';

const github = 'https://api.github.com';
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

const found = (id: number, external_id: string) => ({
  id,
  external_id,
  status: 'completed',
  conclusion: 'failure',
  output: { title: 'T', summary: 'S', text: null, annotations_count: 2, annotations_url: '' },
  app: { id: 42 },
});
const standing = (id: number, external_id: string) => ({
  id,
  external_id,
  status: 'completed',
  conclusion: 'failure',
  title: 'T',
  summary: 'S',
  annotations_count: 2,
});
const annotation = {
  path: 'a.ts',
  start_line: 1,
  end_line: 1,
  annotation_level: 'failure',
  title: 't',
  message: 'm',
} as const;
const content = { title: 'T', summary: 'S', annotations: [annotation] };
const output = { title: 'T', summary: 'S', annotations: [annotation] };

describe('check runs', () => {
  it("are found among the App's own of that name, by their external id, over all pages, newest first", async () => {
    const path = '/repos/o/r/commits/abc/check-runs';
    const query = { check_name: 'CodeRed', app_id: 42, filter: 'all', per_page: 100 };
    const link = `<${github}${path}?check_name=CodeRed&app_id=42&filter=all&per_page=100&page=2>; rel="next"`;
    nock(github)
      .get(path)
      .query(query)
      .reply(200, { total_count: 3, check_runs: [found(5, 'mine'), found(6, 'other')] }, { ...json, link });
    nock(github)
      .get(path)
      .query({ ...query, page: 2 })
      .reply(200, { total_count: 3, check_runs: [found(9, 'mine')] }, json);
    const search = { owner: 'o', repo: 'r', head_sha: 'abc', name: 'CodeRed', appId: 42, external_id: 'mine' };
    expect(await findOwnCheckRuns(await testOctokit(), search)).toEqual([standing(9, 'mine'), standing(5, 'mine')]);
  });

  it('are read by their id, null when there is none', async () => {
    nock(github).get('/repos/o/r/check-runs/5').reply(200, found(5, 'mine'), json);
    nock(github).get('/repos/o/r/check-runs/6').reply(404, {}, json);
    const octokit = await testOctokit();
    expect(await readCheckRun(octokit, { owner: 'o', repo: 'r', check_run_id: 5 })).toEqual(standing(5, 'mine'));
    expect(await readCheckRun(octokit, { owner: 'o', repo: 'r', check_run_id: 6 })).toBeNull();
  });

  it.each([
    {
      name: 'finished',
      state: { status: 'completed', conclusion: 'failure' },
      sent: { status: 'completed', conclusion: 'failure' },
    },
    {
      name: 'running, without a conclusion',
      state: { status: 'in_progress', conclusion: null },
      sent: { status: 'in_progress' },
    },
  ] as const)('are created $name', async ({ state, sent }) => {
    const made = { name: 'CodeRed', head_sha: 'abc', external_id: 'mine' };
    nock(github)
      .post('/repos/o/r/check-runs', { ...made, ...sent, output })
      .reply(201, found(5, 'mine'), json);
    const place = { owner: 'o', repo: 'r', ...made };
    expect(await createCheckRun(await testOctokit(), place, { ...content, ...state })).toBe(5);
  });

  it('are updated by their id', async () => {
    const sent = { status: 'completed', conclusion: 'success', output };
    nock(github).patch('/repos/o/r/check-runs/5', sent).reply(200, found(5, 'mine'), json);
    const place = { owner: 'o', repo: 'r', check_run_id: 5 };
    await updateCheckRun(await testOctokit(), place, { ...content, status: 'completed', conclusion: 'success' });
  });
});
