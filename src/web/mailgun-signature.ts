// Knows what Mailgun signed, and what it has seen before. Only spec-mail.ts makes it.
// https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks
import { createHmac, timingSafeEqual } from 'node:crypto';
import { ApiError } from './api-error.ts';

export interface MailgunSignature {
  /** Seconds since 1970. */
  readonly timestamp: string;
  readonly token: string;
  readonly signature: string;
}

/** Takes each token once: remembered for as long as its time is near enough to ours. One for all requests of a process. */
export function makeSignatureCheck({
  signingKeys,
  windowMs,
  now,
}: {
  readonly signingKeys: readonly string[];
  readonly windowMs: number;
  /** ms since 1970. */
  readonly now: () => number;
}) {
  /** When each is no longer in time, ms since 1970. */
  const seen = new Map<string, number>();
  /**
   * Returns what forgets the token again, for a mail that was not taken and may come again. Throws `ApiError`: 401 for a
   * signature by none of the keys, 403 for one that is too old or was used before.
   */
  return ({ timestamp, token, signature }: MailgunSignature): (() => void) => {
    if (!isSigned({ timestamp, token, signature }, signingKeys)) {
      throw new ApiError(401, 'bad_signature', 'The signature is by no signing key that stands in CODERED_MAIL_KEYS');
    }
    const time = now();
    const signedAt = Number(timestamp) * 1_000;
    if (Math.abs(time - signedAt) > windowMs) {
      throw new ApiError(
        403,
        'too_old',
        `The signature is from another time than the last ${windowMs / 60_000} minutes`,
      );
    }
    for (const [known, until] of seen) if (until < time) seen.delete(known);
    if (seen.has(token)) throw new ApiError(403, 'replayed', 'A mail with this token was taken before');
    seen.set(token, signedAt + windowMs);
    return () => void seen.delete(token);
  };
}

function isSigned({ timestamp, token, signature }: MailgunSignature, signingKeys: readonly string[]): boolean {
  if (!/^\d{1,12}$/.test(timestamp) || !/^[0-9a-f]{64}$/i.test(signature) || token === '') return false;
  const given = Buffer.from(signature, 'hex');
  const fitting = signingKeys.filter((key) =>
    timingSafeEqual(given, createHmac('sha256', key).update(`${timestamp}${token}`).digest()),
  );
  return fitting.length > 0;
}
