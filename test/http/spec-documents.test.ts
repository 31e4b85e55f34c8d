// The document of a spec that comes by API or mail is kept: in its row up to 256 KB, above that in the object store.

import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { memoryObjects } from '../../src/brain/objects/memory-objects.ts';
import { erase, scopeOfRepository } from '../../src/brain/retention/erasure.ts';
import { makeApi } from '../../src/http/api.ts';
import { type Listening, listen } from '../../src/http/listen.ts';
import { makeSpecMail } from '../../src/http/routes/spec-mail.ts';
import { makeSpecIntake } from '../../src/http/routes/specs.ts';
import { serveRoutes } from '../../src/http/routing.ts';
import { Transient } from '../../src/model/errors.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { makeLogLines } from '../support/log-lines.ts';
import { POSTMARK_PASSWORD, postmarkPost } from '../support/mails.ts';
import { makeOrg, type OrgScene } from '../support/run-scene.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const LIMIT = 262_144;

describe.each(testBackends)('the document of a spec (%s)', (backend) => {
  let brain: TestBrain;
  let http: Listening;
  let ours: OrgScene;
  let isDown = false;
  /** Null: no place was set up. */
  let store: ReturnType<typeof memoryObjects> | null;
  const { log } = makeLogLines();

  beforeAll(async () => {
    brain = await openTestBrain(backend);
    const parts = {
      call: brain.call,
      get objects() {
        return store;
      },
    };
    const keys = [{ name: 'planner', sha256: sha256('the-key') }];
    const settings = {
      keys: [{ provider: 'postmark' as const, secret: sha256(POSTMARK_PASSWORD) }],
      senders: ['octocat@example.com'],
    };
    const routes = {
      specs: makeSpecIntake({ brain: parts, keys, log }),
      'specs/email': makeSpecMail({ brain: parts, settings, log }),
    };
    http = await listen(
      { host: '127.0.0.1', port: 0 },
      { handlers: [serveRoutes({ resources: [makeApi(routes, log)], onError: () => {} })], onError: () => {} },
    );
  });
  afterAll(async () => {
    await http.close(1_000);
    await brain.close();
  });
  beforeEach(async () => {
    const inner = memoryObjects();
    const put: typeof inner.put = async (path, bytes) => {
      if (isDown) throw new Transient('the place is down');
      await inner.put(path, bytes);
    };
    store = { ...inner, put };
    isDown = false;
    ours = await makeOrg(brain);
    await brain.script(`
      insert into codered.installations (id, org_id, account_login) values (${ours.repository}, '${ours.org}', 'octo');
      update codered.repositories set installation_id = ${ours.repository}, default_branch = 'main' where id = ${ours.repository}`);
  });

  const repository = () => `octo/r${ours.repository}`;
  const post = async (path: string, authorization: string, body: object) => {
    const response = await fetch(`${http.url}/api/v1/${path}`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: JSON.parse(await response.text()) };
  };
  const byApi = (content: string, more: object = {}) =>
    post('specs', 'Bearer the-key', {
      repository: repository(),
      branch: 'main',
      path: 'specs/shop.md',
      content,
      ...more,
    });
  const byMail = async (content: string) => {
    const { headers, body } = postmarkPost({
      subject: `${repository()} specs/shop.md`,
      attachments: [{ name: 'shop.md', content }],
    });
    const response = await fetch(`${http.url}/api/v1/specs/email`, { method: 'POST', headers, body });
    return { status: response.status, body: JSON.parse(await response.text()) };
  };
  const kept = async () => {
    const rows = await brain.sql(
      `select id, project_id, storage_path, content, document_bytes::integer as bytes, document_sha256 as sha256, object_path, object_stored_at is not null as stored
       from codered.specs where project_id = $1 order by created_at`,
      [ours.project],
    );
    return rows[0] ?? {};
  };

  it.each(['API', 'mail'])('that comes by %s is in its row up to 256 KB', async (way) => {
    const send = way === 'API' ? byApi : byMail;
    const content = `# Größe\n${'x'.repeat(LIMIT - 10)}`;
    expect(Buffer.byteLength(content)).toBe(LIMIT);
    expect((await send(content)).status).toBeLessThan(300);
    expect(await kept()).toMatchObject({ content, bytes: String(LIMIT), sha256: sha256(content), object_path: null });
  });

  it.each(['API', 'mail'])('that comes by %s and is larger is in the store, by ids of ours', async (way) => {
    const send = way === 'API' ? byApi : byMail;
    const content = `---\ndod: { lint_pass: true }\n---\n${'é'.repeat(LIMIT / 2)}`;
    const sent = await send(content);
    expect(sent.status).toBeLessThan(300);
    expect(JSON.stringify(sent.body)).not.toContain('éé');
    const row = await kept();
    expect(row).toMatchObject({
      ...{ content: null, bytes: String(Buffer.byteLength(content)), sha256: sha256(content), stored: 't' },
      object_path: `${row.project_id}/specs/${row.id}`,
    });
    expect(Buffer.from((await store?.read(row.object_path ?? '')) ?? []).toString()).toBe(content);
    expect((await send(content)).status).toBe(200);
    expect(await kept()).toEqual(row);
  });

  it('is put there when it is handed in again after the place failed', async () => {
    isDown = true;
    const content = 'x'.repeat(LIMIT + 1);
    expect((await byApi(content)).status).toBeGreaterThanOrEqual(500);
    expect(await kept()).toMatchObject({ stored: 'f' });
    isDown = false;
    expect((await byApi(content)).status).toBe(200);
    const row = await kept();
    expect(row).toMatchObject({ stored: 't' });
    expect((await store?.read(row.object_path ?? ''))?.length).toBe(LIMIT + 1);
  });

  it('without a place for it is refused in words, and nothing is kept', async () => {
    store = null;
    expect(await byApi('x'.repeat(LIMIT + 1))).toMatchObject({
      status: 413,
      body: { code: 'no_place', message: expect.stringContaining('CODERED_OBJECTS_DIR') },
    });
    expect((await byMail('x'.repeat(LIMIT + 1))).status).toBe(403);
    expect(await kept()).toEqual({});
    expect((await byApi('x')).status).toBe(201);
  });

  it('comes after its name, when that was known already', async () => {
    const sha = createHash('sha1').update('blob 3\0one').digest('hex');
    expect((await byApi('', { content: undefined, sha })).status).toBe(201);
    expect(await kept()).toMatchObject({ content: null, bytes: null });
    expect((await byApi('one')).status).toBe(200);
    const row = await kept();
    expect(row).toMatchObject({ content: 'one', bytes: '3' });
    await expect(
      brain.sql(`update codered.specs set content = 'two' where id = $1`, [row.id ?? null]),
    ).rejects.toMatchObject({
      code: 'CR003',
    });
  });

  it.each(['a\u0000b', 'a\ud800b'])('is no text: %j is refused', async (content) => {
    expect((await byApi(content)).status).toBe(400);
    expect(await kept()).toEqual({});
  });

  it('goes when its repository is erased', async () => {
    await byApi('x'.repeat(LIMIT + 1));
    const { object_path } = await kept();
    expect(await store?.read(object_path ?? '')).not.toBeNull();
    const scope = await scopeOfRepository(brain, repository());
    if (scope === null || store === null) throw new Error('there is nothing to erase');
    const erased = await erase({ call: brain.call, objects: store }, scope, {
      stop: new AbortController().signal,
      pauseMs: 0,
    });
    expect(erased).toMatchObject({ objects: 1, is_done: true, rows: { specs: 1 } });
    expect(await store.read(object_path ?? '')).toBeNull();
    expect(await kept()).toEqual({});
  });
});
