// Finds the names of secrets in text: of variables, options, properties, tags. Pure.
import { isIn, runEnd, runStart } from './alphabets.ts';
import { type NameStrength, opensWith, strengthOf } from './secret-names.ts';

/** Some part of every name that tells. */
const TELLING_PART = /pass|pwd|pw|psw|secret|token|key|cred|auth|jwt|otp|pin|bearer|sessid|sessionid|assertion/gi;
const MOST_OF_NAME = 100;

/** A name of the text that may be a secret's. */
export interface FoundName {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly strength: NameStrength;
}

/** All names in the text that may be those of secrets, in order, each place once. */
export function* namesIn(text: string): Generator<FoundName> {
  let done = 0;
  const parts = new RegExp(TELLING_PART);
  for (let part = parts.exec(text); part !== null; part = parts.exec(text)) {
    const start = runStart(text, part.index, 'name', Math.max(done, part.index - MOST_OF_NAME));
    let end = runEnd(text, part.index, 'name', part.index + MOST_OF_NAME);
    done = end;
    parts.lastIndex = end;
    while (end > part.index && !isIn(text, end - 1, 'w')) end--;
    if (text.startsWith(' phrase', end)) end += 7;
    const written = text.slice(start, end).replace(/^[-.$]+/, '');
    const strength = strengthOf(spoken(text, start) + written);
    if (strength !== null) yield { start: end - written.length, end, text: written, strength };
  }
}

/** "API key" and "private key" are names of two words; "from key" is none. */
function spoken(text: string, start: number): string {
  if (text.charAt(start - 1) !== ' ' || !/key/i.test(text.slice(start, start + 3))) return '';
  const word = runStart(text, start - 1, 'an', Math.max(0, start - 20));
  const before = text.slice(word, start - 1);
  return opensWith(before) ? `${before} ` : '';
}
