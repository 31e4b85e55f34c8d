// Requests made from the description of the REST interface: as it says, nearly so, and meant to find what nobody thought of.

import fc from 'fast-check';
import type { Described } from '../../src/http/rest/describe.ts';
import { resolved } from './described.ts';
import type { Sent } from './rest-server.ts';

/** A request as `RestServer.ask` takes it. */
export interface Made extends Sent {
  readonly path: string;
}

type Schema = Readonly<Record<string, unknown>>;

/** What JSON.stringify has no words for: put in for these once it is text. */
const RAW: Readonly<Record<string, string>> = {
  '<1e400>': '1e400',
  '<2^53+1>': '9007199254740993',
  '<60 digits>': '1'.repeat(60),
  '<deep>': `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
  '<999 levels>': `${'{"a":'.repeat(990)}1${'}'.repeat(990)}`,
  '<proto>': '{"__proto__":{"a":1}}',
  '<twice>': '{"a":1,"a":2}',
  '<10 MB>': `"${'x'.repeat(10_000_000)}"`,
};
const HOSTILE: readonly unknown[] = [
  ...[null, true, '', [], {}, [[]], [null], { a: null }, -1, 0.5, 2 ** 31, -(2 ** 31) - 1, 1e21, 2 ** 53],
  ...[
    '\0',
    'a\0b',
    '\ud800',
    '\udfff x',
    '\u202e',
    '\ufeff',
    '%',
    '%_\\',
    "'; drop table codered.tasks; --",
    '$1',
    '{}',
  ],
  ...['<script>', 'null', 'NaN', 'infinity', '2026-02-30T00:00:00Z', '9999-12-31T23:59:59.999999+00:00'],
  ...['0001-01-01T00:00:00Z', '2026-01-01T00:00:00+23:59', '00000000-0000-0000-0000-000000000000'],
  ...['ffffffff-ffff-ffff-ffff-ffffffffffff', 'x'.repeat(501), 'é'.repeat(20_000), '👩‍👩‍👧‍👧'.repeat(100)],
  ...Object.keys(RAW).filter((word) => word !== '<10 MB>'),
];
const hostile = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...HOSTILE) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
);

/** Values of a schema; `idsOf` has those of a field by its name. */
function valid(schema: unknown, name: string, idsOf: IdsOf, depth = 0): fc.Arbitrary<unknown> {
  const { const: only, enum: values, anyOf, type, ...rest } = { ...(resolved(schema) as Schema) } as Schema;
  if (only !== undefined) return fc.constant(only);
  if (Array.isArray(values)) return fc.constantFrom(...values);
  if (Array.isArray(type)) return fc.oneof(...type.map((one) => valid({ ...rest, type: one }, name, idsOf, depth)));
  if (Array.isArray(anyOf)) return fc.oneof(...anyOf.map((one) => valid(one, name, idsOf, depth + 1)));
  const number = (key: string, standard: number) => (typeof rest[key] === 'number' ? rest[key] : standard);
  switch (type) {
    case 'string':
      return text(rest, name, idsOf);
    case 'integer':
      return fc.integer({
        min: Math.max(number('minimum', -1e6), -(2 ** 31)),
        max: Math.min(number('maximum', 1e6), 2 ** 31 - 1),
      });
    case 'number':
      return fc.double({ min: number('minimum', -1e6), max: number('maximum', 1e6), noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array': {
      const [minLength, maxLength] = [number('minItems', 0), number('maxItems', 3)];
      return fc.array(valid(rest.items ?? {}, name, idsOf, depth + 1), {
        minLength,
        maxLength: Math.max(minLength, Math.min(3, maxLength)),
      });
    }
    case 'object':
      return objectOf(rest, idsOf, depth);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

type IdsOf = (name: string) => readonly string[];

function text({ format, pattern, minLength, maxLength }: Schema, name: string, idsOf: IdsOf): fc.Arbitrary<unknown> {
  if (format === 'uuid')
    return fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...idsOf(name)) }, { weight: 1, arbitrary: fc.uuid() });
  if (format === 'date-time') {
    return fc
      .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString());
  }
  if (format === 'date') {
    return fc
      .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10));
  }
  if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern));
  const least = typeof minLength === 'number' ? minLength : 0;
  const most = typeof maxLength === 'number' ? maxLength : 60;
  return fc.oneof(
    {
      weight: 6,
      arbitrary: fc.string({ unit: 'grapheme', minLength: least, maxLength: Math.min(most, Math.max(least, 30)) }),
    },
    { weight: 1, arbitrary: fc.constant('é'.repeat(Math.min(most, 30_000))) },
  );
}

function objectOf(
  { properties, required, additionalProperties }: Schema,
  idsOf: IdsOf,
  depth: number,
): fc.Arbitrary<unknown> {
  const fields = Object.entries((properties ?? {}) as Schema);
  if (fields.length === 0) {
    const isOpen = additionalProperties !== false && depth < 4;
    return isOpen
      ? fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })
      : fc.constant({});
  }
  const needed = Array.isArray(required) ? (required as string[]) : [];
  return fc.record(Object.fromEntries(fields.map(([name, schema]) => [name, valid(schema, name, idsOf, depth + 1)])), {
    requiredKeys: needed,
  });
}

/** How far from the description a request is. */
const distance = fc.constantFrom('as it says', 'as it says', 'as it says', 'nearly', 'nearly', 'far') as fc.Arbitrary<
  'as it says' | 'nearly' | 'far'
>;

/** Requests for one operation. `cursors` are handed out by other lists. */
export function requestsFor(
  { place, parameters, body }: Described,
  { idsOf, cursors }: { idsOf: IdsOf; cursors: readonly string[] },
): fc.Arbitrary<Made> {
  const query = parameters.filter((one) => one.in === 'query');
  const cursor = fc.constantFrom(
    ...Array(25).fill(undefined),
    ...cursors,
    'nonsense',
    '',
    'W10',
    'WyJhIix7fV0',
    'x'.repeat(9_000),
  );
  const valuesOf = ({ name, schema }: Described['parameters'][number]) =>
    name === 'cursor' ? cursor : valid(schema, name, idsOf);
  const inPath = parameters.filter((one) => one.in === 'path');
  return fc
    .record({
      far: distance,
      path: fc.tuple(...inPath.map(valuesOf)),
      query: fc.record(Object.fromEntries(query.map((one) => [one.name, valuesOf(one)])), {
        requiredKeys: query.filter(({ required }) => required).map(({ name }) => name),
      }),
      body: body === null ? fc.constant(undefined) : valid({ type: 'object', ...body.schema }, 'body', idsOf),
      which: fc.nat({ max: 20 }),
      put: hostile,
      whole: fc.constantFrom(null, [], 'x', 1, '<deep>', '<10 MB>', '<proto>', { a: 1 }),
      headers: headersFor(place.method === 'get'),
    })
    .map((parts) =>
      requestOf(place, {
        ...parts,
        names: { path: inPath.map(({ name }) => name), query: query.map(({ name }) => name) },
      }),
    );
}

function headersFor(isRead: boolean): fc.Arbitrary<Record<string, string>> {
  const tags = fc.constantFrom('*', '"x"', 'W/"x"', '"x", W/"y", *', 'x', '', ',,,', '"'.repeat(500));
  const keys = fc.oneof(fc.constantFrom('k1', 'k2', 'k3', '', 'k'.repeat(256)), fc.uuid());
  const types = fc.constantFrom(
    'text/plain',
    'application/json; charset=utf-16',
    'application/json;',
    'APPLICATION/JSON',
    '',
  );
  return fc.oneof(
    { weight: 12, arbitrary: fc.constant({}) },
    {
      weight: 2,
      arbitrary: isRead
        ? tags.map((tag) => ({ 'if-none-match': tag }))
        : keys.map((key) => ({ 'idempotency-key': key })),
    },
    { weight: 1, arbitrary: keys.map((key) => ({ 'idempotency-key': key })) },
    { weight: 1, arbitrary: types.map((type) => ({ 'content-type': type })) },
  ) as fc.Arbitrary<Record<string, string>>;
}

interface Parts {
  readonly far: 'as it says' | 'nearly' | 'far';
  readonly path: readonly unknown[];
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  /** Which of the values is another than the description says, and what stands there. */
  readonly which: number;
  readonly put: unknown;
  readonly whole: unknown;
  readonly headers: Record<string, string>;
  readonly names: { readonly path: readonly string[]; readonly query: readonly string[] };
}

function requestOf({ method, path }: Described['place'], parts: Parts): Made {
  const { far, which, put, names } = parts;
  const slots: ((given: Given) => Given)[] = [
    (given) => ({ ...given, query: [...given.query, ...given.query.slice(0, 1)] }),
    (given) => ({ ...given, query: [...given.query, [`${put}`, `${put}`]] }),
    ...names.query.map(
      (name) =>
        (given: Given): Given => ({
          ...given,
          query: [...given.query.filter(([key]) => key !== name), [name, textFor(put)]],
        }),
    ),
    ...names.path.map(
      (_, at) =>
        (given: Given): Given => ({ ...given, path: given.path.with(at, textFor(put)) }),
    ),
    ...(method === 'get' ? [] : fieldSlots(parts)),
  ];
  const given: Given = {
    path: parts.path.map(textFor),
    query: Object.entries(parts.query)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, textFor(value)]),
    body: parts.body,
  };
  const changed = far === 'as it says' ? given : ((slots[which % slots.length] ?? slots[0])?.(given) ?? given);
  const sent = far === 'far' && method !== 'get' && which < 4 ? { ...changed, body: parts.whole } : changed;
  const query = sent.query.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&');
  let at = 0;
  const filled = path.replace(/\{\w+\}/g, () => encoded(sent.path[at++] ?? '') || '%20');
  return {
    method: method.toUpperCase(),
    path: `${filled}${query === '' ? '' : `?${query}`}`,
    headers: parts.headers,
    ...(sent.body === undefined ? {} : { raw: rawJson(sent.body) }),
  };
}

interface Given {
  readonly path: readonly string[];
  readonly query: readonly (readonly [string, string])[];
  readonly body: unknown;
}

/** One for each field of the body, and for one that there is not. */
function fieldSlots({ body, put }: Parts): ((given: Given) => Given)[] {
  const fields = typeof body === 'object' && body !== null ? [...Object.keys(body), 'unknown', 'constructor'] : [];
  return fields.flatMap((field) => [
    (given: Given) => ({ ...given, body: { ...(given.body as object), [field]: put } }),
    (given: Given) => ({
      ...given,
      body: Object.fromEntries(Object.entries(given.body as object).filter(([key]) => key !== field)),
    }),
  ]);
}

function textFor(value: unknown): string {
  return (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).slice(0, 9_000);
}

/** Dots and slashes alone would lead to another path; what is no text is sent as bytes that are none. */
function encoded(text: string): string {
  if (!text.isWellFormed()) return '%ed%a0%80';
  return text === '<proto>' ? '__proto__' : encodeURIComponent(text).replaceAll('.', '%2e');
}

function rawJson(value: unknown): string {
  return Object.entries(RAW).reduce(
    (text, [word, raw]) => text.replaceAll(JSON.stringify(word), () => raw),
    JSON.stringify(value),
  );
}
