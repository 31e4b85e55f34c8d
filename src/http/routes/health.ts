// GET /healthz, /readyz and /metrics: what a supervisor, a load balancer and Prometheus ask. server.ts makes it.
import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import { asError } from '../../model/errors.ts';
import type { InboxStatus } from '../../queue/status.ts';
import { bearerHash } from '../api-key.ts';
import type { Handler } from '../listen.ts';
import type { Metrics } from './metrics.ts';

interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

type Page = (request: IncomingMessage) => Promise<Reply>;

export interface MetricsParts {
  readonly metrics: Pick<Metrics, 'render'>;
  /** The SHA-256s of the tokens that may ask; without any, anybody may. */
  readonly tokens?: readonly string[];
}

export interface HealthParts extends Pick<MetricsParts, 'tokens'> {
  readonly status: () => Promise<InboxStatus>;
  /** Null: they are served elsewhere, by `makeMetricsPage`. */
  readonly metrics: MetricsParts['metrics'] | null;
  readonly log: Pick<Logger, 'warn'>;
}

/** A handler that resolves to false when the request is for another path. */
export function makeHealth(parts: HealthParts): Handler {
  const { metrics, tokens = [] } = parts;
  return servePages({
    '/healthz': async () => json(200, { status: 'ok' }),
    '/readyz': () => readiness(parts),
    ...(metrics === null ? {} : { '/metrics': metricsPage({ metrics, tokens }) }),
  });
}

/** The same for `/metrics` alone, on an address of its own. */
export function makeMetricsPage(parts: MetricsParts): Handler {
  return servePages({ '/metrics': metricsPage(parts) });
}

function metricsPage({ metrics, tokens = [] }: MetricsParts): Page {
  return async ({ headers }) => {
    if (tokens.length === 0 || bearerHash(headers.authorization, tokens) !== null) {
      return { status: 200, ...(await metrics.render()) };
    }
    const error = 'Send "Authorization: Bearer <token>" with the token of the setting METRICS_TOKEN_SHA256';
    return { ...json(401, { error }), headers: { 'www-authenticate': 'Bearer' } };
  };
}

function servePages(pages: Readonly<Record<string, Page>>): Handler {
  return async (request, response) => {
    const path = request.url?.split('?', 1)[0] ?? '';
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
    if (page === undefined) return false;
    const { method } = request;
    const { status, contentType, text, headers } =
      method === 'GET' || method === 'HEAD' ? await page(request) : json(405, { error: `${path} is read with GET` });
    response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store', ...headers });
    response.end(method === 'HEAD' ? undefined : text);
    return true;
  };
}

/**
 * Ready when the database answers. A long queue does not make it unready: it still takes deliveries. Anybody may ask, so
 * the details are in the log and the metrics.
 */
async function readiness({ status, log }: HealthParts): Promise<Reply> {
  try {
    await status();
    return json(200, { status: 'ready' });
  } catch (thrown) {
    log.warn({ err: asError(thrown) }, 'the database does not answer');
    return json(503, { status: 'not ready', reason: 'the database does not answer' });
  }
}

function json(status: number, body: object): Reply {
  return { status, contentType: 'application/json; charset=utf-8', text: `${JSON.stringify(body)}\n` };
}
