import { describe, expect, test } from 'vitest';
import { clausesOf, demandsOf } from '../../src/diagnose/literals/literals.ts';

/** Each clause as its texts joined by `|`, case-insensitive ones in slashes. */
function clauses(pattern: string, kind: 'regex' | 'literal' = 'regex'): string[] {
  return clausesOf(demandsOf({ kind, pattern })).map((clause) =>
    clause.map(({ text, fold }) => (fold ? `/${text}/` : text)).join('|'),
  );
}

describe('every line that a pattern matches holds one text of each clause', () => {
  const cases: readonly [pattern: string, clauses: string[]][] = [
    ['npm error', ['npm error']],
    ['^npm (?:ERR!|error) code', ['npm ERR! code|npm error code']],
    ['a.*bc\\d+de', ['a', 'bc', 'de']],
    ['ab?c', ['abc|ac']],
    ['ab*c', ['a', 'c']],
    ['ab+c', ['ab', 'c']],
    ['x{3}y', ['xxxy']],
    ['_{4,} (\\S+)', ['____', ' ']],
    ['(foo|.*bar)baz', ['foo|bar', 'baz']],
    ['foo|\\d+', []],
    ['[ab]c', ['ac|bc']],
    ['[^ab]c', ['c']],
    ['[a-z]c', ['c']],
    ['(?i)No Space', ['/no space/']],
    ['(?i:ERR)or', ['/error/']],
    ['(?i:a).*B', ['/a/', 'B']],
    ['a(?i)B(?-i)C', ['/abc/']],
    ['(?i)éc', ['/c/']],
    ['\\Qa.b\\E+', ['a.b']],
    ['\\x41\\x{e9}', ['Aé']],
    ['\\bfoo\\b', ['foo']],
    ['a\\nb', ['a', 'b']],
    ['a\\x{fffd}b', ['a', 'b']],
    ['a{,3}', ['a{,3}']],
    ['\\pLx\\p{Greek}y', ['x', 'y']],
    ['(?P<name>ab)(?<other>cd)', ['abcd']],
    ['[[:alpha:]]x', ['x']],
    ['[]a]b', [']b|ab']],
    ['\\12x', []],
    ['abcdefghijklmnopqrstuvwxyz0123456789', ['abcdefghijklmnopqrstuvwx']],
  ];
  test.each(cases)('%s', (pattern, expected) => {
    expect(clauses(pattern)).toEqual(expected);
  });

  test('a text is its own clause, whatever signs it holds', () => {
    expect(clauses('a.*b', 'literal')).toEqual(['a.*b']);
  });
});
