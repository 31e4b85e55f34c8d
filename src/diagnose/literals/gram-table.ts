// Finds many byte strings in one pass over a buffer: by four bytes of each word, the rarest, and then the word around them. Pure.

/** Words to be searched for. Plain data, so that it can be kept. */
export interface Words {
  /** All words one after the other, in lower case where `folded` says so. */
  readonly bytes: Uint8Array;
  /** Where each word begins in `bytes`, and where the last one ends. */
  readonly starts: Uint32Array;
  /** Of each word, the index after the bytes that it is found by. */
  readonly keyEnds: Uint16Array;
  /** 1 for each word of which ASCII capitals and small letters are alike. */
  readonly folded: Uint8Array;
}

/** Words ready to be searched for. */
export interface GramTable {
  /** The first index from `from` on with a stop, or with the last of the bytes that a word may be found by; the length when there is none. */
  next(bytes: Uint8Array, from: number): number;
  /** Calls `found` with each word that is found by the bytes before `end` and stands there as a whole. */
  find(bytes: Uint8Array, end: number, found: (word: number) => void): void;
}

const KEY_BYTES = 4;
const SHORT_KEY_BYTES = 2;
const HASH_BITS = 17;
/** The golden ratio as a fraction of 2^32, which spreads what is multiplied by it. */
const SPREAD = 0x9e3779b1 | 0;

/** To look whether words stand there takes as long as to look at so many of them. */
const WORDS_IN_A_CALL = 4;
/** What logs are full of, whether anything broke or not. */
const CHATTER = Buffer.from(
  ' tests test running run building build compiling compile component package packages module version vers warning unused error failed fail ' +
    'info debug status type file name import target install task passed success download get http https ://www.com .org src/ node_modules/ response 200 100 2.0 1.0 ',
);

/** ASCII capitals become small letters, every other byte stays. */
const FOLD = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte));

/** Spreads four bytes over a table. */
function hashOf(recent: number): number {
  return Math.imul(recent, SPREAD) >>> (32 - HASH_BITS);
}

/** Words as they are kept; each has at least two bytes. */
export function makeWords(words: readonly { readonly bytes: Uint8Array; readonly fold: boolean }[]): Words {
  const starts = new Uint32Array(words.length + 1);
  for (const [at, { bytes }] of words.entries()) starts[at + 1] = (starts[at] ?? 0) + bytes.length;
  const all = new Uint8Array(starts[words.length] ?? 0);
  for (const [at, { bytes }] of words.entries()) all.set(bytes, starts[at]);
  const counts = count(words);
  return {
    bytes: all,
    starts,
    keyEnds: Uint16Array.from(words, ({ bytes }) => keyEnd(bytes, counts)),
    folded: Uint8Array.from(words, ({ fold }) => Number(fold)),
  };
}

/** Of each two bytes after each other, and of each byte, how often the words hold them. */
interface Counts {
  readonly pairs: Uint32Array;
  readonly singles: Uint32Array;
  /** How often the words hold each four bytes, by their hash. */
  readonly grams: Uint32Array;
}

function count(words: readonly { readonly bytes: Uint8Array }[]): Counts {
  const grams = new Uint32Array(1 << HASH_BITS);
  const counts = { grams, pairs: new Uint32Array(1 << 16), singles: new Uint32Array(1 << 8) };
  for (const { bytes } of words) {
    add(counts, bytes, 1);
    for (let end = KEY_BYTES; end <= bytes.length; end++) {
      const hash = hashOf(recentAt(bytes, end));
      grams[hash] = (grams[hash] ?? 0) + 1;
    }
  }
  add(counts, CHATTER, 1 + Math.ceil(words.length / 8));
  return counts;
}

function add({ pairs, singles }: Counts, bytes: Uint8Array, times: number): void {
  let before = 0;
  for (const byte of bytes) {
    const folded = FOLD[byte] ?? 0;
    const pair = (before << 8) | folded;
    pairs[pair] = (pairs[pair] ?? 0) + times;
    singles[folded] = (singles[folded] ?? 0) + times;
    before = folded;
  }
}

/** Where the four bytes end that cost the least: they are rare, and few other words may be found by them. In a short word the signs are rare. */
function keyEnd(word: Uint8Array, counts: Counts): number {
  if (word.length < KEY_BYTES) return isCommon(word[0]) || !isCommon(word.at(-1)) ? word.length : SHORT_KEY_BYTES;
  let [best, least] = [word.length, Number.POSITIVE_INFINITY];
  for (let end = KEY_BYTES; end <= word.length; end++) {
    const recent = recentAt(word, end);
    const cost = commonness(recent, counts) + Math.log2(WORDS_IN_A_CALL + (counts.grams[hashOf(recent)] ?? 0));
    if (cost < least) [best, least] = [end, cost];
  }
  return best;
}

/** How likely the four bytes follow each other, as a logarithm: each is likely by the one before it. */
function commonness(recent: number, { pairs, singles }: Counts): number {
  const ofPair = (shift: number) => Math.log2((pairs[(recent >>> shift) & 0xffff] ?? 0) + 1);
  const ofSingle = (shift: number) => Math.log2((singles[(recent >>> shift) & 0xff] ?? 0) + 1);
  return ofPair(16) + ofPair(8) + ofPair(0) - ofSingle(16) - ofSingle(8);
}

/** Whether it is a digit or a letter of ASCII. */
function isCommon(byte = 0): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}

/** The four bytes before `end`, folded; what would stand before the first is zero. */
function recentAt(bytes: Uint8Array, end: number): number {
  let recent = 0;
  for (let at = Math.max(0, end - KEY_BYTES); at < end; at++) recent = (recent << 8) | (FOLD[bytes[at] ?? 0] ?? 0);
  return recent;
}

/** Words by a hash of the bytes that they are found by. */
interface Chains {
  /** 1 where a search has to stop: by the last two bytes, and by the hash of the last four. */
  readonly isShort: Uint8Array;
  readonly isLong: Uint8Array;
  /** The first word there, as its number plus one; `next` has the one after a word, 0 ends the chain. */
  readonly shortFirst: Uint32Array;
  readonly longFirst: Uint32Array;
  readonly next: Uint32Array;
  /** The bytes that a word is found by. */
  readonly keys: Int32Array;
  /** By the hash: the bytes that the words there are found by, where `isLong` is 1; where it is 2, there are several. */
  readonly onlyKey: Int32Array;
}

function chain({ bytes, starts, keyEnds }: Words, stops: readonly number[]): Chains {
  const [isShort, isLong] = [new Uint8Array(1 << (8 * SHORT_KEY_BYTES)), new Uint8Array(1 << HASH_BITS)];
  const [shortFirst, longFirst] = [new Uint32Array(isShort.length), new Uint32Array(isLong.length)];
  const [next, keys] = [new Uint32Array(keyEnds.length), new Int32Array(keyEnds.length)];
  const onlyKey = new Int32Array(isLong.length);
  for (const stop of stops) for (let before = 0; before < 256; before++) isShort[(before << 8) | stop] = 1;
  for (let word = 0; word < keyEnds.length; word++) {
    const [start, end] = [starts[word] ?? 0, starts[word + 1] ?? 0];
    const isLongWord = end - start >= KEY_BYTES;
    const key = recentAt(bytes.subarray(start, end), keyEnds[word] ?? 0);
    const at = isLongWord ? hashOf(key) : key & 0xffff;
    const first = isLongWord ? longFirst : shortFirst;
    keys[word] = key;
    next[word] = first[at] ?? 0;
    first[at] = word + 1;
    if (!isLongWord) isShort[at] = 1;
    else {
      isLong[at] = isLong[at] === 0 || onlyKey[at] === key ? Math.max(1, isLong[at] ?? 0) : 2;
      onlyKey[at] = key;
    }
  }
  return { isShort, isLong, shortFirst, longFirst, next, keys, onlyKey };
}

/** Makes the words ready. `stops` are bytes that are told wherever they stand; no word holds one. */
export function openTable(words: Words, stops: readonly number[]): GramTable {
  const { bytes, starts, keyEnds, folded } = words;
  const { isShort, isLong, shortFirst, longFirst, next, keys, onlyKey } = chain(words, stops);

  function stands(text: Uint8Array, end: number, word: number): boolean {
    const start = starts[word] ?? 0;
    const from = end - (keyEnds[word] ?? 0);
    const length = (starts[word + 1] ?? 0) - start;
    if (from < 0 || from + length > text.length) return false;
    const isFolded = folded[word] === 1;
    for (let at = 0; at < length; at++) {
      const byte = text[from + at] ?? 0;
      if ((isFolded ? FOLD[byte] : byte) !== bytes[start + at]) return false;
    }
    return true;
  }

  return {
    // A loop without calls: with one, the processor's registers are saved at each byte.
    next(text, from) {
      const fold = FOLD;
      let recent = recentAt(text, from);
      for (let at = from; at < text.length; at++) {
        recent = (recent << 8) | (fold[text[at] ?? 0] ?? 0);
        const hash = hashOf(recent);
        const short = isShort[recent & 0xffff] ?? 0;
        const long = isLong[hash] ?? 0;
        if ((short | long) === 0) continue;
        if (short !== 0 || long !== 1 || onlyKey[hash] === recent) return at;
      }
      return text.length;
    },
    find(text, end, found) {
      const recent = recentAt(text, end);
      for (let word = longFirst[hashOf(recent)] ?? 0; word > 0; word = next[word - 1] ?? 0)
        if (keys[word - 1] === recent && stands(text, end, word - 1)) found(word - 1);
      for (let word = shortFirst[recent & 0xffff] ?? 0; word > 0; word = next[word - 1] ?? 0)
        if (stands(text, end, word - 1)) found(word - 1);
    },
  };
}
