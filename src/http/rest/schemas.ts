// The shapes of what operations take and give, as JSON Schema 2020-12: what is used in several places stands once, under a name.
import { z } from 'zod';
import type { Operation } from '../../operations/declared/operation.ts';

/** JSON Schema. */
export type Schema = Readonly<Record<string, unknown>>;

/** By the operation's name. `named` holds what the others point at with `$ref`. */
export interface Schemas {
  readonly inputs: ReadonlyMap<string, ObjectSchema>;
  readonly outputs: ReadonlyMap<string, Schema>;
  readonly named: Readonly<Record<string, Schema>>;
}

/** The schema of an object: its fields, and which of them have to be there. */
export interface ObjectSchema {
  readonly properties: Readonly<Record<string, Schema>>;
  readonly required: readonly string[];
}

/** Where a name of `named` is found in the document. */
const NAMED = '#/components/schemas/';
/** What zod calls what is used several times and has no `id` of its own. */
const NAMELESS = '__schema';
/** An object with fewer fields is as short as a pointer at it. */
const FEWEST_FIELDS = 3;

const schema = z.record(z.string(), z.unknown());
const objectSchema = z.object({
  properties: z.record(z.string(), schema).default({}),
  required: z.array(z.string()).default([]),
});
const converted = z.object({
  properties: z.record(z.string(), schema),
  $defs: z.record(z.string(), schema).default({}),
});

/** The shapes of these operations. */
export function schemasOf(operations: readonly Operation[]): Schemas {
  const named: Record<string, Schema> = {};
  const outputs = convert(operations, 'output', named);
  const inputs = [...convert(operations, 'input', named)].map(
    ([name, input]) => [name, objectSchema.parse(input)] as const,
  );
  return { inputs: new Map(inputs), outputs, named };
}

/** The name at the end of a pointer; null for what is no pointer. */
export function nameIn({ $ref }: Schema): string | null {
  return typeof $ref === 'string' && $ref.startsWith(NAMED) ? $ref.slice(NAMED.length) : null;
}

/** All at once, so that zod sees what several operations share. */
function convert(operations: readonly Operation[], io: 'input' | 'output', named: Record<string, Schema>) {
  const whole = z.object(Object.fromEntries(operations.map((operation) => [operation.name, operation[io]])));
  const { properties, $defs } = converted.parse(
    z.toJSONSchema(whole, { io, reused: 'ref', unrepresentable: 'any', cycles: 'ref' }),
  );
  const naming = new Naming($defs, { named, suffix: io === 'input' ? 'Input' : '' });
  // What an operation takes is looked at field by field: it stands there itself, not a pointer at it.
  const put = (name: string, found: Schema) =>
    io === 'input' ? naming.inside(naming.target(found), titled(name)) : naming.placed(found, titled(name));
  return new Map(Object.entries(properties).map(([name, found]) => [name, put(name, found)]));
}

/** Puts zod's `$defs` where they belong: objects that are used several times under a name, everything else where it is used. */
class Naming {
  readonly #defs: Readonly<Record<string, Schema>>;
  readonly #named: Record<string, Schema>;
  readonly #suffix: string;
  readonly #names = new Map<string, string>();

  constructor(
    defs: Readonly<Record<string, Schema>>,
    { named, suffix }: { named: Record<string, Schema>; suffix: string },
  ) {
    this.#defs = defs;
    this.#named = named;
    this.#suffix = suffix;
  }

  /** What a pointer of zod's points at, or the schema itself. */
  target(found: Schema): Schema {
    const key = keyOf(found);
    return key === null ? found : this.target(this.#defs[key] ?? {});
  }

  /** The schema with its pointers put right; `hint` is what it is called if it gets a name here. */
  placed(found: Schema, hint: string): Schema {
    const key = keyOf(found);
    if (key === null) return this.inside(found, hint);
    const { $ref: _, ...beside } = found;
    const target = this.#defs[key] ?? {};
    if (key.startsWith(NAMELESS) && !isLarge(target)) return { ...this.placed(target, hint), ...beside };
    return { $ref: NAMED + this.#nameOf(key, target, hint), ...beside };
  }

  inside(found: Schema, hint: string): Schema {
    return Object.fromEntries(Object.entries(found).map(([key, value]) => [key, this.#value(key, value, hint)]));
  }

  #value(key: string, value: unknown, hint: string): unknown {
    if (Array.isArray(value)) return value.map((entry) => this.#value(key, entry, hint));
    if (!isObject(value)) return value;
    // What stands in these is data, whatever it looks like.
    if (['const', 'default', 'enum', 'example', 'examples'].includes(key)) return value;
    if (key !== 'properties') return this.placed(value, key === 'items' ? `${hint}Item` : hint);
    return Object.fromEntries(
      Object.entries(value).map(([field, of]) => [field, isObject(of) ? this.placed(of, hint + titled(field)) : of]),
    );
  }

  #nameOf(key: string, target: Schema, hint: string): string {
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const name = key.startsWith(NAMELESS) ? hint + this.#suffix : key;
    // Known before it is looked into: it may point at itself.
    this.#names.set(key, name);
    const { $schema: _, id: _id, ...made } = this.inside(target, name);
    const before = this.#named[name];
    if (before === undefined) this.#named[name] = made;
    else if (JSON.stringify(before) !== JSON.stringify(made)) {
      this.#names.set(key, name + this.#suffix);
      this.#named[name + this.#suffix] = made;
    }
    return this.#names.get(key) ?? name;
  }
}

function keyOf({ $ref }: Schema): string | null {
  return typeof $ref === 'string' && $ref.startsWith('#/$defs/') ? $ref.slice('#/$defs/'.length) : null;
}

function isLarge({ properties }: Schema): boolean {
  return isObject(properties) && Object.keys(properties).length >= FEWEST_FIELDS;
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `list_tasks` as `ListTasks`. */
function titled(name: string): string {
  return name
    .split('_')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');
}
