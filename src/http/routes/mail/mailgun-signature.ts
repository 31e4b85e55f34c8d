// Knows what Mailgun signed, and what it has seen before.
// https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks
import { createHmac, timingSafeEqual } from 'node:crypto';
import { LIMITS } from '../../../config/limits.ts';
import { ApiError, tryAgain } from '../../api-error.ts';

export interface MailgunSignature {
  /** Seconds since 1970. */
  readonly timestamp: string;
  readonly token: string;
  readonly signature: string;
}

/** The refusal of what none of the keys signed. */
export function badSignature(): ApiError {
  return new ApiError(401, 'bad_signature', 'The signature is by no signing key that stands in CODERED_MAIL_KEYS');
}

/** Takes each token for one mail: remembered for as long as its time is near enough to ours. One for all requests of a process. */
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
  /** By token; `until`: when it is no longer in time, ms since 1970. */
  const seen = new Map<string, { readonly mail: string; readonly until: number; isUnderWay: boolean }>();
  /**
   * Returns what begins the mail of a hash, which returns what ends it: `isTaken` false forgets the token again. Mailgun sends
   * a mail again with the same signature, for 8 hours. Throws `ApiError`: 401 for a signature by none of the keys, 403 for
   * one that is too old; beginning throws 403 for the token of another mail, 503 while the same one is under way.
   */
  return ({ timestamp, token, signature }: MailgunSignature) => {
    if (!isSigned({ timestamp, token, signature }, signingKeys)) {
      throw badSignature();
    }
    const time = now();
    const signedAt = Number(timestamp) * 1_000;
    if (Math.abs(time - signedAt) > windowMs) {
      throw new ApiError(
        403,
        'too_old',
        `The signature is from another time than the last ${windowMs / 3_600_000} hours`,
      );
    }
    return (mail: string) => {
      for (const [known, { until }] of seen) if (until < time) seen.delete(known);
      const known = seen.get(token) ?? { mail, until: signedAt + windowMs, isUnderWay: false };
      if (known.mail !== mail) throw new ApiError(403, 'replayed', 'Another mail with this token was taken before');
      if (known.isUnderWay) throw tryAgain(503, 'busy', 'This mail is being taken', LIMITS.retryAfterSeconds);
      known.isUnderWay = true;
      seen.set(token, known);
      return (isTaken: boolean): void => {
        known.isUnderWay = false;
        if (!isTaken) seen.delete(token);
      };
    };
  };
}

/** Whether one of the keys made the signature; of the time and the token, which Mailgun takes once per mail. */
export function isSigned({ timestamp, token, signature }: MailgunSignature, signingKeys: readonly string[]): boolean {
  if (!/^\d{1,12}$/.test(timestamp) || !/^[0-9a-f]{64}$/i.test(signature) || token === '') return false;
  const given = Buffer.from(signature, 'hex');
  const fitting = signingKeys.filter((key) =>
    timingSafeEqual(given, createHmac('sha256', key).update(`${timestamp}${token}`).digest()),
  );
  return fitting.length > 0;
}
