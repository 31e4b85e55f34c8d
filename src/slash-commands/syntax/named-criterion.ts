// Which criterion a command names, however its author writes it. Pure.

import { bareWord } from './said-words.ts';

/** No sign of a glob but the question mark: the id of a share by path ends with one. */
const AROUND = new Set('.,:;!?`\'"“”„‘’‚');

/** The word without punctuation around it. Punctuation inside stays, because ids have some: `coverage_min.flags.unit`. */
export function writtenCriterion(word: string): string {
  return bareWord(word, AROUND);
}

/** Returns the one of `ids` that the author means: the equal one, else the one that differs in case only. Null when there is none, or more than one. */
export function namedCriterion(said: string, ids: readonly string[]): string | null {
  const written = [...new Set(ids)].map((id) => ({ id, word: writtenCriterion(id) }));
  const word = writtenCriterion(said);
  const exact = written.filter((one) => one.word === word);
  const [first, second] =
    exact.length > 0 ? exact : written.filter((one) => one.word.toLowerCase() === word.toLowerCase());
  return first === undefined || second !== undefined ? null : first.id;
}
