// Mails as Postmark and Mailgun post them. For tests only.
import { createHmac } from 'node:crypto';

export const POSTMARK_PASSWORD = 'the password of the tests';
export const SIGNING_KEY = 'signing-key-of-the-tests';

export interface TestMail {
  readonly from: string;
  /** MAIL FROM, which the verdicts are about. */
  readonly sender: string;
  readonly subject: string;
  readonly text: string;
  readonly attachments: readonly { readonly name: string; readonly content: string | Uint8Array<ArrayBuffer> }[];
  /** Headers that stand in the mail beside the provider's own. */
  readonly headers: readonly (readonly [string, string])[];
  /** What the provider finds; null: nothing. */
  readonly spf: string | null;
  readonly dkim: string | null;
}

export interface Post {
  readonly headers: Record<string, string>;
  readonly body: string | FormData | URLSearchParams;
}

const base = (changes: Partial<TestMail>): TestMail => ({
  from: 'Octocat <octocat@example.com>',
  sender: 'octocat@example.com',
  subject: 'octo/shop Close the shop',
  text: '# Close\n',
  attachments: [],
  headers: [],
  spf: 'Pass',
  dkim: null,
  ...changes,
});

/** What Postmark posts. */
export function postmarkPost(changes: Partial<TestMail> = {}, change: Record<string, unknown> = {}): Post {
  const { from, sender, subject, text, attachments, headers, spf } = base(changes);
  const verdict = `${spf} (sender SPF authorized) identity=mailfrom; client-ip=192.0.2.1; helo=mail.example.com; envelope-from=${sender}; receiver=hash@inbound.postmarkapp.com`;
  const body = {
    From: from,
    FromFull: { Email: /<(.*)>/.exec(from)?.[1] ?? from, Name: 'Octocat', MailboxHash: '' },
    ToFull: [{ Email: 'hash@inbound.postmarkapp.com', Name: '', MailboxHash: '' }],
    Subject: subject,
    MessageID: '22c74902-a0c1-4511-804f-341342852c90',
    Date: 'Fri, 20 Nov 2026 13:00:00 +0000',
    TextBody: text,
    HtmlBody: '<p>secret of the html</p>',
    Headers: [...(spf === null ? [] : [['Received-SPF', verdict] as const]), ...headers].map(([Name, Value]) => ({
      Name,
      Value,
    })),
    Attachments: attachments.map(({ name, content }) => ({
      Name: name,
      Content: Buffer.from(content as string).toString('base64'),
      ContentType: 'text/plain',
    })),
    ...change,
  };
  return {
    headers: { 'content-type': 'application/json', ...password(POSTMARK_PASSWORD) },
    body: JSON.stringify(body),
  };
}

/** The header that a URL with this password makes. */
export function password(given: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`mail:${given}`).toString('base64')}` };
}

/** The fields that Mailgun posts but for those of the attachments; `null` in `change` leaves one out. */
export function mailgunFields(
  changes: Partial<TestMail> = {},
  change: Record<string, string | null> = {},
): [string, string][] {
  const { from, sender, subject, text, headers, spf, dkim } = base(changes);
  const timestamp = change.timestamp ?? String(Math.floor(Date.now() / 1_000));
  const token = change.token ?? crypto.randomUUID().repeat(2).slice(0, 50);
  const all = [
    ...(spf === null ? [] : [['X-Mailgun-Spf', spf] as const]),
    ...(dkim === null ? [] : [['X-Mailgun-Dkim-Check-Result', dkim] as const]),
    ...headers,
  ];
  const fields = {
    recipient: 'specs@codered.example.org',
    sender,
    from,
    subject,
    'body-plain': text,
    'body-html': '<p>secret of the html</p>',
    'message-headers': JSON.stringify(all),
    timestamp,
    token,
    signature: createHmac('sha256', SIGNING_KEY).update(`${timestamp}${token}`).digest('hex'),
    ...change,
  };
  return Object.entries(fields).filter((field): field is [string, string] => field[1] !== null);
}

/** What a route's forward() posts: urlencoded, or multipart with attachments. */
export function mailgunPost(changes: Partial<TestMail> = {}, change: Record<string, string | null> = {}): Post {
  const fields = mailgunFields(changes, change);
  const { attachments } = base(changes);
  if (attachments.length === 0) return { headers: {}, body: new URLSearchParams(fields) };
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  for (const [index, { name, content }] of attachments.entries())
    form.append(`attachment-${index + 1}`, new Blob([content]), name);
  return { headers: {}, body: form };
}
