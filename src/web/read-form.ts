// Reads a posted form in either encoding, bounded in what it may take of the machine. mailgun-mail.ts uses it.
import { MIMEType } from 'node:util';
import { ApiError } from './api-error.ts';

/** A mail has some dozens of headers. The platform's parser takes minutes for a million fields, so they are counted before. */
const MOST_FIELDS = 1_000;

/** Names and values in order; throws `ApiError`: 415 for what is no form by its content type, 400 for what is none by its bytes. */
export async function readForm(
  bytes: Uint8Array<ArrayBuffer>,
  contentType: string,
): Promise<[string, string | File][]> {
  if (/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(contentType)) {
    refuseMany(bytes, '&');
    return [...new URLSearchParams(new TextDecoder().decode(bytes))];
  }
  const boundary = boundaryIn(contentType);
  if (boundary === null) throw new ApiError(415, 'unsupported_type', 'The body has to be a form or JSON');
  refuseMany(bytes, `--${boundary}`);
  const form = await new Response(bytes, { headers: { 'content-type': `multipart/form-data; boundary="${boundary}"` } })
    .formData()
    .catch(() => {
      throw new ApiError(400, 'malformed', 'The body is no form');
    });
  return [...form];
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

function refuseMany(bytes: Uint8Array<ArrayBuffer>, separator: string): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let count = 0;
  for (let at = buffer.indexOf(separator); at !== -1; at = buffer.indexOf(separator, at + 1)) {
    count += 1;
    if (count > MOST_FIELDS) throw new ApiError(400, 'malformed', `The form has more than ${MOST_FIELDS} fields`);
  }
}
