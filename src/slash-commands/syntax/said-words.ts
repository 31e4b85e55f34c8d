// The words of what somebody says to CodeRed, and each without the punctuation around it. Pure.

/** What nobody sees, and what comes along when text is copied: soft hyphen, zero widths, marks of direction, joiners. */
const INVISIBLE = new Set(
  '\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff',
);
/** What stands around a word without being part of it, as people and Markdown write. */
const AROUND = new Set('.,;:!?()[]{}<>`\'"*_~…“”„‘’‚«»‹›');

/** Whether a character shows nothing and takes no space. */
export const isInvisible = (character: string): boolean => INVISIBLE.has(character);

/** The text without invisible characters. */
export function withoutInvisible(text: string): string {
  let seen = '';
  for (const character of text) if (!isInvisible(character)) seen += character;
  return seen;
}

/** The words of a line, split at everything that `trim` takes for white space. */
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

/** A word without the characters of `around` at both ends and without invisible ones: `ea61b43` of `(ea61b43).` */
export function bareWord(word: string, around: ReadonlySet<string> = AROUND): string {
  const seen = withoutInvisible(word);
  let [start, end] = [0, seen.length];
  while (start < end && around.has(seen.charAt(start))) start += 1;
  while (end > start && around.has(seen.charAt(end - 1))) end -= 1;
  return seen.slice(start, end);
}

/** Whether the text is made of ASCII digits only. */
export function isDigits(text: string): boolean {
  return text !== '' && consistsOf(text, '0123456789');
}

/** Whether the text is made of hexadecimal digits only, in either case. */
export function isHexadecimal(text: string): boolean {
  return text !== '' && consistsOf(text.toLowerCase(), '0123456789abcdef');
}

/** Whether the text holds an ASCII digit. */
export function hasDigit(text: string): boolean {
  for (const character of text) if (isDigits(character)) return true;
  return false;
}

function consistsOf(text: string, characters: string): boolean {
  for (const character of text) if (!characters.includes(character)) return false;
  return true;
}
