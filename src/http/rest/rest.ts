// The operations over REST: finds who asks, reads the input out of path, query and body, does the operation as that person, and
// answers in JSON.
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import type { Brain } from '../../brain/client.ts';
import { LIMITS } from '../../config/limits.ts';
import type { ContentLinks } from '../../operations/declared/content-link.ts';
import type { ExportToGithub } from '../../operations/declared/github-export.ts';
import type { Operation } from '../../operations/declared/operation.ts';
import { runOperation } from '../../operations/operations.ts';
import type { Answer } from '../answer.ts';
import { problemOf } from '../api-error.ts';
import { type AddressOf, nobodysAddress } from '../client-address.ts';
import { addOtherMethods, makeRoutes, queryOf, type RequestContext, type Routes, reply } from '../routing.ts';
import { bearerOf, requireScope } from './bearer.ts';
import { type ContentBrain, makeContent } from './content.ts';
import { cursorOf } from './cursor.ts';
import { FailedTokens } from './failed-tokens.ts';
import { FreshAccess, type RefreshAccess } from './fresh-access.ts';
import { onceOf } from './once.ts';
import { fullPath, type Place, routeOf } from './paths.ts';
import { placed } from './placed.ts';
import { refusalOfOperation } from './problem.ts';
import { makeReadInput } from './read-input.ts';
import { Turns } from './turns.ts';
import { Written, type WrittenLimits } from './written.ts';

export interface RestDeps {
  readonly brain: ContentBrain;
  readonly log: Pick<Logger, 'error'>;
  readonly addressOf?: AddressOf;
  /** Left out: no links to content are made. */
  readonly links?: ContentLinks | undefined;
  /** Left out: nothing is pushed to GitHub. */
  readonly exportToGithub?: ExportToGithub | undefined;
  /** Has GitHub asked what a person may see, when that was not for too long; without it they have to come back later. */
  readonly refreshAccess?: RefreshAccess | undefined;
  /** Where people sign in again, when GitHub can't be asked for them. */
  readonly signInUrl?: string | undefined;
  /** How much one person may write; left out: as people do. */
  readonly written?: WrittenLimits;
}

interface Tools {
  readonly brain: RestDeps['brain'];
  readonly readInput: ReturnType<typeof makeReadInput>;
  readonly turns: Turns;
  readonly written: Written;
  readonly fresh: FreshAccess;
  readonly links: ContentLinks | undefined;
  readonly exportToGithub: ExportToGithub | undefined;
  /** Takes the refusal of a token, and gives the one to answer with. */
  readonly onRefusal: (thrown: unknown, incoming: IncomingMessage) => unknown;
}

/** The routes of all operations. */
export function makeRest({
  brain,
  log,
  addressOf = nobodysAddress,
  refreshAccess,
  signInUrl,
  links,
  exportToGithub,
  written = LIMITS.apiWritten,
}: RestDeps): Routes {
  const routes = makeRoutes();
  const fresh = new FreshAccess(refreshAccess, (err) =>
    log.error({ err }, 'GitHub could not be asked what a person may see'),
  );
  const turns = new Turns(LIMITS.apiTurns);
  const failed = new FailedTokens(LIMITS.failedTokens);
  const onRefusal = (thrown: unknown, incoming: IncomingMessage) => failed.note(thrown, addressOf(incoming));
  const counted = new Written(written);
  const room = { readInput: makeReadInput(), turns, written: counted };
  const tools = { brain, ...room, fresh, onRefusal, links, exportToGithub };
  for (const [operation, place] of placed()) {
    routes.on(place.method.toUpperCase(), routeOf(fullPath(place)), async (context) => {
      try {
        return reply(context, await answerOf(tools, { operation, place }, context));
      } catch (thrown) {
        const onFault = (err: Error) => log.error({ err, operation: operation.name }, 'an operation could not be done');
        return reply(context, problemOf(refusalOfOperation(thrown, onFault, signInUrl)));
      }
    });
  }
  refuseOtherMethods(routes);
  if (links !== undefined) {
    const onFault = (err: Error) => log.error({ err }, 'content could not be sent');
    routes.route('/', makeContent({ brain, links, turns, onFault }));
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
  { brain, readInput, turns, written, fresh, onRefusal, links, exportToGithub }: Tools,
  { operation, place }: { operation: Operation; place: Place },
  context: RequestContext,
): Promise<Answer> {
  const { incoming } = context.env;
  const query = queryOf(context);
  const { authorization } = incoming.headers;
  const { userId, ...bearer } = await bearerOf(brain, { authorization, query }).catch((thrown: unknown) => {
    throw onRefusal(thrown, incoming);
  });
  requireScope(bearer, operation.scope);
  const { filters, input } = await readInput(operation, place, { incoming, query, inPath: context.req.param() });
  if (!operation.hints.readOnly) written.take(userId, Buffer.byteLength(JSON.stringify(input)));
  const once = onceOf(
    operation,
    { method: place.method, path: context.req.path, input },
    incoming.headers['idempotency-key'],
  );
  const asked = { userId, input, once, links, exportToGithub };
  // A turn is for the database: what is done with its answer, at GitHub say, keeps nobody waiting.
  const inTurn: Pick<Brain, 'callAs'> = { callAs: (call) => turns.take(userId, () => brain.callAs(call)) };
  const { output, next, isReplay } = await fresh.run(userId, () => runOperation(inTurn, operation, asked));
  const body = bodyOf(output, next === null ? null : cursorOf({ operation: operation.name, filters }, next));
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

/** What a list gives stands in `items`; a bare word is an id. */
function bodyOf(output: unknown, nextCursor: string | null): Record<string, unknown> {
  if (Array.isArray(output)) return { items: output, next_cursor: nextCursor };
  if (typeof output === 'object' && output !== null) return { ...output };
  return { id: output };
}
