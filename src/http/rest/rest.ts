// The operations over REST: finds who asks, reads the input out of path, query and body, does the operation as that person, and
// answers in JSON.
import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Brain } from '../../brain/client.ts';
import type { Operation } from '../../operations/operation.ts';
import { type Asked, OPERATIONS, runOperation } from '../../operations/operations.ts';
import { plainWords } from '../../text/shape-problems.ts';
import type { Answer } from '../answer.ts';
import { ApiError, malformed } from '../api-error.ts';
import { makeReadJson } from '../read-json.ts';
import { makeRoutes, queryOf, type RequestContext, type Routes, reply } from '../routing.ts';
import { bearerOf, requireScope } from './bearer.ts';
import { cursorOf, placeOf } from './cursor.ts';
import { PLACES, type Place, REST_PREFIX, routeOf } from './paths.ts';
import { problemOf, refusalOfOperation } from './problem.ts';

export interface RestDeps {
  readonly brain: Pick<Brain, 'call'>;
  readonly log: Pick<Logger, 'error'>;
}

type ReadJson = ReturnType<typeof makeReadJson>;
/** An input before it is checked. */
type Given = Record<string, unknown>;

const anyObject = z.record(z.string(), z.unknown());

/** The routes of all operations. */
export function makeRest({ brain, log }: RestDeps): Routes {
  const routes = makeRoutes();
  const readJson = makeReadJson();
  for (const [operation, place] of placed()) {
    routes.on(place.method.toUpperCase(), routeOf(place.path), async (context) => {
      try {
        return reply(context, await answerOf({ brain, readJson }, { operation, place }, context));
      } catch (thrown) {
        const onFault = (err: Error) => log.error({ err, operation: operation.name }, 'an operation could not be done');
        return reply(context, problemOf(refusalOfOperation(thrown, onFault)));
      }
    });
  }
  refuseOtherMethods(routes);
  return routes;
}

/** Each operation with its place. */
export function placed(): readonly (readonly [Operation, Place])[] {
  return OPERATIONS.flatMap((operation) => {
    const place = PLACES[operation.name];
    return place === undefined ? [] : [[operation, place] as const];
  });
}

function refuseOtherMethods(routes: Routes): void {
  const methods = new Map<string, string[]>();
  for (const [, { method, path }] of placed()) {
    methods.set(path, [...(methods.get(path) ?? []), method.toUpperCase()]);
  }
  for (const [path, allowed] of methods) {
    routes.all(routeOf(path), (context) => {
      const message = `${REST_PREFIX}${path} takes ${allowed.join(', ')}`;
      const refusal = new ApiError(405, 'method_not_allowed', message, { headers: { allow: allowed.join(', ') } });
      return reply(context, problemOf(refusal));
    });
  }
}

async function answerOf(
  { brain, readJson }: { brain: Pick<Brain, 'call'>; readJson: ReadJson },
  { operation, place }: { operation: Operation; place: Place },
  context: RequestContext,
): Promise<Answer> {
  const { incoming } = context.env;
  const query = queryOf(context);
  const bearer = await bearerOf(brain, { authorization: incoming.headers.authorization, query });
  requireScope(bearer, operation.scope);
  const inPath: Given = context.req.param();
  const rest = place.method === 'get' ? fromQuery(operation, query) : await readJson(incoming, anyObject);
  for (const name of Object.keys(inPath)) {
    if (Object.hasOwn(rest, name)) throw new ApiError(400, 'malformed', `${name} stands in the path, and nowhere else`);
  }
  const { cursor, ...named } = { ...rest, ...inPath };
  const { filters, input } = readInput(operation, named, cursor);
  const once = onceOf(
    operation,
    { method: place.method, path: context.req.path, input },
    incoming.headers['idempotency-key'],
  );
  const { output, next, isReplay } = await runOperation(brain, operation, { userId: bearer.userId, input, once });
  const body = bodyOf(output, next === null ? null : cursorOf({ operation: operation.name, filters }, next));
  if (place.method !== 'get') {
    const headers = { 'cache-control': 'no-store', ...(isReplay ? { 'idempotent-replayed': 'true' } : {}) };
    return { status: place.makes ? 201 : 200, body, headers };
  }
  return readAnswer(context, { body, query });
}

const LONGEST_KEY = 255;

/** What makes the request the same as one before, where it carries a key. https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header */
function onceOf({ hints }: Operation, request: object, key: string | string[] | undefined): Asked['once'] {
  if (key === undefined) return undefined;
  if (hints.readOnly) throw new ApiError(400, 'malformed', 'An Idempotency-Key is for what changes something');
  if (typeof key !== 'string' || key === '' || key.length > LONGEST_KEY) {
    throw new ApiError(400, 'malformed', `Idempotency-Key has 1 to ${LONGEST_KEY} characters`);
  }
  return { keyHash: sha256(key), requestHash: sha256(JSON.stringify(request)) };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** With an ETag of this very body, and 304 for who has it. Asked for after the right to it was. */
function readAnswer(
  context: RequestContext,
  { body, query }: { body: Record<string, unknown>; query: URLSearchParams },
): Answer {
  const etag = `"${createHash('sha256').update(JSON.stringify(body)).digest('base64url')}"`;
  const headers: Record<string, string> = { etag, 'cache-control': 'private, no-cache', vary: 'authorization' };
  const known = (context.env.incoming.headers['if-none-match'] ?? '')
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''));
  if (known.includes(etag)) return { status: 304, body: {}, headers };
  const { next_cursor } = body;
  if (typeof next_cursor === 'string') {
    const further = new URLSearchParams(query);
    further.set('cursor', next_cursor);
    headers.link = `<${context.req.path}?${further}>; rel="next"`;
  }
  return { status: 200, body, headers };
}

/** What a list gives stands in `items`; a bare word is an id. */
function bodyOf(output: unknown, nextCursor: string | null): Record<string, unknown> {
  if (Array.isArray(output)) return { items: output, next_cursor: nextCursor };
  if (typeof output === 'object' && output !== null) return { ...output };
  return { id: output };
}

/** The query as an input: each name once, `limit` for how many, numbers as numbers. */
function fromQuery({ input, page }: Operation, query: URLSearchParams): Given {
  const given: Given = {};
  for (const [name, text] of query) {
    if (Object.hasOwn(given, name)) throw new ApiError(400, 'malformed', `${name} is given twice`);
    given[name] = text;
  }
  if (page !== null && given.batch !== undefined) throw new ApiError(400, 'malformed', 'Use limit instead of batch');
  const { limit, ...rest } = given;
  const named: Given = 'batch' in input.shape && limit !== undefined ? { ...rest, batch: limit } : given;
  return Object.fromEntries(
    Object.entries(named).map(([name, text]) => [name, isNumber(input, name) ? numberOf(text) : text]),
  );
}

function isNumber(input: z.ZodObject, name: string): boolean {
  let field: unknown = input.shape[name];
  while (field instanceof z.ZodOptional || field instanceof z.ZodDefault) field = field.unwrap();
  return field instanceof z.ZodNumber;
}

function numberOf(text: unknown): unknown {
  return typeof text === 'string' && /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}

/** The input, checked, and what of it says which list it is. */
function readInput({ name, input, page }: Operation, named: Given, cursor: unknown) {
  if (cursor !== undefined && (page === null || typeof cursor !== 'string')) {
    throw new ApiError(400, 'malformed', 'There is no cursor here');
  }
  if (page !== null && named[page.after] !== undefined) {
    throw new ApiError(400, 'malformed', `Use cursor instead of ${page.after}`);
  }
  const { batch: _, ...filters } = named;
  const after =
    typeof cursor === 'string' && page !== null ? { [page.after]: placeOf({ operation: name, filters }, cursor) } : {};
  const parsed = input.safeParse({ ...named, ...after }, { error: plainWords });
  if (!parsed.success) throw malformed(parsed.error, 'The request');
  return { filters, input: parsed.data };
}
