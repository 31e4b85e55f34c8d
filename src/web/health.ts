// GET /healthz, /readyz and /metrics: what a supervisor, a load balancer and Prometheus ask. server.ts makes it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { InboxStatus } from '../inbox/status.ts';
import { asError } from '../model.ts';
import type { Metrics } from './metrics.ts';

interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

export interface HealthParts {
  readonly status: () => Promise<InboxStatus>;
  readonly metrics: Pick<Metrics, 'render'>;
  readonly log: Pick<Logger, 'warn'>;
}

/** A handler that resolves to false when the request is for another path. */
export function makeHealth(
  parts: HealthParts,
): (request: IncomingMessage, response: ServerResponse) => Promise<boolean> {
  const pages: Readonly<Record<string, () => Promise<Reply>>> = {
    '/healthz': async () => json(200, { status: 'ok' }),
    '/readyz': () => readiness(parts),
    '/metrics': async () => ({ status: 200, ...(await parts.metrics.render()) }),
  };
  return async (request, response) => {
    const path = request.url?.split('?', 1)[0] ?? '';
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
    if (page === undefined) return false;
    const { method } = request;
    const { status, contentType, text } =
      method === 'GET' || method === 'HEAD' ? await page() : json(405, { error: `${path} is read with GET` });
    response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' });
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
