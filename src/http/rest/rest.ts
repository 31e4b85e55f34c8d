// The operations over REST: finds who asks, reads the input out of path, query and body, does the operation as that person, and
// answers in JSON.
import { createHash } from 'node:crypto';
import type { Operation } from '../../operations/declared/operation.ts';
import type { Answer } from '../answer.ts';
import { problemOf } from '../api-error.ts';
import { requireScope } from '../person-door/bearer.ts';
import { bodyOf, type DoorDeps, makePersonDoor, type PersonDoor } from '../person-door/person-door.ts';
import { addOtherMethods, makeRoutes, queryOf, type RequestContext, type Routes, reply } from '../routing.ts';
import { makeContent } from './content.ts';
import { cursorOf } from './cursor.ts';
import { onceOf } from './once.ts';
import { fullPath, type Place, routeOf } from './paths.ts';
import { placed } from './placed.ts';
import { makeReadInput } from './read-input.ts';

export interface RestDeps extends DoorDeps {
  /** What tokens of OAuth for this interface were given for; left out or null: there is no OAuth. */
  readonly audience?: string | null;
  /** Left out: one of its own, which counts what comes in here alone. */
  readonly door?: PersonDoor;
}

interface Tools {
  readonly audience: string | null;
  readonly door: PersonDoor;
  readonly readInput: ReturnType<typeof makeReadInput>;
}

/** The routes of all operations. */
export function makeRest(deps: RestDeps): Routes {
  const { brain, log, links, audience = null, door = makePersonDoor(deps) } = deps;
  const routes = makeRoutes();
  const tools = { audience, door, readInput: makeReadInput() };
  for (const [operation, place] of placed()) {
    routes.on(place.method.toUpperCase(), routeOf(fullPath(place)), async (context) => {
      try {
        return reply(context, await answerOf(tools, { operation, place }, context));
      } catch (thrown) {
        return reply(context, problemOf(door.refusalOf(thrown, operation.name)));
      }
    });
  }
  refuseOtherMethods(routes);
  if (links !== undefined) {
    const onFault = (err: Error) => log.error({ err }, 'content could not be sent');
    routes.route('/', makeContent({ brain, links, turns: door.turns, onFault }));
  }
  return routes;
}

function refuseOtherMethods(routes: Routes): void {
  const methods = new Map<string, string[]>();
  for (const [, place] of placed()) {
    const path = fullPath(place);
    methods.set(path, [...(methods.get(path) ?? []), place.method.toUpperCase()]);
  }
  for (const [path, allowed] of methods) addOtherMethods(routes, routeOf(path), allowed);
}

async function answerOf(
  { audience, door, readInput }: Tools,
  { operation, place }: { operation: Operation; place: Place },
  context: RequestContext,
): Promise<Answer> {
  const { incoming } = context.env;
  const query = queryOf(context);
  const { userId, ...bearer } = await door.know(incoming, query, audience);
  requireScope(bearer, operation.scope, audience);
  const { filters, input } = await readInput(operation, place, { incoming, query, inPath: context.req.param() });
  const request = { method: place.method, path: context.req.path, input };
  const once = onceOf(operation, request, incoming.headers['idempotency-key']);
  const { clientId } = bearer;
  const by = clientId === null ? 'person' : 'agent';
  const outcome = await door.run(operation, { userId, by, through: 'rest', clientId, input, once });
  const { next, isReplay } = outcome;
  const body = bodyOf(outcome, next === null ? null : cursorOf({ operation: operation.name, filters }, next));
  if (place.method !== 'get') {
    const headers = { 'cache-control': 'no-store', ...(isReplay ? { 'idempotent-replayed': 'true' } : {}) };
    return { status: place.makes ? 201 : 200, body, headers };
  }
  return readAnswer(context, { body, query });
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
  if (known.includes(etag) || known.includes('*')) return { status: 304, body: {}, headers };
  const { next_cursor } = body;
  if (typeof next_cursor === 'string') {
    const further = new URLSearchParams(query);
    further.set('cursor', next_cursor);
    headers.link = `<${context.req.path}?${further}>; rel="next"`;
  }
  return { status: 200, body, headers };
}
