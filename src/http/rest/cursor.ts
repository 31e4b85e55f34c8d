// Where the next page of a list begins, as a word that callers hand back and do not read.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ApiError } from '../api-error.ts';

const content = z.tuple([z.string(), z.record(z.string(), z.unknown())]);
/** The arguments that name a place in a list. */
type PlaceInList = Readonly<Record<string, unknown>>;
const LONGEST = 8_192;

/** Which list: a cursor is good for the operation and the filters that it was given for, and for no other. */
export interface ListAsked {
  readonly operation: string;
  readonly filters: Readonly<Record<string, unknown>>;
}

/** The cursor of what follows `after`. */
export function cursorOf(list: ListAsked, after: PlaceInList): string {
  return Buffer.from(JSON.stringify([markOf(list), after])).toString('base64url');
}

/** The place that a cursor names. Throws `ApiError` 400 for one that is none, or is another list's. */
export function placeOf(list: ListAsked, cursor: string): PlaceInList {
  const [mark, after] = read(cursor);
  if (mark === markOf(list)) return after;
  const message = 'The cursor belongs to another list, or to other filters: begin without one';
  throw new ApiError(400, 'foreign_cursor', message);
}

function read(cursor: string): z.output<typeof content> {
  try {
    return content.parse(JSON.parse(Buffer.from(cursor.slice(0, LONGEST), 'base64url').toString('utf8')));
  } catch {
    throw new ApiError(400, 'malformed_cursor', 'The cursor is none: hand back `next_cursor` as it came');
  }
}

function markOf({ operation, filters }: ListAsked): string {
  const sorted = Object.entries(filters).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([operation, sorted]))
    .digest('base64url')
    .slice(0, 16);
}
