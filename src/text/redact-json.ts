// Takes secrets out of JSON, where a property's name may tell that its value is one. Pure.
import { redact } from './redact.ts';
import { kindOf, strengthOf } from './secrets/reading/secret-names.ts';
import { isSecretValue } from './secrets/reading/secret-values.ts';
import { MARK } from './secrets/reading/span.ts';

/** Deeper than this nothing is shown. */
const MOST_DEEP = 20;

/** A copy of a JSON value in which every text is redacted, and the names of properties too. `deep` is for its own recursion. */
export function redactJson(value: unknown, deep = 0): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null) return value;
  if (deep >= MOST_DEEP) return null;
  if (Array.isArray(value)) return value.map((one) => redactJson(one, deep + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [redact(name), redactProperty(name, one, deep + 1)]),
  );
}

function redactProperty(name: string, value: unknown, deep: number): unknown {
  if (typeof value === 'string') {
    const strength = strengthOf(name);
    const isSecret = strength !== null && isSecretValue(value, { strength, tie: 'quoted' });
    if (isSecret) return `${MARK}${kindOf(name)}]`;
  }
  return redactJson(value, deep);
}
