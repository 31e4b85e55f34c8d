import { expect, test } from 'vitest';
import { lineBehind } from '../../src/diagnose/log/headings.ts';

const behind = (at: number, ...texts: string[]) =>
  lineBehind(
    texts.map((text, index) => ({ line: index + 1, text })),
    at,
  )?.text ?? null;

test.each([
  [
    'Vitest',
    [
      '⎯⎯⎯ Unhandled Errors ⎯⎯⎯',
      '',
      'Vitest caught 1 unhandled error during the test run.',
      '',
      'ReferenceError: Blob is not defined',
    ],
    'ReferenceError: Blob is not defined',
  ],
  ['Minitest', ['  2) Error:', 'CartTest#test_total:', 'NoMethodError: undefined method'], 'CartTest#test_total:'],
  [
    'RSpec that threw',
    ["  Failure/Error: find('#cc')", '', '  Capybara::ElementNotFound:', '    Unable to find css'],
    '  Capybara::ElementNotFound:',
  ],
  ['RSpec that compared', ['  Failure/Error: expect(total).to eq 4', '', '    expected: 4', '         got: 5'], null],
])('what a heading of %s announces stands behind it', (_, texts, said) => {
  expect(behind(1, ...texts)).toBe(said);
});

test.each([
  [
    'commitlint',
    ['✖   subject may not be empty', '✖   type may not be empty', '', '✖   found 2 problems, 0 warnings'],
    '✖   subject may not be empty',
  ],
  ['jq', ['jq: error: May need parentheses', '.a: b', 'jq: 3 compile errors'], 'jq: error: May need parentheses'],
  [
    'Sphinx',
    ['index.rst:7: ERROR: Unknown directive', 'build finished with problems, 2 warnings.'],
    'index.rst:7: ERROR: Unknown directive',
  ],
  ['nobody', ['all is well', '  2 problems'], null],
])('what a summary of %s counts stands before it', (_, texts, said) => {
  expect(behind(texts.length, ...texts)).toBe(said);
});

test.each([
  'error TS2322: Type',
  'FAILED tests/a.py::test_b',
  '  3 failed',
  'Error: 2 errors in the file that says much more than how many there are, at length, and so on',
])('a line that says it itself is quoted: %s', (text) => {
  expect(behind(2, 'Error: another', text, 'Error: a third')).toBeNull();
});
