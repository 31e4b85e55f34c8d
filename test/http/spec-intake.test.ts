import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeApi } from '../../src/http/api.ts';
import { type Listening, listen } from '../../src/http/listen.ts';
import { makeSpecIntake } from '../../src/http/routes/specs.ts';
import { serveRoutes } from '../../src/http/routing.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { makeLogLines } from '../support/log-lines.ts';
import { makeOrg } from '../support/run-scene.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe.each(testBackends)('POST /api/v1/specs on %s', (backend) => {
  let brain: TestBrain;
  let http: Listening;
  let repository: string;
  const { log, lines } = makeLogLines();

  beforeAll(async () => {
    brain = await openTestBrain(backend);
    const org = await makeOrg(brain);
    repository = `octo/r${org.repository}`;
    await brain.script(`
      insert into codered.installations (id, org_id, account_login) values (7, '${org.org}', 'octo');
      update codered.repositories set installation_id = 7`);
    const keys = [
      { name: 'other', sha256: sha256('another key') },
      { name: 'planner', sha256: sha256('the-key') },
    ];
    const specs = makeSpecIntake({ brain, keys, log });
    http = await listen(
      { host: '127.0.0.1', port: 0 },
      { handlers: [serveRoutes({ resources: [makeApi({ specs }, log)], onError: () => {} })], onError: () => {} },
    );
  });
  afterAll(async () => {
    await http.close(1_000);
    await brain.close();
  });

  async function send(change: Record<string, unknown> = {}, headers: Record<string, string> = {}) {
    const response = await fetch(`${http.url}/api/v1/specs`, {
      method: 'POST',
      headers: { authorization: 'Bearer the-key', 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ repository, branch: 'main', path: 'specs/shop.md', content: 'Open at nine\n', ...change }),
    });
    return { status: response.status, body: JSON.parse(await response.text()) };
  }
  const specs = () => brain.sql('select storage_path, branch, sha, created_by from codered.specs order by created_at');

  it('takes a spec and plans the sprint, and the same again changes nothing', async () => {
    const first = await send({ dod: { coverage_min: 0.8 } });
    expect(first).toMatchObject({ status: 201, body: { sprint: { label: 'S1', state: 'PLANNED' } } });
    expect(await send({ dod: { coverage_min: 0.8 } })).toEqual({ ...first, status: 200 });
    expect(await send({ repository: repository.toUpperCase() })).toMatchObject({ status: 200, body: { sprint: null } });
    // What `printf 'Open at nine\n' | git hash-object --stdin` says.
    const sha = createHash('sha1').update('blob 13\0Open at nine\n').digest('hex');
    expect(await specs()).toEqual([{ storage_path: 'specs/shop.md', branch: 'main', sha, created_by: 'api:planner' }]);
    expect(await brain.sql('select label, dod_json::text from codered.sprints')).toEqual([
      { label: 'S1', dod_json: '{"coverage_min": 0.8}' },
    ]);
  });

  it('takes other content, a commit, or neither, each as a version of its own', async () => {
    const before = (await specs()).length;
    expect((await send({ content: 'Open at ten\n' })).status).toBe(201);
    expect((await send({ content: undefined, sha: 'c'.repeat(40), label: 'S2', dod: {} })).body.sprint.label).toBe(
      'S2',
    );
    expect((await send({ content: undefined })).body.spec.sha).toBeNull();
    expect((await specs()).length).toBe(before + 3);
  });

  it('takes the same document for another branch as another spec, and says where it is', async () => {
    const first = await send({ path: 'specs/twice.md' });
    const second = await send({ path: 'specs/twice.md', branch: 'release' });
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body.spec).toMatchObject({ repository, branch: 'release', path: 'specs/twice.md' });
  });

  it.each([
    ['no key', ''],
    ['no bearer', 'Basic dGhlLWtleTo='],
    ['a wrong key', 'Bearer the-key2'],
    ['the hash of a key', `Bearer ${sha256('the-key')}`],
  ])('lets nobody in with %s', async (_, authorization) => {
    const before = await specs();
    const { status, body } = await send({ content: 'No' }, { authorization });
    expect([status, body.code]).toEqual([401, 'bad_key']);
    expect(await specs()).toEqual(before);
  });

  it.each<[string, Record<string, unknown>]>([
    ['repository', { repository: 'shop' }],
    ['branch', { branch: '' }],
    ['path', { path: '../secrets.md' }],
    ['path', { path: '/etc/passwd' }],
    ['path', { path: 'a\nb' }],
    ['sha', { content: undefined, sha: 'main' }],
    ['', { sha: 'c'.repeat(40) }],
    ['dods', { dods: {} }],
    ['dod', { dod: [] }],
    ['dod.coverage_min', { dod: { coverage_min: 'a\u0000b' } }],
    ['dod.__proto__', { dod: JSON.parse('{"__proto__": {"lint_pass": true}}') }],
    ['dod.lint_pass', { dod: { lint_pass: JSON.parse(`${'['.repeat(1_500)}${']'.repeat(1_500)}`) } }],
  ])('names the field that is wrong: %s, case %#', async (field, change) => {
    const { status, body } = await send(change);
    expect([status, body.code]).toEqual([400, 'malformed']);
    expect(body.details.fields).toContainEqual({ field, message: expect.any(String) });
  });

  it('keeps nothing of a spec whose Definition of Done is none', async () => {
    const before = await specs();
    expect(await send({ content: 'New', dod: { coverage_min: 80 } })).toMatchObject({
      status: 400,
      body: { code: 'malformed' },
    });
    expect(await specs()).toEqual(before);
  });

  it('knows no repository on which CodeRed is not installed', async () => {
    expect(await send({ repository: 'octo/elsewhere' })).toMatchObject({ status: 404, body: { code: 'CR004' } });
    await brain.script('update codered.installations set suspended_at = now()');
    expect(await send()).toMatchObject({ status: 404, body: { code: 'CR004' } });
    await brain.script('update codered.installations set suspended_at = null');
  });

  it('refuses what is too large or no JSON, and logs no key', async () => {
    expect(await send({ content: 'x'.repeat(1_100_000) })).toMatchObject({ status: 413, body: { code: 'too_large' } });
    expect(await send({}, { 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
    const response = await fetch(`${http.url}/api/v1/specs`, {
      method: 'POST',
      headers: { authorization: 'Bearer the-key', 'content-type': 'application/json' },
      body: '{"repository":',
    });
    expect([response.status, await response.json()]).toMatchObject([400, { code: 'malformed' }]);
    expect(JSON.stringify(lines)).toContain('a spec was handed in');
    expect(JSON.stringify(lines)).not.toContain('the-key');
  });
});
