// Everything under /api/v1/: finds the route and answers in JSON, refusals as {code, message, details}.
import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import { LIMITS } from '../config/limits.ts';
import { asError, Transient } from '../model/errors.ts';
import type { Answer } from './answer.ts';
import { ApiError, refusalIn, tryAgain } from './api-error.ts';
import { makeRoutes, queryOf, type Routes, reply } from './routing.ts';

/** Answers a POST, or throws `ApiError`; anything else it throws is answered with 503 (Transient) or 500. `query` is the URL's. */
export type Route = (request: IncomingMessage, query: URLSearchParams) => Promise<Answer>;

const PREFIX = '/api/v1/';

/** `routes` by path behind /api/v1/. */
export function makeApi(routes: Readonly<Record<string, Route>>, log: Pick<Logger, 'error' | 'info'>): Routes {
  const api = makeRoutes();
  for (const [name, route] of Object.entries(routes)) {
    const path = PREFIX + name;
    api.post(path, async (context) => reply(context, await route(context.env.incoming, queryOf(context))));
    api.all(path, () => {
      throw new ApiError(405, 'method_not_allowed', `${path} takes POST`, { headers: { allow: 'POST' } });
    });
  }
  const there = Object.keys(routes).map((name) => `POST ${PREFIX}${name}`);
  api.all(`${PREFIX}*`, ({ req }) => {
    const message = `There is nothing at ${req.path.slice(0, 80)}; there are ${there.join(', ')} and what GET ${PREFIX}openapi.json describes, without a slash at the end`;
    throw new ApiError(404, 'not_found', message);
  });
  api.onError((thrown, context) => {
    const path = context.req.path.slice(0, 80);
    const { status, code, message, details, headers } = refusalOf(thrown, path, log);
    log.info({ path, status, code }, 'an API call was refused');
    return reply(context, { status, body: { code, message, details }, headers });
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
