// Which keys a place of the policy file may have, and which of them was probably meant. Pure; parse-policy.ts uses it.

import { policyJsonSchema } from './policy.ts';

/** What of JSON Schema the policy's schema is made of. */
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly propertyNames?: { readonly enum?: readonly string[] };
  readonly additionalProperties?: Schema | false;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

let whole: Schema | null = null;

/** The keys that the object at `path` may have, given those that it has: which ones go together depends on them. */
export function allowedKeys(path: readonly (string | number)[], present: readonly string[]): string[] {
  whole ??= policyJsonSchema();
  const at = path.reduce<Schema[]>((schemas, step) => schemas.flatMap((schema) => inside(schema, step)), [whole]);
  const shapes = at.flatMap(branches);
  // Of several shapes those that the object already has the decisive key of.
  const begun = shapes.filter(({ required }) => required?.every((key) => present.includes(key)) === true);
  return [...new Set((begun.length > 0 ? begun : shapes).flatMap(keysOf))];
}

/** The allowed key that `key` is closest to; null when it is close to none. */
export function closestKey(key: string, allowed: readonly string[]): string | null {
  const wanted = bare(key);
  const ranked = allowed
    .map((candidate) => ({ candidate, distance: distance(wanted, bare(candidate)) }))
    .filter(({ candidate, distance }) => distance <= 2 || begins(wanted, bare(candidate)))
    .toSorted((one, other) => one.distance - other.distance);
  return ranked[0]?.candidate ?? null;
}

function branches(schema: Schema): readonly Schema[] {
  return schema.anyOf?.flatMap(branches) ?? [schema];
}

function inside(schema: Schema, step: string | number): readonly Schema[] {
  return branches(schema).flatMap(({ properties, additionalProperties, items }) => {
    if (typeof step === 'number') return items ?? [];
    const further = additionalProperties === false ? undefined : additionalProperties;
    return (Object.hasOwn(properties ?? {}, step) ? properties?.[step] : further) ?? [];
  });
}

function keysOf({ properties, propertyNames }: Schema): readonly string[] {
  return [...Object.keys(properties ?? {}), ...(propertyNames?.enum ?? [])];
}

/** `lintPass` and `lint-pass` as `lintpass`; cut, so that a long key costs no more than a short one. */
function bare(key: string): string {
  return key
    .slice(0, 50)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
}

function begins(wanted: string, candidate: string): boolean {
  return wanted.length >= 3 && (candidate.startsWith(wanted) || wanted.startsWith(candidate));
}

/** How many letters have to be put in, left out or changed to make one of the other. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= other.length; column++) {
      const same = (row[column - 1] ?? 0) + (letter === other[column - 1] ? 0 : 1);
      next.push(Math.min(same, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
