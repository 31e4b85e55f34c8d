// Reads a posted form in either encoding, bounded in what it may take of the machine. `@fastify/busboy` parses it.
import { Readable } from 'node:stream';
import { MIMEType } from 'node:util';
import { Busboy } from '@fastify/busboy';
import { ApiError } from './api-error.ts';
import { placesOf } from './byte-search.ts';

/** A mail has some dozens of headers. They are counted before they are read, as each is an object of its own. */
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

/** A file in a form. */
export interface FormFile {
  /** As it was sent; it may hold anything. */
  readonly name: string;
  readonly bytes: Buffer;
}

/** Names and values in order; throws `ApiError`: 415 for what is no form by its content type, 400 for what is none by its bytes. */
export async function readForm(
  bytes: Uint8Array<ArrayBuffer>,
  contentType: string,
): Promise<readonly (readonly [string, string | FormFile])[]> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kind = formKind(buffer, contentType);
  if (kind === null) throw new ApiError(415, 'unsupported_type', 'The body has to be a form or JSON');
  const entries = await parsedForm(buffer, kind).catch((thrown: unknown) => {
    if (thrown instanceof FormError) throw new ApiError(400, 'malformed', 'The body is no form');
    throw thrown;
  });
  // What the parser passes over, such as a part without a name, would be missing without a word.
  if (kind !== 'urlencoded' && entries.length !== partsIn(buffer, kind.boundary)) {
    throw new ApiError(400, 'malformed', 'The body is a form with a part that can not be read');
  }
  return entries;
}

class FormError extends Error {}

/** The parser has so much at a time, and others their turn between. */
const SLICE_BYTES = 64 * 1024;
/** Nothing is waited for but turns of our own event loop; a parser that never ends must not keep the memory of its body. */
const LONGEST_MS = 30_000;
const PART_HEAD_BYTES = 8 * 1024;

type Entries = (readonly [string, string | FormFile])[];

/** Throws `FormError`. */
async function parsedForm(buffer: Buffer, kind: Exclude<ReturnType<typeof formKind>, null>): Promise<Entries> {
  const type =
    kind === 'urlencoded' ? 'application/x-www-form-urlencoded' : `multipart/form-data; boundary="${kind.boundary}"`;
  const parser = new Busboy({
    headers: { 'content-type': type },
    preservePath: true,
    isPartAFile: (_name, _type, fileName) => fileName !== undefined,
    limits: {
      // Nothing is cut: what is longer than this is longer than the body.
      fieldSize: buffer.length + 1,
      fieldNameSize: PART_HEAD_BYTES,
      fields: MOST_FIELDS + 2,
      parts: MOST_FIELDS + 2,
      headerPairs: 32,
      headerSize: PART_HEAD_BYTES,
    },
  });
  const entries: (readonly [string, string | { name: string; pieces: Buffer[] }])[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = () => reject(new FormError());
  parser.on('field', (name: string | undefined, value, isNameCut) => {
    if (name === undefined || isNameCut) fail();
    else entries.push([name, value]);
  });
  parser.on('file', (field: string | undefined, file, name) => {
    const pieces: Buffer[] = [];
    file.on('data', (piece: Buffer) => pieces.push(piece)).on('error', fail);
    entries.push([field ?? '', { name, pieces }]);
  });
  for (const limit of ['partsLimit', 'fieldsLimit', 'filesLimit', 'error'] as const) parser.on(limit, fail);
  parser.on('finish', resolve);
  const timer = setTimeout(fail, LONGEST_MS);
  const slices = Readable.from(slicesOf(buffer));
  slices.pipe(parser);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    slices.unpipe(parser).destroy();
  }
  return entries.map(([field, value]) =>
    typeof value === 'string' ? [field, value] : [field, { name: value.name, bytes: Buffer.concat(value.pieces) }],
  );
}

async function* slicesOf(buffer: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < buffer.length; at += SLICE_BYTES) {
    yield buffer.subarray(at, at + SLICE_BYTES);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** How many parts begin. */
function partsIn(buffer: Buffer, boundary: string): number {
  const first = buffer.subarray(0, boundary.length + 4).toString('latin1') === `--${boundary}\r\n` ? 1 : 0;
  return first + placesOf(buffer, `\r\n--${boundary}\r\n`, MOST_FIELDS + 1).length;
}

/** RFC 2046, 5.1.1. */
const LONGEST_BOUNDARY = 70;

/** Null when it is not plainly one: the parser has to part the body where the parts were counted. */
function boundaryIn(contentType: string): string | null {
  if (/\\|boundary=.*boundary=/is.test(contentType)) return null;
  try {
    const type = new MIMEType(contentType);
    const boundary = type.essence === 'multipart/form-data' ? (type.params.get('boundary') ?? '') : '';
    return boundary === '' || boundary.length > LONGEST_BOUNDARY || boundary.includes('"') ? null : boundary;
  } catch {
    return null;
  }
}

/** Throws `ApiError` 400 when more fields are there than a mail has, by what parts them. */
export function refuseMany(buffer: Buffer, separator: string): void {
  if (placesOf(buffer, separator, MOST_FIELDS + 1).length <= MOST_FIELDS) return;
  throw new ApiError(400, 'malformed', `The body has more than ${MOST_FIELDS} fields`);
}
