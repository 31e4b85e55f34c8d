// The shapes of tools as JSON Schema 2020-12, short: whoever lists tools pays for each token of them with every conversation. What is
// left out (patterns, bounds of what is given) is checked all the same.
import { z } from 'zod';
import type { Operation } from '../operations/declared/operation.ts';

/** JSON Schema. */
export type Schema = Readonly<Record<string, unknown>>;

/** Says nothing to who calls. `propertyNames`, which some providers of models refuse (OpenAI, Gemini), only says that names are texts. */
const NEVER_SHOWN = [
  ...['$schema', '$defs', 'id', 'title', 'example', 'examples'],
  ...['additionalProperties', 'propertyNames', 'pattern'],
];
/** Of what is given only the form is told: its words stand in the answer. */
const OF_INPUT_ALONE = [
  'enum',
  'description',
  'format',
  'required',
  'default',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'maxItems',
];
/** What stands at every whole number: those of JavaScript and of Postgres. */
const SAFE = [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 2_147_483_647];
/** What points at itself is not followed further. */
const MOST_LEVELS = 12;

/** What a tool takes: an operation's input, where `limit` and `cursor` stand for the place in a list. */
export function inputSchemaOf({ input, page }: Operation): Schema & { readonly type: 'object' } {
  const { properties, required } = objectOf(shortened(input, 'input'));
  const places = Object.keys(page?.after ?? {});
  const own = Object.entries(properties)
    .filter(([name]) => !places.includes(name))
    .map(([name, schema]) => (page !== null && name === 'batch' ? ['limit', limitOf(schema)] : [name, schema]));
  const cursor = page === null ? [] : [['cursor', { type: 'string', description: '`next_cursor`' }]];
  return {
    type: 'object',
    properties: Object.fromEntries([...own, ...cursor]),
    ...(required.length === 0 ? {} : { required }),
  };
}

/** Its name says enough. */
function limitOf(schema: unknown): unknown {
  if (!isObject(schema)) return schema;
  const { description: _, ...bounds } = schema;
  return bounds;
}

/** What stands in `answer` of what a tool gives. */
export function outputSchemaOf({ output, restsOnHistory }: Operation): Schema & { readonly type: 'object' } {
  const schema = shortened(output, 'output');
  if (schema.type === 'array') {
    const next_cursor = { type: ['string', 'null'] };
    const told = restsOnHistory ? { completeness: { type: ['object', 'null'] } } : {};
    return { type: 'object', properties: { items: schema, next_cursor, ...told } };
  }
  if (schema.type === 'object') return { ...schema, type: 'object' };
  return { type: 'object', properties: { id: schema } };
}

/** The shape of `answer` with everything in it; pointers are `$ref` at its `$defs`. */
export function wholeSchemaOf({ output, restsOnHistory }: Operation): Schema {
  const { $defs = {}, ...schema } = z.toJSONSchema(output, { io: 'output', unrepresentable: 'any', cycles: 'ref' });
  if (schema.type === 'array')
    return {
      $defs,
      type: 'object',
      properties: { items: schema, next_cursor: OURS, ...(restsOnHistory ? { completeness: OURS } : {}) },
    };
  return schema.type === 'string' ? { $defs, type: 'object', properties: { id: schema } } : { $defs, ...schema };
}

/** A text that CodeRed makes itself. */
const OURS = { const: 'made here' };

function shortened(of: z.ZodType, io: 'input' | 'output'): Schema {
  const whole = z.toJSONSchema(of, { io, unrepresentable: 'any', cycles: 'ref' });
  const hidden = io === 'input' ? NEVER_SHOWN : [...NEVER_SHOWN, ...OF_INPUT_ALONE];
  return shorten(whole, { defs: defsOf(whole), hidden }, 0);
}

interface Shortening {
  readonly defs: Readonly<Record<string, unknown>>;
  readonly hidden: readonly string[];
}

function shorten(schema: Schema, shortening: Shortening, levels: number): Schema {
  if (levels > MOST_LEVELS) return {};
  const { $ref, ...beside } = schema;
  if (typeof $ref === 'string') {
    const target = shortening.defs[$ref.replace('#/$defs/', '')];
    return shorten({ ...(isObject(target) ? target : {}), ...beside }, shortening, levels + 1);
  }
  const { hidden } = shortening;
  const kept = Object.entries(schema).filter(([key, value]) => !hidden.includes(key) && !isSafeBound(value));
  const entries = kept.map(([key, value]) => [key, inside(key, value, shortening, levels)] as const);
  return nullable(Object.fromEntries(entries));
}

function inside(key: string, value: unknown, shortening: Shortening, levels: number): unknown {
  if (['enum', 'const', 'default', 'required'].includes(key)) return value;
  if (Array.isArray(value)) return value.map((one) => (isObject(one) ? shorten(one, shortening, levels + 1) : one));
  if (!isObject(value)) return value;
  if (key !== 'properties') return shorten(value, shortening, levels + 1);
  return Object.fromEntries(
    Object.entries(value).map(([name, of]) => [name, isObject(of) ? shorten(of, shortening, levels + 1) : of]),
  );
}

/** `anyOf` of a type and null as one type. */
function nullable(schema: Schema): Schema {
  const { anyOf, ...beside } = schema;
  if (!Array.isArray(anyOf) || anyOf.length !== 2) return schema;
  const [one, other]: unknown[] = anyOf;
  if (!isObject(one) || !isObject(other) || other.type !== 'null' || typeof one.type !== 'string') return schema;
  const { enum: words } = one;
  return {
    ...one,
    ...beside,
    type: [one.type, 'null'],
    ...(Array.isArray(words) ? { enum: [...words, null] } : {}),
  };
}

function isSafeBound(value: unknown): boolean {
  return typeof value === 'number' && SAFE.includes(value);
}

const object = z.object({
  properties: z.record(z.string(), z.unknown()).default({}),
  required: z.array(z.string()).default([]),
});

function objectOf(schema: Schema): z.output<typeof object> {
  return object.parse(schema);
}

/** What a schema's pointers point at, by their names. */
export function defsOf({ $defs }: Schema): Readonly<Record<string, unknown>> {
  return isObject($defs) ? $defs : {};
}

/** Whether it has fields. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
