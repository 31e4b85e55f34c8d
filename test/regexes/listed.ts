// How an expression is listed: where it stands, what it reads and how much of it. For expressions.ts and its parts.

/** One that is not known without running the file stands as the call that makes it, with what it makes. */
export type Expression = RegExp | { readonly call: string; readonly stands: readonly (RegExp | undefined)[] };

export interface Listed {
  readonly file: string;
  /** The text that it reads, or why that never comes from outside. */
  readonly about: string;
  /** Null: it reads nothing from outside. */
  readonly mostCharacters: number | null;
  /** Null: whichever the file has. */
  readonly expressions: readonly Expression[] | null;
}

/** Expressions that read text from outside, no more than so many characters of it at once. */
export function outside(
  file: string,
  about: string,
  mostCharacters: number,
  expressions: readonly Expression[],
): Listed {
  return { file, about, mostCharacters, expressions };
}

/** Expressions that read nothing from outside. */
export function inside(file: string, about: string, expressions: readonly Expression[]): Listed {
  return { file, about, mostCharacters: null, expressions };
}

export const MIB = 1024 * 1024;
/** pattern-refusal.ts refuses longer ones. */
export const LONGEST_PATTERN = 1_000;
/** GitHub's own limits of names are lower. */
export const LONGEST_GITHUB_NAME = 4_096;
/** plain-request.ts reads no more of an answer. */
export const LONGEST_GITHUB_ANSWER = 4 * MIB;
/** GitHub refuses longer bodies of comments and check runs; what we make of them is no longer. */
export const LONGEST_COMMENT = 65_536;
/** Node's limit of a request's line and headers: https://nodejs.org/api/http.html#httpmaxheadersize */
export const LONGEST_HEAD = 16_384;

/** As find-expressions.ts names it. */
export const keyOf = (expression: Expression): string =>
  expression instanceof RegExp ? String(expression) : expression.call;
/** What is attacked for it. */
export const valuesOf = (expression: Expression): RegExp[] =>
  expression instanceof RegExp ? [expression] : expression.stands.filter((value) => value !== undefined);
