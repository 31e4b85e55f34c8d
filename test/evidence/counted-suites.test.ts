// JUnit suites that count more than they list: those that list nothing count, what others don't list never passed.
import { describe, expect, test } from 'vitest';
import type { TestsMeasurement } from '../../src/evidence/reading/measurement.ts';
import { measureFile } from '../support/measure.ts';

type Counts = Partial<Pick<TestsMeasurement, 'passed' | 'failed' | 'errored' | 'skipped'>>;
const nothing = { passed: 0, failed: 0, errored: 0, skipped: 0, flaky: 0, cases: [] };
const CASE = '<testcase name="a"/>';

describe('a suite that lists no case', () => {
  test.each<[string, Counts]>([
    ['<testsuite tests="10" failures="2" errors="1" skipped="1"/>', { passed: 6, failed: 2, errored: 1, skipped: 1 }],
    ['<testsuite tests="10"/>', { passed: 10 }],
    ['<testsuites tests="4" failures="1"/>', { passed: 3, failed: 1 }],
    [
      '<testsuites tests="5" failures="1" disabled="2"><testsuite name="a"/></testsuites>',
      { passed: 2, failed: 1, skipped: 2 },
    ],
    // Nesting doubles nothing, and loses nothing.
    [
      '<testsuites tests="3"><testsuite tests="3"><testsuite tests="1"/><testsuite tests="2"/></testsuite></testsuites>',
      { passed: 3 },
    ],
    [
      '<testsuites tests="3"><testsuite tests="3" failures="0"><testsuite tests="3" failures="1"/></testsuite></testsuites>',
      { passed: 2, failed: 1 },
    ],
    ['<testsuites><testsuite tests="2"/><testsuite tests="3" errors="1"/></testsuites>', { passed: 4, errored: 1 }],
    [
      '<testsuites tests="3"><testsuite tests="2"/><testsuite tests="1"><testcase name="a"/></testsuite></testsuites>',
      { passed: 3 },
    ],
    // More that broke than there are: nothing passed.
    ['<testsuite tests="1" failures="2" errors="1"/>', { failed: 2, errored: 1 }],
    ['<testsuite tests="" failures="" skipped=""/>', {}],
    ['<testsuite tests="0" failures="0"/>', {}],
    ['<testsuite tests="3" skip="3"/>', { skipped: 3 }],
    ['<testsuite tests="3" ignored="1" skipped="1"/>', { passed: 1, skipped: 2 }],
  ])('%s', (xml, counts) => {
    const { failed = 0, errored = 0 } = counts;
    const { names, ...measured } = { names: undefined, ...measureFile('junit.xml', xml) };
    expect(names !== undefined).toBe(xml.includes('<testcase'));
    expect(measured).toEqual({
      kind: 'tests',
      format: 'junit',
      ...nothing,
      ...counts,
      duration_ms: null,
      cases_omitted: failed + errored,
      remarks: [],
    });
  });

  test.each(['skipped="-1"', 'tests="ten"', 'failures="1.5"'])('and says %s is unreadable', (attribute) => {
    expect(measureFile('junit.xml', `<testsuite ${attribute}/>`)).toMatchObject({ kind: 'unreadable' });
  });
});

describe('a suite that counts more than it lists', () => {
  test.each([
    [`<testsuite tests="5">${CASE}</testsuite>`, 4, 'the report says 5 tests, 1 are listed'],
    [`<testsuites tests="5"><testsuite tests="1">${CASE}</testsuite></testsuites>`, 4, '5 tests, 1 are listed'],
    [
      `<testsuites tests="5"><testsuite tests="5"><testsuite tests="2">${CASE}</testsuite></testsuite></testsuites>`,
      4,
      '5 tests, 1',
    ],
    // A sibling that says nothing of itself fills no gap.
    [
      `<testsuites><testsuite tests="3">${CASE}</testsuite><testsuite>${CASE.repeat(5)}</testsuite></testsuites>`,
      2,
      '8 tests, 6',
    ],
    [`<testsuite tests="5" failures="2">${CASE}</testsuite>`, 4, '2 more failures and errors'],
    [`<testsuite tests="1" failures="3">${CASE}</testsuite>`, 3, '3 more failures and errors'],
  ])('%s', (xml, unshown, remark) => {
    expect(measureFile('junit.xml', xml)).toMatchObject({
      failed: 0,
      errored: unshown,
      unshown,
      cases_omitted: unshown,
      remarks: expect.arrayContaining([expect.stringContaining(remark)]),
    });
  });

  test.each([
    [
      'Catch2',
      `<testsuites><testsuite name="x" errors="0" failures="0" skipped="0" tests="57" hostname="tbd">${CASE}</testsuite></testsuites>`,
    ],
    [
      'doctest',
      '<testsuites><testsuite name="x" errors="0" failures="0" tests="9"><testcase name="a" status="run"/></testsuite></testsuites>',
    ],
  ])('counts assertions in %s', (_tool, xml) => {
    expect(measureFile('junit.xml', xml)).toMatchObject({ passed: 1, errored: 0 });
  });

  test('whose assertions failed is red', () => {
    const xml = `<testsuite failures="2" tests="57" hostname="tbd">${CASE}</testsuite>`;
    expect(measureFile('junit.xml', xml)).toMatchObject({ errored: 2 });
  });

  test('fewer than are listed is none', () => {
    expect(measureFile('junit.xml', `<testsuite tests="1">${CASE.repeat(3)}</testsuite>`)).toMatchObject({
      passed: 3,
      errored: 0,
    });
  });
});
