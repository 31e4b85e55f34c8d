// Chooses for each pattern the literals by which the lines are found that it may match. Pure.
import { makeWords, type Words } from './gram-table.ts';
import { type Clause, foldsBeyondAscii, type Literal, rarity, weight } from './literals.ts';

/** The literals of many patterns. A slot is the index of a pattern in the list that was indexed. Plain data, so that it can be kept. */
export interface KeptIndex extends Words {
  /** The slots to try on a line that holds a word: those from `slotStarts[word]` on, to `slotStarts[word + 1]`. */
  readonly slots: Uint32Array;
  readonly slotStarts: Uint32Array;
  readonly slotCount: number;
  /** Slots without a rare enough literal: their patterns have to be tried on every line. */
  readonly unlit: readonly number[];
}

/** Literals of less weight stand on most lines. To try many patterns one by one there costs more than to try them together on all lines. */
const MIN_WEIGHT = 3;
/** Letters outside ASCII that fold to `k` and `s`. */
const FOREIGN_FOLDS = ['\u212A', '\u017F'];

/**
 * Chooses one clause for each slot and builds the index of their literals. `clauses[slot]` are the clauses of one pattern
 * (see `clausesOf`); a slot with no useful clause comes into `unlit`.
 */
export function indexLiterals(clauses: readonly (readonly Clause[])[]): KeptIndex {
  const uses = countUses(clauses);
  const chosen = clauses.map((options) => chooseClause(options, uses));
  const words = new Map<string, { literal: Literal; slots: number[] }>();
  const add = (literal: Literal, slot: number) => {
    const key = keyOf(literal);
    const word = words.get(key) ?? { literal, slots: [] };
    if (word.slots.at(-1) !== slot) word.slots.push(slot);
    words.set(key, word);
  };
  chosen.forEach((clause, slot) => {
    for (const literal of clause ?? []) {
      add(literal, slot);
      if (foldsBeyondAscii(literal)) for (const text of FOREIGN_FOLDS) add({ text, fold: false }, slot);
    }
  });
  const list = [...words.values()];
  const slotStarts = new Uint32Array(list.length + 1);
  for (const [word, { slots }] of list.entries()) slotStarts[word + 1] = (slotStarts[word] ?? 0) + slots.length;
  return {
    ...makeWords(list.map(({ literal: { text, fold } }) => ({ bytes: Buffer.from(text, 'utf8'), fold }))),
    slots: Uint32Array.from(list.flatMap(({ slots }) => slots)),
    slotStarts,
    slotCount: clauses.length,
    unlit: chosen.flatMap((clause, slot) => (clause === null ? [slot] : [])),
  };
}

function keyOf(literal: Literal): string {
  return `${literal.fold ? 'i' : '='}${literal.text}`;
}

function countUses(clauses: readonly (readonly Clause[])[]): Map<string, number> {
  const uses = new Map<string, number>();
  for (const options of clauses) {
    for (const key of new Set(options.flat().map(keyOf))) uses.set(key, (uses.get(key) ?? 0) + 1);
  }
  return uses;
}

/** The clause that the fewest lines hold. A literal of many patterns is likely a common phrase, and stands on many lines. */
function chooseClause(options: readonly Clause[], uses: ReadonlyMap<string, number>): Clause | null {
  let best: Clause | null = null;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (const clause of options) {
    const shared = Math.max(...clause.map((literal) => uses.get(keyOf(literal)) ?? 1));
    const telling = rarity(clause);
    if (weight(clause) < MIN_WEIGHT) continue;
    const score = Math.min(telling, 16) - 2 * Math.log2(shared);
    if (score > bestScore) {
      best = clause;
      bestScore = score;
    }
  }
  return best;
}
