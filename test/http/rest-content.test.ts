// Content by signed link: whoever has the link gets what its person may see at that moment, as a file that no browser runs.

import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryObjects } from '../../src/brain/objects/memory-objects.ts';
import { listen } from '../../src/http/listen.ts';
import { makeRest } from '../../src/http/rest/rest.ts';
import { serveRoutes } from '../../src/http/routing.ts';
import { makeContentLinks } from '../../src/operations/declared/content-link.ts';
import { ID, idOf, PEOPLE, seedTwoOrgs } from '../brain/security/two-orgs.ts';
import { openTestBrain, ruleBackend, type TestBrain } from '../support/brain.ts';
import { makeLogLines } from '../support/log-lines.ts';

let brain: TestBrain;
let url = '';
let close = async () => {};
let token = '';
const objects = memoryObjects();
const secret = randomUUID();
let time = Date.now();
/** Links as they are made here, and on a home that has no place for objects. */
const settings = { secret, url: null, now: () => time };
const project_id = idOf('a', ID.project);
beforeAll(async () => {
  brain = await openTestBrain(ruleBackend);
  await seedTwoOrgs(brain);
  const { log } = makeLogLines();
  const links = makeContentLinks({ ...settings, hasObjects: true });
  const resources = [makeRest({ brain: { ...brain, objects }, log, links })];
  const onError = () => {};
  const handlers = [serveRoutes({ resources, onError })];
  const http = await listen({ host: '127.0.0.1', port: 0 }, { handlers, onError });
  url = http.url;
  close = () => http.close(1000);
  token = `crd_${randomUUID()}`;
  const token_hash = createHash('sha256').update(token).digest('hex');
  const expires_at = new Date(Date.now() + 86_400_000).toISOString();
  await brain.call('create_token', {
    user_id: PEOPLE.a.member,
    name: 'rest',
    token_hash,
    scope: 'read tasks',
    expires_at,
  });
});
afterAll(async () => {
  await close();
  await brain.close();
});

const ask = async (path: string) => {
  const response = await fetch(`${url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
  const json = (await response.json()) as Readonly<Record<string, string>>;
  return { status: response.status, json };
};
const linkOf = async (artifact: string): Promise<string> => (await ask(`/artifacts/${artifact}/link`)).json.url ?? '';
const get = (link: string, init: RequestInit = {}) => fetch(url + link, init);

/** An artifact of a task of A, by its columns. */
async function artifact(columns: Readonly<Record<string, string>>): Promise<string> {
  const names = Object.keys(columns);
  const [row] = await brain.sql(
    `insert into codered.artifacts (project_id, task_id, user_id, ${names.join(', ')})
      values ($1::uuid, $2::uuid, $3::uuid, ${names.map((_, at) => `$${at + 4}`).join(', ')}) returning id`,
    [project_id, idOf('a', ID.task), PEOPLE.a.member, ...Object.values(columns)],
  );
  return row?.id ?? '';
}

describe('content by signed link', () => {
  it('is sent as a file that no browser runs, whatever it is', async () => {
    const content = '<script>alert(1)</script>\nüber';
    const name = '../evil";\r\nx: y/résumé.html';
    const answered = await get(await linkOf(await artifact({ content, file_name: name })));
    expect([answered.status, await answered.text()]).toEqual([200, content]);
    expect(Object.fromEntries(answered.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="content"; filename*=UTF-8''.._evil%22%3B__x%3A%20y_r%C3%A9sum%C3%A9.html`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'private, no-store',
      'referrer-policy': 'no-referrer',
    });
  });

  it('comes out of the object store where it does not fit into a row, also a document', async () => {
    const path = `${project_id}/report`;
    await objects.put(path, Uint8Array.from([0, 255, 128]));
    const answered = await get(await linkOf(await artifact({ storage_path: path, file_name: 'report.zip' })));
    expect([...new Uint8Array(await answered.arrayBuffer())]).toEqual([0, 255, 128]);
    await objects.remove([path]);
    const spec_id = idOf('a', ID.spec);
    expect((await ask(`/specs/${spec_id}/link`)).json).toMatchObject({
      status: 409,
      detail: expect.stringContaining('repository'),
    });
    await brain.call('keep_spec_document', { spec_id, document: { content: '# One' } });
    const link = (await ask(`/specs/${spec_id}/link`)).json;
    expect(link).toMatchObject({ file_name: 'one.md', size_bytes: 5 });
    expect(await (await get(link.url ?? '')).text()).toBe('# One');
  });

  it('says in words where it is not: elsewhere, gone, or on a home without an object store', async () => {
    const elsewhere = await ask(`/artifacts/${await artifact({ url: 'https://example.com/report' })}/link`);
    expect(elsewhere.json).toMatchObject({
      status: 409,
      detail: expect.stringContaining('https://example.com/report'),
    });
    const link = await linkOf(await artifact({ storage_path: `${project_id}/gone` }));
    expect((await get(link)).status).toBe(404);
    const { log } = makeLogLines();
    const links = makeContentLinks({ ...settings, hasObjects: false });
    const resources = [makeRest({ brain, log, links })];
    const onError = () => {};
    const without = await listen(
      { host: '127.0.0.1', port: 0 },
      { handlers: [serveRoutes({ resources, onError })], onError },
    );
    const id = await artifact({ storage_path: `${project_id}/there` });
    const response = await fetch(`${without.url}/api/v1/artifacts/${id}/link`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect([response.status, await response.text()]).toEqual([409, expect.stringContaining('CODERED_OBJECTS_DIR')]);
    await without.close(1000);
  });

  it('is over after five minutes, and was never made for anybody else or anything else', async () => {
    const link = await linkOf(idOf('a', ID.taskArtifact));
    time += 301_000;
    expect((await get(link)).status).toBe(410);
    time -= 301_000;
    expect((await get(link)).status).toBe(200);
    for (const other of [`${link}x`, link.replace(/.\./, '.'), '/api/v1/content/x.y', '/api/v1/content/.']) {
      expect((await get(other)).status, other).toBe(404);
    }
    const foreign = makeContentLinks({ ...settings, hasObjects: true, secret: 'another' });
    const made = foreign.make({ kind: 'artifact', id: idOf('a', ID.taskArtifact), user_id: PEOPLE.a.member });
    expect((await get(made.url)).status).toBe(404);
    expect((await get(link, { method: 'POST' })).status).toBe(405);
  });

  it('asks for the right again each time that it is used', async () => {
    const link = await linkOf(idOf('a', ID.taskArtifact));
    expect((await get(link)).status).toBe(200);
    await brain.sql('delete from codered.memberships where user_id = $1', [PEOPLE.a.member]);
    const refused = await get(link);
    expect([refused.status, await refused.text()]).toEqual([404, expect.stringContaining('CR004')]);
    // A link that our own key signed, for somebody who never could.
    const links = makeContentLinks({ ...settings, hasObjects: true });
    const made = links.make({ kind: 'artifact', id: idOf('a', ID.taskArtifact), user_id: PEOPLE.b.admin });
    expect((await get(made.url)).status).toBe(404);
  });
});
