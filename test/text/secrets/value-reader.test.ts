// Where the value after a name and its sign begins and ends: as it stands in configuration, code, JSON and prose.
import { describe, expect, test } from 'vitest';
import {
  endOfLine,
  readValue,
  skipQuote,
  skipSpaces,
  startOfLine,
} from '../../../src/text/secrets/reading/value-reader.ts';

/** The value after the first `=`, and how it was read. */
function read(text: string, opened = '') {
  const { start, end, quoted, whole } = readValue(text, text.indexOf('=') + 1, opened);
  return [text.slice(start, end), quoted, whole];
}

describe('a value in quotes', () => {
  test.each<[string, string]>([
    ['a="b c" d', 'b c'],
    ["a='b c'", 'b c'],
    ['a="b\\"c" d', 'b\\"c'],
    ['a="b\\\\" c"', 'b\\\\'],
    ["a='b''c' d", "b''c"],
    ["a='' d", ''],
    ['a=“b c” d', 'b c'],
    ['a=‘b c’ d', 'b c'],
    ['a=«b c» d', 'b c'],
    ['a="it"s" d', 'it"s'],
    ['a=b"c d"', 'c d'],
    ['a=Some("c d")', 'c d'],
    ['a=\\"b c\\", d', 'b c'],
    ['a="b c', 'b c'],
    ['a="b\nc"', 'b'],
    ['a="b\r\nc"', 'b'],
  ])('%j', (text, value) => {
    expect(read(text)).toEqual([value, true, true]);
  });
});

describe('a value without quotes', () => {
  test.each<[string, string, boolean]>([
    ['a=v c', 'v', false],
    ['a=v  c', 'v', true],
    ['a=v', 'v', true],
    ['a=v # c', 'v', true],
    ['a=v // c', 'v', true],
    ['a=v c=d', 'v', true],
    ['a=v\nc', 'v', true],
    ['a=f(x) y', 'f(x)', false],
    ['(a=v) c', 'v', true],
    ['(a=v)c', 'v)c', true],
    ['[a=v], c', 'v', true],
    ['{a=v}', 'v', true],
    ['a=v,c=d', 'v', true],
    ['a=v,c', 'v,c', true],
    ['a=v&c=d', 'v', true],
    ['a=v;', 'v', true],
    ['a=v\\nc', 'v', true],
    ['a=v\\xc', 'v\\xc', true],
    ['a=v</c>', 'v', true],
    ['a=v<!--', 'v', true],
    ['a=v<c', 'v<c', true],
    ["'a=v' c", 'v', true],
    ["a=v'c d", "v'c", false],
    ["a=v' c", 'v', true],
    ["a=v'", 'v', true],
    ['a=v`, c', 'v', true],
  ])('%j', (text, value, whole) => {
    expect(read(text)).toEqual([value, false, whole]);
  });

  test.each<[string, string]>([
    ["a=' b", "'"],
    ['a=" b', '"'],
  ])('%j begins with the quote that its name stands in', (text, opened) => {
    expect(read(text, opened)[1]).toBe(false);
  });

  test('ends at the quote that its name stands in', () => {
    expect(read('"a=v"c" d', '"')).toEqual(['v"c', false, true]);
  });

  test.each([599, 600, 601, 700])('has no structure from 600 characters on: %i', (length) => {
    const [value] = read(`a=${'x'.repeat(length)},b=c d`);
    expect(value).toBe(length < 601 ? 'x'.repeat(length) : `${'x'.repeat(length)},b=c`);
  });
});

describe('the places around a value', () => {
  test('white space of one line is passed over, so much at the most', () => {
    expect([skipSpaces('a \t\u00a0b', 1), skipSpaces('a  b', 1, 1), skipSpaces('a\nb', 1)]).toEqual([4, 2, 1]);
    expect([skipSpaces(' '.repeat(70), 0), skipSpaces('a ', 1)]).toEqual([60, 2]);
  });

  test('a quote is passed over with its backslashes, seven of them at the most', () => {
    const quotes = ['"x', '\\"x', `${'\\'.repeat(8)}"`, `${'\\'.repeat(9)}"`, 'x', '', '\\'];
    expect(quotes.map((text) => skipQuote(text, 0).end)).toEqual([1, 2, 9, 0, 0, 0, 0]);
    expect(skipQuote('a\\"', 1)).toEqual({ end: 3, quote: '\\"' });
  });

  test('a line ends before its end sign, of either kind, and begins after the last one', () => {
    const text = 'ab\r\ncd\ne';
    expect([0, 1, 2, 4, 5, 6, 7, 8].map((at) => endOfLine(text, at))).toEqual([2, 2, 2, 6, 6, 6, 8, 8]);
    expect([0, 2, 4, 6, 8].map((at) => startOfLine(text, at, 10))).toEqual([0, 0, 4, 4, 7]);
    expect(startOfLine('abcdef', 5, 2)).toBe(3);
  });

  test('of two texts in turn each is measured for itself', () => {
    expect([endOfLine('abc\nd', 0), endOfLine('ab\ncd', 0), endOfLine('abc\nd', 4), endOfLine('abc\nd', 0)]).toEqual([
      3, 2, 5, 3,
    ]);
    const bare = (text: string) => read(text)[0];
    const long = 'x'.repeat(700);
    expect([bare(`a=${long} b`), bare(`a=${long}yy b`), bare(`a=${long} b`)]).toEqual([long, `${long}yy`, long]);
  });
});
