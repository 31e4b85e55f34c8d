// The expressions that read text from outside, each once with the longest text that it may be given.
import { EXPRESSIONS } from './expressions.ts';
import { valuesOf } from './listed.ts';

interface Reader {
  readonly expression: RegExp;
  readonly mostCharacters: number;
}

/** For tests of whether they are linear. */
export function readersOfOutsideText(): Reader[] {
  const byKey = new Map<string, Reader>();
  for (const { mostCharacters, expressions } of EXPRESSIONS) {
    if (mostCharacters === null) continue;
    for (const expression of (expressions ?? []).flatMap(valuesOf)) {
      const key = String(expression);
      const known = byKey.get(key)?.mostCharacters ?? 0;
      byKey.set(key, { expression, mostCharacters: Math.max(mostCharacters, known) });
    }
  }

  return [...byKey.values()];
}
