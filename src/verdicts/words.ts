// The words that the sentences of verdicts are made of: bounded, on one line, without secrets. Pure.

import { nameLine, oneLine } from '../text/outside-text.ts';
import type { FailingTest } from './evidence.ts';

/** A sentence is shorter than 300 characters; this many bytes of UTF-8 at the most. */
const SENTENCE_BYTES = 298;
const NAME_CHARACTERS = 60;

/** A name from outside, of a job, a test or a file, for a sentence. */
export function named(name: string): string {
  return `"${nameLine(name, NAME_CHARACTERS)}"`;
}

/** A commit as people write it. */
export function shortSha(sha: string): string {
  return nameLine(sha.slice(0, 7)) || 'unknown';
}

/** `1 run`, `2 runs`. */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

/** The base branch by its name, where that is known. */
export function baseBranch({ base_branch: name }: { readonly base_branch?: string | null | undefined }): string {
  return name == null || name === '' ? 'the base branch' : nameLine(name, NAME_CHARACTERS);
}

/** The first of the names in the order of the alphabet, and how many more there are; the same whatever the order that they come in. */
export function firstOf(names: readonly string[], thing: string): string {
  const [first, ...more] = names.toSorted();
  if (first === undefined) return `no ${thing}`;
  return more.length === 0 ? named(first) : `${named(first)} and ${counted(more.length, `more ${thing}`)}`;
}

/** The failing tests by name. */
export function testsNamed(tests: readonly FailingTest[]): string {
  return firstOf(
    tests.map(({ name }) => name),
    'test',
  );
}

/** The parts as one sentence on one line; the last ones are left out, or cut, when it would become too long. */
export function sentenceOf(first: string, ...more: readonly (string | null)[]): string {
  let sentence = first;
  for (const part of more) {
    if (part === null) continue;
    const longer = `${sentence} ${part}`;
    if (Buffer.byteLength(longer) > SENTENCE_BYTES) break;
    sentence = longer;
  }
  return oneLine(sentence, SENTENCE_BYTES);
}
