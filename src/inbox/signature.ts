// Tells whether GitHub signed a body, piece by piece as it comes.
import { createHmac, timingSafeEqual } from 'node:crypto';

/** https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries */
const SIGNATURE = /^sha256=([0-9a-f]{64})$/;

export interface SignatureCheck {
  /** Takes the next piece of the body. */
  readonly update: (piece: Uint8Array) => void;
  /** Asked once, after the last piece. */
  readonly isRight: () => boolean;
}

/**
 * Whether `header` (X-Hub-Signature-256) is the HMAC-SHA256 of exactly these bytes under one of the secrets; null when no
 * body could make it right. Works on the bytes as they came: a body that is not valid UTF-8 would change on its way through
 * a string, as which `@octokit/webhooks` takes it. Tries every secret and compares in constant time; as it goes along
 * with the body, a large one holds nobody up at its end.
 */
export function checkSignature(header: string, secrets: readonly string[]): SignatureCheck | null {
  const hex = SIGNATURE.exec(header)?.[1];
  if (hex === undefined) return null;
  const claimed = Buffer.from(hex, 'hex');
  const hmacs = secrets.map((secret) => createHmac('sha256', secret));
  return {
    update: (piece) => {
      for (const hmac of hmacs) hmac.update(piece);
    },
    isRight: () => hmacs.map((hmac) => timingSafeEqual(hmac.digest(), claimed)).includes(true),
  };
}
