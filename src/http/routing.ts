// Everything but the webhook receiver is a Hono app: which handler a path and a method have, and what is said when there is none.
// Bodies are read from Node's request itself, whose limits Hono knows nothing of.
import { getRequestListener, type HttpBindings, RequestError } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono, type Handler as HonoHandler } from 'hono';
import { asError } from '../model/errors.ts';
import { type Answer, answer } from './answer.ts';
import { ApiError, problemOf } from './api-error.ts';
import type { Handler } from './listen.ts';

/** The page that tells people of all that is under /api/v1 and /v1. */
export const REFERENCE_PATH = '/api/v1/reference';

interface NodeEnv {
  Bindings: HttpBindings;
}

/** The paths of one resource or of all, each with a handler a method. */
export type Routes = Hono<NodeEnv>;
export type RequestContext = Context<NodeEnv>;

/** Paths are compared as they were sent: what is written otherwise (`/%6detrics`, `/a/../metrics`) is another path, also to a proxy. */
export function makeRoutes(): Routes {
  return new Hono<NodeEnv>({ getPath: (_, options) => pathOf(options?.env?.incoming.url) });
}

function pathOf(url = ''): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}

/** What stands behind the first `?`. */
export function queryOf({ env }: RequestContext): URLSearchParams {
  const { url = '' } = env.incoming;
  return new URLSearchParams(url.slice(pathOf(url).length + 1));
}

/** Adds a page that is read with GET or HEAD; other methods are answered 405. */
export function addPage(routes: Routes, path: string, handler: HonoHandler<NodeEnv>): void {
  routes.get(path, handler);
  routes.all(path, (context) =>
    reply(context, { status: 405, body: { error: `${path} is read with GET` }, headers: { allow: 'GET' } }),
  );
}

/**
 * Of a path of the API that takes these methods: OPTIONS is told which, every other is refused with 405. Nothing here is meant for pages of
 * other origins, so none is told that it may ask (CORS).
 */
export function addOtherMethods(routes: Routes, path: string, methods: readonly string[]): void {
  const all = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
  routes.options(path, (context) => reply(context, { status: 204, body: {}, headers: { allow: all } }));
  routes.all(path, (context) => {
    const message = `${path} takes ${methods.join(', ')}`;
    return reply(context, problemOf(new ApiError(405, 'method_not_allowed', message, { headers: { allow: all } })));
  });
}

/** Answers in JSON, also to a sender who is still sending. Nobody waits for an answer when the sender is gone. */
export function reply({ env: { incoming, outgoing } }: RequestContext, said: Answer): Response {
  if (!outgoing.destroyed) answer(incoming, outgoing, said);
  return RESPONSE_ALREADY_SENT;
}

/** Answers with bytes as they are. */
export function replyBytes(
  { env: { outgoing } }: RequestContext,
  { bytes, headers }: { readonly bytes: Buffer; readonly headers: Readonly<Record<string, string>> },
): Response {
  if (!outgoing.destroyed) outgoing.writeHead(200, { ...headers, 'content-length': bytes.length }).end(bytes);
  return RESPONSE_ALREADY_SENT;
}

/** For what a route has written to the socket by itself. */
export function sentByItself(): Response {
  return RESPONSE_ALREADY_SENT;
}

/** Where clients of MCP and of OAuth post when they are a slash or a word beside it. */
const OTHER_POSTS = ['/mcp', '/sse', '/messages', '/oauth/', '/register', '/token'];

interface ServedRoutes {
  readonly resources: readonly Routes[];
  /** Called with what a route threw and did not answer. */
  readonly onError: (error: unknown) => void;
  /** Where webhooks are received beside these, for who sends them elsewhere; null where they are not. */
  readonly webhookPath?: string | null;
}

/** A handler that answers every request: 404 with the paths that there are when there is no such path. */
export function serveRoutes({ resources, onError, webhookPath = null }: ServedRoutes): Handler {
  const app = makeRoutes();
  for (const resource of resources) app.route('/', resource);
  const there = pathsOf(app, webhookPath);
  app.notFound((context) => {
    const { method, path } = context.req;
    const isWebhook = webhookPath !== null && method === 'POST' && !OTHER_POSTS.some((at) => path.startsWith(at));
    const advice = isWebhook
      ? `GitHub's webhooks are received at ${webhookPath}: put that at the end of the webhook URL in the settings of the App`
      : `there are ${there.join(', ')}`;
    return reply(context, { status: 404, body: { error: `There is nothing here; ${advice}` } });
  });
  app.onError((error, context) => {
    onError(error);
    return reply(context, { status: 500, body: { error: 'This request could not be answered; the log says why' } });
  });
  const listener = getRequestListener(app.fetch, {
    overrideGlobalObjects: false,
    // `answer` reads on, or not, what is left of a body.
    autoCleanupIncoming: false,
    hostname: 'localhost',
    errorHandler: (thrown) => {
      if (thrown instanceof RequestError) return Response.json({ error: `${thrown.message}` }, { status: 400 });
      onError(asError(thrown));
      return Response.json({ error: 'This request could not be answered; the log says why' }, { status: 500 });
    },
  });
  return async (request, response) => {
    await listener(request, response);
    return true;
  };
}

/** Each path with its method, the receiver first; of a list that has a page of its own, that page. */
function pathsOf({ routes }: Routes, webhookPath: string | null): string[] {
  const named = routes.filter(({ method, path }) => method !== 'ALL' && method !== 'OPTIONS' && !path.includes('*'));
  const isTold = named.some(({ path }) => path === REFERENCE_PATH);
  const all = named
    .filter(({ path }) => !isTold || path === REFERENCE_PATH || !['/api/v1/', '/v1/'].some((at) => path.startsWith(at)))
    .map(({ method, path }) => `${method} ${path}`);
  return [...new Set([...(webhookPath === null ? [] : [`POST ${webhookPath}`]), ...all])];
}
