// Gives lines that are the same message with other details the same form. Pure.

/** Stands for a detail. */
const HOLE = '<*>';

/** At most this much of a line counts. */
const MAX_CHARACTERS = 4096;

// Each mask is linear on a line of bounded length: single classes, bounded wherever something has to follow.
const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}';
const CLOCK = String.raw`\d{1,2}:\d{2}:\d{2}(?:[.,]\d{1,9})?`;
const UNIT =
  '(?:[nµμum]?s|secs?|seconds?|msecs?|milliseconds?|microseconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|[kKMGTP]?i?[bB](?:/s|ps)?|[kMG]bit(?:/s)?|bytes?|%)';

type Mask = readonly [RegExp, string];

/** Names in quotes. An apostrophe inside a word opens no quote. */
const QUOTED: Mask = [/"[^"]*"|`[^`]*`|(?<!\w)'[^']*'(?!\w)|‘[^’]{0,500}’|“[^”]{0,500}”/g, HOLE];

/** What is replaced, in this order, and by what. */
const MASKS: readonly Mask[] = [
  // Dates and times of day.
  [new RegExp(String.raw`\b\d{4}[-/]\d{2}[-/]\d{2}(?:[T ]${CLOCK}(?:Z|[+-]\d{2}:?\d{2})?)?`, 'g'), HOLE],
  [
    new RegExp(
      String.raw`\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? )?(?:${MONTH} {1,2}\d{1,2}|\d{1,2} ${MONTH}),?(?: \d{4})?(?: ${CLOCK})?(?: \d{4})?(?: UTC| GMT)?\b`,
      'g',
    ),
    HOLE,
  ],
  // A request says what it does by its verb, even in quotes.
  [/(["'])(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) [^"'\s]{1,2000}(?: HTTP\/[\d.]{1,3})?\1/g, `$2 ${HOLE}`],
  QUOTED,
  // Addresses of all kinds: URLs, paths of Windows and of the rest of the world, files, mail.
  [/\b[a-zA-Z][a-zA-Z0-9+.-]{1,20}:\/\/[^\s"'<>)\]},;]+/g, HOLE],
  [/\b[A-Za-z]:\\[^\s"'<>|,;()]*/g, HOLE],
  [/(?<![\w<>*])(?:~|\.{1,2})?\/[\w.@+~%#=$/-]+/g, HOLE],
  [
    /(?<![\w./])[\w.@+-]{1,100}(?:[/\\][\w.@+-]{1,100}){2,40}|(?<![\w./])[\w.@+-]{1,100}[/\\][\w.@+-]{1,100}\.[A-Za-z]\w{0,5}\b/g,
    HOLE,
  ],
  [/(?<![\w./])[\w.@+-]{1,100}\.[A-Za-z]\w{0,7}(?=[:(]\d)/g, HOLE],
  [/(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,5}/g, HOLE],
  // Who and whence, in plain English.
  [/\b(user(?:name)?|for user|for invalid user) (?!unknown|name)[\w.@$-]+(?= |$|\))/gi, `$1 ${HOLE}`],
  [/\bfor (?!user |invalid user )[^\s<]{1,100} from\b/g, `for ${HOLE} from`],
  // Amounts: durations and sizes with their units, however many of them stand in a row.
  [
    new RegExp(
      String.raw`(?<![\w.])[<>~]?-?\d{1,20}(?:[.,]\d{1,9})? ?${UNIT}(?![\w/])(?:,? (?:and )?\d{1,20}(?:\.\d{1,9})? ?${UNIT}(?![\w/]))*`,
      'g',
    ),
    HOLE,
  ],
];

const SEPARATORS = /([\s,;:=()[\]{}<>|"'`#!?]+)/;
/** A compiler's or linter's code (TS2345, E0308, SC2086) is the message's name, not a detail of it. */
const CODE = /^[A-Z]{1,4}\d{3,5}$/;
const HEX = /^(?:0x)?[0-9a-f]{8,}$/i;
const DOTTED = /^[\w$-]+(?:\.[\w$-]+){2,}\.?$/;
const EXCEPTION = /(?:Exception|Error|Failure|Warning)$/;

/**
 * The message without its details: equal for two lines that differ only in numbers, dates, durations, sizes, paths, URLs, hashes,
 * addresses, names in quotes, user names, values after `=`. Words, error codes, exception names, true and false stay.
 */
export function normaliseMessage(line: string): string {
  const message = mask(line, MASKS);
  if (/[A-Za-z]/.test(message)) return message;
  // A line of nothing but quotes, as in JSON: then what they hold is the message.
  return mask(
    line,
    MASKS.filter((one) => one !== QUOTED),
  );
}

function mask(line: string, masks: readonly Mask[]): string {
  let message = line.slice(0, MAX_CHARACTERS);
  for (const [shape, replacement] of masks) message = message.replace(shape, replacement);
  // Odd parts are the separators.
  const parts = message.split(SEPARATORS);
  const kept = parts.map((part, index) => (index % 2 === 0 && isDetail(part, parts[index - 1] ?? '') ? HOLE : part));
  return joinHoles(kept.join(''));
}

function isDetail(word: string, before: string): boolean {
  if (word === '' || word === '*') return false;
  if (before.endsWith('=') && !before.endsWith('==') && !/^(?:true|false)$/i.test(word)) return true;
  if (/\d/.test(word)) return !CODE.test(word);
  return HEX.test(word) || (DOTTED.test(word) && !EXCEPTION.test(word));
}

/**
 * What clings to a detail belongs to it, and so do the braces of a value. Details in a row count as one, since a list may be
 * longer the next time; `2 errors` is `1 error`.
 */
function joinHoles(message: string): string {
  return message
    .replace(/<\*>[\w.$/\\-]+/g, HOLE)
    .replace(/=<\*>(?:\{[^{}]{0,500}\}|\([^()]{0,500}\))/g, `=${HOLE}`)
    .replace(/(?:<\*>[-+.,:;/|#&]{0,3} ?){2,}/g, (run) => (run.endsWith(' ') ? `${HOLE} ` : HOLE))
    .replace(/<\*> ([a-z]{2,})s\b/g, `${HOLE} $1`)
    .replace(/\s+/g, ' ')
    .trim();
}
