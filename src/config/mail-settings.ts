// The settings CODERED_MAIL_KEYS and CODERED_MAIL_SENDERS: who may hand in mails, and whose mails are read. Pure.
import { z } from 'zod';

/** How a provider proves that a mail comes from it: `secret` is the SHA-256 of Postmark's password, Mailgun's signing key as it is. */
export interface MailKey {
  readonly provider: 'postmark' | 'mailgun';
  readonly secret: string;
}

/** Who may hand in mails, and whose mails are read. */
export interface MailSettings {
  /** Several of one provider are all let in: a new one beside the old. */
  readonly keys: readonly MailKey[];
  /** In lower case: addresses, and `@domain` for everybody there. */
  readonly senders: readonly string[];
}

const KEY = /(?:postmark:[0-9a-fA-F]{64}|mailgun:[\w-]{16,200})/;
const SENDER = /[^\s@,]{0,64}@[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?/;
const listOf = ({ source, flags }: RegExp) => new RegExp(`^${source}(?:\\s*,\\s*${source})*$`, flags);

/** Schema of CODERED_MAIL_KEYS. */
export const mailKeys = z
  .string()
  .regex(listOf(KEY))
  .transform((text) =>
    text.split(/\s*,\s*/).map((pair): MailKey => {
      const [provider, secret = ''] = pair.split(':');
      return provider === 'postmark' ? { provider, secret: secret.toLowerCase() } : { provider: 'mailgun', secret };
    }),
  )
  .optional()
  .describe(
    'postmark:<SHA-256 of the password in the webhook URL>, mailgun:<signing key>, or both with a comma, or unset',
  );

/** Schema of CODERED_MAIL_SENDERS; gives the addresses in lower case. */
export const mailSenders = z
  .string()
  .toLowerCase()
  .regex(listOf(SENDER))
  .transform((text) => text.split(/\s*,\s*/))
  .optional()
  .describe('the addresses whose mails are read, @domain for all of a domain, with commas between, or unset');

/** Both settings together; null when neither is set. `mailProblems` has made sure that it is both or neither. */
export function mailSettings(
  keys: readonly MailKey[] | undefined,
  senders: readonly string[] | undefined,
): MailSettings | null {
  return keys === undefined || senders === undefined ? null : { keys, senders };
}

/** Problems of the two settings together, one line for each; empty when there is none. */
export function mailProblems(given: Readonly<Record<string, string | undefined>>): string[] {
  const { CODERED_MAIL_KEYS: keys, CODERED_MAIL_SENDERS: senders } = given;
  if ((keys === undefined) === (senders === undefined)) return [];
  const [there, missing] = keys === undefined ? ['SENDERS', 'KEYS'] : ['KEYS', 'SENDERS'];
  return [`CODERED_MAIL_${missing} is missing; CODERED_MAIL_${there} is set and needs it beside it`];
}
