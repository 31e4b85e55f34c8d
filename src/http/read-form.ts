// Reads a posted form in either encoding, bounded in what it may take of the machine. mailgun-mail.ts uses it.
import { MIMEType } from 'node:util';
import { ApiError } from './api-error.ts';
import { placesOf } from './byte-search.ts';

/** A mail has some dozens of headers. The platform's parser takes minutes for a million fields, so they are counted before. */
const MOST_FIELDS = 1_000;

/** How a form is encoded, by its content type; null when it is none. Throws `ApiError` 400 for one of too many fields. */
export function formKind(buffer: Buffer, contentType: string): 'urlencoded' | { readonly boundary: string } | null {
  if (/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(contentType)) {
    refuseMany(buffer, '&');
    return 'urlencoded';
  }
  const boundary = boundaryIn(contentType);
  if (boundary === null) return null;
  refuseMany(buffer, `--${boundary}`);
  return { boundary };
}

/** Names and values in order; throws `ApiError`: 415 for what is no form by its content type, 400 for what is none by its bytes. */
export async function readForm(
  bytes: Uint8Array<ArrayBuffer>,
  contentType: string,
): Promise<[string, string | File][]> {
  const kind = formKind(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), contentType);
  if (kind === null) throw new ApiError(415, 'unsupported_type', 'The body has to be a form or JSON');
  if (kind === 'urlencoded') return [...new URLSearchParams(new TextDecoder().decode(withSpaces(bytes)))];
  const headers = { 'content-type': `multipart/form-data; boundary="${kind.boundary}"` };
  const form = await new Response(bytes, { headers }).formData().catch(() => {
    throw new ApiError(400, 'malformed', 'The body is no form');
  });
  return [...form];
}

/** The same form: the platform's parser takes a second for some millions of `+`, and none for as many spaces. */
function withSpaces(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => (byte === 0x2b ? 0x20 : byte));
}

/** Null when it is not plainly one: the platform has to part the body where the parts were counted. */
function boundaryIn(contentType: string): string | null {
  if (/\\|boundary=.*boundary=/is.test(contentType)) return null;
  try {
    const type = new MIMEType(contentType);
    return type.essence === 'multipart/form-data' ? type.params.get('boundary') || null : null;
  } catch {
    return null;
  }
}

/** Throws `ApiError` 400 when more fields are there than a mail has, by what parts them. */
export function refuseMany(buffer: Buffer, separator: string): void {
  if (placesOf(buffer, separator, MOST_FIELDS + 1).length <= MOST_FIELDS) return;
  throw new ApiError(400, 'malformed', `The body has more than ${MOST_FIELDS} fields`);
}
