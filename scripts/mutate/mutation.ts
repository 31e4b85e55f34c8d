// What a mutation is: one small change of one file that a test should notice.

/** A change of the text of one file, from one position to another. */
export interface Mutation {
  /** From the repository, as `src/…` or `supabase/schemas/…`. */
  readonly file: string;
  /** Where the replaced text begins, in characters from the start of the file. */
  readonly from: number;
  /** Where it ends. */
  readonly to: number;
  readonly replacement: string;
  /** Which kind of change it is, in a few words. */
  readonly what: string;
  /** The SQL function (or view, or policy) that it is in; null in TypeScript. */
  readonly within: string | null;
}

/** The file's text after the change. */
export function applyMutation(text: string, { from, to, replacement }: Mutation): string {
  return text.slice(0, from) + replacement + text.slice(to);
}

/** The changed lines before and after, each without the space around it, and the number of the first. */
export function linesOf(text: string, mutation: Mutation): { line: number; was: string; now: string } {
  const start = text.lastIndexOf('\n', mutation.from - 1) + 1;
  const lineEnd = text.indexOf('\n', mutation.to);
  const end = lineEnd < 0 ? text.length : lineEnd;
  const now = text.slice(start, mutation.from) + mutation.replacement + text.slice(mutation.to, end);
  return { line: text.slice(0, start).split('\n').length, was: trimLines(text.slice(start, end)), now: trimLines(now) };
}

/** The lines around it, three on each side. */
export function linesAround(text: string, { from, to }: Mutation): string {
  return [...text.slice(0, from).split('\n').slice(-4), ...text.slice(to).split('\n').slice(0, 4)].join('\n');
}

function trimLines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n');
}
