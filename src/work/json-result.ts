// Reads a result out of what an agent wrote. Pure.

import type { Outcome, Question, Usage } from './work-packet.ts';

/** Deeper nesting uses up the stack of whatever reads it. */
const MOST_LEVELS = 500;

/** JSON, or in words why it is none. */
export type ReadJson = { readonly json: unknown } | { readonly why: string };

/** Reads the whole of the text as one JSON value. */
export function readJson(text: string): ReadJson {
  if (text.trim() === '') return { why: 'it wrote nothing' };
  if (isTooDeep(text, MOST_LEVELS)) return { why: `it wrote JSON of more than ${MOST_LEVELS} levels` };
  try {
    return { json: JSON.parse(text) };
  } catch {
    return { why: `it wrote no JSON, but ${JSON.stringify(text.trim().slice(0, 80))}` };
  }
}

/** The same of bytes, which have to be UTF-8. */
export function readJsonBytes(bytes: Uint8Array): ReadJson {
  try {
    return readJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return { why: 'it wrote no JSON: it is not UTF-8' };
  }
}

/**
 * What the value means: `{"ask": [question, …]}` alone asks, `{"fail": "why"}` alone says that it can't be done by anybody, all else is
 * the result.
 */
export function outcomeOf(json: unknown, usage: Usage): Outcome {
  const only = onlyEntry(json);
  if (only?.[0] === 'ask' && Array.isArray(only[1])) return { kind: 'asks', questions: only[1].map(asQuestion), usage };
  if (only?.[0] === 'fail' && typeof only[1] === 'string') {
    return { kind: 'failed', error: only[1], isFinal: true, mayTryAgain: false, usage };
  }
  return { kind: 'result', result: json, usage };
}

function onlyEntry(json: unknown): readonly [string, unknown] | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined;
  const entries = Object.entries(json);
  return entries.length === 1 ? entries[0] : undefined;
}

/** A bare text is a question too. */
function asQuestion(given: unknown, index: number): Question {
  if (typeof given === 'string') return { id: `q${index + 1}`, question: given };
  return typeof given === 'object' && given !== null ? { ...given } : { question: given };
}

/** Whether lists and objects are nested in each other more than so many levels. */
export function isTooDeep(text: string, most: number): boolean {
  let levels = 0;
  let isText = false;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (isText && sign === '\\') at++;
    else if (sign === '"') isText = !isText;
    else if (!isText && (sign === '[' || sign === '{')) levels++;
    else if (!isText && (sign === ']' || sign === '}')) levels--;
    if (levels > most) return true;
  }
  return false;
}
