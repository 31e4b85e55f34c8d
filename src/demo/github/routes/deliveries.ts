// The App's webhook deliveries: the list, newest first, and asking for one again.

import type { JsonObject } from '../contract/json-value.ts';
import { type Attempt, type Deliveries, describedIn } from '../state/deliveries.ts';
import { githubTime } from '../state/github-state.ts';
import { type Answer, type Call, notFound, numberParameter, refuse } from './route.ts';

/** GitHub keeps a body so long. docs/github.md#delivery-of-webhooks */
const KEPT_MS = 3 * 86_400_000;

/** Routes that want the App's own token. */
export function deliveryRoutes(deliveries: Deliveries): Record<string, (call: Call) => Answer> {
  return {
    'GET /app/hook/deliveries': (call) => list(call, deliveries),
    'POST /app/hook/deliveries/{delivery_id}/attempts': (call) => {
      const attempt = deliveries.attempts.find(({ id }) => id === numberParameter(call, 'delivery_id'));
      if (attempt === undefined) return notFound();
      const { payload } = attempt;
      if (payload === null || attempt.deliveredAt < Date.now() - KEPT_MS)
        return refuse(422, 'Delivery is too old to be redelivered.');
      deliveries.redeliver({ ...attempt, payload });
      return { status: 202, body: {} };
    },
  };
}

/** A cursor names the entry before the page, so that what comes meanwhile moves nothing. */
function list(call: Call, { attempts }: Deliveries): Answer {
  const perPage = Math.min(100, Math.max(1, numberParameter(call, 'per_page') || 30));
  const { cursor } = call.parameters;
  const below = typeof cursor === 'string' ? Number(cursor.slice('v1_'.length)) : Number.POSITIVE_INFINITY;
  if (!(below > 0)) return refuse(422, 'Invalid cursor');
  const left = attempts.filter(({ id, isListed }) => isListed && id < below).toReversed();
  const shown = left.slice(0, perPage);
  const url = new URL(call.target, call.origin);
  url.searchParams.set('cursor', `v1_${shown.at(-1)?.id}`);
  const headers = left.length > perPage ? { link: `<${url}>; rel="next"` } : undefined;
  return { status: 200, body: shown.map(attemptJson), ...(headers && { headers }) };
}

function attemptJson({
  id,
  guid,
  event,
  payload,
  deliveredAt,
  seconds,
  isRedelivery,
  statusCode,
}: Attempt): JsonObject {
  const { action, installation, repository } = describedIn(payload ?? {});
  return {
    id,
    guid,
    delivered_at: githubTime(deliveredAt),
    redelivery: isRedelivery,
    duration: seconds,
    status: statusCode === 502 ? 'failed to connect' : statusCode < 300 ? 'OK' : 'Invalid HTTP Response',
    status_code: statusCode,
    event,
    action,
    installation_id: installation,
    repository_id: repository,
    throttled_at: null,
  };
}
