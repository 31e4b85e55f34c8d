// How often a property is tried, and from which seed: the same in every run, so that none fails by luck.

/** Whether this is the project `slow`, which takes what `brain` leaves out. */
export const isSlow = process.env.RUNS === 'many';

/** Another one is tried with `SEED=7 npm run test:slow`. */
export const SEED = Number(process.env.SEED ?? 20_261_130);

/** For `fc.assert`: `few` runs in `npm test`, `many` in the project `slow`. */
export function runs(few: number, many = few * 3): { readonly numRuns: number; readonly seed: number } {
  return { numRuns: isSlow ? many : few, seed: SEED };
}
