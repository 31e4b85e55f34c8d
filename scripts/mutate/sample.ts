// A sample that is the same for the same seed.

/** `count` of `all`, in the order in which they were drawn; all of them, shuffled, when there are not more. */
export function drawSample<T>(all: readonly T[], count: number, seed: number): readonly T[] {
  const left = [...all];
  const random = generator(seed);
  const drawn: T[] = [];
  while (drawn.length < count && left.length > 0) drawn.push(...left.splice(Math.floor(random() * left.length), 1));
  return drawn;
}

/** Numbers from 0 to below 1 (Tommy Ettinger's mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
