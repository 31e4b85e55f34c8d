// Everything under /api/v1/: finds the route and answers in JSON, refusals as {code, message, details}. server.ts makes it.
import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import { LIMITS } from '../config/limits.ts';
import { type Answer, answer } from '../http/answer.ts';
import { asError, Transient } from '../model/errors.ts';
import { ApiError, refusalIn, tryAgain } from './api-error.ts';
import type { Handler } from './listen.ts';

/** Answers a POST, or throws `ApiError`; what else it throws is told as 503 (Transient) or 500. `query` is the URL's. */
export type Route = (request: IncomingMessage, query: URLSearchParams) => Promise<Answer>;

const PREFIX = '/api/v1/';

/** A handler that resolves to false when the request is for another path. `routes` by path behind /api/v1/. */
export function makeApi(routes: Readonly<Record<string, Route>>, log: Pick<Logger, 'error' | 'info'>): Handler {
  return async (request, response) => {
    const [path = '', query = ''] = (request.url ?? '').split(/\?(.*)/s, 2);
    if (!path.startsWith(PREFIX)) return false;
    const said = await answerOf(request, path, new URLSearchParams(query), { routes, log });
    // Nobody waits for an answer when the sender is gone.
    if (!response.destroyed) answer(request, response, said);
    return true;
  };
}

async function answerOf(
  request: IncomingMessage,
  path: string,
  query: URLSearchParams,
  { routes, log }: { routes: Readonly<Record<string, Route>>; log: Pick<Logger, 'error' | 'info'> },
): Promise<Answer> {
  try {
    const name = path.slice(PREFIX.length);
    const route = Object.hasOwn(routes, name) ? routes[name] : undefined;
    if (route === undefined) throw new ApiError(404, 'not_found', `There is nothing at ${PREFIX}${name.slice(0, 80)}`);
    if (request.method !== 'POST') {
      throw new ApiError(405, 'method_not_allowed', `${path} takes POST`, { headers: { allow: 'POST' } });
    }
    return await route(request, query);
  } catch (thrown) {
    const { status, code, message, details, headers } = refusalOf(thrown, path, log);
    log.info({ path: path.slice(0, 80), status, code }, 'an API call was refused');
    return { status, body: { code, message, details }, headers };
  }
}

function refusalOf(thrown: unknown, path: string, log: Pick<Logger, 'error'>): ApiError {
  const refusal = refusalIn(thrown);
  if (refusal !== null) return refusal;
  log.error({ err: asError(thrown), path: path.slice(0, 80) }, 'an API call could not be answered');
  if (thrown instanceof Transient) {
    return tryAgain(503, 'unavailable', 'This can not be done now; try again later', LIMITS.retryAfterSeconds);
  }
  return new ApiError(500, 'internal', 'This request could not be answered; the log says why');
}
