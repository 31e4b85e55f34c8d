// A value that a schema allows, for people to look at.
import { nameIn, type Schema } from './schemas.ts';

/** What stands for what is not told by the schema itself. */
const PLAIN: Readonly<Record<string, unknown>> = {
  uuid: '0198f0e4-6a4c-7c11-9d3a-5b1f0c2d4e6f',
  'date-time': '2026-03-01T12:00:00Z',
  date: '2026-03-01',
  email: 'mona@example.com',
  uri: 'https://example.com/',
};
const DEEPEST = 8;

interface Asked {
  readonly named: Readonly<Record<string, Schema>>;
  /** What the field is called: a text says so. */
  readonly name: string;
  /** Leaves out what need not be there. */
  readonly isShort: boolean;
}

/** An example of the schema; undefined where none can be told from it. */
export function exampleOf(schema: Schema, asked: Asked, depth = 0): unknown {
  const pointed = nameIn(schema);
  if (depth > DEEPEST) return undefined;
  if (pointed !== null) return exampleOf({ ...asked.named[pointed], ...schema, $ref: undefined }, asked, depth + 1);
  const { examples, example, const: only, default: standard, enum: values, anyOf, oneOf } = schema;
  if (Array.isArray(examples)) return examples[0];
  for (const told of [example, only, standard]) if (told !== undefined) return told;
  if (Array.isArray(values)) return values[0];
  const choices = [anyOf, oneOf].find(Array.isArray) ?? [];
  if (choices.length > 0)
    return exampleOf({ ...schema, anyOf: undefined, oneOf: undefined, ...choices[0] }, asked, depth + 1);
  return byType(schema, asked, depth);
}

function byType(schema: Schema, asked: Asked, depth: number): unknown {
  const { type, minimum, format, minItems, items } = schema;
  switch (Array.isArray(type) ? type[0] : type) {
    case 'string':
      return (typeof format === 'string' ? PLAIN[format] : undefined) ?? textOf(schema, asked.name);
    case 'integer':
    case 'number':
      return typeof minimum === 'number' && minimum > 0 ? minimum : 1;
    case 'boolean':
      return true;
    case 'null':
      return null;
    case 'array':
      return asked.isShort && typeof minItems !== 'number'
        ? []
        : [exampleOf(isSchema(items) ? items : {}, asked, depth + 1)];
    case 'object':
      return objectOf(schema, asked, depth);
    default:
      return {};
  }
}

function textOf({ maxLength }: Schema, name: string): string {
  return name.replaceAll('_', ' ').slice(0, typeof maxLength === 'number' ? maxLength : undefined);
}

function objectOf({ properties, required }: Schema, asked: Asked, depth: number): Schema {
  const needed: readonly unknown[] = Array.isArray(required) ? required : [];
  const fields = Object.entries(isSchema(properties) ? properties : {}).filter(
    ([name]) => !asked.isShort || needed.includes(name),
  );
  const made = fields.map(([name, field]) => [
    name,
    isSchema(field) ? exampleOf(field, { ...asked, name }, depth + 1) : undefined,
  ]);
  return Object.fromEntries(made.filter(([, value]) => value !== undefined));
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
