// The description of the REST interface, made of the operations: OpenAPI 3.1, https://spec.openapis.org/oas/v3.1.1
import { z } from 'zod';
import type { Operation } from '../../operations/operation.ts';
import { addPage, makeRoutes, type Routes, reply } from '../routing.ts';
import { namesIn, type Place, REST_PREFIX } from './paths.ts';
import { takesPathAlone } from './read-input.ts';
import { placed } from './rest.ts';

type Schema = Readonly<Record<string, unknown>>;

/** `GET /api/v1/openapi.json`, for everybody: it tells what there is, and nothing of anybody. */
export function makeOpenapiPage(): Routes {
  const routes = makeRoutes();
  const document = openapiDocument();
  addPage(routes, `${REST_PREFIX}/openapi.json`, (context) =>
    reply(context, { status: 200, body: document, headers: { 'cache-control': 'public, no-cache' } }),
  );
  return routes;
}

/** The whole document. */
function openapiDocument(): Readonly<Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [operation, place] of placed()) {
    const path = REST_PREFIX + place.path;
    paths[path] = { ...paths[path], [place.method]: describe(operation, place) };
  }
  return {
    openapi: '3.1.1',
    info: { title: 'CodeRed', version: '1', summary: 'What broke in CI, why, what fixes it, and the work on it.' },
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'A token of `codered token create`' } },
      responses: { problem: PROBLEM },
    },
  };
}

const PROBLEM = {
  description: 'Refused: `code` is for programs, `detail` for people',
  content: {
    'application/problem+json': {
      schema: {
        type: 'object',
        required: ['type', 'title', 'status', 'detail', 'code', 'details'],
        properties: {
          type: { type: 'string' },
          title: { type: 'string' },
          status: { type: 'integer' },
          detail: { type: 'string' },
          code: { type: 'string' },
          details: { type: 'object' },
        },
      },
    },
  },
};

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'A word of yours, new for each request: sent again with the same within a day, it is done once and answered as before',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

function describe(operation: Operation, place: Place): Schema {
  const { name, summary, scope } = operation;
  const status = place.makes ? '201' : '200';
  return {
    operationId: name,
    summary,
    'x-scope': scope,
    parameters: parametersOf(operation, place),
    ...bodyOf(operation, place),
    responses: {
      [status]: { description: 'Done', content: { 'application/json': { schema: answerOf(operation) } } },
      ...(place.method === 'get' ? { 304: { description: 'As `If-None-Match` has it' } } : {}),
      default: { $ref: '#/components/responses/problem' },
    },
  };
}

function inputOf({ input }: Operation): { properties: Record<string, Schema>; required: readonly string[] } {
  const read = z.object({
    properties: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
    required: z.array(z.string()).default([]),
  });
  return read.parse(z.toJSONSchema(input, { io: 'input' }));
}

/** What stands in the path, and of what is read with GET in the query. */
function parametersOf(operation: Operation, { method, path }: Place): Schema[] {
  const { properties, required } = inputOf(operation);
  const inPath = namesIn(path);
  const { page } = operation;
  const all = Object.entries(properties).flatMap(([name, schema]) => {
    if (inPath.includes(name)) return [{ name, in: 'path', required: true, schema }];
    if (method !== 'get' || Object.hasOwn(page?.after ?? {}, name)) return [];
    return [{ name: name === 'batch' ? 'limit' : name, in: 'query', required: required.includes(name), schema }];
  });
  const cursor = {
    name: 'cursor',
    in: 'query',
    required: false,
    schema: { type: 'string', description: '`next_cursor` of the page before' },
  };
  if (method !== 'get') return [...all, IDEMPOTENCY_KEY];
  return page === null ? all : [...all, cursor];
}

function bodyOf(operation: Operation, { method, path }: Place): Schema {
  if (method === 'get') return {};
  const { input } = operation;
  const { properties, required } = inputOf(operation);
  const inPath = namesIn(path);
  const schema = {
    type: 'object',
    properties: Object.fromEntries(Object.entries(properties).filter(([name]) => !inPath.includes(name))),
    required: required.filter((name) => !inPath.includes(name)),
    additionalProperties: false,
  };
  return { requestBody: { required: !takesPathAlone({ input }, path), content: { 'application/json': { schema } } } };
}

function answerOf({ output }: Operation): Schema {
  const { $schema: _, ...schema } = z.toJSONSchema(output, { io: 'output' });
  if (schema.type === 'array') {
    const properties = { items: schema, next_cursor: { type: ['string', 'null'] } };
    return { type: 'object', required: ['items', 'next_cursor'], properties };
  }
  if (schema.type === 'string') return { type: 'object', required: ['id'], properties: { id: schema } };
  return schema;
}
