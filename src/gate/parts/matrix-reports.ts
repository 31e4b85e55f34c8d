// Which reports of a workflow are which matrix's, by their names. Pure.
//
// 1. A report whose name carries a matrix's words is that matrix's, and no other's that it says less of. Words that any report may
//    have (`coverage`) and words that all matrices have say nothing; nor do those of a matrix whose values are in none of the names.
// 2. A matrix that has reports of its own by its words has no others.
// 3. A job uploads under one pattern: names that differ in more than values and numbers are sets of their own, and a part in one of
//    them is none in another.

import { carries, differingPlaces, type Matrix, type Part, tokensOf } from '../names/sibling-jobs.ts';

/** Reports that are called alike, at least one of which carries a part's value. */
export interface ReportSet {
  /** The name of one of them. */
  readonly like: string;
  readonly names: ReadonlySet<string>;
  /** The parts that may have left one of them. */
  readonly found: ReadonlySet<Part>;
  /** Whether each of those has one to itself. */
  readonly isOneEach: boolean;
  /** Whether all parts have, and no report is another's. */
  readonly isExact: boolean;
  /** Whether the names carry the matrix's words. */
  readonly isOwn: boolean;
}

interface Name {
  readonly artifact: string;
  readonly tokens: readonly string[];
}

/** Words of artifacts of whatever matrix. */
const OF_ANY: ReadonlySet<string> = new Set(
  'artifact artifacts cov coverage lcov report reports result results upload uploads'.split(' '),
);

/** For each matrix: the sets of artifacts that its jobs may have made, by the rules at the head of this file. */
export function setsOfMatrices(matrices: readonly Matrix[], artifacts: readonly string[]): Map<Matrix, ReportSet[]> {
  const names = [...new Set(artifacts)].map((artifact) => ({ artifact, tokens: tokensOf(artifact) }));
  const owners = matrices.map((matrix) => ownerOf(matrix, matrices, names));
  return new Map(
    owners.map((owner) => {
      const left = names.filter((name) => !owners.some((other) => other !== owner && isOusted(owner, other, name)));
      const own = setsOf(
        owner.matrix,
        left.filter((name) => owner.carried.has(name)),
        true,
      );
      return [owner.matrix, own.length > 0 ? own : setsOf(owner.matrix, left, false)];
    }),
  );
}

interface Owner {
  readonly matrix: Matrix;
  readonly words: ReadonlySet<string>;
  /** Which of the words a name carries; left out: none. */
  readonly carried: ReadonlyMap<Name, ReadonlySet<string>>;
  /** Whether a name carries a value beside a word. */
  readonly isThere: boolean;
}

function ownerOf(matrix: Matrix, matrices: readonly Matrix[], names: readonly Name[]): Owner {
  const isCommon = (word: string) => matrices.length > 1 && matrices.every(({ words }) => words.includes(word));
  const words = new Set(matrix.words.filter((word) => !OF_ANY.has(word) && !isCommon(word)));
  const carried = new Map<Name, ReadonlySet<string>>();
  for (const name of names) {
    const those = new Set(name.tokens.filter((token) => words.has(token)));
    if (those.size > 0) carried.set(name, those);
  }
  return { matrix, words, carried, isThere: setsOf(matrix, [...carried.keys()], true).length > 0 };
}

/** Whether a report is another matrix's: its name says nothing of this one, or all of the other and of this one less. */
function isOusted(owner: Owner, other: Owner, name: Name): boolean {
  const theirs = other.isThere ? other.carried.get(name) : undefined;
  if (theirs === undefined) return false;
  const ours = owner.carried.get(name);
  if (ours === undefined) return true;
  return theirs.size === other.words.size && theirs.size > ours.size && [...ours].every((word) => theirs.has(word));
}

function setsOf({ parts }: Matrix, names: readonly Name[], isOwn: boolean): ReportSet[] {
  const values = new Set(parts.flatMap(({ own }) => own));
  const sets = Map.groupBy(names, ({ tokens }) => patternOf(tokens, values));
  return [...sets.values()].flatMap((set) => {
    const [first] = set;
    const matched = match(parts, countedFromOne(set.map(({ tokens }) => tokens)));
    if (first === undefined || matched.found.size === 0) return [];
    return [{ like: first.artifact, names: new Set(set.map(({ artifact }) => artifact)), ...matched, isOwn }];
  });
}

/** A name without what differs between jobs and runs: `coverage-#`. */
function patternOf(tokens: readonly string[], values: ReadonlySet<string>): string {
  const isVariable = (token: string | undefined) => token !== undefined && (values.has(token) || isNumber(token));
  return tokens
    .filter((token, place) => !isVariable(token) || !isVariable(tokens[place - 1]))
    .map((token) => (isVariable(token) ? '#' : token))
    .join('-');
}

/** A number, a time or a commit. */
function isNumber(token: string): boolean {
  return /^\d+(?:t\d*)?z?$/.test(token) || (/^[0-9a-f]{7,40}$/.test(token) && /\d/.test(token));
}

/** GitHub counts the jobs of a matrix from nought (`strategy.job-index`), people count them from one. */
function countedFromOne(names: readonly (readonly string[])[]): readonly (readonly string[])[] {
  if (!names.some((name) => name.at(-1) === '0')) return names;
  return names.map((name) => {
    const last = name.at(-1) ?? '';
    return /^\d{1,4}$/.test(last) ? name.with(-1, String(Number(last) + 1)) : name;
  });
}

function match(parts: readonly Part[], names: readonly (readonly string[])[]) {
  const partsOf = (name: readonly string[]) => parts.filter(({ own }) => carries(name, own)).length;
  const differs = differingPlaces(names);
  // Where a name carries several, what all of them have, such as how many parts there are, is left out.
  const reportNames =
    names.length === 1 || names.every((name) => partsOf(name) < 2)
      ? names
      : names.map((name) => name.filter((_, place) => differs(place)));
  const wanted = parts.map(({ own }) => reportNames.flatMap((name, index) => (carries(name, own) ? [index] : [])));
  const found = new Set(parts.filter((_, index) => (wanted[index]?.length ?? 0) > 0));
  const isOneEach = isOneToOne(wanted.filter((reports) => reports.length > 0));
  const isExact = isOneEach && found.size === parts.length && new Set(wanted.flat()).size === names.length;
  return { found, isOneEach, isExact };
}

/** Whether each part can have a report of its own, of those that may be its. */
function isOneToOne(wanted: readonly (readonly number[])[]): boolean {
  const takenBy = new Map<number, number>();
  const take = (part: number, tried: Set<number>): boolean =>
    (wanted[part] ?? []).some((report) => {
      if (tried.has(report)) return false;
      tried.add(report);
      const other = takenBy.get(report);
      if (other !== undefined && !take(other, tried)) return false;
      takenBy.set(report, part);
      return true;
    });
  return wanted.every((_, part) => take(part, new Set()));
}
