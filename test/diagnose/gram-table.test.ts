import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeWords, openTable } from '../../src/diagnose/literals/gram-table.ts';

const STOP = 0x0a;
interface Word {
  readonly bytes: Uint8Array;
  readonly fold: boolean;
}

const lower = (bytes: Uint8Array) => bytes.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte));

function search(words: readonly Word[], text: Uint8Array): string[] {
  const table = openTable(makeWords(words), [STOP]);
  const found: string[] = [];
  for (let at = table.next(text, 0); at < text.length; at = table.next(text, at + 1)) {
    if (text[at] === STOP) found.push(`stop@${at}`);
    else table.find(text, at + 1, (word) => found.push(`${word}`));
  }
  return found.sort();
}

function searchNaively(words: readonly Word[], text: Uint8Array): string[] {
  const found = words.flatMap(({ bytes, fold }, word) =>
    Array.from({ length: Math.max(0, text.length - bytes.length + 1) }, (_, from) => from)
      .filter((from) => {
        const there = text.subarray(from, from + bytes.length);
        return Buffer.from(fold ? lower(there) : there).equals(bytes);
      })
      .map(() => `${word}`),
  );
  return [...found, ...[...text.entries()].filter(([, byte]) => byte === STOP).map(([at]) => `stop@${at}`)].sort();
}

test('every word is found as often as it stands there, and every stop', () => {
  const byte = fc.constantFrom(...Buffer.from('abAB. '), 0, 255, 0xc3);
  const word = fc
    .record({ bytes: fc.array(byte, { minLength: 2, maxLength: 7 }), fold: fc.boolean() })
    .map(({ bytes, fold }): Word => ({ bytes: fold ? lower(Uint8Array.from(bytes)) : Uint8Array.from(bytes), fold }));
  const text = fc.array(fc.oneof({ weight: 9, arbitrary: byte }, fc.constant(STOP)), { maxLength: 60 });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), text, (words, haystack) => {
      const bytes = Uint8Array.from(haystack);
      expect(search(words, bytes)).toEqual(searchNaively(words, bytes));
    }),
    { numRuns: 500 },
  );
});

test('no words find nothing', () => {
  expect(search([], Buffer.from('abc'))).toEqual([]);
});
