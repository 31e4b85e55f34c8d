// Whether text looks drawn at random. Pure.
import { withoutEnd } from './alphabets.ts';

const MIN_RANDOM_CHARACTERS = 8;
const MIN_BITS_PER_CHARACTER = 2.5;

/** Whether the text is at least `least` characters of letters and digits mixed, with few of them repeated. */
export function isRandomLooking(value: string, least = MIN_RANDOM_CHARACTERS): boolean {
  return (
    value.length >= least &&
    /\d/.test(value) &&
    /[a-z]/i.test(value) &&
    bitsPerCharacter(value) >= MIN_BITS_PER_CHARACTER
  );
}

/** Shannon's entropy of the characters, in bits for each character. */
export function bitsPerCharacter(value: string): number {
  const counts = new Map<string, number>();
  for (const char of value) counts.set(char, (counts.get(char) ?? 0) + 1);
  return [...counts.values()].reduce(
    (bits, count) => bits - (count / value.length) * Math.log2(count / value.length),
    0,
  );
}

const WORD = /^(?:[a-z]{2,20}|[A-Z][a-z]{1,20}|[A-Z]{2,20})$/;

/** Whether the text is made of words with signs between them, like the key of a cache: at least two of its parts are words. */
export function isWordy(value: string): boolean {
  return value.split(/[-_./:|@\s]/).filter((part) => WORD.test(part)).length >= 2;
}

/** Whether capitals, small letters and digits change so often that the text can hold no words or numbers. */
export function isPatchy(value: string): boolean {
  const parts = value.match(/[A-Z]?[a-z]+|[A-Z]+|\d+/g) ?? [];
  return parts.length > 1 && value.length / parts.length < 3;
}

/** Whether the text alone shows that it is random: it is neither a name with a number nor the hash of something. */
export function isDrawnAlone(value: string): boolean {
  const bare = withoutEnd(value, '.:=-');
  return (
    bare.length >= 16 &&
    !isWordy(bare) &&
    !/[:/.%=]/.test(bare) &&
    !/^[A-Z0-9_]{1,40}$/.test(bare) &&
    ((isRandomLooking(bare) && bare.split(/\d+/).length > 2) || (isPatchy(bare) && bitsPerCharacter(bare) > 3.5))
  );
}
