// Sends webhooks as GitHub does: signed, over a socket, with GitHub's headers.

import { createHash, randomUUID } from 'node:crypto';
import { sign } from '@octokit/webhooks-methods';
import type { JsonObject } from './contract/json-value.ts';

/** The App's address for webhooks. */
export interface WebhookTarget {
  /** Where the App listens, such as `http://127.0.0.1:3000/api/github/webhooks`. */
  url: string;
  secret: string;
}

/** Departures from an ordinary delivery. Without a guid a random one is made; a given signature is sent as it is. */
export interface DeliveryOptions {
  /** False: the list of deliveries never tells of it. */
  isListed?: boolean;
  guid?: string;
  secret?: string;
  signature?: string;
}

/**
 * Posts one delivery and resolves with the App's answer; rejects when the socket fails.
 * docs/github.md#delivery-of-webhooks
 */
export async function sendWebhook(
  target: WebhookTarget,
  { event, payload, appId, options }: { event: string; payload: JsonObject; appId: number; options: DeliveryOptions },
): Promise<Response> {
  const body = JSON.stringify(payload);
  const signature = options.signature ?? (await sign(options.secret ?? target.secret, body));
  return fetch(target.url, {
    method: 'POST',
    body,
    headers: {
      accept: '*/*',
      'content-type': 'application/json',
      'user-agent': `GitHub-Hookshot/${createHash('sha1').update(target.url).digest('hex').slice(0, 7)}`,
      'x-github-delivery': options.guid ?? randomUUID(),
      'x-github-event': event,
      'x-github-hook-id': String(appId + 400_000_000),
      'x-github-hook-installation-target-id': String(appId),
      'x-github-hook-installation-target-type': 'integration',
      'x-hub-signature-256': signature,
    },
  });
}
