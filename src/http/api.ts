// Everything under /api/v1/: finds the route and answers in JSON, refusals as problems (RFC 9457).
import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import { LIMITS } from '../config/limits.ts';
import { asError, Transient } from '../model/errors.ts';
import type { Answer } from './answer.ts';
import { ApiError, problemOf, refusalIn, tryAgain } from './api-error.ts';
import { addOtherMethods, makeRoutes, queryOf, type RequestContext, type Routes, reply } from './routing.ts';

/** Answers a POST, or throws `ApiError`; anything else it throws is answered with 503 (Transient) or 500. `query` is the URL's. */
export type Route = (request: IncomingMessage, query: URLSearchParams) => Promise<Answer>;

const PREFIX = '/api/v1/';

/** `routes` by path behind /api/v1/; `operations` come after them, as `/specs/{spec_id}` would take `/specs/email`. */
export function makeApi(
  routes: Readonly<Record<string, Route>>,
  log: Pick<Logger, 'error' | 'info'>,
  operations: Routes | null = null,
): Routes {
  const api = makeRoutes();
  for (const [name, route] of Object.entries(routes)) {
    const path = PREFIX + name;
    api.post(path, async (context) => reply(context, await route(context.env.incoming, queryOf(context))));
    addOtherMethods(api, path, ['POST']);
  }
  if (operations !== null) api.route('/', operations);
  const there = Object.keys(routes).map((name) => `POST ${PREFIX}${name}`);
  const absent = ({ req }: RequestContext): never => {
    const message = `There is nothing at ${req.path.slice(0, 80)}; there are ${there.join(', ')} and what GET ${PREFIX}openapi.json describes, without a slash at the end`;
    throw new ApiError(404, 'not_found', message);
  };
  api.all(`${PREFIX}*`, absent);
  api.all(PREFIX.slice(0, -1), absent);
  api.onError((thrown, context) => {
    const path = context.req.path.slice(0, 80);
    const refusal = refusalOf(thrown, path, log);
    const { status, code, message } = refusal;
    log.info({ path, status, code }, 'an API call was refused');
    const problem = problemOf(refusal);
    // Callers of before RFC 9457 read `message`.
    return reply(context, { ...problem, body: { ...problem.body, message } });
  });
  return api;
}

function refusalOf(thrown: unknown, path: string, log: Pick<Logger, 'error'>): ApiError {
  const refusal = refusalIn(thrown);
  if (refusal !== null) return refusal;
  log.error({ err: asError(thrown), path }, 'an API call could not be answered');
  if (thrown instanceof Transient) {
    return tryAgain(503, 'unavailable', 'This can not be done now; try again later', LIMITS.retryAfterSeconds);
  }
  return new ApiError(500, 'internal', 'This request could not be answered; the log says why');
}
