// What the stand-in has delivered: each attempt as GitHub keeps it, to be listed and to be delivered again.

import { randomUUID } from 'node:crypto';
import { isJsonObject, type JsonObject } from '../contract/json-value.ts';

/** One attempt to deliver. Edit it to make it older, or its payload null for a body that GitHub no longer has. */
export interface Attempt {
  id: number;
  guid: string;
  event: string;
  payload: JsonObject | null;
  /** Milliseconds since 1970. */
  deliveredAt: number;
  seconds: number;
  isRedelivery: boolean;
  /** 502 when nobody answered. */
  statusCode: number;
  /** False for what GitHub never tells of. */
  isListed: boolean;
}

/** What is to be sent. */
export interface Sending {
  event: string;
  payload: JsonObject;
  guid: string;
}

/** All attempts, and how more of them are made. */
export interface Deliveries {
  attempts: Attempt[];
  /** Whether the network loses an attempt; the first of a guid has the number 1. */
  loses: (sending: Sending, attempt: number) => boolean;
  /** Sends and keeps it; 502 when the network lost it. Rejects as the socket does. */
  send(what: Omit<Sending, 'guid'>, options?: { guid?: string; isListed?: boolean }): Promise<Response>;
  /** Sends one again, as GitHub does a moment after it was asked to. */
  redeliver(attempt: Attempt & { payload: JsonObject }): void;
  /** Resolves when nothing is on its way. */
  settled(): Promise<void>;
}

/** Sends once over the network. */
type Send<Options> = (sending: Sending, options: Options) => Promise<Response>;

const FIRST_ID = 175_000_000_000;

/** Keeps what goes through `send`. */
export function createDeliveries<Options extends { guid?: string; isListed?: boolean }>(
  send: Send<Options | Record<string, never>>,
): Deliveries {
  const underWay = new Set<Promise<unknown>>();
  const triesOf = new Map<string, number>();
  const make = async (sending: Sending, isRedelivery: boolean, options: Options | Record<string, never>) => {
    const { guid, event, payload } = sending;
    const tries = (triesOf.get(guid) ?? 0) + 1;
    triesOf.set(guid, tries);
    const answer = made.loses(sending, tries)
      ? new Response(null, { status: 502 })
      : await send(sending, options).catch(broken);
    made.attempts.push({
      ...{ id: FIRST_ID + made.attempts.length, guid, event, payload, deliveredAt: Date.now(), seconds: 0 },
      ...{ isRedelivery, statusCode: statusOf(answer), isListed: options.isListed ?? true },
    });
    if (answer instanceof Response) return answer;
    throw answer.error;
  };
  const made: Deliveries = {
    attempts: [],
    loses: () => false,
    send: ({ event, payload }, options = {}) =>
      make({ event, payload, guid: options.guid ?? randomUUID() }, false, options as Options),
    redeliver: ({ guid, event, payload }) => {
      const sent = make({ guid, event, payload }, true, {})
        .catch(() => {})
        .finally(() => underWay.delete(sent));
      underWay.add(sent);
    },
    settled: async () => {
      while (underWay.size > 0) await Promise.all([...underWay]);
    },
  };
  return made;
}

const broken = (error: unknown): { error: unknown } => ({ error });

function statusOf(answer: Response | { error: unknown }): number {
  return answer instanceof Response ? answer.status : 502;
}

/** The action and the ids that GitHub lists beside an attempt, out of its payload. */
export function describedIn(payload: JsonObject): {
  action: string | null;
  installation: number | null;
  repository: number | null;
} {
  const idOf = (value: unknown) => (isJsonObject(value) && typeof value.id === 'number' ? value.id : null);
  return {
    action: typeof payload.action === 'string' ? payload.action : null,
    installation: idOf(payload.installation),
    repository: idOf(payload.repository),
  };
}
