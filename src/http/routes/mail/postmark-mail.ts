// Reads the JSON that Postmark sends for a mail it took in.
// https://postmarkapp.com/developer/webhooks/inbound-webhook
import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { ApiError } from '../../api-error.ts';
import { fewOf, validated } from '../../read-json.ts';
import {
  addressIn,
  domainOf,
  headerValues,
  type MailAttachment,
  type MailHeader,
  type ReceivedMail,
} from './received-mail.ts';

const LONGEST_AUTHORIZATION = 2_048;

/**
 * Postmark signs nothing; the password of the webhook's URL, https://any:password@host/…, is what it proves itself with.
 * Throws `ApiError` 401 when it has none of these SHA-256s. Takes as long whichever it is.
 */
export function checkPassword(authorization: string, sha256s: readonly string[]): void {
  const [, encoded = ''] = /^Basic +(\S+)$/i.exec(authorization.slice(0, LONGEST_AUTHORIZATION)) ?? [];
  const [, password = ''] = /^[^:]*:(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
  const hash = createHash('sha256').update(password).digest();
  const fitting = sha256s.filter((sha256) => timingSafeEqual(hash, Buffer.from(sha256, 'hex')));
  if (fitting.length > 0 && password !== '') return;
  const message = "The password in the webhook's URL is none whose SHA-256 stands in CODERED_MAIL_KEYS as postmark:…";
  throw new ApiError(401, 'bad_password', message, { headers: { 'www-authenticate': 'Basic realm="mail"' } });
}

const inbound = z.object({
  FromFull: z.object({ Email: z.string() }),
  Subject: z.string(),
  TextBody: z.string().default(''),
  Headers: fewOf(z.object({ Name: z.string(), Value: z.string() })).default([]),
  Attachments: fewOf(z.object({ Name: z.string(), Content: z.string() })).default([]),
});

/** The mail in a parsed body; throws `ApiError` 400 with every field that is wrong. */
export function readPostmarkMail(value: unknown): ReceivedMail {
  const { FromFull, Subject, TextBody, Headers, Attachments } = validated(value, inbound);
  const headers = Headers.map(({ Name, Value }) => ({ name: Name, value: Value }));
  return {
    from: FromFull.Email,
    proven: provenBy(headers),
    subject: Subject,
    text: TextBody,
    attachments: Attachments.map(
      ({ Name, Content }): MailAttachment => ({ name: Name, read: async () => decode(Content) }),
    ),
  };
}

/**
 * Postmark writes `Received-SPF` into each mail, where the sender may have written such lines too: so all have to say it. What
 * its spam filter says of DKIM counts for nothing: where Postmark does not ask the filter, the sender can have written it.
 */
function provenBy(headers: readonly MailHeader[]): string[] {
  const spf = headerValues(headers, 'received-spf').map(passedFor);
  const [sentBy = null] = new Set(spf).size === 1 ? spf : [];
  return sentBy === null ? [] : [sentBy];
}

/** The domain of the one envelope sender that a Received-SPF lets pass, else null; the name of its host is the sender's choice too. */
function passedFor(value: string): string | null {
  const [sender, ...others] = value.split(/\benvelope-from\s*=/i).slice(1);
  if (!/^pass\b/i.test(value) || sender === undefined || others.length > 0) return null;
  const address = addressIn(sender.split(';', 1)[0]?.replaceAll('"', '') ?? '');
  return address === null ? null : domainOf(address);
}

/** Null when it is not base64 from end to end; `Buffer.from` skips what is none. */
function decode(content: string): Buffer | null {
  const plain = content.replace(/\s+/g, '');
  const bytes = Buffer.from(plain, 'base64');
  return bytes.toString('base64') === plain ? bytes : null;
}
