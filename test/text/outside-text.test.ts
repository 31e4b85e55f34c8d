import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byteLength, cutBytes, linesOf, oneLine, shorten } from '../../src/text/outside-text.ts';
import { hostileText } from '../report/hostile.ts';
import { countCharacters } from '../support/count-characters.ts';

test.each([
  ['folds white space and line breaks', ' a\r\n b\t c\u2028d ', 'a b c d'],
  ['takes out what cannot be seen', 'a\u0000b\u001b[31mc\u200bd\u00ade\u{e0041}', 'ab[31mcde'],
  ['shows by number what turns the reading direction', 'a\u202egpj.exe\u061c', 'a[U+202E]gpj.exe[U+061C]'],
  ['replaces half a surrogate pair', 'a\ud800b', 'a\ufffdb'],
  ['keeps letters of all kinds, emoji and their joiners', 'é 日本 👩‍💻', 'é 日本 👩‍💻'],
  ['is empty when nothing can be seen', '\u0000 \n', ''],
])('oneLine %s', (_, text, expected) => {
  expect(oneLine(text, 100)).toBe(expected);
});

test('linesOf knows every kind of line break and drops empty lines at both ends', () => {
  expect(linesOf('\n \na\r\nb\rc\u2028\n\nd\u0085\n', 100)).toEqual(['a', 'b', 'c', '', '', 'd']);
  expect(linesOf(' \n\n', 100)).toEqual([]);
});

test('a cut falls between two code points and never exceeds its bytes', () => {
  expect(cutBytes('aé😀b', 2)).toBe('a');
  expect(cutBytes('aé😀b', 3)).toBe('aé');
  expect(cutBytes('aé😀b', 6)).toBe('aé');
  expect(cutBytes('aé😀b', 7)).toBe('aé😀');
  expect(shorten('abcdefgh', 6)).toBe('abc…');
  expect(shorten('abcdef', 6)).toBe('abcdef');
});

test('whatever comes in, one line comes out, well formed and within its bytes', () => {
  fc.assert(
    fc.property(
      fc.oneof(hostileText, fc.string({ unit: 'binary' })),
      fc.integer({ min: 3, max: 60 }),
      (text, maxBytes) => {
        const line = oneLine(text, maxBytes);
        expect(byteLength(line)).toBeLessThanOrEqual(maxBytes);
        expect(line.isWellFormed()).toBe(true);
        expect(line).not.toMatch(/[\n\r\u2028\u2029\u0000-\u001f\u202a-\u202e]/);
      },
    ),
  );
});

test('a text of 50 MB costs no more than what is kept of it', () => {
  const text = '\u0000<'.repeat(25_000_000);
  expect(oneLine(text, 12)).toBe('<<<<<<<<<…');
  expect(countCharacters(() => oneLine(text, 12))).toBeLessThan(100_000);
});
