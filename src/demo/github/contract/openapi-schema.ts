// Turns the schemas of GitHub's OpenAPI 3.0 description into JSON Schema that ajv understands.
// Pure.

import { isJsonObject, type Json, type JsonObject, mapValues } from './json-value.ts';

/** Under this address ajv knows `#/components/schemas/<name>`. */
export const schemaAddress = (name: string): string => `https://api.github.com/schemas/${name}`;

const LOCAL_REFERENCE = '#/components/schemas/';
const COPIED = ['type', 'enum', 'required', 'format', 'pattern', 'default', 'uniqueItems', 'exclusiveMinimum'].concat([
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
]);

/**
 * The JSON Schema for one OpenAPI schema. References point at `schemaAddress(name)`; examples and descriptions are
 * left out; `nullable` becomes the type null, also beside `$ref`, `anyOf` and `enum`, where OpenAPI 3.0 leaves it open
 * (https://github.com/OAI/OpenAPI-Specification/blob/main/proposals/2019-10-31-Clarify-Nullable.md).
 */
export function toJsonSchema(schema: Json | undefined): JsonObject {
  if (!isJsonObject(schema)) return {};
  const { $ref: reference } = schema;
  const plain = typeof reference === 'string' ? refer(reference) : convert(schema);
  return schema.nullable === true ? { anyOf: [{ type: 'null' }, plain] } : plain;
}

/** The names of the component schemas that a converted schema refers to directly. */
export function referredSchemas(schema: Json | undefined): string[] {
  if (Array.isArray(schema)) return schema.flatMap(referredSchemas);
  if (!isJsonObject(schema)) return [];
  const { $ref: reference } = schema;
  const own = typeof reference === 'string' ? [reference.slice(schemaAddress('').length)] : [];
  return own.concat(Object.values(schema).flatMap(referredSchemas));
}

function refer(reference: string): JsonObject {
  return { $ref: schemaAddress(reference.slice(LOCAL_REFERENCE.length)) };
}

function convert(schema: JsonObject): JsonObject {
  const converted: JsonObject = {};
  for (const key of COPIED) if (schema[key] !== undefined) converted[key] = schema[key];
  for (const key of ['items', 'not']) if (schema[key] !== undefined) converted[key] = toJsonSchema(schema[key]);
  for (const key of ['oneOf', 'anyOf', 'allOf']) {
    const branches = schema[key];
    if (Array.isArray(branches)) converted[key] = branches.map(toJsonSchema);
  }
  if (isJsonObject(schema.properties)) converted.properties = mapValues(schema.properties, toJsonSchema);
  const { additionalProperties: extra } = schema;
  if (extra !== undefined) converted.additionalProperties = isJsonObject(extra) ? toJsonSchema(extra) : extra;
  return converted;
}
