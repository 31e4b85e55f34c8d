// Deliveries as GitHub sends them: signed, over a socket. For tests of the receiver and of everything behind it.
import { createHmac, randomUUID } from 'node:crypto';
import { WEBHOOK_PATH } from '../../src/inbox/receive.ts';

export const webhookSecret = 'a secret of the tests only';

/** What to send; `headers` replace those that GitHub would send, undefined leaves one out. */
export interface DeliveryToSend {
  readonly event?: string;
  readonly guid?: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly secret?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

export interface Sent {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** The value of X-Hub-Signature-256. */
export function signatureOf(body: string | Uint8Array, secret: string = webhookSecret): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

/** The headers of a delivery, in lower case. */
export function deliveryHeaders({ event = 'push', guid = randomUUID(), body, secret, headers = {} }: DeliveryToSend) {
  const all: Record<string, string | undefined> = {
    'content-type': 'application/json',
    'x-github-event': event,
    'x-github-delivery': guid,
    'x-hub-signature-256': signatureOf(body, secret),
    ...headers,
  };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** Sends a delivery to the server at `url` and waits for the answer. */
export async function deliver(url: string, delivery: DeliveryToSend): Promise<Sent> {
  const response = await fetch(`${url}${WEBHOOK_PATH}`, {
    method: 'POST',
    headers: deliveryHeaders(delivery),
    body: delivery.body,
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}
