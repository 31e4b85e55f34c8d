// The receiver of webhooks, POST /api/github/webhooks. Verifies a delivery, makes it durable, and only then says so.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { LIMITS } from '../config/limits.ts';
import { type Answer, answer } from '../http/answer.ts';
import { BodyRoom } from '../http/bodies/body-room.ts';
import type { PaceLimits } from '../http/bodies/pace.ts';
import { readBody } from '../http/bodies/read-body.ts';
import { type AddressOf, nobodysAddress } from '../http/client-address.ts';
import { isDeep } from '../http/json-depth.ts';
import { asError } from '../model/errors.ts';
import { deliveryRow, EVENT_NAME, GUID, type SaveOutcome } from './delivery-row.ts';
import { checkSignature, type SignatureCheck } from './signature.ts';
import type { Store } from './store.ts';

/** Probot's own path, at which GitHub's settings for the App already point. */
export const WEBHOOK_PATH = '/api/github/webhooks';

/** How a request ended, for the metrics: a `SaveOutcome`, or why nothing was kept. */
export type ReceiveOutcome = SaveOutcome | 'malformed' | 'bad signature' | 'too large' | 'too slow' | 'unavailable';

/** What the receiver needs; sizes in bytes, times in milliseconds. What is left out is as in LIMITS. */
export interface ReceiverDeps {
  readonly appId: number;
  /** A delivery may be signed with any of them. */
  readonly secrets: readonly string[];
  readonly store: Store;
  readonly log: Logger;
  /** Called for every answered request, with how it ended and how long it took. */
  readonly observe: (outcome: ReceiveOutcome, seconds: number) => void;
  /** Called when there is something for the workers to claim. */
  readonly onStored: () => void;
  /** Whose share of the memory for bodies a request takes; left out: no address has a share. */
  readonly addressOf?: AddressOf;
  readonly pace?: PaceLimits;
  readonly bodyBytes?: number;
  readonly bodyBytesInFlight?: number;
  readonly saveMs?: number;
}

interface ReceiveResult {
  readonly outcome: ReceiveOutcome;
  readonly answer: Answer;
}

/**
 * A handler for Node's HTTP server, as Probot's `addHandler` takes it; resolves to false when the request is for another
 * path. The cheapest checks come first, and nothing of a body is looked at before its signature is right:
 *
 * 1. method, content type, event, delivery id, presence and form of a signature (405, 400, 401)
 * 2. size, announced and while reading (413), pace (408), and memory left for bodies (503)
 * 3. signature over the raw bytes (401)
 * 4. UTF-8, JSON, an object, not too many levels of it (400)
 * 5. the inbox: 202 once it is durable there, 200 when it is known and done, 503 when it can't be stored in time
 */
export function makeReceive(
  deps: ReceiverDeps,
): (request: IncomingMessage, response: ServerResponse) => Promise<boolean> {
  const maxBytes = deps.bodyBytes ?? LIMITS.bodyBytes;
  const room = new BodyRoom(deps.bodyBytesInFlight ?? LIMITS.bodyBytesInFlight, maxBytes);
  return async (request, response) => {
    if (!isForWebhooks(request)) return false;
    const startedMs = performance.now();
    const result = await receiveDelivery(request, deps, { room, maxBytes });
    if (result !== null) {
      answer(request, response, result.answer);
      deps.observe(result.outcome, (performance.now() - startedMs) / 1000);
    }
    return true;
  };
}

/** Whether a request is for the path of the webhooks, whatever its method. */
export function isForWebhooks({ url }: IncomingMessage): boolean {
  return url?.split('?', 1)[0] === WEBHOOK_PATH;
}

/** Returns null when the sender is gone and nobody waits for an answer. */
async function receiveDelivery(
  request: IncomingMessage,
  deps: ReceiverDeps,
  { room, maxBytes }: { room: BodyRoom; maxBytes: number },
): Promise<ReceiveResult | null> {
  const deadlineMs = performance.now() + (deps.saveMs ?? LIMITS.saveMs);
  const head = readHead(request);
  if ('answer' in head) return head;
  const signature = checkSignature(head.signature, deps.secrets);
  if (signature === null) return refuse(401, WRONG_SIGNATURE);
  const { addressOf = nobodysAddress, pace } = deps;
  const body = await readBody(request, {
    room,
    maxBytes,
    address: addressOf(request),
    onPiece: signature.update,
    pace,
  });
  switch (body.kind) {
    case 'cut short':
      return null;
    case 'too large':
      return refuse(413, `The body is larger than ${maxBytes} bytes, which is more than GitHub sends`);
    case 'too slow':
      return refuse(408, 'The body comes too slowly');
    case 'no room':
      return unavailable(head.guid, 'Too many deliveries at once; deliver it again later');
    case 'whole':
      try {
        return await keep({ head, signature, join: body.join, deadlineMs }, deps);
      } finally {
        body.release();
      }
  }
}

interface Head {
  readonly event: string;
  readonly guid: string;
  readonly signature: string;
}

function readHead({ method, headers }: IncomingMessage): Head | ReceiveResult {
  if (method !== 'POST') return refuse(405, 'Webhooks are sent with POST', { allow: 'POST' });
  const type = headers['content-type'] ?? '';
  if (!/^application\/json\s*(?:;|$)/i.test(type)) {
    return refuse(400, 'The content type is not application/json; choose it in the settings of the webhook');
  }
  const event = headers['x-github-event'];
  if (typeof event !== 'string' || !EVENT_NAME.test(event))
    return refuse(400, 'X-GitHub-Event is missing or no event name');
  const guid = headers['x-github-delivery'];
  if (typeof guid !== 'string' || !GUID.test(guid))
    return refuse(400, 'X-GitHub-Delivery is missing or no delivery id');
  const signature = headers['x-hub-signature-256'];
  if (typeof signature !== 'string') {
    return refuse(401, 'X-Hub-Signature-256 is missing; set the webhook secret of the App to that of WEBHOOK_SECRET');
  }
  return { event, guid, signature };
}

const WRONG_SIGNATURE =
  'X-Hub-Signature-256 does not match; set the webhook secret of the App to that of WEBHOOK_SECRET';

interface Whole {
  readonly head: Head;
  readonly signature: SignatureCheck;
  readonly join: () => Buffer;
  readonly deadlineMs: number;
}

async function keep({ head, signature, join, deadlineMs }: Whole, deps: ReceiverDeps): Promise<ReceiveResult> {
  if (!signature.isRight()) {
    deps.log.warn({ guid: head.guid }, 'a delivery with a wrong signature was refused');
    return refuse(401, WRONG_SIGNATURE);
  }
  const bytes = join();
  const body = parseBody(bytes);
  if (body === null) return refuse(400, 'The body is not a JSON object in UTF-8');
  if (isDeep(bytes)) return refuse(400, 'The body is JSON that is nested more deeply than GitHub sends');
  const row = deliveryRow({ app_id: deps.appId, guid: head.guid, event: head.event }, body);
  try {
    const outcome = await deps.store.save(row, Math.max(0, deadlineMs - performance.now()));
    if (outcome !== 'known') deps.onStored();
    return { outcome, answer: { status: outcome === 'known' ? 200 : 202, body: { delivery: head.guid, outcome } } };
  } catch (thrown) {
    deps.log.error({ err: asError(thrown), guid: head.guid, event: head.event }, 'a delivery could not be stored');
    return unavailable(head.guid, 'The delivery could not be stored; deliver it again later');
  }
}

function parseBody(bytes: Buffer): { text: string; value: object } | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { text, value } : null;
  } catch {
    return null;
  }
}

const OUTCOME_OF_STATUS = {
  400: 'malformed',
  401: 'bad signature',
  405: 'malformed',
  408: 'too slow',
  413: 'too large',
} as const;

function refuse(
  status: keyof typeof OUTCOME_OF_STATUS,
  error: string,
  headers: Record<string, string> = {},
): ReceiveResult {
  return { outcome: OUTCOME_OF_STATUS[status], answer: { status, body: { error }, headers } };
}

function unavailable(guid: string, error: string): ReceiveResult {
  const headers = { 'retry-after': String(LIMITS.retryAfterSeconds) };
  return { outcome: 'unavailable', answer: { status: 503, body: { delivery: guid, error }, headers } };
}
