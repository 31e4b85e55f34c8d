// Reads the input of an operation out of path, query and body of a request, and checks it.
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { Operation } from '../../operations/declared/operation.ts';
import { noneOf, plainWords } from '../../text/shape-problems.ts';
import { ApiError, malformed } from '../api-error.ts';
import { makeReadJson, validated } from '../read-json.ts';
import { placeOf } from './cursor.ts';
import { namesIn, type Place } from './paths.ts';

/** An input before it is checked. */
type Given = Readonly<Record<string, unknown>>;

interface Request {
  readonly incoming: IncomingMessage;
  readonly query: URLSearchParams;
  /** What the path has for its names in braces. */
  readonly inPath: Given;
}

/** One for all operations, which share the room for their bodies. */
export function makeReadInput() {
  const readJson = makeReadJson();
  /** Returns the input, checked, and what of it says which list it is. Throws `ApiError`. */
  return async (operation: Operation, { method, path }: Place, { incoming, query, inPath }: Request) => {
    const given = method === 'get' ? fromQuery(operation, query) : await fromBody();
    for (const name of Object.keys(inPath)) {
      if (Object.hasOwn(given, name))
        throw new ApiError(400, 'malformed', `${name} stands in the path, and nowhere else`);
    }
    const { cursor, ...named } = { ...given, ...inPath };
    return checked(operation, named, cursor, askedNames(operation, { method, path }));

    async function fromBody(): Promise<Given> {
      // Left unread, `?dry_run=true` would do in earnest what was to be tried.
      if (query.size > 0)
        throw new ApiError(400, 'malformed', 'What changes something takes nothing from a query: send it in the body');
      if (takesPathAlone(operation, path) && hasNoBody(incoming)) return {};
      return keptObject(await readJson(incoming, z.unknown()));
    }
  };
}

/**
 * The input of an operation out of one object that names all of it, where `limit` says how many a list gives and `cursor` where it goes on:
 * checked, and what of it says which list it is. Throws `ApiError` 400.
 */
export function inputOfObject(operation: Operation, object: unknown) {
  const { cursor, ...given } = keptObject(object);
  if (operation.page === null)
    return checked(operation, given, cursor, askedNames(operation, { method: 'post', path: '' }));
  if (Object.hasOwn(given, 'batch')) throw new ApiError(400, 'malformed', 'Use limit instead of batch');
  const { limit, ...rest } = given;
  const named = limit === undefined ? rest : { ...rest, batch: limit };
  return checked(operation, named, cursor, askedNames(operation, { method: 'get', path: '' }));
}

const anyObject = z.record(z.string(), z.unknown());

/** Throws `ApiError` 400 for what is no object, and for what would not go through our hands as it came. */
function keptObject(value: unknown): Given {
  if (isKept(value)) return validated(value, anyObject);
  const message = `A key "__proto__", a number beyond what a number can be, or more than ${MOST_LEVELS} levels would not be kept as they came`;
  throw new ApiError(400, 'malformed', message);
}

/** More use up the stack of whatever reads them. */
const MOST_LEVELS = 1_000;

/** Schemas drop `__proto__`, and JSON has no word for infinity. */
function isKept(value: unknown, levels = 0): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  if (levels === MOST_LEVELS) return false;
  return Object.entries(value).every(([key, entry]) => key !== '__proto__' && isKept(entry, levels + 1));
}

/** Whether the path says all that the operation takes, so that a request needs no body. */
export function takesPathAlone({ input }: Pick<Operation, 'input'>, path: string): boolean {
  const inPath = namesIn(path);
  return Object.keys(input.shape).every((name) => inPath.includes(name));
}

/** https://www.rfc-editor.org/rfc/rfc9112#section-6.3 */
function hasNoBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0';
}

/** The query as an input: each name once, `limit` for how many, numbers as numbers. */
function fromQuery({ input, page }: Operation, query: URLSearchParams): Given {
  const texts = new Map<string, string>();
  for (const [name, text] of query) {
    if (texts.has(name)) throw new ApiError(400, 'malformed', `${name.slice(0, 100)} is given twice`);
    texts.set(name, text);
  }
  if (page !== null && texts.has('batch')) throw new ApiError(400, 'malformed', 'Use limit instead of batch');
  const isNamed = (name: string) => (name === 'limit' && 'batch' in input.shape ? 'batch' : name);
  return Object.fromEntries([...texts].map(([name, text]) => [isNamed(name), typed(input, isNamed(name), text)]));
}

function typed(input: z.ZodObject, name: string, text: string): unknown {
  let field: unknown = input.shape[name];
  while (field instanceof z.ZodOptional || field instanceof z.ZodDefault) field = field.unwrap();
  return field instanceof z.ZodNumber && /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}

/** What a request may name beside its path: an operation's own words for a page are none of a request's. */
function askedNames({ input, page }: Operation, { method, path }: Pick<Place, 'method' | 'path'>): readonly string[] {
  const elsewhere = [...namesIn(path), ...Object.keys(page?.after ?? {})];
  const own = Object.keys(input.shape).filter((name) => !elsewhere.includes(name));
  const named = own.map((name) => (name === 'batch' && method === 'get' ? 'limit' : name));
  return page === null ? named : [...named, 'cursor'];
}

function checked({ name, input, page }: Operation, named: Given, cursor: unknown, asked: readonly string[]) {
  if (cursor !== undefined && (page === null || typeof cursor !== 'string')) {
    throw new ApiError(400, 'malformed', 'There is no cursor here');
  }
  const places = Object.keys(page?.after ?? {});
  const [given] = places.filter((argument) => Object.hasOwn(named, argument));
  if (given !== undefined) throw new ApiError(400, 'malformed', `Use cursor instead of ${given}`);
  const { batch: _, ...filters } = named;
  const place = typeof cursor === 'string' ? placeOf({ operation: name, filters }, cursor) : {};
  // Whoever makes up a cursor names no more with it than a place.
  const after = Object.fromEntries(Object.entries(place).filter(([argument]) => places.includes(argument)));
  const parsed = input.safeParse({ ...named, ...after }, { error: plainWords });
  if (!parsed.success) throw malformed(asAsked(parsed.error, places, asked), 'The request');
  return { filters, input: parsed.data };
}

/** The same complaints, with the names that the request has for them. */
function asAsked({ issues }: z.ZodError, places: readonly string[], asked: readonly string[]): z.ZodError {
  const cursors = places.map((argument) => [argument, 'cursor'] as const);
  const names: Readonly<Record<string, string>> =
    places.length === 0 ? {} : Object.fromEntries([['batch', 'limit'], ...cursors]);
  return new z.ZodError(
    issues.map((issue) => {
      const path = issue.path.map((part) => names[String(part)] ?? part);
      const isOfRequest = issue.code === 'unrecognized_keys' && path.length === 0;
      return isOfRequest ? { ...issue, path, message: noneOf(issue.keys, asked) } : { ...issue, path };
    }),
  );
}
