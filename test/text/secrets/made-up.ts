// Makes secrets up, the same ones every time. None of them stands in a file as it is: a scanner would take it for a leak.

/** Gives numbers from 0 to below 1, the same for the same seed (mulberry32). */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';
const SETS = {
  d: DIGITS,
  hex: `${DIGITS}abcdef`,
  HEX: `${DIGITS}ABCDEF`,
  up: UPPER + DIGITS,
  b32: `${UPPER}234567`,
  low: LOWER + DIGITS,
  letters: UPPER + LOWER,
  lower: LOWER,
  an: UPPER + LOWER + DIGITS,
  url64: `${UPPER}${LOWER}${DIGITS}_-`,
  b64: `${UPPER}${LOWER}${DIGITS}+/`,
} as const;

/** A maker of made-up text: `{hex:64}` in a form becomes 64 hexadecimal digits, all else stays. */
export interface MakeUp {
  (form: string): string;
  one<T>(of: readonly T[]): T;
}

export function makeUp(seed: number): MakeUp {
  const random = numbersFrom(seed);
  const one = <T>(of: readonly T[]): T => {
    const chosen = of[Math.floor(random() * of.length)];
    if (chosen === undefined) throw new Error('there is nothing to choose from');
    return chosen;
  };
  const run = (set: keyof typeof SETS, length: number) => Array.from({ length }, () => one([...SETS[set]])).join('');
  const make = (form: string) =>
    form.replace(/\{(\w+):(\d+)\}/g, (_whole, set: keyof typeof SETS, length: string) => run(set, Number(length)));
  return Object.assign(make, { one });
}
