// The arguments of a function call, out of the JSON text that supabase-js makes of them. Pure; function-caller and
// rpc-statement use it.

import { topLevelKeys } from './top-level-keys.ts';

export interface CallArguments {
  readonly keys: readonly string[];
  /** The whole JSON object. */
  readonly body: string;
  /** Long strings by argument: a batch of payloads, which would cost more in JSON than all else. */
  readonly texts: ReadonlyMap<string, string>;
  /** The JSON object without `texts`; empty when there is nothing else. */
  readonly rest: string;
}

/** From this length on a body is worth parsing to find long strings in it. */
const LONG_BODY_CHARACTERS = 16_384;
const LONG_TEXT_CHARACTERS = 4_096;

/** The arguments in a JSON object; null when the text is none. */
export function readArguments(body: string): CallArguments | null {
  if (body === '') return { keys: [], body, texts: new Map(), rest: '' };
  if (body.length < LONG_BODY_CHARACTERS) {
    const keys = topLevelKeys(body);
    return keys && { keys, body, texts: new Map(), rest: body };
  }
  const parsed = parseObject(body);
  if (parsed === null) return null;
  const given = Object.entries(parsed);
  const texts = new Map(given.filter((entry): entry is [string, string] => isLongText(entry[1])));
  const others = given.filter(([key]) => !texts.has(key));
  const rest = texts.size === 0 ? body : others.length === 0 ? '' : JSON.stringify(Object.fromEntries(others));
  return { keys: given.map(([key]) => key), body, texts, rest };
}

function parseObject(body: string): object | null {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

/** What Postgres can't keep as text takes the way through JSON, which refuses it as PostgREST does. */
function isLongText(value: unknown): boolean {
  return (
    typeof value === 'string' && value.length >= LONG_TEXT_CHARACTERS && !value.includes('\0') && value.isWellFormed()
  );
}
