import nock from 'nock';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readAnnotations } from '../../src/github/checks.ts';
import { Transient } from '../../src/model/errors.ts';
import { testOctokit } from '../support/github-octokit.ts';

const github = 'https://api.github.com';
const path = '/repos/o/r/check-runs/9/annotations';
const place = { owner: 'o', repo: 'r', check_run_id: 9 };
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

const annotation = (message: string | null) => ({
  path: 'src/a.ts',
  start_line: 3,
  end_line: 4,
  start_column: null,
  end_column: null,
  annotation_level: 'failure',
  title: null,
  message,
  raw_details: null,
  blob_href: '',
});
const page = (number: number) => nock(github).get(path).query({ per_page: 100, page: number });
const hundred = Array.from({ length: 100 }, (_, index) => annotation(`message ${index}`));

describe('readAnnotations', () => {
  it("gives what GitHub has, without the runner's exit code", async () => {
    page(1).reply(
      200,
      [annotation('Process completed with exit code 1.'), annotation('Type error'), annotation(null)],
      json,
    );
    const place_ = { path: 'src/a.ts', start_line: 3, end_line: 4, annotation_level: 'failure', title: '' };
    expect(await readAnnotations(await testOctokit(), place)).toEqual([
      { ...place_, message: 'Type error' },
      { ...place_, message: '' },
    ]);
  });

  it('reads page after page until one is not full', async () => {
    page(1).reply(200, hundred, json);
    page(2).reply(200, hundred.slice(0, 7), json);
    expect(await readAnnotations(await testOctokit(), place)).toHaveLength(107);
  });

  it('stops after ten pages', async () => {
    for (let number = 1; number <= 10; number += 1) page(number).reply(200, hundred, json);
    expect(await readAnnotations(await testOctokit(), place)).toHaveLength(1000);
  });

  it('gives none for a check run that GitHub does not know', async () => {
    page(1).reply(404, {}, json);
    expect(await readAnnotations(await testOctokit(), place)).toEqual([]);
  });

  it('fails when GitHub fails', async () => {
    page(1).reply(502, {}, json);
    await expect(readAnnotations(await testOctokit(), place)).rejects.toBeInstanceOf(Transient);
  });
});
