// Schemas in words, for people: what may stand in a field, and which fields an answer has.
import { nameIn, type Schema } from '../rest/schemas.ts';

type Named = Readonly<Record<string, Schema>>;

/** One line of a table of fields. */
export interface Field {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly about: string;
}

/** What may stand there: "text, 1 to 500 characters", "list of ids", "red, yellow or green". */
export function typeWords(schema: Schema, named: Named, depth = 0): string {
  const pointed = nameIn(schema);
  if (pointed === 'Id') return 'id';
  if (pointed === 'Time') return 'time';
  const whole = wholeOf(schema, named);
  const { const: only, enum: values, anyOf, type, format, items } = whole;
  if (only !== undefined) return JSON.stringify(only);
  if (Array.isArray(values))
    return either(values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))));
  if (depth > 4) return 'anything';
  const among = Array.isArray(anyOf) ? anyOf.filter(isSchema) : [];
  if (among.length > 0) return either([...new Set(among.map((one) => typeWords(one, named, depth + 1)))]);
  if (Array.isArray(type)) return either(type.map((one) => typeWords({ ...whole, type: one }, named, depth + 1)));
  if (type === 'array') return `list of: ${isSchema(items) ? typeWords(items, named, depth + 1) : 'anything'}`;
  if (format === 'uuid') return 'id';
  if (format === 'date-time') return 'time, ISO 8601 with its zone';
  return (WORDS[String(type)] ?? 'anything') + boundsOf(whole);
}

/** The fields of an object; of a list's answer those of each item, with `items[].` before them. */
export function fieldsOf(schema: Schema, named: Named): readonly Field[] {
  const { properties, required } = wholeOf(schema, named);
  const needed: readonly unknown[] = Array.isArray(required) ? required : [];
  return Object.entries(isSchema(properties) ? properties : {}).flatMap(([name, of]) => {
    const field = isSchema(of) ? of : {};
    const { items, description } = wholeOf(field, named);
    const inside = name === 'items' && isSchema(items) ? fieldsOf(items, named) : [];
    if (inside.length > 0) return inside.map((one) => ({ ...one, name: `items[].${one.name}` }));
    const about = typeof description === 'string' ? description : '';
    return [{ name, type: typeWords(field, named), required: needed.includes(name), about }];
  });
}

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  object: 'object',
  null: 'null',
};
/** What stands there where nobody set a bound. */
const UNBOUND = [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];

function boundsOf({ type, minLength, maxLength, minimum, maximum, default: standard }: Schema): string {
  const given = (value: unknown) => (typeof value === 'number' && !UNBOUND.includes(value) ? value : null);
  const [least, most] = type === 'string' ? [given(minLength), given(maxLength)] : [given(minimum), given(maximum)];
  const unit = type === 'string' ? ' characters' : '';
  const unless =
    standard === undefined || typeof standard === 'object' ? '' : `; ${JSON.stringify(standard)} unless told`;
  if (least !== null && most !== null) return `, ${least} to ${most}${unit}${unless}`;
  if (most !== null) return `, at most ${most}${unit}${unless}`;
  return `${least === null ? '' : `, at least ${least}${unit}`}${unless}`;
}

function wholeOf(schema: Schema, named: Named): Schema {
  const pointed = nameIn(schema);
  return pointed === null ? schema : { ...named[pointed], ...schema };
}

function either(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? 'nothing') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
