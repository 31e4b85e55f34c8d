// Counts the characters that strings, expressions and JSON go through while something runs: the same on every machine, and too
// many where a text that a thousand entries share is looked through for each of them.

const OF_STRINGS = [
  'replace',
  'replaceAll',
  'trim',
  'trimStart',
  'trimEnd',
  'split',
  'match',
  'matchAll',
  'search',
  'toLowerCase',
  'normalize',
  'toWellFormed',
] as const;

/** At most: a match that ends early is counted as if it had read the whole text. */
export function countCharacters(run: () => void): number {
  let characters = 0;
  const restore: (() => void)[] = [];
  const wrap = (
    owner: object,
    name: string,
    cost: (self: unknown, given: readonly unknown[], result: unknown) => number,
  ) => {
    const known = Object.getOwnPropertyDescriptor(owner, name);
    const original: unknown = known?.value;
    if (known === undefined || typeof original !== 'function') throw new Error(`${name} is no method`);
    const counted = function (this: unknown, ...given: unknown[]): unknown {
      const result: unknown = Reflect.apply(original, this, given);
      characters += cost(this, given, result);
      return result;
    };
    Object.defineProperty(owner, name, { ...known, value: counted });
    restore.push(() => Object.defineProperty(owner, name, known));
  };
  const lengthOf = (value: unknown): number => (typeof value === 'string' ? value.length : 0);
  for (const name of OF_STRINGS) wrap(String.prototype, name, (self) => String(self).length);
  for (const name of ['test', 'exec']) wrap(RegExp.prototype, name, (_self, [text]) => lengthOf(text));
  wrap(Array.prototype, 'join', (_self, _given, result) => lengthOf(result));
  wrap(JSON, 'stringify', (_self, [value]) => lengthOf(value));
  try {
    run();
  } finally {
    for (const undo of restore.reverse()) undo();
  }
  return characters;
}
