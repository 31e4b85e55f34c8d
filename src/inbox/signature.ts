// Tells whether GitHub signed a body. Pure; only receive.ts imports it.
import { createHmac, timingSafeEqual } from 'node:crypto';

/** https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries */
const SIGNATURE = /^sha256=([0-9a-f]{64})$/;

/**
 * Whether `header` (X-Hub-Signature-256) is the HMAC-SHA256 of exactly these bytes under one of the secrets. Works on the
 * bytes as they came: a body that is not valid UTF-8 would change on its way through a string, as which
 * `@octokit/webhooks-methods` takes it. Tries every secret and compares in constant time.
 */
export function isSigned(body: Uint8Array, header: string, secrets: readonly string[]): boolean {
  const hex = SIGNATURE.exec(header)?.[1];
  if (hex === undefined) return false;
  const claimed = Buffer.from(hex, 'hex');
  const matches = secrets.map((secret) => timingSafeEqual(createHmac('sha256', secret).update(body).digest(), claimed));
  return matches.includes(true);
}
