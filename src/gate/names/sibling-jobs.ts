// Which jobs are parts of one matrix, and which artifact is which part's. Pure.

import type { Signal } from '../model/evidence-model.ts';

/** A part of a matrix: `e2e (2, 4)`. */
export interface Part {
  readonly job: Signal;
  /** Of its values those that the other parts do not have: `2`. */
  readonly own: readonly string[];
}

/** All known jobs of a matrix, at least two. */
export interface Matrix {
  /** Words of the name that all of them have. */
  readonly words: readonly string[];
  readonly parts: readonly Part[];
}

/** Finds the matrices among the jobs of a workflow: jobs whose names differ only in numbers, or in what stands in parentheses. */
export function matricesOf(jobs: readonly Signal[]): Matrix[] {
  const families = new Map<string, { job: Signal; values: readonly string[] }[]>();
  for (const job of jobs) {
    const { stem, values } = splitName(job.name);
    const key = JSON.stringify([job.origin, job.foreign_event ?? null, stem]);
    families.set(key, [...(families.get(key) ?? []), { job, values }]);
  }
  return [...families.values()].flatMap((family) => {
    const [first] = family;
    if (first === undefined || family.length < 2) return [];
    const differs = differingPlaces(family.map(({ values }) => values));
    const parts = family.map(({ job, values }) => ({ job, own: values.filter((_, place) => differs(place)) }));
    return [{ words: wordsOfAll(first.job.name), parts }];
  });
}

/** Letters and digits of a name in lower case, each as a token of its own where they only follow each other: `shard1` as `shard`, `1`. */
export function tokensOf(name: string): string[] {
  return name
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((token) => token !== '')
    .flatMap((token) => {
      const [whole, letters, digits] = /^(\p{L}+)(\d+)$/u.exec(token) ?? [];
      return whole === undefined || letters === undefined || digits === undefined ? [token] : [letters, digits];
    });
}

/** Returns a test whether the lists differ at an index. Lists of different lengths differ at every index. */
export function differingPlaces(lists: readonly (readonly string[])[]): (place: number) => boolean {
  const [first] = lists;
  if (first === undefined || lists.some(({ length }) => length !== first.length)) return () => true;
  return (place) => lists.some((list) => list[place] !== first[place]);
}

/** Whether `tokens` hold `wanted` in a row. */
export function carries(tokens: readonly string[], wanted: readonly string[]): boolean {
  if (wanted.length === 0) return false;
  return tokens.some((_, at) => wanted.every((token, index) => tokens[at + index] === token));
}

function wordsOfAll(name: string): string[] {
  return tokensOf(name.replace(/\(([^()]*)\)/g, ' ')).filter((token) => !/^\d+$/.test(token));
}

/** `e2e (2, 4)` as the stem `e#e ()` with 2, 2 and 4: numbers outside of parentheses are values too. */
function splitName(name: string): { readonly stem: string; readonly values: readonly string[] } {
  const values: string[] = [];
  const stem = name.replace(/\(([^()]*)\)|\d+/g, (whole: string, inner: string | undefined) => {
    values.push(...tokensOf(inner ?? whole));
    return inner === undefined ? '#' : '()';
  });
  return { stem, values };
}
