// Says which patterns are worth trying on which lines of a block, in one pass over its bytes. Pure.

import { type Block, MAX_LINE_BYTES } from '../log/line-blocks.ts';
import { type EscapedLine, skipEscape } from '../log/strip-escapes.ts';
import { type Automaton, buildAutomaton } from './aho-corasick.ts';
import { type Clause, foldsBeyondAscii, type Literal, weight } from './literals.ts';

/** The literals of many patterns, ready to be searched for. A slot is the index of a pattern in the list that was indexed. */
export interface LiteralIndex {
  readonly automaton: Automaton;
  /** For each word of the automaton: its exact bytes, or null where ASCII case does not matter. */
  readonly exact: readonly (Uint8Array | null)[];
  /** For each word of the automaton: the slots to try on a line that holds it. */
  readonly slots: readonly Int32Array[];
  readonly slotCount: number;
  /** Slots without a rare enough literal: their patterns have to be tried on every line. */
  readonly unlit: readonly number[];
}

/** The lines of a block that hold a literal, and the slots to try on each, in the order of the block. */
export interface Candidates {
  /** For each such line: its raw line number, and the index of its first byte and of its newline in the block. */
  readonly line: number[];
  readonly start: number[];
  readonly end: number[];
  /** Pairs of equal index: a slot to try, and on which line (an index into the three lists above). */
  readonly slot: number[];
  readonly at: number[];
}

const NEWLINE_WORD = 0;
const NEWLINE = 0x0a;
const ESC = 0x1b;
/** Literals of less weight stand on most lines. To try many patterns one by one there costs more than to try them together on all lines. */
const MIN_WEIGHT = 3;
/** Letters outside ASCII that fold to `k` and `s`. */
const FOREIGN_FOLDS = ['\u212A', '\u017F'];

/**
 * Chooses one clause for each slot and builds the index of their literals. `clauses[slot]` are the clauses of one pattern
 * (see `requiredClauses`); a slot with no useful clause comes into `unlit`.
 */
export function indexLiterals(clauses: readonly (readonly Clause[])[]): LiteralIndex {
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
  const encoded = list.map(({ literal }) => Buffer.from(literal.text, 'utf8'));
  const exact = list.map(({ literal }, i) =>
    !literal.fold && /[A-Za-z]/.test(literal.text) ? (encoded[i] ?? null) : null,
  );
  return {
    automaton: buildAutomaton([Buffer.of(NEWLINE), Buffer.of(ESC), ...encoded]),
    exact: [null, null, ...exact],
    slots: [new Int32Array(), new Int32Array(), ...list.map(({ slots }) => Int32Array.from(slots))],
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
    const telling = weight(clause);
    if (telling < MIN_WEIGHT) continue;
    const score = Math.min(telling, 16) - 2 * Math.log2(shared);
    if (score > bestScore) {
      best = clause;
      bestScore = score;
    }
  }
  return best;
}

/**
 * Returns a function that finds the candidates of a block. Its result is valid until it is called again. Terminal escapes are
 * skipped, because one may stand inside a literal.
 */
export function createCandidateFinder(index: LiteralIndex): (block: Block) => Candidates {
  const found: Candidates = { line: [], start: [], end: [], slot: [], at: [] };
  const { next, classOf, firstFinal } = index.automaton;
  const collect = createCollector(index, found);
  const newlineState = next[classOf[NEWLINE] ?? 0] ?? 0;
  const escState = next[classOf[ESC] ?? 0] ?? 0;

  return ({ bytes, firstLine }) => {
    collect.clear();
    let state = 0;
    let line = firstLine;
    let start = 0;
    let escapes: EscapedLine | null = null;
    for (let i = 0; i < bytes.length; i++) {
      const to = next[state + (classOf[bytes[i] ?? 0] ?? 0)] ?? 0;
      if (to < firstFinal) {
        state = to;
        continue;
      }
      if (to === escState) {
        escapes ??= { limit: Math.min(bytes.indexOf(NEWLINE, i), start + MAX_LINE_BYTES), stringsEnd: true };
        i = skipEscape(bytes, i, escapes) - 1;
        continue;
      }
      state = to;
      if (state === newlineState) {
        collect.endLine(line, start, i);
        line++;
        start = i + 1;
        escapes = null;
      } else collect.hit(state, bytes, escapes === null ? i + 1 : -1);
    }
    return found;
  };
}

interface Collector {
  clear(): void;
  /** Notes the slots of every word that ends before `end` in this state; -1 when escapes may stand inside the words. */
  hit(state: number, bytes: Buffer, end: number): void;
  endLine(line: number, start: number, end: number): void;
}

function createCollector(index: LiteralIndex, found: Candidates): Collector {
  const { firstFinal, strideBits, words, wordsStart } = index.automaton;
  // Which slots the line that is being read has already; a new line takes a new number.
  const seen = new Int32Array(index.slotCount);
  let lineNumber = 0;
  let pairsBefore = 0;

  function noteWord(word: number, bytes: Buffer, end: number): void {
    const exact = index.exact[word];
    if (exact && end >= 0 && !endsWith(bytes, end, exact)) return;
    for (const slot of index.slots[word] ?? []) {
      if (seen[slot] === lineNumber) continue;
      seen[slot] = lineNumber;
      found.slot.push(slot);
      found.at.push(found.line.length);
    }
  }

  return {
    clear() {
      for (const list of Object.values(found)) list.length = 0;
      pairsBefore = 0;
      lineNumber = 1;
      seen.fill(0);
    },
    hit(state, bytes, end) {
      const final = (state - firstFinal) >> strideBits;
      const last = wordsStart[final + 1] ?? 0;
      for (let i = wordsStart[final] ?? 0; i < last; i++) noteWord(words[i] ?? NEWLINE_WORD, bytes, end);
    },
    endLine(line, start, end) {
      if (found.slot.length === pairsBefore) return;
      found.line.push(line);
      found.start.push(start);
      found.end.push(end);
      pairsBefore = found.slot.length;
      lineNumber++;
    },
  };
}

function endsWith(bytes: Buffer, end: number, word: Uint8Array): boolean {
  const from = end - word.length;
  for (let i = 0; i < word.length; i++) if (bytes[from + i] !== word[i]) return false;
  return true;
}
