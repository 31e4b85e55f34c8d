// What there is to say of each operation over REST: what it takes and where, what it answers. openapi.json and the reference page
// are two forms of this.
import { z } from 'zod';
import { completeness } from '../../operations/ci/completeness.ts';
import type { Operation } from '../../operations/declared/operation.ts';
import { exampleOf } from './examples.ts';
import { takesKey } from './once.ts';
import { namesIn, type Place, V1_PREFIX } from './paths.ts';
import { placed, STREAMED } from './placed.ts';
import { takesPathAlone } from './read-input.ts';
import { nameIn, type ObjectSchema, type Schema, type Schemas, schemasOf } from './schemas.ts';

/** One value that stands in path or query. */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly schema: Schema;
  readonly example?: unknown;
}

/** An operation as REST has it. */
export interface Described {
  readonly operation: Operation;
  readonly place: Place;
  /** What it is about. */
  readonly tag: string;
  readonly parameters: readonly Parameter[];
  /** Null for what is read. */
  readonly body: { readonly required: boolean; readonly schema: ObjectSchema; readonly example?: Schema } | null;
  readonly answer: { readonly status: '200' | '201'; readonly schema: Schema; readonly example?: unknown };
  /** It stays open and tells events; `answer` is what one of them has for data. */
  readonly isStream: boolean;
  /** Whether it may carry an Idempotency-Key. */
  readonly takesKey: boolean;
}

interface All {
  readonly described: readonly Described[];
  /** What is followed instead of asked for. */
  readonly streams: readonly Described[];
  readonly named: Schemas['named'];
}

/** All of them, with the schemas that they point at. */
export function describeAll(): All {
  const all = placed();
  const streams = STREAMED.map(({ operation, place }) => [operation, place] as const);
  const schemas = schemasOf([...all, ...streams].map(([operation]) => operation));
  const tagOf = makeTagOf(all.map(([, place]) => place).filter(({ prefix }) => prefix === undefined));
  const [described = [], followed = []] = [all, streams].map((some) =>
    some.map(([operation, place]) => describe(operation, { place, schemas, tag: tagOf(place) })),
  );
  return { described, streams: followed, named: schemas.named };
}

interface Known {
  readonly place: Place;
  readonly schemas: Schemas;
  readonly tag: string;
}

function describe(operation: Operation, { place, schemas, tag }: Known): Described {
  const { named } = schemas;
  const input = schemas.inputs.get(operation.name) ?? { properties: {}, required: [] };
  const output = schemas.outputs.get(operation.name) ?? {};
  const schema = answerOf(operation, output, named[nameIn(output) ?? ''] ?? output);
  const exampleOfAnswer = (of: Schema) => exampleOf(of, { named, name: 'text', isShort: false });
  const given = exampleOf({ type: 'object', ...input }, { named, name: 'text', isShort: true });
  // What a schema says by a pattern alone has an example where the operation gives one.
  const example = isObject(given) && operation.input.safeParse(given).success ? given : null;
  return {
    operation,
    place,
    tag,
    parameters: parametersOf(operation, place, { input, example }),
    body: bodyOf(operation, place, { input, example }),
    answer: {
      status: place.makes ? '201' : '200',
      schema,
      ...(operation.output.safeParse(exampleOfAnswer(output)).success ? { example: exampleOfAnswer(schema) } : {}),
    },
    isStream: STREAMED.some((streamed) => streamed.operation === operation),
    takesKey: takesKey(operation),
  };
}

interface Taken {
  readonly input: ObjectSchema;
  /** All of it; null where none can be told. */
  readonly example: Schema | null;
}

/** What stands in the path, and of what is read with GET in the query. */
function parametersOf({ page }: Operation, { method, path }: Place, { input, example }: Taken): Parameter[] {
  const inPath = namesIn(path);
  const own = Object.entries(input.properties).flatMap(([name, schema]): Parameter[] => {
    const isInPath = inPath.includes(name);
    if (!isInPath && (method !== 'get' || Object.hasOwn(page?.after ?? {}, name))) return [];
    const shown = example !== null && Object.hasOwn(example, name) ? { example: example[name] } : {};
    if (isInPath) return [{ name, in: 'path', required: true, schema, ...shown }];
    const required = input.required.includes(name);
    return [{ name: name === 'batch' ? 'limit' : name, in: 'query', required, schema, ...shown }];
  });
  if (method !== 'get' || page === null) return own;
  const schema = { type: 'string', description: '`next_cursor` of the page before' };
  return [...own, { name: 'cursor', in: 'query', required: false, schema }];
}

function bodyOf({ input: taken }: Operation, { method, path }: Place, { input, example }: Taken): Described['body'] {
  if (method === 'get') return null;
  const inPath = namesIn(path);
  const withoutPath = <Value>(fields: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> =>
    Object.fromEntries(Object.entries(fields).filter(([name]) => !inPath.includes(name)));
  const schema = {
    type: 'object',
    properties: withoutPath(input.properties),
    required: input.required.filter((name) => !inPath.includes(name)),
    additionalProperties: false,
  };
  return {
    required: !takesPathAlone({ input: taken }, path),
    schema,
    ...(example === null ? {} : { example: withoutPath(example) }),
  };
}

/** As `bodyOf` of the answers has it: what a list gives stands in `items`; a bare word is an id. */
function answerOf({ page, restsOnHistory }: Operation, schema: Schema, { type }: Schema): Schema {
  if (type === 'array') {
    const description =
      page === null ? 'There is no page after this one' : '`cursor` of the next page; null at the end';
    const properties = { items: schema, next_cursor: { type: ['string', 'null'], description } };
    if (!restsOnHistory)
      return { type: 'object', required: ['items', 'next_cursor'], properties, additionalProperties: false };
    const { $schema: _, ...known } = z.toJSONSchema(completeness, { io: 'output' });
    const told = { ...properties, completeness: known };
    return {
      type: 'object',
      required: ['items', 'next_cursor', 'completeness'],
      properties: told,
      additionalProperties: false,
    };
  }
  if (type === 'string') {
    return { type: 'object', required: ['id'], properties: { id: schema }, additionalProperties: false };
  }
  return schema;
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null;
}

/** By the noun in a path: what is a project's own stands under `projects`, unless there is more of it, or something is made there. */
function makeTagOf(places: readonly Place[]): (place: Place) => string {
  return ({ prefix, path }) => {
    if (prefix === V1_PREFIX) return 'document 002';
    const [, first = '', , second] = path.split('/');
    if (first !== 'projects' || second === undefined) return first;
    const under = places.filter((other) => {
      const [, one, , two] = other.path.split('/');
      return one === second || (one === 'projects' && two === second);
    });
    return under.length > 1 || under.some(({ makes }) => makes) ? second : first;
  };
}
