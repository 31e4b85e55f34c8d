// Reads what a command says on standard error while it works: progress, usage, and whatever else. Pure.

import { z } from 'zod';
import { type Usage, usage } from './work-packet.ts';

/** A line of standard error. */
export type Said =
  | { readonly kind: 'progress'; readonly progress: number; readonly note: string | null }
  | { readonly kind: 'usage'; readonly usage: Usage }
  | { readonly kind: 'other' };

/** More of a note is not kept, in UTF-16 units. */
const NOTE_UNITS = 500;

const percent = z.number().min(0).max(100);
const spoken = z.union([z.strictObject({ progress: percent, note: z.string().optional() }), z.strictObject({ usage })]);

/**
 * What the line says: `progress 40 reading the log`, or one JSON object on a line, `{"progress": 40, "note": "…"}` or
 * `{"usage": {"tokens_in": 1200, …}}`. Anything else is a line for people.
 */
export function readSaid(line: string): Said {
  if (line.startsWith('progress ')) return readWords(line.slice('progress '.length).trimStart());
  if (!line.startsWith('{')) return { kind: 'other' };
  const found = spoken.safeParse(jsonIn(line));
  if (!found.success) return { kind: 'other' };
  if ('usage' in found.data) return { kind: 'usage', usage: found.data.usage };
  return progressOf(found.data.progress, found.data.note ?? '');
}

function readWords(words: string): Said {
  const space = words.indexOf(' ');
  const digits = space === -1 ? words : words.slice(0, space);
  const progress = percent.safeParse(digits.trim() === '' ? Number.NaN : Number(digits));
  if (!progress.success) return { kind: 'other' };
  return progressOf(progress.data, space === -1 ? '' : words.slice(space + 1));
}

function progressOf(progress: number, note: string): Said {
  const words = note.trim();
  return { kind: 'progress', progress, note: words === '' ? null : words.slice(0, NOTE_UNITS) };
}

function jsonIn(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** The most of a count that the server takes. */
const MOST_COUNT = 2_147_483_647;
/** The most US dollars that it takes. */
const MOST_COST = 99_999_999;
/** The most entries of a list. */
const MOST_ENTRIES = 100;

/** Both together: counts are added, lists joined, and of the rest the later one holds. */
export function addUsage(one: Usage, other: Usage): Usage {
  const sum = (a: number | undefined, b: number | undefined, most = MOST_COUNT) =>
    a === undefined && b === undefined ? undefined : Math.min((a ?? 0) + (b ?? 0), most);
  const join = <Item>(a: readonly Item[] = [], b: readonly Item[] = []) => {
    const both = [...new Set([...a, ...b])].slice(0, MOST_ENTRIES);
    return both.length === 0 ? undefined : both;
  };
  const all = {
    model_id: other.model_id ?? one.model_id,
    tokens_in: sum(one.tokens_in, other.tokens_in),
    tokens_out: sum(one.tokens_out, other.tokens_out),
    cost_usd: sum(one.cost_usd, other.cost_usd, MOST_COST),
    zones_touched: join(one.zones_touched, other.zones_touched),
    tools: join(one.tools, other.tools),
    documents: join(one.documents, other.documents),
  };
  return usage.parse(Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)));
}
