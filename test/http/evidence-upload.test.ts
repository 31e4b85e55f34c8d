import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeQuotas } from '../../src/brain/quotas.ts';
import { makeApi } from '../../src/http/api.ts';
import { openIssuerKeys } from '../../src/http/issuer-keys.ts';
import { type Listening, listen } from '../../src/http/listen.ts';
import { issuerOf } from '../../src/http/oidc-token.ts';
import { makeEvidenceUpload } from '../../src/http/routes/evidence.ts';
import { serveRoutes } from '../../src/http/routing.ts';
import { Transient } from '../../src/model/errors.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { AUDIENCE, startTokenIssuer, strangersKey, type TokenIssuer } from '../support/job-tokens.ts';
import { makeLogLines } from '../support/log-lines.ts';
import { makeOrg, statementAs } from '../support/run-scene.ts';
import { zipOf } from '../support/zip.ts';

const MOST_BYTES = 100_000;
const HEAD = 'a'.repeat(40);
const LCOV = 'TN:\nSF:src/shop.ts\nDA:1,1\nDA:2,0\nLF:2\nLH:1\nend_of_record\n';
const JUNIT = '<testsuite name="shop" tests="1"><testcase name="opens" classname="shop"/></testsuite>';

interface Call {
  readonly token?: string | null;
  readonly query?: string;
  readonly body?: Uint8Array | string;
  readonly headers?: Record<string, string>;
  readonly method?: string;
}

describe.each(testBackends)('POST /api/v1/evidence on %s', (backend) => {
  let brain: TestBrain;
  let issuer: TokenIssuer;
  let http: Listening;
  let repository: number;
  let other: number;
  let member: string;
  let project: string;
  const { log, lines } = makeLogLines();

  beforeAll(async () => {
    brain = await openTestBrain(backend);
    issuer = await startTokenIssuer();
    const one = await makeOrg(brain);
    const two = await makeOrg(brain);
    ({ repository, member, project } = one);
    other = two.repository;
    await brain.script(`
      insert into codered.installations (id, org_id, account_login) values (7, '${one.org}', 'octo');
      update codered.repositories set installation_id = 7 where id in (${repository}, ${other});
      insert into codered.ci_events (project_id, repository_id, provider, workflow_name, run_id, run_attempt, commit_sha, status, trigger, html_url)
      values ('${project}', ${repository}, 'github-actions', 'CI', '501', 1, '${HEAD}', 'running', 'pull_request', 'https://github.com/octo/shop/actions/runs/501'),
        ('${project}', ${repository}, 'github-actions', 'CI', '502', 1, '${'b'.repeat(40)}', 'running', 'pull_request', null);`);
    const verifier = { issuer: issuer.url, audiences: [AUDIENCE], keyOf: openIssuerKeys(issuer.url) };
    const quotas = makeQuotas({ brain, log });
    const evidence = makeEvidenceUpload({ brain, verifier, log, maxBytes: MOST_BYTES, quotas });
    http = await listen(
      { host: '127.0.0.1', port: 0 },
      { handlers: [serveRoutes({ resources: [makeApi({ evidence }, log)], onError: () => {} })], onError: () => {} },
    );
  });
  beforeEach(() => brain.script('delete from codered.artifacts; delete from codered.follow_ups'));
  afterAll(async () => {
    await http.close(1_000);
    await issuer.close();
    await brain.close();
  });

  const token = (claims: Record<string, unknown> = {}, ...rest: [Record<string, unknown>?]) =>
    issuer.token({ repository_id: String(repository), run_id: '501', ...claims }, ...rest);

  async function call({ token: sent, query = 'name=coverage', body = LCOV, headers, method = 'POST' }: Call = {}) {
    const bearer = sent === null ? {} : { authorization: `Bearer ${sent ?? token()}` };
    const response = await fetch(`${http.url}/api/v1/evidence?${query}`, {
      method,
      body: method === 'GET' ? null : body,
      headers: { 'content-type': 'application/octet-stream', ...bearer, ...headers },
    });
    const text = await response.text();
    return { status: response.status, body: JSON.parse(text), text, retryAfter: response.headers.get('retry-after') };
  }
  const kept = () =>
    brain.sql('select file_name, kind, github_artifact_id, content, url from codered.artifacts order by 1');

  it('keeps what a report says and queues the report of the commit that GitHub told of the run', async () => {
    expect(await call({ query: `name=coverage&commit=${HEAD}` })).toMatchObject({
      status: 202,
      body: { name: 'coverage', commit: HEAD, reports: [{ path: 'coverage', kind: 'coverage', format: 'lcov' }] },
    });
    expect(await kept()).toEqual([
      {
        file_name: 'coverage',
        kind: 'coverage',
        github_artifact_id: null,
        content: expect.stringContaining('src/shop.ts'),
        url: 'https://github.com/octo/shop/actions/runs/501',
      },
    ]);
    expect(await brain.sql(`select kind, input ->> 'head_sha' as sha from codered.follow_ups`)).toEqual([
      { kind: 'report', sha: HEAD },
    ]);
  });

  it('refuses what is beyond the quota, and keeps that it can not be read', async () => {
    await brain.script('insert into codered.quotas (installation_id, artifact_bytes_per_day) values (7, 1)');
    const refused = await call();
    await brain.script('delete from codered.quotas where installation_id = 7');
    expect(refused).toMatchObject({
      status: 429,
      body: { code: 'quota_reached', details: { until: expect.any(String) } },
    });
    expect(await kept()).toMatchObject([
      { file_name: 'coverage', content: expect.not.stringContaining('src/shop.ts') },
    ]);
    expect(await call()).toMatchObject({ status: 202 });
  });

  it('takes a zip archive of several reports', async () => {
    const body = zipOf([
      { name: 'lcov.info', content: LCOV },
      { name: 'junit.xml', content: JUNIT },
    ]);
    const { status, body: said } = await call({ body });
    expect(status).toBe(202);
    expect(said.reports).toEqual([
      { path: 'lcov.info', kind: 'coverage', format: 'lcov' },
      { path: 'junit.xml', kind: 'tests', format: 'junit' },
    ]);
  });

  it('keeps the newest of one name, so that a retried upload is one artifact', async () => {
    await Promise.all([call(), call(), call({ query: 'name=unit', body: JUNIT })]);
    expect((await call({ body: LCOV.replace('DA:2,0', 'DA:2,1').replace('LH:1', 'LH:2') })).status).toBe(202);
    const rows = await kept();
    expect(rows.map(({ file_name }) => file_name)).toEqual(['coverage', 'unit']);
    expect(rows[0]?.content).toContain('"covered":2');
  });

  it.each([
    ['no zip', 'not a zip at all', { 'content-type': 'application/zip' }],
    ['a cut archive', zipOf([{ name: 'lcov.info', content: LCOV }]).subarray(0, 60), {}],
    ['a name that leads out', zipOf([{ name: '../lcov.info', content: LCOV }]), {}],
  ])('records a broken archive as unreadable: %s', async (_, body, headers: Record<string, string>) => {
    const { status, body: said } = await call({ body, headers });
    expect(status).toBe(202);
    expect(said.reports).toEqual([{ path: 'coverage', kind: 'unreadable', format: null, reason: expect.any(String) }]);
    expect((await kept())[0]?.content).toMatch(/^\{"refused":/);
  });

  const now = () => Math.floor(Date.now() / 1_000);
  it.each<[string, Record<string, unknown>]>([
    ['iss', { iss: 'https://token.actions.githubusercontent.com.evil.example' }],
    ['iss', { iss: undefined }],
    ['aud', { aud: 'https://github.com/octo' }],
    ['aud', { aud: ['codered2'] }],
    ['aud', { aud: 'codered' }],
    ['aud', { aud: 'https://codered.example.com.evil.net' }],
    ['aud', { aud: ['https://other.example.com', `${AUDIENCE}/api`] }],
    ['aud', { aud: undefined }],
    ['exp', { exp: now() - 120 }],
    ['exp', { exp: undefined }],
    ['exp', { exp: '99999999999' }],
    ['nbf', { nbf: now() + 120 }],
    ['nbf', { nbf: undefined }],
    ['iat', { iat: now() + 120 }],
    ['iat', { iat: undefined }],
    ['repository_id', { repository_id: undefined }],
    ['repository_id', { repository_id: '1 or 1=1' }],
    ['run_id', { run_id: undefined }],
    ['run_id', { run_id: '-5' }],
    ['run_attempt', { run_attempt: '0' }],
    ['sha', { sha: 'main' }],
    ['event_name', { event_name: undefined }],
    ['head_ref', { head_ref: 5 }],
    ['workflow_ref', { workflow_ref: undefined }],
  ])('refuses a token whose %s is wrong: %j', async (claim, claims) => {
    const wrong = token(claims);
    const { status, body, text } = await call({ token: wrong });
    expect([status, body.code, body.details]).toEqual([401, 'bad_token', { claim }]);
    expect(text).not.toContain(wrong.slice(-40));
    expect(await kept()).toEqual([]);
  });

  it('refuses tokens that somebody else made, and those that choose how they are checked', async () => {
    const claims = { repository_id: String(repository), run_id: '501' };
    const [head = '', body = '', signature = ''] = token().split('.');
    const none = Buffer.from('{"alg":"none","kid":"key-1"}').toString('base64url');
    const changed = Buffer.from(
      JSON.stringify({ ...JSON.parse(Buffer.from(body, 'base64url').toString()), run_id: '502' }),
    ).toString('base64url');
    const wrong: [string, string | null][] = [
      ['authorization', null],
      ['token', `${none}.${body}.`],
      ['alg', `${none}.${body}.${signature}`],
      ['alg', issuer.hmacToken()],
      ['alg', token({}, { alg: 'RS512' })],
      ['crit', token({}, { crit: ['exp'] })],
      ['kid', token({}, { kid: 'another' })],
      ['kid', token({}, { kid: undefined })],
      ['signature', issuer.token(claims, {}, strangersKey)],
      ['signature', `${head}.${changed}.${signature}`],
      ['signature', `${head}.${body}.${'A'.repeat(342)}`],
      ['token', `${head}.${body}.${signature}.${signature}`],
      ['token', `${head}.${body}.${signature}${'A'.repeat(9_000)}`],
    ];
    for (const [claim, sent] of wrong) {
      const { status, body: said } = await call({ token: sent });
      expect([status, said.details]).toEqual([401, { claim }]);
    }
    expect(await kept()).toEqual([]);
    expect(JSON.stringify(lines)).toContain('an API call was refused');
    expect(JSON.stringify(lines)).not.toContain(signature.slice(0, 40));
  });

  it('binds a token to its own repository, run and attempt', async () => {
    const at = async (claims: Record<string, unknown>, query?: string) => {
      const { status, body, retryAfter } = await call({ token: token(claims), ...(query ? { query } : {}) });
      return [status, body.code, retryAfter];
    };
    expect(await at({ repository_id: '999' })).toEqual([403, 'not_installed', null]);
    expect(await at({ repository_id: String(other) })).toEqual([404, 'run_unknown', '10']);
    expect(await at({ run_id: '77' })).toEqual([404, 'run_unknown', '10']);
    expect(await at({ run_attempt: '2' })).toEqual([404, 'run_unknown', '10']);
    expect(await at({ run_id: '502' }, `name=coverage&commit=${HEAD}`)).toEqual([403, 'wrong_commit', null]);
    expect(await at({}, `name=coverage&commit=${'e'.repeat(40)}`)).toEqual([403, 'wrong_commit', null]);
    expect(await kept()).toEqual([]);
  });

  it.each(['suspended_at', 'deleted_at'])('lets nobody in whose installation is gone: %s', async (column) => {
    await brain.script(`update codered.installations set ${column} = now()`);
    expect((await call()).status).toBe(403);
    await brain.script(`update codered.installations set ${column} = null`);
  });

  it('refuses what is no upload, by name', async () => {
    const said = async (sent: Call) => {
      const { status, body } = await call(sent);
      return [status, body.code];
    };
    expect(await said({ method: 'GET' })).toEqual([405, 'method_not_allowed']);
    expect(await said({ query: '' })).toEqual([400, 'malformed']);
    expect(await said({ query: 'name=a%0Ab' })).toEqual([400, 'malformed']);
    expect(await said({ query: 'name=a&comit=b' })).toEqual([400, 'malformed']);
    expect(await said({ query: 'name=a&commit=main' })).toEqual([400, 'malformed']);
    expect(await said({ body: '' })).toEqual([400, 'empty']);
    expect(await said({ headers: { 'content-type': 'multipart/form-data; boundary=x' } })).toEqual([
      415,
      'unsupported_type',
    ]);
    expect(await said({ headers: { 'content-encoding': 'gzip' } })).toEqual([415, 'unsupported_encoding']);
    expect(await said({ body: 'just some words\n' })).toEqual([415, 'unknown_format']);
    expect(await kept()).toEqual([]);
  });

  it('reads no more of a body than is allowed, announced or not, and leaves no file behind', async () => {
    const large = Buffer.alloc(MOST_BYTES + 1, 'x');
    expect(await call({ body: large })).toMatchObject({ status: 413, body: { code: 'too_large' } });
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(large);
        controller.close();
      },
    });
    const response = await fetch(`${http.url}/api/v1/evidence?name=x`, {
      method: 'POST',
      body: stream,
      duplex: 'half',
      headers: { authorization: `Bearer ${token()}`, 'content-type': 'application/octet-stream' },
    } as RequestInit);
    expect([response.status, await response.json()]).toMatchObject([413, { code: 'too_large' }]);
    await wait(50);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('codered-upload-'))).toEqual([]);
  });

  it('keeps at most 200 names of one attempt', async () => {
    expect((await call()).status).toBe(202);
    await brain.script(`
      insert into codered.artifacts (run_id, ci_event_id, file_name, content)
      select a.run_id, a.ci_event_id, 'more-' || n, '{}' from codered.artifacts a, generate_series(1, 199) n`);
    expect(await call({ query: 'name=one-more' })).toMatchObject({ status: 409, body: { code: 'CR003' } });
    expect((await call()).status).toBe(202);
  });

  it('takes no row of a member for evidence', async () => {
    await call();
    await brain.script(`
      insert into codered.pull_requests (repository_id, number, title, state, author, base_ref, base_sha, draft, opened_at, source_updated_at, head_ref, head_repository_id, head_sha, html_url)
      values (${repository}, 1, 'Close', 'open', 'octocat', 'main', '${'f'.repeat(40)}', false, now(), now(), 'closed', ${repository}, '${HEAD}', 'https://github.com/octo/shop/pull/1') on conflict do nothing;
      update codered.ci_events set branch = 'closed', head_repository_id = ${repository} where run_id = '501';
      insert into codered.tasks (id, project_id, title) values ('00000000-0000-4000-8000-000000000001', '${project}', 'T') on conflict do nothing`);
    await statementAs(
      brain,
      member,
      `insert into codered.artifacts (project_id, task_id, user_id, ci_event_id, github_artifact_id, file_name, content)
       select '${project}', '00000000-0000-4000-8000-000000000001', '${member}', id, 5, 'forged', '{}'
       from codered.ci_events where run_id = '501'`,
    );
    expect((await kept()).map(({ file_name }) => file_name)).toEqual(['coverage', 'forged']);
    const subject = (await brain.call('read_gate_subject', {
      repository_id: repository,
      pull_request_number: 1,
      sha: HEAD,
    })) as { reports: { artifact: string }[] };
    expect(subject.reports.map(({ artifact }) => artifact)).toEqual(['coverage']);
  });
});

describe('the keys of the issuer', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());
  const goOn = (ms: number) => vi.setSystemTime(Date.now() + ms);

  it('are asked for once, and again only some time after a key that is not there', async () => {
    const issuer = await startTokenIssuer();
    const keyOf = openIssuerKeys(issuer.url);
    expect((await Promise.all([keyOf('key-1'), keyOf('key-1'), keyOf('key-1')])).every((key) => key !== null)).toBe(
      true,
    );
    expect(await keyOf('key-2')).toBeNull();
    expect(await keyOf('key-3')).toBeNull();
    expect(issuer.asked()).toBe(1);
    goOn(20_000);
    expect(await keyOf('key-2')).toBeNull();
    expect(issuer.asked()).toBe(2);
    expect(await keyOf('key-1')).not.toBeNull();
    expect(issuer.asked()).toBe(2);
    await issuer.close();
  });

  it('are believed for ten minutes and no longer', async () => {
    const issuer = await startTokenIssuer();
    const keyOf = openIssuerKeys(issuer.url);
    expect(await keyOf('key-1')).not.toBeNull();
    issuer.answer = { status: 200, body: '{"keys":[]}' };
    goOn(599_000);
    expect(await keyOf('key-1')).not.toBeNull();
    goOn(2_000);
    expect(await keyOf('key-1')).toBeNull();
    await issuer.close();
  });

  it.each([
    ['answers 500', { status: 500, body: '' }],
    ['is no JSON', { status: 200, body: '<html>' }],
    ['is no list', { status: 200, body: '{"keys":{"length":1}}' }],
    ['is endless', { status: 200, body: `{"keys":[${' '.repeat(300_000)}]}` }],
    ['is too long', { status: 200, body: JSON.stringify({ keys: Array(101).fill({ kty: 'oct' }) }) }],
    ['leads elsewhere', { status: 302, body: '', headers: { location: '/.well-known/jwks?again' } }],
  ])('let nobody in when their list %s, and are had once it is right', async (_, answer) => {
    const issuer = await startTokenIssuer();
    const keyOf = openIssuerKeys(issuer.url);
    issuer.answer = answer;
    await expect(keyOf('key-1')).rejects.toThrow("can't be had");
    await expect(keyOf('key-1')).rejects.toThrow('a moment ago');
    expect(issuer.asked()).toBe(1);
    issuer.answer = null;
    goOn(20_000);
    expect(await keyOf('key-1')).not.toBeNull();
    await issuer.close();
  });

  it('go on being taken while an issuer that is down is asked for another', async () => {
    const issuer = await startTokenIssuer();
    const keyOf = openIssuerKeys(issuer.url);
    expect(await keyOf('key-1')).not.toBeNull();
    issuer.answer = { status: 500, body: '' };
    goOn(20_000);
    await expect(keyOf('key-2')).rejects.toThrow(Transient);
    await expect(keyOf('key-2')).rejects.toThrow('a moment ago');
    expect(await keyOf('key-1')).not.toBeNull();
    expect(issuer.asked()).toBe(2);
    await issuer.close();
  });

  it('that never come, or whose body never ends, are given up after some seconds', { tags: ['slow'] }, async () => {
    const neverEnds = async (begins: boolean) => {
      const server = createServer((_, response) => void (begins && response.writeHead(200).write('{"keys":[')));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      await expect(openIssuerKeys(`http://127.0.0.1:${port}`)('key-1')).rejects.toThrow("can't be had");
      server.closeAllConnections();
      server.close();
    };
    await Promise.all([neverEnds(false), neverEnds(true)]);
  });

  it('take no key that is too short, too long, of another kind or for another use, and the last of one id', async () => {
    const issuer = await startTokenIssuer();
    const { keys: own } = (await (await fetch(`${issuer.url}/.well-known/jwks`)).json()) as {
      keys: [Record<string, unknown>];
    };
    const n = (bytes: number) => Buffer.alloc(bytes, 0xff).toString('base64url');
    const keys = [
      { kty: 'RSA', kid: 'short', n: n(64), e: 'AQAB' },
      { kty: 'RSA', kid: 'zeros', n: Buffer.alloc(256).toString('base64url'), e: 'AQAB' },
      { kty: 'RSA', kid: 'long', n: n(1_025), e: 'AQAB' },
      { kty: 'RSA', kid: 'steep', n: n(256), e: n(64) },
      { kty: 'RSA', kid: 'broken', n: '!', e: 'AQAB' },
      { kty: 'oct', kid: 'secret', k: 'AAAA' },
      { ...own[0], kid: 'encrypts', use: 'enc' },
      { ...own[0], kid: 'other', alg: 'RS512' },
      { kty: 'RSA', kid: 'twice', n: n(256), e: 'AQAB' },
      { ...own[0], kid: 'twice' },
    ];
    issuer.answer = { status: 200, body: JSON.stringify({ keys }) };
    const keyOf = openIssuerKeys(issuer.url);
    const none = keys.slice(0, 8).map(({ kid }) => kid);
    expect(await Promise.all(none.map(keyOf))).toEqual(none.map(() => null));
    expect(await keyOf('twice')).not.toBeNull();
    await issuer.close();
  });

  it('are those of the GitHub that the settings name', () => {
    expect(issuerOf('https://api.github.com')).toBe('https://token.actions.githubusercontent.com');
    expect(issuerOf('https://github.acme.example/api/v3')).toBe('https://github.acme.example/_services/token');
  });
});
