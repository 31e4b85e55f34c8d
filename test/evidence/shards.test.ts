// A suite that runs in parts: each report says which part it is, or can't be read.
import { describe, expect, test } from 'vitest';
import { measureFile } from '../support/measure.ts';

const playwright = (config: string) =>
  `{"config":${config},"suites":[],"stats":{"expected":0,"unexpected":0,"flaky":0,"skipped":0}}`;

describe('the report of a shard', () => {
  test.each([
    ['{"rootDir":"/","shard":{"total":4,"current":3}}', { current: 3, total: 4 }],
    ['{"rootDir":"/","shard":{"total":1,"current":1}}', { current: 1, total: 1 }],
    ['{"rootDir":"/","shard":null}', undefined],
    ['{"rootDir":"/"}', undefined],
  ])('of %s', (config, shard) => {
    const measured = measureFile('playwright.json', playwright(config));
    expect(measured).toMatchObject({ kind: 'tests', format: 'playwright' });
    expect(measured?.kind === 'tests' && measured.shard).toEqual(shard);
  });

  test.each([
    '{"current":0,"total":4}',
    '{"current":5,"total":4}',
    '{"current":1}',
    '{"total":4}',
    '{"current":1,"total":1000000}',
    '{"current":1.5,"total":4}',
    '"1/4"',
    'true',
  ])('that says %s of it is unreadable', (shard) => {
    expect(measureFile('playwright.json', playwright(`{"rootDir":"/","shard":${shard}}`))).toMatchObject({
      kind: 'unreadable',
      reason: expect.stringContaining('shard'),
    });
  });
});

test('a test that was interrupted is no skipped one', () => {
  const found = '{"title":"a","tests":[{"status":"skipped","results":[{"status":"interrupted"}]}]}';
  const report = `{"config":{"rootDir":"/"},"suites":[{"title":"s","specs":[${found}]}],"stats":{"expected":0,"unexpected":0,"flaky":0,"skipped":1}}`;
  expect(measureFile('playwright.json', report)).toMatchObject({ skipped: 0, errored: 1 });
});
