// The files of a project pushed to GitHub with the caller's token: what lands there, what is refused, and that the token is kept nowhere.

import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type GithubStandIn, startGithubStandIn } from '../../src/demo/github/github-stand-in.ts';
import { Transient } from '../../src/model/errors.ts';
import { makeGithubExport } from '../../src/server/github-export.ts';
import { ID, idOf, PEOPLE } from '../brain/security/two-orgs.ts';
import { openRestServer, type RestServer } from '../support/rest-server.ts';

const OCTOCAT = { login: 'octocat', id: 583_231, type: 'User' } as const;
const project = idOf('a', ID.project);
const path = `/projects/${project}/export/github`;

let github: GithubStandIn;
let server: RestServer;
let person = '';
beforeAll(async () => {
  const publicKeyEncoding = { type: 'spki', format: 'pem' } as const;
  const keys = generateKeyPairSync('rsa', {
    ...{ modulusLength: 2048, publicKeyEncoding },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  github = await startGithubStandIn({ appId: 1, appSlug: 'codered', publicKeyPem: keys.publicKey });
  github.state.signIn.people.set(OCTOCAT.id, OCTOCAT);
  server = await openRestServer({ exportToGithub: makeGithubExport({ apiUrl: github.url, atOnce: 1 }) });
  person = await server.tokenOf(PEOPLE.a.member);
});
afterAll(async () => {
  await server.close();
  await github.close();
});
afterEach(() => {
  expect(github.violations).toEqual([]);
  github.requests.length = 0;
  server.lines.length = 0;
});

/** A token of octocat's; without scopes it does not say what it may. */
function tokenAtGithub(scopes?: readonly string[]): string {
  const { access } = github.state.signIn.giveTokens(OCTOCAT.id);
  if (scopes !== undefined) github.state.signIn.scopes.set(access, scopes);
  return access;
}

const send = (repo_name: string, github_token = tokenAtGithub(), headers: Record<string, string> = {}) =>
  server.ask(person, path, { method: 'POST', body: { repo_name, github_token }, headers });
const write = (files: Readonly<Record<string, string>>) =>
  server.brain.sql(
    `with gone as (delete from codered.project_files where project_id = $1::uuid)
     insert into codered.project_files (project_id, path, content)
     select $1::uuid, key, value from jsonb_each_text($2::jsonb)`,
    [project, JSON.stringify(files)],
  );
const replace = async (files: Readonly<Record<string, string>>) => {
  await server.brain.sql('delete from codered.project_files where project_id = $1::uuid', [project]);
  await write(files);
};
const at = (name: string) => github.state.findRepository('octocat', name);

describe('an export to GitHub', () => {
  it('makes a private repository whose one commit has the files of the project, and no others', async () => {
    const files = { 'src/app.ts': 'export {};\n', 'src/ü.md': '# Grüße\n', empty: '' };
    await replace(files);
    const { status, json } = await send('my-project');
    expect([status, json]).toEqual([
      201,
      {
        repo_url: 'https://github.com/octocat/my-project',
        files_pushed: 3,
        commit_sha: expect.stringMatching(/^[0-9a-f]{40}$/),
      },
    ]);
    const made = at('my-project');
    expect(made?.repository.private).toBe(true);
    expect(Object.fromEntries(made?.files ?? [])).toEqual(files);
    expect(made?.madeCommits.get(json.commit_sha)?.parents).toEqual([]);
  });

  it('has the same under the path of document 002', async () => {
    await replace({ 'a.txt': 'a' });
    const body = { repo_name: 'as-the-document', github_token: tokenAtGithub() };
    const { status, json } = await server.askV1(person, path, { method: 'POST', body });
    expect([status, json.files_pushed, at('as-the-document')?.files.get('a.txt')]).toEqual([200, 1, 'a']);
  });

  it('pushes many files in parts, as one commit', async () => {
    const files = Object.fromEntries(Array.from({ length: 450 }, (_, n) => [`d${n % 7}/f${n}.txt`, `${n}`]));
    await replace(files);
    expect((await send('many')).json.files_pushed).toBe(450);
    expect(Object.fromEntries(at('many')?.files ?? [])).toEqual(files);
    expect(github.requests.filter(({ path: asked }) => asked.endsWith('/git/trees'))).toHaveLength(3);
    expect(at('many')?.madeCommits.size).toBe(1);
  });

  it('leaves a repository that exists as it is', async () => {
    await replace({ 'a.txt': 'a' });
    await send('taken');
    await replace({ 'b.txt': 'b' });
    const { status, json } = await send('taken');
    expect([status, json.code]).toEqual([409, 'CR003']);
    expect(json.detail).toBe('The repository octocat/taken exists already; take another name.');
    expect([...(at('taken')?.files.keys() ?? [])]).toEqual(['a.txt']);
  });

  it.each([
    ['no file at all', {}, 409, 'no files yet'],
    ['.git in a path', { 'a/.GIT/config': 'x' }, 400, 'a/.GIT/config'],
    ['git~1 in a path', { 'git~1/config': 'x' }, 400, 'rename it'],
    ['.git and a dot', { '.git./config': 'x' }, 400, 'rename it'],
    ['a file that is a folder too', { a: 'x', 'a/b': 'y' }, 400, '"a" is a file and a folder'],
  ] as const)('with %s is refused before anything is made', async (_, files, status, words) => {
    await replace(files);
    const refused = await send('never');
    expect([refused.status, refused.json.detail]).toEqual([status, expect.stringContaining(words)]);
    expect([at('never'), github.requests]).toEqual([null, []]);
  });

  it('with more files or bytes than there is room for is refused, and says how many there are', async () => {
    await replace(Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`f${n}`, ''])));
    expect((await send('never')).json).toMatchObject({ status: 409, detail: expect.stringContaining('1001 files') });
    const large = 'x'.repeat(2_000_000);
    await replace(Object.fromEntries(Array.from({ length: 6 }, (_, n) => [`f${n}`, large])));
    expect((await send('never')).json).toMatchObject({
      status: 409,
      detail: expect.stringContaining('12000000 bytes'),
    });
    expect(github.requests).toEqual([]);
  });

  it('needs a token that may: each refusal says what is missing, and nothing is made', async () => {
    await replace({ '.github/workflows/ci.yml': 'on: push' });
    const wrong = await send('never', 'ghp_wrong');
    expect([wrong.status, wrong.json.detail]).toEqual([403, expect.stringContaining('does not take github_token')]);
    const poor = await send('never', tokenAtGithub(['public_repo']));
    expect([poor.status, poor.json.detail]).toEqual([403, expect.stringContaining('lacks the scope "repo"')]);
    const noWorkflows = await send('never', tokenAtGithub(['repo']));
    expect([noWorkflows.status, noWorkflows.json.detail]).toEqual([403, expect.stringContaining('"workflow"')]);
    expect(at('never')).toBeNull();
    expect((await send('with-workflows', tokenAtGithub(['repo', 'workflow']))).status).toBe(201);
  });

  it.each([
    [
      'a secondary limit',
      'GET',
      /^.user$/,
      403,
      { message: 'You have exceeded a secondary rate limit' },
      503,
      'unavailable',
    ],
    ['GitHub that is down', 'GET', /^.user$/, 502, { message: 'Bad Gateway' }, 503, 'unavailable'],
    ['a refusal', 'POST', /^.user.repos$/, 403, { message: 'Not here' }, 403, 'CR008'],
    ['a name that GitHub does not take', 'POST', /^.user.repos$/, 422, { message: 'Bad name' }, 400, 'CR002'],
    ['no word whether it was made', 'POST', /^.user.repos$/, 502, { message: 'Bad Gateway' }, 409, 'CR003'],
  ] as const)('says what %s comes to', async (_, method, asked, status, body, answered, code) => {
    await replace({ 'a.txt': 'a' });
    github.failNext({ method, path: asked }, { status, body });
    const { json, headers } = await send(`refused-${randomUUID()}`);
    expect([json.status, json.code]).toEqual([answered, code]);
    if (answered === 503) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('says what stands when a later step fails, and that the token may lack something', async () => {
    await replace({ '.github/workflows/ci.yml': 'on: push' });
    github.failNext({ method: 'POST', path: /git.trees$/ }, { status: 404, body: { message: 'Not Found' } });
    const { status, json } = await send('half');
    expect([status, json.code]).toEqual([409, 'CR003']);
    expect(json.detail).toContain('The repository octocat/half was made, but the files are not in it');
    expect(json.detail).toContain('good for workflows');
    expect([...(at('half')?.files.keys() ?? [])]).toEqual(['README.md']);
  });

  it('waits for a repository that GitHub still calls empty', async () => {
    await replace({ 'a.txt': 'a' });
    github.failNext(
      { method: 'POST', path: /git.trees$/ },
      { status: 409, body: { message: 'Git Repository is empty.' } },
    );
    expect((await send('slow')).status).toBe(201);
  });

  it('keeps and tells the token nowhere, whatever comes of it', async () => {
    await replace({ 'a.txt': 'a' });
    const token = tokenAtGithub();
    const failures = [
      null,
      { method: 'GET', path: /^.user$/ },
      { method: 'POST', path: /^.user.repos$/ },
      { method: 'POST', path: /git.commits$/ },
    ];
    const answers: string[] = [];
    for (const failure of failures) {
      if (failure !== null) github.failNext(failure, { status: 500, body: { message: `echo ${token}` } });
      answers.push((await send(`secret-${answers.length}`, token)).text);
    }
    answers.push((await send('bad name!', token)).text, (await send('keyed', token, { 'idempotency-key': 'k' })).text);
    answers.push((await send('ok', `${token}\nX-Evil: 1`)).text, (await send('ok', `${token}é`)).text);
    const said = answers.join('') + JSON.stringify(server.lines);
    expect(said).not.toContain(token);
    expect(JSON.stringify(github.requests.map(({ body, query, path: asked }) => [body, query, asked]))).not.toContain(
      token,
    );
    const [kept] = await server.brain.sql(
      `select count(*) as n from codered.idempotency_keys k where k::text like '%' || $1 || '%'`,
      [token],
    );
    expect(kept).toEqual({ n: '0' });
    const [written] = await server.brain.sql(
      `select count(*) as n from codered.events e where e.payload::text like '%' || $1 || '%'`,
      [token],
    );
    expect(written).toEqual({ n: '0' });
  });

  it('is for whoever may read the project, with a token of ours that is good for agents', async () => {
    const strangers = await server.tokenOf(PEOPLE.b.owner);
    const body = { repo_name: 'stolen', github_token: tokenAtGithub() };
    const theirs = await server.ask(strangers, path, { method: 'POST', body });
    expect([theirs.status, theirs.json.code]).toEqual([404, 'CR004']);
    const readers = await server.tokenOf(PEOPLE.a.member, 'read');
    expect((await server.ask(readers, path, { method: 'POST', body })).status).toBe(403);
    expect(at('stolen')).toBeNull();
  });

  it('is one at a time of a person, and one of so many of all', async () => {
    const silent = createServer((request) => void asked.resolve(request));
    const asked = Promise.withResolvers<unknown>();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = addressOf(silent);
    const exportToGithub = makeGithubExport({ apiUrl: `http://127.0.0.1:${port}`, atOnce: 1 });
    const of = (userId: string) =>
      exportToGithub({ userId, token: 'ghp_x', repositoryName: 'x', files: [{ path: 'a', content: '' }] });
    const first = of('one').catch((thrown: unknown) => thrown);
    await asked.promise;
    await expect(of('one')).rejects.toMatchObject({ status: 429 });
    await expect(of('two')).rejects.toMatchObject({ status: 503 });
    silent.closeAllConnections();
    expect(await first).toBeInstanceOf(Transient);
    await new Promise((resolve) => silent.close(resolve));
    expect(await of('two').catch((thrown: unknown) => thrown)).toBeInstanceOf(Transient);
  });
});

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it does not listen');
  return address;
}
