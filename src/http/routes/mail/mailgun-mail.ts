// Reads what a route of Mailgun posts for a mail: a form in either encoding, or JSON of the same fields.
// https://documentation.mailgun.com/docs/mailgun/user-manual/receive-forward-store/receive-http
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ApiError } from '../../api-error.ts';
import { readForm } from '../../read-form.ts';
import { fewOf, parseJson } from '../../read-json.ts';
import type { MailgunSignature } from './mailgun-signature.ts';
import {
  addressIn,
  domainOf,
  headerValues,
  type MailAttachment,
  type MailHeader,
  type ReceivedMail,
} from './received-mail.ts';

/** What was posted, before anything of it is believed. */
export interface MailgunPost {
  /** Every field that is text, in order; the headers of the mail are among them, whose names are the sender's choice. */
  readonly fields: readonly MailHeader[];
  readonly attachments: readonly MailAttachment[];
}

/** What it is signed with, and the rest for when that is verified. */
interface SignedPost {
  readonly signed: MailgunSignature;
  readonly read: () => MailgunPost;
}

/** Throws `ApiError`: 415, or 400 for a body that is not what its content type says, or has a field of the signature twice. */
export async function readMailgunPost(bytes: Uint8Array<ArrayBuffer>, contentType: string): Promise<SignedPost> {
  if (/^application\/json\s*(?:;|$)/i.test(contentType)) return jsonPost(bytes);
  const post = await formPost(bytes, contentType);
  return { signed: signatureOf(post.fields), read: () => post };
}

async function formPost(bytes: Uint8Array<ArrayBuffer>, contentType: string): Promise<MailgunPost> {
  const entries = await readForm(bytes, contentType);
  return {
    fields: entries.flatMap(([name, value]) => (typeof value === 'string' ? [{ name, value }] : [])),
    attachments: entries.flatMap(([, value]) =>
      typeof value === 'string' ? [] : [{ name: value.name, read: async () => value.bytes }],
    ),
  };
}

/** Tells one mail from another, whatever boundary it comes with. */
export async function hashOf({ fields, attachments }: MailgunPost): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(fields.map(({ name, value }) => [name, value])));
  for (const { name, read } of attachments) {
    const bytes = (await read()) ?? new Uint8Array();
    hash.update(JSON.stringify([name, bytes.length])).update(bytes);
  }
  return hash.digest('hex');
}

const object = z.record(z.string(), z.unknown());
const MOST_KEYS = 1_000;

/** Its webhooks put the three that sign in an object `signature`, its routes side by side. */
function jsonPost(bytes: Uint8Array): SignedPost {
  // A million keys take seconds to be read, and the mail is anybody's, though Mailgun's signature is right.
  const keys = Buffer.from(bytes).toString('latin1').matchAll(/"\s*:/g);
  if (keys.drop(MOST_KEYS).next().done !== true) {
    throw new ApiError(400, 'malformed', `The body has more than ${MOST_KEYS} fields`);
  }
  const posted = object.safeParse(parseJson(bytes)).data;
  if (posted === undefined) throw new ApiError(400, 'malformed', 'The body is no object');
  const signed = object.safeParse(posted.signature).data ?? {};
  const all = { ...posted, ...signed };
  const fieldsOf = (names: readonly string[]) =>
    names.flatMap((name) => {
      const text = textOf(name, all[name]);
      return text === null ? [] : [{ name, value: text }];
    });
  return {
    signed: signatureOf(fieldsOf(SIGNED_WITH)),
    read: () => ({ fields: fieldsOf(Object.keys(all)), attachments: [] }),
  };
}

/** As a form has it: there the lists are JSON. */
function textOf(name: string, value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  const isList = Array.isArray(value) && (name === 'message-headers' || name === 'attachments');
  try {
    return isList ? JSON.stringify(value) : null;
  } catch {
    // Nested deeper than the stack: no list of headers.
    return null;
  }
}

const SIGNED_WITH = ['timestamp', 'token', 'signature'];

/** Empty texts where something is missing. Throws `ApiError` 400 when a field is there twice. */
function signatureOf(fields: readonly MailHeader[]): MailgunSignature {
  const [timestamp = '', token = '', signature = ''] = SIGNED_WITH.map((name) => one(fields, name));
  return { timestamp, token, signature };
}

/** The mail; throws `ApiError` 400 naming the field that is missing or there twice. */
export function readMailgunMail({ fields, attachments }: MailgunPost): ReceivedMail {
  const headers = [...mimeHeaders(one(fields, 'message-headers')), ...fields];
  return {
    from: needed(fields, 'from'),
    proven: provenBy(headers, needed(fields, 'sender')),
    subject: needed(fields, 'subject'),
    text: one(fields, 'body-plain') ?? '',
    attachments: [...attachments, ...storedAttachments(one(fields, 'attachments'))],
  };
}

/** A header of the mail may bear the name of a field: two values are none. */
function one(fields: readonly MailHeader[], wanted: string): string | undefined {
  const [value, ...others] = new Set(fields.filter(({ name }) => name === wanted).map((field) => field.value));
  if (others.length > 0) throw wrongField(wanted, 'is there twice');
  return value;
}

function needed(fields: readonly MailHeader[], wanted: string): string {
  const value = one(fields, wanted);
  if (value === undefined) throw wrongField(wanted, 'is missing');
  return value;
}

function wrongField(field: string, message: string): ApiError {
  return new ApiError(400, 'malformed', 'The body is not as it should be', {
    details: { fields: [{ field, message }] },
  });
}

const pairs = fewOf(z.tuple([z.string(), z.string()]));

function mimeHeaders(json: string | undefined): MailHeader[] {
  if (json === undefined) return [];
  const parsed = pairs.safeParse(jsonIn(json));
  if (!parsed.success) throw wrongField('message-headers', 'should be a JSON list of pairs');
  return parsed.data.map(([name, value]) => ({ name, value }));
}

const stored = fewOf(z.looseObject({ name: z.string() }));

/** store() keeps the files at Mailgun and posts a list of them. */
function storedAttachments(json: string | undefined): MailAttachment[] {
  return (stored.safeParse(jsonIn(json ?? '[]')).data ?? []).map(({ name }) => ({ name, read: async () => null }));
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Mailgun's spam filter, once it marks mails, writes both headers into each mail, where the sender may have written such
 * lines too: so all of a kind have to say it. `sender` is whom SPF was asked about; which signature passed is not said, so
 * that DKIM proves a domain that is the only one to sign.
 * https://documentation.mailgun.com/docs/mailgun/user-manual/receive-forward-store/spam-filter
 */
function provenBy(headers: readonly MailHeader[], sender: string): string[] {
  const passes = (name: string) => {
    const verdicts = headerValues(headers, name);
    return verdicts.length > 0 && verdicts.every((verdict) => verdict.toLowerCase() === 'pass');
  };
  const signers = headerValues(headers, 'dkim-signature').map(signerIn);
  const [signer = null] = new Set(signers).size === 1 ? signers : [];
  const isSigned = signer !== null && passes('x-mailgun-dkim-check-result');
  const sentBy = passes('x-mailgun-spf') ? addressIn(sender) : null;
  return [...(sentBy === null ? [] : [domainOf(sentBy)]), ...(isSigned ? [signer] : [])];
}

/** The domain that a DKIM-Signature is of, its tag `d`; null when that is not there exactly once. */
function signerIn(value: string): string | null {
  const [tag = '', ...others] = value.split(';').filter((one) => /^\s*d\s*=/i.test(one));
  const [, domain = null] = others.length > 0 ? [] : (/^\s*d\s*=\s*([a-z0-9.-]+)\s*$/i.exec(tag) ?? []);
  return domain?.toLowerCase() ?? null;
}
