// Blob reports of shards: the one archive that is opened within an artifact, and only its list of events.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ARCHIVE_LIMITS, type ArchiveLimits } from '../../src/evidence/archive-entry.ts';
import { readArtifact } from '../../src/evidence/artifact.ts';
import { repository } from '../support/source-tree.ts';
import { zipOf } from '../support/zip.ts';

const event = (method: string, params: object) => JSON.stringify({ method, params });
const BEGIN = event('onBlobReportMetadata', { version: 2, shard: { current: 1, total: 2 } });
const END = event('onEnd', { result: { status: 'passed', duration: 1_500 } });
const plan = (...titles: string[]) =>
  event('onProject', {
    project: {
      name: 'chromium',
      suites: [
        {
          title: 'a.spec.ts',
          location: { file: 'a.spec.ts' },
          entries: titles.map((title) => ({ testId: title, title, location: { file: 'a.spec.ts' } })),
        },
      ],
    },
  });
const ended = (testId: string, status: string, expectedStatus = 'passed') =>
  event('onTestEnd', {
    test: { testId, expectedStatus },
    result: { status, duration: 5, errors: [{ message: 'no' }] },
  });
const blob = (...lines: string[]) => zipOf([{ name: 'report.jsonl', content: `${lines.join('\n')}\n` }]);
async function read(content: Uint8Array, { name = 'report-1.zip', limits = {} as Partial<ArchiveLimits> } = {}) {
  return readArtifact({ bytes: zipOf([{ name, content }]) }, { ...ARCHIVE_LIMITS, ...limits });
}
const only = (measurement: object) => ({ state: 'read', files: [{ measurement }] });

describe('a blob report', () => {
  const real = (name: string) => readFileSync(join(repository, 'fixtures/artifacts/playwright-shards/blobs', name));

  test('of a real shard measures what its JSON report does', async () => {
    const nothing = { passed: 0, failed: 0, errored: 0, skipped: 0, flaky: 0 };
    expect(await read(real('report-1.zip'))).toMatchObject(
      only({ ...nothing, format: 'playwright', shard: { current: 1, total: 2 }, passed: 2, flaky: 1 }),
    );
    expect(await read(real('report-2.zip'))).toMatchObject(
      only({
        ...nothing,
        shard: { current: 2, total: 2 },
        failed: 1,
        skipped: 1,
        cases: [{ suite: 'stock.spec.mjs › stock', name: 'knows what is left', file_path: 'stock.spec.mjs' }],
      }),
    );
  });

  test.each<[string, string[], object]>([
    ['a passed and a failed test', [ended('a', 'passed'), ended('b', 'failed')], { passed: 1, failed: 1 }],
    ['one that timed out', [ended('a', 'timedOut'), ended('b', 'passed')], { passed: 1, failed: 1 }],
    [
      'one that passed when it was tried again',
      [ended('a', 'failed'), ended('a', 'passed')],
      { passed: 1, flaky: 1, skipped: 1 },
    ],
    ['one that should fail and did', [ended('a', 'failed', 'failed')], { passed: 1, flaky: 0, skipped: 1 }],
    ['one that should fail and did not', [ended('a', 'passed', 'failed')], { failed: 1, skipped: 1 }],
    ['one that was left out', [ended('a', 'skipped', 'skipped'), ended('b', 'passed')], { passed: 1, skipped: 1 }],
    ['one that was interrupted', [ended('a', 'interrupted'), ended('b', 'passed')], { passed: 1, errored: 1 }],
    [
      'an error outside of tests',
      [ended('a', 'passed'), event('onError', { error: { message: 'no server' } })],
      { passed: 1, errored: 1 },
    ],
    [
      'steps and output, which are not read',
      ['{"method":"onStepBegin","params":', ended('a', 'passed')],
      { passed: 1 },
    ],
  ])('tells of %s', async (_name, lines, counts) => {
    expect(await read(blob(BEGIN, plan('a', 'b'), ...lines, END))).toMatchObject(only(counts));
  });

  test('of a run that did not end well is red though every test passed', async () => {
    const end = event('onEnd', { result: { status: 'interrupted' } });
    expect(await read(blob(BEGIN, plan('a'), ended('a', 'passed'), end))).toMatchObject(
      only({ passed: 1, errored: 1 }),
    );
  });

  test('of version 1 has suites and tests apart', async () => {
    const project = {
      name: '',
      suites: [{ title: 'a', suites: [{ title: 'b', tests: [{ testId: 'x', title: 'x' }] }] }],
    };
    const first = event('onBlobReportMetadata', { version: 1 });
    const lines = [first, event('onProject', { project }), ended('x', 'failed'), END];
    expect(await read(blob(...lines))).toMatchObject(only({ failed: 1, cases: [{ suite: 'a › b', name: 'x' }] }));
  });

  test.each<[string, Uint8Array, string, Partial<ArchiveLimits>?]>([
    ['that was cut off', blob(BEGIN, plan('a'), ended('a', 'passed')), 'it was cut off'],
    ['whose last line was cut off', blob(BEGIN, plan('a'), '{"method":"onTestEnd","par'), 'not whole JSON'],
    ['of a later version', blob(event('onBlobReportMetadata', { version: 9 }), END), 'version 9; upload the JSON'],
    ['without a beginning', blob(plan('a'), END), 'says nothing of itself'],
    ['with a test of nowhere', blob(BEGIN, ended('x', 'passed'), END), 'none of the suite'],
    ['that is no archive', Buffer.from('PK no'), 'upload the merged report, or the JSON report of each shard'],
    ['that is too large', blob(BEGIN, END), 'upload the merged report', { entryBytes: 100 }],
    [
      'that unpacks to more than is left',
      blob(BEGIN, plan('a'.repeat(5_000)), END),
      '1000 bytes that are allowed',
      { totalBytes: 1_000 },
    ],
  ])('%s is unreadable', async (_name, content, reason, limits) => {
    expect(await read(content, { limits })).toMatchObject(
      only({ kind: 'unreadable', reason: expect.stringContaining(reason) }),
    );
  });

  test('is known by its name, and by what it holds', async () => {
    const good = blob(BEGIN, plan('a'), ended('a', 'passed'), END);
    for (const name of [
      'report.zip',
      'blob/report-02.zip',
      'report-0a1b2c3-3.zip',
      'report-linux.zip',
      'blob-report-3.zip',
    ]) {
      expect(await read(good, { name })).toMatchObject(only({ passed: 1 }));
    }
    const other = (name: string) => ({
      state: 'read',
      files: [],
      others: [name],
      remarks: [expect.stringContaining('archive within the archive')],
    });
    for (const name of ['trace.zip', 'report/data.zip', 'report.zip.zip2.tar']) {
      expect(await read(good, { name })).toEqual(other(name));
    }
    expect(await read(zipOf([{ name: 'index.html', content: 'x' }]))).toEqual(other('report-1.zip'));
    const page = zipOf([{ name: 'index.html', content: 'x' }]);
    expect(await read(page, { name: 'html-report.zip' })).toEqual(other('html-report.zip'));
    expect(await read(page, { name: 'html-report.zip', limits: { entryBytes: 10 } })).toEqual(other('html-report.zip'));
    expect(await read(Buffer.from('PK no'), { name: 'html-report.zip' })).toEqual(other('html-report.zip'));
    const long = blob(BEGIN, plan('a'.repeat(5_000)), END);
    expect(await read(long, { name: 'report-linux.zip', limits: { totalBytes: 1_000 } })).toMatchObject(
      only({ kind: 'unreadable' }),
    );
    // An archive within the archive within the archive is never opened.
    expect(await read(zipOf([{ name: 'report-1.zip', content: good }]))).toEqual(other('report-1.zip'));
  });

  test('in a folder is read as well', async () => {
    const folder = join(repository, 'fixtures/artifacts/playwright-shards/blobs');
    expect(await readArtifact({ folder })).toMatchObject({
      files: [
        { path: 'report-1.zip', measurement: { passed: 2 } },
        { path: 'report-2.zip', measurement: { failed: 1 } },
      ],
    });
  });

  test('that was unpacked is read as well', async () => {
    const lines = [BEGIN, plan('a'), ended('a', 'passed'), END].join('\n');
    const artifact = await readArtifact({ bytes: zipOf([{ name: 'report.jsonl', content: lines }]) });
    expect(artifact).toMatchObject(only({ passed: 1, shard: { current: 1, total: 2 } }));
    const other = await readArtifact({ bytes: zipOf([{ name: 'report.jsonl', content: '{"level":"info"}' }]) });
    expect(other).toMatchObject({ files: [], others: ['report.jsonl'] });
  });

  test('that is refused in the end has taken of it too', async () => {
    const lines = [BEGIN, plan('a'.repeat(600)), END].join('\n');
    const lying = zipOf([{ name: 'report.jsonl', content: lines, crc: 1 }]);
    const entries = [lying, blob(BEGIN, plan('b'.repeat(600)), END)].map((content, at) => ({
      name: `report-${at}.zip`,
      content,
    }));
    const reasons = async (totalBytes: number) => {
      const artifact = await readArtifact({ bytes: zipOf(entries) }, { ...ARCHIVE_LIMITS, totalBytes });
      return artifact.state === 'read' && artifact.files.map(({ measurement }) => measurement.kind);
    };
    expect(await reasons(2 * lines.length + 2_000)).toEqual(['unreadable', 'tests']);
    expect(await reasons(lines.length + 1_000)).toEqual(['unreadable', 'unreadable']);
  });

  test('takes of one allowance with those beside it', async () => {
    const content = blob(BEGIN, plan('a'.repeat(600)), ended('a'.repeat(600), 'passed'), END);
    const entries = [1, 2, 3].map((shard) => ({ name: `report-${shard}.zip`, content }));
    const artifact = await readArtifact({ bytes: zipOf(entries) }, { ...ARCHIVE_LIMITS, totalBytes: 4_000 });
    expect(artifact.state === 'read' && artifact.files.map(({ measurement }) => measurement.kind)).toEqual([
      'tests',
      'unreadable',
      'unreadable',
    ]);
  });
});
