// What a pattern needs holds for every text that it matches: else a match would be missed.
import { describe, expect, test } from 'vitest';
import { demandsOf, needOf } from '../../src/diagnose/literals/literals.ts';
import { holds } from '../../src/diagnose/literals/needs.ts';

const need = (pattern: string) => needOf(demandsOf({ kind: 'regex', pattern }));

describe('a pattern needs', () => {
  test.each([
    ['npm error', 'npm error'],
    ['^npm error', { start: 'npm error' }],
    ['\\Anpm error', { start: 'npm error' }],
    ['(?i)No Space', { small: 'no space' }],
    ['^(?i)No Space', { small: 'no space' }],
    ['^(?:Failures: +[1-9]|--- FAIL$)', ['|', { start: 'Failures: ' }, { start: '--- FAIL' }]],
    ['^(?:Error: )?connect', ['|', { start: 'Error: connect' }, { start: 'connect' }]],
    ['^\\s*error: .*\\[E\\d+\\]', ['&', 'error: ', '[E', ']']],
    [
      '(?:cannot find .* in module|lookup .*: no such host)',
      ['|', ['&', 'cannot find ', ' in module'], ['&', ': no such host', 'lookup ']],
    ],
    ['x.*y', ['&']],
    ['\\d+|error', ['&']],
  ])('%s', (pattern, expected) => {
    expect(need(pattern)).toEqual(expected);
  });
});

test('a text that is to be begun with may stand anywhere where only a part of the text is tried', () => {
  expect(holds('[web] npm error', need('^npm error'), 'whole')).toBe(false);
  expect(holds('[web] npm error', need('^npm error'), 'part')).toBe(true);
});

test('letters outside ASCII that fold to letters of it count as them', () => {
  expect(holds('di\u017F\u212A full', need('(?i)disk full'), 'whole')).toBe(true);
});
