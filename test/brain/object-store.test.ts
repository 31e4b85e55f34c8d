// The places for what is too large for a row, all behind one interface.

import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import nock from 'nock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openBrain } from '../../src/brain/client.ts';
import { directoryObjects } from '../../src/brain/objects/directory-objects.ts';
import { memoryObjects } from '../../src/brain/objects/memory-objects.ts';
import { isObjectPath, type ObjectStore } from '../../src/brain/objects/object-store.ts';
import { s3Objects } from '../../src/brain/objects/s3-objects.ts';
import { Misconfigured, Transient } from '../../src/model/errors.ts';
import { S3_KEYS, type S3StandIn, startS3 } from '../support/s3-stand-in.ts';

const PROJECT = '0b5c2b1e-0000-4000-8000-000000000001';
const PATH = `${PROJECT}/specs/0b5c2b1e-0000-4000-8000-000000000002`;
const stop = new AbortController().signal;
const textOf = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString());

let folder = '';
let s3: S3StandIn;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'codered-objects-'));
  s3 = await startS3();
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await s3.close();
});

const inS3 = (more: object = {}) =>
  s3Objects({ kind: 's3', endpoint: s3.endpoint, bucket: 'documents', ...S3_KEYS, ...more });
const places: [string, () => ObjectStore][] = [
  ['memory', memoryObjects],
  ['a directory', () => directoryObjects(join(folder, 'objects'))],
  ['an S3-compatible service', inS3],
];

describe.each(places)('objects in %s', (_, open) => {
  it('are put whole, read, replaced and removed', async () => {
    const store = open();
    expect(await store.read(PATH)).toBeNull();
    await store.put(PATH, Buffer.from('one'));
    await store.put(PATH, Buffer.from('Größe: 2 €'));
    expect(textOf(await store.read(PATH))).toBe('Größe: 2 €');
    await store.remove([PATH, `${PROJECT}/specs/never-there`]);
    expect(await store.read(PATH)).toBeNull();
    expect(await store.remove([])).toBe(0);
  });

  it('take what else lies in the folder of a project, where that can be listed', async () => {
    const store = open();
    await store.put(`${PROJECT}/a/b`, Buffer.from('x'));
    await store.put(`${PROJECT}-other/a`, Buffer.from('x'));
    const removed = await store.removeFolder(PROJECT, stop);
    expect(textOf(await store.read(`${PROJECT}-other/a`))).toBe('x');
    if (removed > 0) expect(await store.read(`${PROJECT}/a/b`)).toBeNull();
    await store.remove([`${PROJECT}-other/a`, `${PROJECT}/a/b`]);
  });
});

describe('a path', () => {
  it.each(['a', 'a/b', PATH, 'archive/events/events-2026-01.ndjson.gz'])('%s may be one of ours', (path) => {
    expect(isObjectPath(path)).toBe(true);
  });
  it.each([
    '',
    '/',
    '/etc/passwd',
    '../x',
    'a/../../x',
    'a//b',
    'a/',
    './a',
    'a\0b',
    'a\\b',
    'a b',
    `a${'b'.repeat(1000)}`,
  ])('%j is none', async (path) => {
    expect(isObjectPath(path)).toBe(false);
    const outside = join(folder, 'x');
    writeFileSync(outside, 'stays');
    for (const store of [directoryObjects(join(folder, 'objects')), inS3()]) {
      await expect(store.put(path, Buffer.from('x'))).rejects.toThrow(Misconfigured);
      expect(await store.read(path)).toBeNull();
      expect(await store.remove([path])).toBe(0);
      expect(await store.removeFolder(path, stop)).toBe(0);
    }
    expect(statSync(outside).size).toBe(5);
  });
});

describe('a directory', () => {
  it('is readable by nobody else, and holds nothing half written', async () => {
    const place = join(folder, 'private');
    await directoryObjects(place).put(PATH, Buffer.alloc(100_000));
    expect(readdirSync(join(place, PROJECT, 'specs'))).toEqual([PATH.split('/').at(-1)]);
    expect(statSync(join(place, PROJECT)).mode & 0o077).toBe(0);
    expect(statSync(join(place, PATH)).mode & 0o077).toBe(0);
  });

  it('that is a file is told with its name and its setting', async () => {
    writeFileSync(join(folder, 'file'), '');
    const put = directoryObjects(join(folder, 'file')).put(PATH, Buffer.from('x'));
    await expect(put).rejects.toThrow(/file.*CODERED_OBJECTS_DIR/s);
    await expect(put).rejects.toBeInstanceOf(Misconfigured);
  });
});

describe('an S3-compatible service', () => {
  it('that fails is asked again, and told apart from one that refuses', async () => {
    s3.failures.push(500);
    await inS3().put(PATH, Buffer.from('x'));
    expect(s3.objects.has(PATH)).toBe(true);
    s3.failures.push(503, 503, 503);
    await expect(inS3().read(PATH)).rejects.toBeInstanceOf(Transient);
    await expect(inS3({ secretAccessKey: 'another' }).put(PATH, Buffer.from('x'))).rejects.toThrow(
      /refused PUT with 403 SignatureDoesNotMatch/,
    );
    await expect(inS3({ bucket: 'elsewhere' }).read(PATH)).rejects.toBeInstanceOf(Misconfigured);
    await expect(inS3({ endpoint: 'http://127.0.0.1:9' }).read(PATH)).rejects.toBeInstanceOf(Transient);
  });
});

describe('the private bucket of a Supabase project', () => {
  const url = 'https://codered-test.supabase.co';
  beforeEach(() => nock.disableNetConnect());
  afterEach(() => {
    expect(nock.pendingMocks()).toEqual([]);
    nock.enableNetConnect();
  });
  const open = () =>
    openBrain({ kind: 'supabase', url, serviceRoleKey: 'k' }, { log: { info: () => {}, warn: () => {} } });
  const object = `/storage/v1/object/codered-artifacts/${PATH}`;
  const missing = { statusCode: '404', error: 'Bucket not found', message: 'Bucket not found' };

  it('is made with the first object, and never used while it is public', async () => {
    const { objects } = await open();
    nock(url).post(object).reply(400, missing);
    nock(url).get('/storage/v1/bucket/codered-artifacts').reply(400, missing);
    nock(url)
      .post('/storage/v1/bucket', { id: 'codered-artifacts', name: 'codered-artifacts', public: false })
      .reply(200, { name: 'codered-artifacts' });
    nock(url, { reqheaders: { 'x-upsert': 'true', authorization: 'Bearer k' } })
      .post(object)
      .reply(200, { Key: 'k', Id: 'i' });
    await objects?.put(PATH, Buffer.from('x'));
    nock(url).get(object).reply(400, missing);
    expect(await objects?.read(PATH)).toBeNull();
    nock(url).post(object).reply(400, missing);
    nock(url).get('/storage/v1/bucket/codered-artifacts').reply(200, { id: 'codered-artifacts', public: true });
    await expect(objects?.put(PATH, Buffer.from('x'))).rejects.toThrow('make it private');
  });
});
