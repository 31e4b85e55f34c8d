// The alphabets that secrets are written in, and how far a run of one goes. Pure.

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';
const ALNUM = UPPER + LOWER + DIGITS;

/** The characters of each alphabet, by the short name that the forms of tokens use. */
export const ALPHABETS = {
  /** Digits. */
  d: DIGITS,
  hex: `${DIGITS}abcdefABCDEF`,
  /** Capitals and digits. */
  up: UPPER + DIGITS,
  /** The same, in groups. */
  ups: `${UPPER}${DIGITS}-`,
  an: ALNUM,
  w: `${ALNUM}_`,
  /** Base64 as addresses have it. */
  url64: `${ALNUM}_-`,
  b64: `${ALNUM}+/=`,
  /** Base64 of both kinds, without its padding. */
  both64: `${ALNUM}+/_-`,
  /** Base64 of both kinds, with dots: JSON Web Tokens and whatever else has parts. */
  dots: `${ALNUM}_.=-`,
  /** As Azure has it. */
  az: `${ALNUM}_.~-`,
  /** What a token may hold at all. */
  any: `${ALNUM}_.=+/~%:-`,
  /** The rest of an address. */
  path: `${ALNUM}_.~%@/+=&?:#!-`,
  /** Names of variables, options and properties. */
  name: `${ALNUM}_.$-`,
} as const;

export type AlphabetName = keyof typeof ALPHABETS;

/** One bit an alphabet, for every character of ASCII. */
const BITS = new Uint32Array(128);
const BIT_OF = {} as Record<AlphabetName, number>;
for (const [index, name] of (Object.keys(ALPHABETS) as AlphabetName[]).entries()) {
  BIT_OF[name] = 1 << index;
  for (const char of ALPHABETS[name]) BITS[char.charCodeAt(0)] = (BITS[char.charCodeAt(0)] ?? 0) | (1 << index);
}

/** Whether the character at index `at` is in the alphabet; false after the end of the text. */
export function isIn(text: string, at: number, alphabet: AlphabetName): boolean {
  const code = text.charCodeAt(at);
  // NaN, beyond the text, is not below 128.
  return code < 128 && ((BITS[code] ?? 0) & BIT_OF[alphabet]) !== 0;
}

/** Index after the characters of the alphabet that begin at `at`; at most `limit`. */
export function runEnd(text: string, at: number, alphabet: AlphabetName, limit = text.length): number {
  const bit = BIT_OF[alphabet];
  let end = at;
  while (end < limit) {
    const code = text.charCodeAt(end);
    if (code >= 128 || ((BITS[code] ?? 0) & bit) === 0) break;
    end++;
  }
  return end;
}

/** Index of the first of the characters of the alphabet that end before `end`; at least `limit`. */
export function runStart(text: string, end: number, alphabet: AlphabetName, limit = 0): number {
  let start = end;
  while (start > limit && isIn(text, start - 1, alphabet)) start--;
  return start;
}

/** The text without the characters of `signs` at its end. */
export function withoutEnd(text: string, signs: string): string {
  let end = text.length;
  while (end > 0 && signs.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

/** Returns `runEnd` for one text with a memory: each run is measured once, so that asking at every index takes linear time. */
export function createRuns(text: string): (at: number, alphabet: AlphabetName) => number {
  const ends = new Map<AlphabetName, Uint32Array>();
  return (at, alphabet) => {
    const known = ends.get(alphabet) ?? new Uint32Array(text.length + 1);
    ends.set(alphabet, known);
    const size = known[at] ?? 0;
    if (size > 0) return size;
    const end = runEnd(text, at, alphabet);
    known.fill(end, at, end);
    return end;
  };
}
