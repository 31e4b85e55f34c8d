// How right the diagnosis of one labelled log is, and what a set of them comes to. Pure.

/** Where a diagnosis stands against what people said of the log. */
export type Outcome = 'right' | 'generic' | 'wrong' | 'silent';

/** One log's result. */
export interface Scored {
  readonly file: string;
  readonly outcome: Outcome;
  /** Whether the quoted line is one that people marked; null where nobody marked any. */
  readonly evidence: boolean | null;
  /** What was said, for `--cases`. */
  readonly said: string;
}

/** One row of the table. */
export interface Row {
  readonly set: string;
  readonly logs: number;
  readonly right: number;
  readonly generic: number;
  readonly wrong: number;
  readonly silent: number;
  /** Of the logs whose evidence somebody marked. */
  readonly evidence: number;
  readonly marked: number;
  readonly cases: readonly Scored[];
}

/** What a pattern says of a failure. */
export interface Statement {
  readonly name: string;
  readonly rank: 'cause' | 'generic' | 'consequence';
  readonly root_cause: string;
  readonly recommended_fix: string;
}

const MOST_CHARACTERS = 300;
/** Causes that a text may offer before it names none. */
const MOST_CAUSES = 3;

/** A statement that names no one cause: too long, a list of causes, or by its own rank. */
export function isGeneric({ rank, root_cause, recommended_fix }: Statement): boolean {
  const tooLong = root_cause.length > MOST_CHARACTERS || recommended_fix.length > MOST_CHARACTERS;
  const causes = root_cause.split(/;|, or |\bor\b/).length;
  return rank !== 'cause' || tooLong || causes > MOST_CAUSES;
}

/** Whether a statement names the cause that `words` (a case-insensitive expression) stands for. */
export function judge(statement: Statement | null, words: RegExp): Outcome {
  if (statement === null) return 'silent';
  if (isGeneric(statement)) return 'generic';
  const { name, root_cause, recommended_fix } = statement;
  return words.test([name, root_cause, recommended_fix].join('\n')) ? 'right' : 'wrong';
}

/** The set's row. */
export function sum(set: string, cases: readonly Scored[]): Row {
  const count = (outcome: Outcome) => cases.filter((one) => one.outcome === outcome).length;
  return {
    set,
    logs: cases.length,
    right: count('right'),
    generic: count('generic'),
    wrong: count('wrong'),
    silent: count('silent'),
    evidence: cases.filter(({ evidence }) => evidence === true).length,
    marked: cases.filter(({ evidence }) => evidence !== null).length,
    cases,
  };
}

/** Grouping accuracy: the share of lines whose predicted group holds exactly the lines of their true group. */
export function groupingAccuracy(predicted: readonly string[], truth: readonly string[]): number {
  const sizes = (keys: readonly string[]) => Map.groupBy(keys.keys(), (index) => keys[index] ?? '');
  const events = sizes(truth);
  let right = 0;
  for (const group of sizes(predicted).values()) {
    const [first = 0] = group;
    const event = events.get(truth[first] ?? '') ?? [];
    if (event.length === group.length && event.every((line, index) => line === group[index])) right += group.length;
  }
  return right / Math.max(1, predicted.length);
}
