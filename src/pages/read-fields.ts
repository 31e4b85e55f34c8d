// Reads a form that a page of ours sent.
import type { IncomingMessage } from 'node:http';
import { ApiError, refusalIn } from '../http/api-error.ts';
import { makeReadBytes } from '../http/read-bytes.ts';
import { readForm } from '../http/read-form.ts';

/** More than any form of ours has. */
const FORM_BYTES = 8 * 1024;

/** A form's own content type; with any other a page of another site needs nobody's leave to send it, or it is no form. */
function isForm({ headers }: IncomingMessage): boolean {
  return /^application\/x-www-form-urlencoded(?:; ?charset=utf-8)?$/i.test(headers['content-type'] ?? '');
}

/** Each field with its values, in the order in which they came. */
export type Fields = readonly (readonly [name: string, value: string])[];

/** A reader for the forms of some pages. It returns the fields, or why they can't be read: `ApiError` 400, 408, 413, 415 or 503. */
export function makeReadFields(): (request: IncomingMessage) => Promise<Fields | ApiError> {
  const readBytes = makeReadBytes(FORM_BYTES, 64 * FORM_BYTES);
  return async (request) => {
    if (!isForm(request)) return new ApiError(415, 'unsupported_type', 'This is no form');
    try {
      const { bytes, release } = await readBytes(request);
      release();
      const entries = await readForm(new Uint8Array(bytes), request.headers['content-type'] ?? '');
      return entries.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : []));
    } catch (thrown) {
      const refusal = refusalIn(thrown);
      if (refusal === null) throw thrown;
      return refusal;
    }
  };
}
