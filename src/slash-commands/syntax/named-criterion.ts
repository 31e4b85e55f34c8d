// Which criterion a command names, however its author writes it. Pure.

import { bareWord } from './said-words.ts';

/** No sign of a glob but the question mark: the id of a share by path ends with one. */
const AROUND = new Set('.,:;!?`\'"“”„‘’‚');

/** A word without the punctuation of the sentence that it stands in; ids have some within: `coverage_min.flags.unit`. */
export function writtenCriterion(word: string): string {
  return bareWord(word, AROUND);
}

/** The one of `ids` that is meant: as it is written, else in whatever case; null where none or several may be meant. */
export function namedCriterion(said: string, ids: readonly string[]): string | null {
  const written = [...new Set(ids)].map((id) => ({ id, word: writtenCriterion(id) }));
  const word = writtenCriterion(said);
  const exact = written.filter((one) => one.word === word);
  const [first, second] =
    exact.length > 0 ? exact : written.filter((one) => one.word.toLowerCase() === word.toLowerCase());
  return first === undefined || second !== undefined ? null : first.id;
}
