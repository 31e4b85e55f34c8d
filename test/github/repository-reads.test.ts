// The gate's smaller reads: a file of a repository, a pull request's files, what somebody may do.
import nock from 'nock';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { listChangedFiles, listFilesAtHead, readFilesFor } from '../../src/github/changed-files.ts';
import { keepFiles, readCommitTree, readRepositoryFile } from '../../src/github/contents.ts';
import { isInTeam, readRole } from '../../src/github/permissions.ts';
import { Rejected, Transient } from '../../src/model/errors.ts';
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

const answer = (path: string, status: number, body: object) => nock(github).get(path).reply(status, body, json);

describe('readRepositoryFile', () => {
  const file = { owner: 'o', repo: 'r', path: '.github/codered.yml', ref: 'main' };
  const path = '/repos/o/r/contents/.github%2Fcodered.yml?ref=main';
  const read = async () => readRepositoryFile(await testOctokit(), file);

  it('gives the text and its SHA', async () => {
    const content = Buffer.from('dod: {} # ä\n')
      .toString('base64')
      .replace(/(.{4})/g, '$1\n');
    answer(path, 200, { type: 'file', encoding: 'base64', content, sha: 'abc' });
    expect(await read()).toEqual({ text: 'dod: {} # ä\n', sha: 'abc' });
  });

  it('is null when there is no such file', async () => {
    answer(path, 404, { message: 'Not Found' });
    expect(await read()).toBeNull();
  });

  it.each([
    ['a folder', [{ type: 'file' }]],
    ['a link', { type: 'symlink', target: 'x' }],
    ['a file of more than 1 MB', { type: 'file', encoding: 'none', content: '', sha: 'abc' }],
  ])('refuses %s', async (_, body) => {
    answer(path, 200, body);
    const refusal = await read().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Rejected);
    expect(refusal).toMatchObject({ code: 'not_a_file' });
  });

  it('throws Transient while GitHub fails, which is not the same as no file', async () => {
    answer(path, 503, {});
    await expect(read()).rejects.toThrow(Transient);
  });
});

describe('keepFiles', () => {
  const sha = 'a'.repeat(40);
  const content = (text: string) => ({
    type: 'file',
    encoding: 'base64',
    content: Buffer.from(text).toString('base64'),
    sha: text,
  });
  const asked = (ref: string, etag?: string) => {
    const scope = nock(
      github,
      etag === undefined ? { badheaders: ['if-none-match'] } : { reqheaders: { 'if-none-match': etag } },
    );
    return scope.get(`/repos/o/r/contents/x.yml?ref=${ref}`);
  };
  const place = (ref: string) => ({ owner: 'o', repo: 'r', path: 'x.yml', ref, is_commit: ref !== 'main' });

  it('asks for a file at a commit once, and for one on a branch each time, by what it was', async () => {
    const octokit = await testOctokit();
    const read = keepFiles();
    asked(sha).reply(200, content('one'), json);
    for (let time = 0; time < 3; time++) expect(await read(octokit, place(sha))).toMatchObject({ text: 'one' });
    asked('main').reply(200, content('one'), { ...json, etag: '"1"' });
    expect(await read(octokit, place('main'))).toMatchObject({ text: 'one' });
    asked('main', '"1"').reply(304);
    expect(await read(octokit, place('main'))).toMatchObject({ text: 'one' });
    asked('main', '"1"').reply(200, content('two'), { ...json, etag: '"2"' });
    expect(await read(octokit, place('main'))).toMatchObject({ text: 'two' });
    asked('main', '"2"').reply(404, { message: 'Not Found' });
    expect(await read(octokit, place('main'))).toBeNull();
    asked('main').reply(200, content('three'), json);
    expect(await read(octokit, place('main'))).toMatchObject({ text: 'three' });
  });

  it('asks again for what is not there, at a commit once a minute: GitHub may not have it yet', async () => {
    const octokit = await testOctokit();
    let at = 0;
    const read = keepFiles(() => at);
    const absent = { message: 'Not Found' };
    asked(sha).reply(404, absent);
    expect(await read(octokit, place(sha))).toBeNull();
    at = 59_999;
    expect(await read(octokit, place(sha))).toBeNull();
    at = 60_000;
    asked(sha).reply(200, content('one'), json);
    expect(await read(octokit, place(sha))).toMatchObject({ text: 'one' });
    for (let time = 0; time < 2; time++) {
      asked('main').reply(404, absent);
      expect(await read(octokit, place('main'))).toBeNull();
    }
  });

  it('keeps neither what is long, nor more than the newest 500', async () => {
    const octokit = await testOctokit();
    const read = keepFiles();
    for (let time = 0; time < 2; time++) {
      asked(sha).reply(200, content('x'.repeat(65_537)), json);
      expect((await read(octokit, place(sha)))?.text).toHaveLength(65_537);
    }
    const shaOf = (index: number) => index.toString(16).padStart(40, '0');
    for (let index = 0; index <= 500; index++) {
      asked(shaOf(index)).reply(200, content(String(index)), json);
      await read(octokit, place(shaOf(index)));
    }
    expect(await read(octokit, place(shaOf(1)))).toMatchObject({ text: '1' });
    asked(shaOf(0)).reply(200, content('0'), json);
    expect(await read(octokit, place(shaOf(0)))).toMatchObject({ text: '0' });
  });
});

describe('readCommitTree', () => {
  const commit_sha = 'c'.repeat(40);
  const path = `/repos/o/r/git/commits/${commit_sha}`;
  const read = async () => readCommitTree(await testOctokit(), { owner: 'o', repo: 'r', commit_sha });

  it('gives the SHA of the tree', async () => {
    answer(path, 200, { sha: commit_sha, tree: { sha: '1'.repeat(40), url: 'x' } });
    expect(await read()).toBe('1'.repeat(40));
  });

  it.each([
    ['does not know the commit', 404, { message: 'Not Found' }],
    ['finds no commit in the SHA', 422, { message: 'Invalid' }],
    ['does not let us read it', 403, { message: 'Resource not accessible by integration' }],
    ['tells of no tree', 200, { sha: commit_sha }],
    ['tells of a tree without a name', 200, { sha: commit_sha, tree: { sha: '' } }],
  ])('is null when GitHub %s', async (_, status, body) => {
    answer(path, status, body);
    expect(await read()).toBeNull();
  });

  it('throws Transient while GitHub fails, which is not the same as another tree', async () => {
    answer(path, 503, {});
    await expect(read()).rejects.toThrow(Transient);
  });
});

describe('listChangedFiles', () => {
  const list = '/repos/o/r/pulls/3/files';
  const read = async () => listChangedFiles(await testOctokit(), { owner: 'o', repo: 'r', pull_number: 3 });
  const listed = (filename: string, more: object = {}) => ({ filename, status: 'modified', additions: 1, ...more });

  it('reads every page', async () => {
    const link = `<${github}${list}?per_page=100&page=2>; rel="next"`;
    const first = [listed('a.ts', { patch: '@@ -1 +1 @@' })];
    nock(github)
      .get(`${list}?per_page=100`)
      .reply(200, first, { ...json, link });
    answer(`${list}?per_page=100&page=2`, 200, [listed('b.ts', { status: 'renamed', previous_filename: 'c.ts' })]);
    expect(await read()).toEqual({
      files: [
        { filename: 'a.ts', previous_filename: null, status: 'modified', additions: 1, patch: '@@ -1 +1 @@' },
        { filename: 'b.ts', previous_filename: 'c.ts', status: 'renamed', additions: 1, patch: null },
      ],
      complete: true,
    });
  });

  it('is not complete at the three thousand that GitHub lists', async () => {
    const files = Array.from({ length: 3_000 }, (_, index) => listed(`f${index}`));
    nock(github).get(`${list}?per_page=100`).reply(200, files, json);
    expect((await read()).complete).toBe(false);
  });
});

describe('the files at a head', () => {
  const list = '/repos/o/r/pulls/3/files?per_page=100';
  const head_sha = 'a'.repeat(40);
  const head = { owner: 'o', repo: 'r', pull_number: 3, head_sha, base_ref: 'main' };
  const stands = (sha = head_sha, ref = 'main', changed_files = 1) =>
    answer('/repos/o/r/pulls/3', 200, { head: { sha }, base: { ref }, changed_files });
  const listed = () => answer(list, 200, [{ filename: 'a.ts', status: 'added', additions: 1 }]);
  const read = async () => listFilesAtHead(await testOctokit(), head);

  it('are given when the head is that one before and after', async () => {
    stands();
    listed();
    stands();
    expect(await read()).toMatchObject({ files: [{ filename: 'a.ts' }], complete: true });
  });

  it('are not all there when GitHub counts more of them than it lists', async () => {
    stands();
    listed();
    stands(head_sha, 'main', 2);
    expect(await read()).toMatchObject({ files: [{ filename: 'a.ts' }], complete: false });
  });

  it.each([
    ['another head', 'b'.repeat(40), 'main'],
    ['another base', head_sha, 'old'],
  ])('are told as of %s, which is Transient, before and after', async (_, sha, ref) => {
    stands(sha, ref);
    await expect(read()).rejects.toThrow(Transient);
    stands();
    listed();
    stands(sha, ref);
    await expect(read()).rejects.toThrow(Transient);
  });

  it('of another commit than the head are not known, and nobody is asked', async () => {
    const unknown = { files: [], complete: false };
    expect(await readFilesFor(await testOctokit(), 'c'.repeat(40), head)).toEqual(unknown);
  });

  it('that GitHub refuses are not known either, and those that it can’t give now are asked for again', async () => {
    answer('/repos/o/r/pulls/3', 404, { message: 'Not Found' });
    expect(await readFilesFor(await testOctokit(), head_sha, head)).toEqual({ files: [], complete: false });
    stands();
    answer(list, 503, {});
    await expect(readFilesFor(await testOctokit(), head_sha, head)).rejects.toThrow(Transient);
  });
});

describe('readRole', () => {
  const path = '/repos/o/r/collaborators/octocat/permission';
  const read = async () => readRole(await testOctokit(), { owner: 'o', repo: 'r', username: 'octocat', user_id: 1 });

  it.each([
    ['maintain', 'write', 'maintain'],
    ['triage', 'read', 'triage'],
    // A role that the organisation made itself, even one that it calls like more than it is.
    ['release-captain', 'write', 'write'],
    ['Admin', 'read', 'read'],
  ])('of %s, which builds on %s, is %s', async (role_name, permission, role) => {
    answer(path, 200, { role_name, permission, user: { id: 1 } });
    expect(await read()).toBe(role);
  });

  it('is none when the name is somebody else’s by now', async () => {
    answer(path, 200, { role_name: 'admin', permission: 'admin', user: { id: 2 } });
    expect(await read()).toBe('none');
  });

  it('is none for a stranger', async () => {
    answer(path, 404, { message: 'Not Found' });
    expect(await read()).toBe('none');
  });

  it('throws rather than guess while GitHub fails', async () => {
    answer(path, 500, {});
    await expect(read()).rejects.toThrow(Transient);
  });
});

describe('isInTeam', () => {
  const path = '/orgs/o/teams/release/memberships/octocat';
  const read = async () => isInTeam(await testOctokit(), { org: 'o', team_slug: 'release', username: 'octocat' });

  it.each([
    ['active', true],
    ['pending', false],
  ])('with a membership that is %s is %s', async (state, isIn) => {
    answer(path, 200, { state });
    expect(await read()).toBe(isIn);
  });

  it.each([403, 404])('is false for a team that we may not see (HTTP %i)', async (status) => {
    answer(path, status, { message: 'no' });
    expect(await read()).toBe(false);
  });
});
