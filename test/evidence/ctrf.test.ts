import { describe, expect, test } from 'vitest';
import type { Measurement, TestsMeasurement } from '../../src/evidence/reading/measurement.ts';
import { testsOf } from '../../src/evidence/tests/test-results.ts';
import { resultsOf } from '../../src/evidence/tests/tests-report.ts';
import { measureFile } from '../support/measure.ts';

type Given = Readonly<Record<string, unknown>>;

const COUNTS = { tests: 0, passed: 0, failed: 0, skipped: 0, pending: 0, other: 0, start: 1_000, stop: 3_500 };

function report(tests: readonly Given[], summary: Given = {}, root: Given = {}): string {
  const named = tests.map((one) => ({ name: 'a', status: 'passed', duration: 1, ...one }));
  const results = { tool: { name: 'vitest' }, summary: { ...COUNTS, ...summary }, tests: named };
  return JSON.stringify({ reportFormat: 'CTRF', specVersion: '0.2.0', ...root, results });
}

function measured(content: string, name = 'ctrf-report.json'): TestsMeasurement {
  const found = measureFile(name, content);
  if (found?.kind !== 'tests') throw new Error(JSON.stringify(found));
  return found;
}

function refusalOf(content: string): string {
  const found = measureFile('ctrf-report.json', content);
  return found?.kind === 'unreadable' ? `${found.format}: ${found.reason}` : JSON.stringify(found);
}

const given = (...contents: readonly string[]) => {
  const reports: Measurement[] = contents.map((content) => measured(content));
  return testsOf({ github_artifact_id: 1, name: 'tests', ref: null }, reports)?.cases;
};

describe('a CTRF report', () => {
  test('is known by its content under any name, also from before its format stood in it', () => {
    expect(measured(report([{}]), 'results.json').format).toBe('ctrf');
    const old = JSON.stringify({ results: { tool: { name: 'mocha' }, summary: COUNTS, tests: [] } });
    expect(measured(old, 'results.json')).toMatchObject({ format: 'ctrf', passed: 0, duration_ms: 2_500 });
    expect(measureFile('results.json', '{"reportFormat":"other","results":{}}')).toBeNull();
  });

  test('has the tests with suite, file, line and how they ended', () => {
    const found = measured(
      report([
        {
          suite: ['shop', 'cart'],
          filePath: '/home/runner/work/shop/shop/cart.test.ts',
          line: 7,
          status: 'failed',
          message: '\u001b[31mno',
        },
        { name: 'b', suite: 'cart.test.ts > cart', status: 'pending' },
        { name: 'c', status: 'other' },
        { name: 'd', status: 'other', rawStatus: 'todo' },
        { name: 'e', status: 'failed', line: -1, trace: 'at e' },
      ]),
    );
    expect(found).toMatchObject({ passed: 0, failed: 2, errored: 1, skipped: 2 });
    expect(found.cases).toMatchObject([
      { suite: 'shop › cart', name: 'a', file_path: 'cart.test.ts', line: 7, status: 'failed', message: 'no' },
      { name: 'c', status: 'errored' },
      { name: 'e', message: 'at e' },
    ]);
    expect(found.cases[2]).not.toHaveProperty('line');
    expect(resultsOf(found)[1]?.suite).toBe('cart.test.ts > cart');
  });

  test.each<[string, Given, boolean]>([
    ['is marked so', { flaky: true }, true],
    ['was tried again', { retries: 1 }, true],
    ['has an attempt that failed', { retryAttempts: [{ attempt: 1, status: 'failed' }] }, true],
    ['is marked as none', { flaky: false, retries: 1 }, false],
    ['failed in the end', { flaky: true, status: 'failed' }, false],
    ['was never tried again', { retries: 0, retryAttempts: [] }, false],
  ])('has a flake in a test that %s', (_, one, isFlaky) => {
    const found = measured(report([one]));
    expect(found.flaky).toBe(isFlaky ? 1 : 0);
    expect(given(report([one]))?.[0]?.[6]).toBe(isFlaky);
  });

  test('that lists a test twice with both results has one that failed, and no flake', () => {
    const both = report([{ flaky: true }, { status: 'failed', message: 'no' }]);
    expect(given(both)).toEqual([['', 'a', null, 'failed', 1, 'no', false, null]]);
    expect(given(report([{ flaky: true }, { flaky: true }]))?.[0]?.[6]).toBe(false);
  });

  test('of one run adds up with its other shards, and a test of two of them is as bad as the worse', () => {
    const run = { runId: 'r1' };
    const cases = given(
      report([{}, { name: 'b' }], {}, run),
      report([{ name: 'b', status: 'failed' }, { name: 'c' }], {}, run),
    );
    expect(cases?.map(([, name, , status]) => [name, status])).toEqual([
      ['a', 'passed'],
      ['b', 'failed'],
      ['c', 'passed'],
    ]);
  });

  test('counts what its summary counts and no test shows as broken', () => {
    expect(measured(report([{}], { tests: 3, failed: 2 }))).toMatchObject({ passed: 1, errored: 2, unshown: 2 });
    expect(measured(report([{}], { tests: 3, passed: 3 }))).toMatchObject({
      errored: 2,
      remarks: ['the report counts 2 more tests than its cases show', 'the report says 3 passed, 1 are listed'],
    });
  });

  test.each<[string, string, string]>([
    ['a status that is none', report([{}, { status: 'green' }]), 'results.tests.1.status: should be one of passed'],
    ['no name', report([{ name: '' }]), 'results.tests.0.name: must not be empty'],
    ['a name that is none', report([{ name: 7 }]), 'results.tests.0.name: should be a text'],
    [
      'a suite that is none',
      report([{ suite: { a: 1 } }]),
      'results.tests.0.suite: should be a list, not keys with values',
    ],
    ['titles without an end', report([{ suite: Array(101).fill('a') }]), 'nested deeper than 100'],
    [
      'tries without an end',
      report([{ retryAttempts: Array(1001).fill({ status: 'failed' }) }]),
      'more than 1000 times',
    ],
    ['a flake that is a text', report([{ flaky: 'yes' }]), 'results.tests.0.flaky: should be true or false'],
    ['retries below zero', report([{ retries: -1 }]), 'results.tests.0.retries: should be at least 0'],
    ['a count that is none', report([], { failed: 'all' }), 'results.summary.failed: should be a number'],
    ['no tests', '{"reportFormat":"CTRF","results":{"tool":{"name":"a"}}}', 'results.summary: is missing'],
    ['a version that nobody knows', report([], {}, { specVersion: '2.0.0' }), 'specVersion is "2.0.0"; 0.x.y is read'],
    ['a hundred thousand brackets', `{"reportFormat":"CTRF","results":${'['.repeat(100_000)}`, 'not whole JSON'],
    ['no end', report([{}]).slice(0, -5), 'not whole JSON'],
  ])('with %s is told so', (_, content, reason) => {
    expect(refusalOf(content)).toContain(`ctrf: ${reason.startsWith('results') ? reason : ''}`);
    expect(refusalOf(content)).toContain(reason);
  });

  test('keeps names of ten thousand characters short, and of very many tests as many as have room', () => {
    const long = 'n'.repeat(10_000);
    const [row] = given(report([{ name: long, suite: Array(100).fill(long), status: 'failed' }])) ?? [];
    expect(row?.slice(0, 2).map((text) => String(text).length <= 1_000)).toEqual([true, true]);
    const many = report(Array.from({ length: 60_000 }, (_, n) => ({ name: `t${n}` })));
    expect(measured(many).passed).toBe(60_000);
    expect(given(many)).toHaveLength(50_000);
  });
});
