// Reads a report that is one JSON value. Parsed whole, so its size is bounded lower than that of streamed formats. Pure.

import { z } from 'zod';
import { plainWords, shapeProblems } from '../../text/shape-problems.ts';
import { createDecoder } from './decode-report.ts';
import type { Measurement } from './measurement.ts';
import { REPORT_LIMITS } from './report-limits.ts';
import { type ReportSource, Unreadable } from './report-reader.ts';
import { refuseMore, shown } from './report-values.ts';

/** A JSON object whose keys come from outside: read with `entriesOf`, never by name, so that `__proto__` is a key like any other. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function readJson(measure: (value: unknown) => Measurement): ReportSource {
  return readText((text) => measure(parseJson(text)));
}

/** A report that is taken apart as a whole. */
export function readText(measure: (text: string) => Measurement): ReportSource {
  const decoder = createDecoder();
  const pieces: string[] = [];
  let byteCount = 0;
  return {
    write(bytes) {
      byteCount = refuseMore(byteCount + bytes.length, REPORT_LIMITS.jsonBytes);
      pieces.push(decoder.decode(bytes));
    },
    end() {
      pieces.push(decoder.end());
      return measure(pieces.splice(0).join(''));
    },
  };
}

/** Throws `Unreadable`. */
export function parseJson(text: string): unknown {
  if (text.trim() === '') throw new Unreadable('the file is empty');
  try {
    return JSON.parse(text);
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    throw new Unreadable(
      'the file is not whole JSON: it was cut off, or holds what JSON does not allow, like NaN',
      lineOf(thrown.message, text),
    );
  }
}

/** The engine says of some errors at which character they stand. */
function lineOf(message: string, text: string): number | null {
  const position = message.includes('end of JSON')
    ? text.length
    : Number(/at position (\d{1,9})/.exec(message)?.[1] ?? -1);
  if (position < 0) return null;
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < position; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

/** The value as the schema has it; throws with the path of the first thing that is not. */
export function checked<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value, { error: plainWords });
  if (result.success) return result.data;
  const [{ field, said } = { field: '', said: 'is not of this format' }] = shapeProblems(result.error);
  throw new Unreadable(`${field || 'the report'}: ${said}`);
}

/** A number of things, and what is said of a list that is past it. */
type Bound = readonly [count: number, message: string];

interface ListBounds {
  readonly least?: Bound;
  readonly most?: Bound;
}

/**
 * A list of things of one kind, read up to the first that is not of it: a report may hold millions, and to complain of each
 * takes more memory than there is.
 */
export function listing<Schema extends z.ZodType>(schema: Schema, { least, most }: ListBounds = {}) {
  const bounded = z
    .array(z.unknown())
    .min(least?.[0] ?? 0, least?.[1])
    .max(most?.[0] ?? Number.MAX_SAFE_INTEGER, most?.[1]);
  return bounded.transform((items, context): z.output<Schema>[] => {
    const read: z.output<Schema>[] = [];
    for (const [index, item] of items.entries()) {
      const result = schema.safeParse(item, { error: plainWords });
      if (!result.success) {
        const [issue] = result.error.issues;
        const path = [index, ...(issue?.path ?? [])];
        context.issues.push({ code: 'custom', path, message: issue?.message ?? 'is not of this format', input: item });
        return z.NEVER;
      }
      read.push(result.data);
    }
    return read;
  });
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object's own keys and values; throws when it is none. */
export function entriesOf(value: unknown, what: string): [string, unknown][] {
  if (isObject(value)) return Object.entries(value);
  throw new Unreadable(`${what} is ${Array.isArray(value) ? 'a list' : shown(value)}; an object is allowed`);
}

/** The object; throws when it is none. */
export function objectOf(value: unknown, what: string): JsonObject {
  if (isObject(value)) return value;
  throw new Unreadable(`${what} is ${Array.isArray(value) ? 'a list' : shown(value)}; an object is allowed`);
}

export function listOf(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Unreadable(`${what} is ${shown(value)}; a list is allowed`);
}
