// What a body that says to be Mailgun's claims to be signed with, found without parsing it: until that is verified it may be
// anybody's, and made to take long.
import { ApiError } from '../../api-error.ts';
import { placesOf } from '../../byte-search.ts';
import { formKind, refuseMany } from '../../read-form.ts';
import type { MailgunSignature } from './mailgun-signature.ts';

type Field = keyof MailgunSignature;

const LONGEST_VALUE = 200;
/** The headers of a part that is a field: its name, and little more. */
const LONGEST_HEAD = 300;
/** A header of the mail may bear the name of a field. */
const MOST_OF_A_NAME = 4;

/** Every signature that the body may be signed with, few of them. Throws `ApiError` 415 for what is neither form nor JSON, 400 for too many fields. */
export async function claimedSignatures(bytes: Uint8Array, contentType: string): Promise<readonly MailgunSignature[]> {
  const find = finder(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), contentType);
  const found: Record<Field, readonly string[]> = { timestamp: [], token: [], signature: [] };
  for (const name of ['timestamp', 'token', 'signature'] as const) {
    // Each is a look at megabytes; others have their turn between them.
    await new Promise((resolve) => setImmediate(resolve));
    found[name] = find(name).slice(0, MOST_OF_A_NAME);
  }
  const { timestamp: timestamps, token: tokens, signature: signatures } = found;
  return timestamps.flatMap((timestamp) =>
    tokens.flatMap((token) => signatures.map((signature) => ({ timestamp, token, signature }))),
  );
}

function finder(buffer: Buffer, contentType: string): (name: Field) => string[] {
  if (/^application\/json\s*(?:;|$)/i.test(contentType)) {
    refuseMany(buffer, '":');
    return (name) => inJson(buffer, name);
  }
  const form = formKind(buffer, contentType);
  if (form === null) throw new ApiError(415, 'unsupported_type', 'The body has to be a form or JSON');
  if (form === 'urlencoded') return (name) => inUrlencoded(buffer, name);
  const heads = partHeads(buffer, form.boundary);
  return (name) => heads.flatMap((head) => inPart(buffer, head, name));
}

const textAt = (buffer: Buffer, from: number, length: number) => buffer.toString('latin1', from, from + length);

/** A key of any object: a text in JSON that looks like one has its quotes escaped. */
function inJson(buffer: Buffer, name: Field): string[] {
  const key = `"${name}"`;
  return placesOf(buffer, key, 8 * MOST_OF_A_NAME).flatMap((at) => {
    const after = textAt(buffer, at + key.length, LONGEST_VALUE);
    const [, text, digits] = /^\s{0,8}:\s{0,8}(?:"([^"\\]*)"|(\d{1,12})(?!\d))/.exec(after) ?? [];
    return text ?? digits ?? [];
  });
}

function inUrlencoded(buffer: Buffer, name: Field): string[] {
  const first = textAt(buffer, 0, name.length + 1) === `${name}=` ? [-1] : [];
  return [...first, ...placesOf(buffer, `&${name}=`, MOST_OF_A_NAME)].flatMap((at) => {
    const from = at + name.length + 2;
    const end = buffer.indexOf('&', from);
    const length = (end === -1 ? buffer.length : end) - from;
    return length > LONGEST_VALUE ? [] : (new URLSearchParams(`a=${textAt(buffer, from, length)}`).get('a') ?? []);
  });
}

interface PartHead {
  readonly text: string;
  readonly valueAt: number;
  readonly separator: string;
}

/** The parts that begin as a field does. */
function partHeads(buffer: Buffer, boundary: string): PartHead[] {
  const separator = `\r\n--${boundary}`;
  const opening = separator.slice(2);
  return placesOf(buffer, opening, Number.POSITIVE_INFINITY).flatMap((at) => {
    const from = at + opening.length;
    const text = textAt(buffer, from, LONGEST_HEAD);
    const end = text.indexOf('\r\n\r\n');
    return end === -1 ? [] : [{ text: text.slice(0, end), valueAt: from + end + 4, separator }];
  });
}

function inPart(buffer: Buffer, { text, valueAt, separator }: PartHead, name: Field): string[] {
  if (!text.includes(`name="${name}"`) || text.includes('filename')) return [];
  const value = textAt(buffer, valueAt, LONGEST_VALUE + separator.length);
  const end = value.indexOf(separator);
  return end === -1 ? [] : [value.slice(0, end)];
}
