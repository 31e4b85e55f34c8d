// Which keys a place of the policy file may have. Pure.

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

/**
 * The keys that are allowed in the object at `path` (steps from the root of the file). `present` are those that it has already,
 * because some keys exclude others. Empty when no object is allowed there.
 */
export function allowedKeys(path: readonly (string | number)[], present: readonly string[]): string[] {
  whole ??= policyJsonSchema();
  const at = path.reduce<Schema[]>((schemas, step) => schemas.flatMap((schema) => inside(schema, step)), [whole]);
  const shapes = at.flatMap(branches);
  // Of several shapes those that the object already has the decisive key of.
  const begun = shapes.filter(({ required }) => required?.every((key) => present.includes(key)) === true);
  return [...new Set((begun.length > 0 ? begun : shapes).flatMap(keysOf))];
}

/** The whole schema has an `anyOf` beside its keys, which says no more than which of them are needed. */
function branches(schema: Schema): readonly Schema[] {
  if (schema.properties !== undefined) return [schema];
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
