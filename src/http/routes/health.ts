// GET /healthz, /readyz and /metrics: what a supervisor, a load balancer and Prometheus ask.
import type { Logger } from 'pino';
import { asError } from '../../model/errors.ts';
import type { InboxStatus } from '../../queue/status.ts';
import { bearerHash } from '../api-key.ts';
import { addPage, makeRoutes, type RequestContext, type Routes, reply } from '../routing.ts';
import type { Metrics } from './metrics.ts';

export interface MetricsDeps {
  readonly metrics: Pick<Metrics, 'render'>;
  /** The SHA-256s of the tokens that may ask; without any, anybody may. */
  readonly tokens?: readonly string[];
}

export interface HealthDeps extends Pick<MetricsDeps, 'tokens'> {
  readonly status: () => Promise<InboxStatus>;
  /** Rejects where people's calls are refused; left out: nobody asks. */
  readonly people?: () => Promise<void>;
  /** Null: they are served elsewhere, by `makeMetricsPage`. */
  readonly metrics: MetricsDeps['metrics'] | null;
  readonly log: Pick<Logger, 'warn'>;
}

/** The three pages; two where the metrics are served elsewhere. */
export function makeHealth(deps: HealthDeps): Routes {
  const { metrics, tokens = [] } = deps;
  const routes = makeRoutes();
  addPage(routes, '/healthz', (context) => json(context, 200, { status: 'ok' }));
  addPage(routes, '/readyz', (context) => readiness(context, deps));
  if (metrics !== null) addMetrics(routes, { metrics, tokens });
  return routes;
}

/** The same for `/metrics` alone, on an address of its own. */
export function makeMetricsPage(deps: MetricsDeps): Routes {
  const routes = makeRoutes();
  addMetrics(routes, deps);
  return routes;
}

function addMetrics(routes: Routes, { metrics, tokens = [] }: MetricsDeps): void {
  addPage(routes, '/metrics', async (context) => {
    if (tokens.length === 0 || bearerHash(context.env.incoming.headers.authorization, tokens) !== null) {
      const { contentType, text } = await metrics.render();
      return context.body(text, 200, { ...NOT_KEPT, 'content-type': contentType });
    }
    const error = 'Send "Authorization: Bearer <token>" with the token of the setting METRICS_TOKEN_SHA256';
    return json(context, 401, { error }, { 'www-authenticate': 'Bearer' });
  });
}

/**
 * Ready when the database answers. That people's calls are refused does not make it unready: all else goes on. A long queue does not make it unready: it still takes deliveries. Anybody may ask, so
 * the details are in the log and the metrics.
 */
async function readiness(context: RequestContext, { status, people, log }: HealthDeps): Promise<Response> {
  try {
    await status();
    const refusal = await people?.().then(() => null, asError);
    if (refusal) log.warn({ err: refusal }, "people's calls are refused");
    return json(context, 200, { status: 'ready', ...(refusal ? { people: 'refused' } : {}) });
  } catch (thrown) {
    log.warn({ err: asError(thrown) }, 'the database does not answer');
    return json(context, 503, { status: 'not ready', reason: 'the database does not answer' });
  }
}

const NOT_KEPT = { 'cache-control': 'no-store' };

function json(
  context: RequestContext,
  status: number,
  body: Readonly<Record<string, unknown>>,
  headers: Record<string, string> = {},
): Response {
  return reply(context, { status, body, headers: { ...NOT_KEPT, ...headers } });
}
