// Finds many byte strings in one pass over a buffer (Aho and Corasick, 1975), ASCII capitals and small letters alike. Pure.

/**
 * A deterministic automaton in flat tables. A search starts in state 0 and takes `state = next[state + classOf[byte]]` for
 * each byte. In a state at or above `firstFinal` one or more words end at this byte; their indices are
 * `words[wordsStart[n]]` to `words[wordsStart[n + 1] - 1]`, with n = (state - firstFinal) / stride.
 */
export interface Automaton {
  /** The next state for each state and class of byte. */
  readonly next: Int32Array;
  /** Column of each byte; capitals share that of their small letter, bytes in no word share column 0. */
  readonly classOf: Uint8Array;
  /** States are numbered in steps of this (a power of two), which is the length of a row in `next`. */
  readonly stride: number;
  /** `stride` as a power: `stride === 1 << strideBits`. */
  readonly strideBits: number;
  readonly firstFinal: number;
  /** Indices into the words that the automaton was built from; of one state, the longest word first. */
  readonly words: Int32Array;
  readonly wordsStart: Int32Array;
}

const ALPHABET = 256;

/** Turns ASCII capitals into small letters; leaves every other byte as it is. */
function foldByte(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

/**
 * Builds the automaton that finds these words (bytes, none of them empty). ASCII case is ignored: where one word ends, every
 * word that differs from it in ASCII case only is reported too.
 */
export function buildAutomaton(words: readonly Uint8Array[]): Automaton {
  const { classOf, strideBits } = classify(words);
  const trie = buildTrie(words, classOf, strideBits);
  const order = closeTrie(trie, 1 << strideBits);
  return numberFinalsLast(trie, order, { classOf, strideBits });
}

function classify(words: readonly Uint8Array[]): { classOf: Uint8Array; strideBits: number } {
  const classOf = new Uint8Array(ALPHABET);
  let classes = 1;
  for (const word of words) {
    for (const byte of word) {
      const folded = foldByte(byte);
      // 256 used bytes cannot happen: capitals are folded away.
      if (classOf[folded] === 0) classOf[folded] = classes++;
    }
  }
  for (let byte = 0; byte < ALPHABET; byte++) classOf[byte] = classOf[foldByte(byte)] ?? 0;
  return { classOf, strideBits: Math.max(1, Math.ceil(Math.log2(classes))) };
}

interface Trie {
  /** Rows of children, 0 for none; after `closeTrie` every cell is the state to go to. */
  readonly rows: Int32Array;
  readonly states: number;
  /** Words that end in a state. */
  readonly ends: Map<number, number[]>;
}

function buildTrie(words: readonly Uint8Array[], classOf: Uint8Array, strideBits: number): Trie {
  const most = words.reduce((sum, word) => sum + word.length, 1);
  const rows = new Int32Array(most << strideBits);
  const ends = new Map<number, number[]>();
  let states = 1;
  words.forEach((word, index) => {
    let state = 0;
    for (const byte of word) {
      const cell = (state << strideBits) + (classOf[byte] ?? 0);
      rows[cell] ||= states++;
      state = rows[cell] ?? 0;
    }
    ends.set(state, [...(ends.get(state) ?? []), index]);
  });
  return { rows, states, ends };
}

/** Fills every empty cell with where the longest proper suffix goes, breadth first; returns the states in that order. */
function closeTrie(trie: Trie, stride: number): Int32Array {
  const { rows, states, ends } = trie;
  const order = new Int32Array(states);
  const suffix = new Int32Array(states);
  let seen = 1;
  for (let done = 0; done < states; done++) {
    const state = order[done] ?? 0;
    const fallback = (suffix[state] ?? 0) * stride;
    const inherited = state === 0 ? undefined : ends.get(suffix[state] ?? 0);
    if (inherited) ends.set(state, [...(ends.get(state) ?? []), ...inherited]);
    for (let column = 0; column < stride; column++) {
      const child = rows[state * stride + column] ?? 0;
      const elsewhere = state === 0 ? 0 : (rows[fallback + column] ?? 0);
      if (child === 0) rows[state * stride + column] = elsewhere;
      else {
        suffix[child] = elsewhere;
        order[seen++] = child;
      }
    }
  }
  return order;
}

function numberFinalsLast(
  trie: Trie,
  order: Int32Array,
  shape: { classOf: Uint8Array; strideBits: number },
): Automaton {
  const { rows, states, ends } = trie;
  const { classOf, strideBits } = shape;
  const plain = order.filter((state) => !ends.has(state));
  const finals = order.filter((state) => ends.has(state));
  const renumbered = new Int32Array(states);
  [...plain, ...finals].forEach((state, index) => {
    renumbered[state] = index << strideBits;
  });
  const next = new Int32Array(states << strideBits);
  for (let state = 0; state < states; state++) {
    const row = renumbered[state] ?? 0;
    for (let column = 0; column < 1 << strideBits; column++) {
      next[row + column] = renumbered[rows[(state << strideBits) + column] ?? 0] ?? 0;
    }
  }
  const wordsStart = new Int32Array(finals.length + 1);
  const flat: number[] = [];
  finals.forEach((state, index) => {
    for (const word of ends.get(state) ?? []) flat.push(word);
    wordsStart[index + 1] = flat.length;
  });
  return {
    next,
    classOf,
    stride: 1 << strideBits,
    strideBits,
    firstFinal: plain.length << strideBits,
    words: Int32Array.from(flat),
    wordsStart,
  };
}
