// What became of a JUnit case: the worst that its tags and words say, and no unknown word is one of success.
import { describe, expect, test } from 'vitest';
import { measureFile } from '../support/measure.ts';

const read = (inside: string, attributes = 'name="s"') =>
  measureFile('junit.xml', `<testsuite ${attributes}>${inside}</testsuite>`);
const NOTHING = { passed: 0, failed: 0, errored: 0, skipped: 0 };

describe('a word for what became of a test', () => {
  test.each([
    ...['passed', 'PASS', 'ok', 'OK', 'success', 'Successful', 'run', 'completed', 'Executed', ' passed ', ''],
  ])('of success: "%s"', (word) => {
    for (const name of ['status', 'result'])
      expect(read(`<testcase name="a" ${name}="${word}"/>`)).toMatchObject({ ...NOTHING, passed: 1 });
  });

  test.each(['skipped', 'notrun', 'Not Run', 'not_run', 'NotExecuted', 'disabled', 'suppressed', 'Ignored', 'pending'])(
    'of one that was left out: "%s"',
    (word) => {
      expect(read(`<testcase name="a" result="${word}"/>`)).toMatchObject({ ...NOTHING, skipped: 1 });
    },
  );

  test.each(['failed', 'FAIL', 'not ok', 'not-ok', 'xpass'])('of failure: "%s"', (word) => {
    expect(read(`<testcase name="a" status="${word}"/>`)).toMatchObject({ ...NOTHING, failed: 1 });
  });

  test.each([
    'timeout',
    'timedOut',
    'aborted',
    'broken',
    'cancelled',
    'interrupted',
    'undefined',
    'hasOwnProperty',
    '0',
  ])('that is not known is an error: "%s"', (word) => {
    expect(read(`<testcase name="a" status="${word}"/>`)).toMatchObject({
      ...NOTHING,
      errored: 1,
      cases: [{ message: expect.stringContaining(`"${word}"`) }],
    });
  });

  test('that is long is not known', () => {
    expect(read(`<testcase name="a" status="passed${' '.repeat(30)}x${'y'.repeat(10_000)}"/>`)).toMatchObject({
      errored: 1,
    });
  });
});

describe('of tag and words the worst counts', () => {
  test.each([
    ['status="failed"', '<skipped/>', { failed: 1 }],
    ['status="timeout"', '<skipped/>', { errored: 1 }],
    ['status="passed"', '<skipped/>', { skipped: 1 }],
    ['status="run" result="skipped"', '', { skipped: 1 }],
    ['status="skipped" result="failed"', '', { failed: 1 }],
    ['status="passed" result="error"', '', { errored: 1 }],
    ['status="passed"', '<failure/>', { failed: 1 }],
    ['status="skipped"', '<error/>', { errored: 1 }],
  ])('%s %s', (words, tag, expected) => {
    expect(read(`<testcase name="a" ${words}>${tag}</testcase>`)).toMatchObject({ ...NOTHING, ...expected });
  });
});

describe('a failure outside of a case', () => {
  const ok = '<testcase name="ok"/>';
  test.each([
    ['of a suite', `${ok}<failure message="hook">broke</failure>`, { passed: 1, failed: 1 }],
    ['of a suite’s set-up', `<error message="hook"/>${ok}`, { passed: 1, errored: 1 }],
    ['of a suite in it', `${ok}<testsuite><failure message="hook"/></testsuite>`, { passed: 1, failed: 1 }],
    [
      'behind a case within a case',
      `<testcase name="x"><testcase name="y"/><failure message="hook"/></testcase>`,
      { failed: 1 },
    ],
  ])('%s counts', (_name, inside, expected) => {
    const found = read(inside, 'name="s" tests="1" failures="0"');
    expect(found).toMatchObject({ ...expected, cases: [{ message: expect.stringMatching(/hook|broke/) }] });
  });

  test('of all suites counts', () => {
    const xml = `<testsuites><failure message="hook"/><testsuite>${ok}</testsuite></testsuites>`;
    expect(measureFile('junit.xml', xml)).toMatchObject({ passed: 1, failed: 1 });
  });

  test('ends where it ends', () => {
    expect(read(`<failure>a</failure><testcase name="b"><failure>c</failure></testcase>${ok}`)).toMatchObject({
      passed: 1,
      failed: 2,
    });
  });
});
