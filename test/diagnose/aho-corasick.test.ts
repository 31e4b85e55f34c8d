import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildAutomaton } from '../../src/diagnose/patterns/aho-corasick.ts';

const lower = (bytes: Uint8Array) =>
  Buffer.from(bytes.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte))).toString('latin1');

function search(words: readonly Uint8Array[], text: Uint8Array): string[] {
  const { next, classOf, firstFinal, strideBits, words: ends, wordsStart } = buildAutomaton(words);
  const hits: string[] = [];
  let state = 0;
  text.forEach((byte, at) => {
    state = next[state + (classOf[byte] ?? 0)] ?? 0;
    if (state < firstFinal) return;
    const final = (state - firstFinal) >> strideBits;
    for (const word of ends.subarray(wordsStart[final], wordsStart[final + 1])) hits.push(`${word}@${at + 1}`);
  });
  return hits.sort();
}

function searchNaively(words: readonly Uint8Array[], text: Uint8Array): string[] {
  const folded = lower(text);
  return words
    .flatMap((word, index) => {
      const ends = Array.from({ length: folded.length + 1 }, (_, end) => end);
      return ends
        .filter((end) => end >= word.length && folded.slice(end - word.length, end) === lower(word))
        .map((end) => `${index}@${end}`);
    })
    .sort();
}

test('every word is found wherever it ends, overlapping ones too, in capitals or small letters', () => {
  const byte = fc.constantFrom(...Buffer.from('abAB\n'), 0, 255, 0xc3);
  const word = fc.array(byte, { minLength: 1, maxLength: 5 }).map((bytes) => Uint8Array.from(bytes));
  const text = fc.array(byte, { maxLength: 60 }).map((bytes) => Uint8Array.from(bytes));
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), text, (words, haystack) => {
      expect(search(words, haystack)).toEqual(searchNaively(words, haystack));
    }),
    { numRuns: 500 },
  );
});

test('no words find nothing', () => {
  expect(search([], Buffer.from('abc'))).toEqual([]);
});
