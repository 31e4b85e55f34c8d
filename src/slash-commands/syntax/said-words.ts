// The words of what somebody says to CodeRed, and each without the punctuation around it. Pure.

/** What nobody sees, and what comes along when text is copied: soft hyphen, zero widths, marks of direction, joiners. */
const INVISIBLE = new Set(
  '\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff',
);
/** What stands around a word without being part of it, as people and Markdown write. */
const AROUND = new Set('.,;:!?()[]{}<>`\'"*_~…“”„‘’‚«»‹›');

export const isInvisible = (character: string): boolean => INVISIBLE.has(character);

export function withoutInvisible(text: string): string {
  let seen = '';
  for (const character of text) if (!isInvisible(character)) seen += character;
  return seen;
}

/** By whatever counts as white space to `trim`. */
export function wordsOf(line: string): string[] {
  const words: string[] = [];
  let word = '';
  for (const character of line) {
    if (character.trim() !== '') word += character;
    else if (word !== '') {
      words.push(word);
      word = '';
    }
  }
  return word === '' ? words : [...words, word];
}

/** A word without what stands around it, and without what nobody sees: `ea61b43` of `(ea61b43).` */
export function bareWord(word: string, around: ReadonlySet<string> = AROUND): string {
  const seen = withoutInvisible(word);
  let [start, end] = [0, seen.length];
  while (start < end && around.has(seen.charAt(start))) start += 1;
  while (end > start && around.has(seen.charAt(end - 1))) end -= 1;
  return seen.slice(start, end);
}

/** Of ASCII alone. */
export function isDigits(text: string): boolean {
  return text !== '' && consistsOf(text, '0123456789');
}

/** In whatever case. */
export function isHexadecimal(text: string): boolean {
  return text !== '' && consistsOf(text.toLowerCase(), '0123456789abcdef');
}

export function hasDigit(text: string): boolean {
  for (const character of text) if (isDigits(character)) return true;
  return false;
}

function consistsOf(text: string, characters: string): boolean {
  for (const character of text) if (!characters.includes(character)) return false;
  return true;
}
