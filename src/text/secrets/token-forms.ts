// Reads the forms of published tokens and finds them in text, in time linear in its length. Pure.
import { ALPHABETS, type AlphabetName, createRuns, isIn, runStart } from './reading/alphabets.ts';
import { PUBLISHED_TOKENS } from './reading/published-tokens.ts';
import { MORE_TOKENS } from './reading/published-tokens-more.ts';
import { isRandomLooking } from './reading/randomness.ts';
import type { Span } from './reading/span.ts';

/** A run of an alphabet: at least `least` of it; with `exact`, no more. */
interface Run {
  readonly alphabet: AlphabetName;
  readonly least: number;
  readonly exact: boolean;
}

/** A literal by which it is found, what stands before it, and the literals and runs that follow. */
interface TokenForm {
  readonly kind: string;
  readonly before: Run | null;
  readonly anchor: string;
  readonly rest: readonly (Run | string)[];
  readonly anywhere: boolean;
  readonly folded: boolean;
  readonly telling: boolean;
}

/** A token that was found; `leastEnd` is the index before which it cannot end. */
export interface FoundToken extends Span {
  readonly leastEnd: number;
}

const FORMS = [...PUBLISHED_TOKENS, ...MORE_TOKENS].flatMap(([kind, forms]) =>
  forms.split(' ').map((form) => parseForm(kind, form)),
);

/** By the two characters that the anchor begins with: most of a text is passed over by these alone. */
const BY_BEGINNING = new Map<number, TokenForm[]>();
const BEGINNINGS = new Uint8Array(128 * 128);
for (const form of FORMS) {
  const [first = '', second = ''] = form.anchor;
  const seconds = second === '' ? codesOf(form.rest[0]) : casesOf(second, form);
  for (const one of casesOf(first, form)) {
    for (const two of seconds) {
      BEGINNINGS[one * 128 + two] = 1;
      BY_BEGINNING.set(one * 128 + two, [...(BY_BEGINNING.get(one * 128 + two) ?? []), form]);
    }
  }
}

/** What a run may begin with. */
function codesOf(run: Run | string | undefined): number[] {
  return typeof run === 'object' ? [...ALPHABETS[run.alphabet]].map((char) => char.charCodeAt(0)) : [];
}

function casesOf(char: string, { folded }: TokenForm): Set<number> {
  const cases = folded ? [char.toLowerCase(), char.toUpperCase()] : [char];
  return new Set(cases.map((one) => one.charCodeAt(0)));
}

/** Marks in front: `*` may follow a letter, `~` in either case, `#` only what looks drawn at random. */
function parseForm(kind: string, written: string): TokenForm {
  const marks = /^[*~#]*/.exec(written)?.[0] ?? '';
  const parts = written
    .slice(marks.length)
    .split(/[{}]/)
    .map((part, index) => (index % 2 === 0 ? part : parseRun(part)))
    .filter((part) => part !== '');
  const [first, ...others] = parts;
  const before = typeof first === 'object' ? first : null;
  const [anchor, ...rest] = before === null ? parts : others;
  if (typeof anchor !== 'string') throw new Error(`the form ${written} has no literal to be found by`);
  const folded = marks.includes('~');
  return {
    kind,
    before,
    anchor: folded ? anchor.toLowerCase() : anchor,
    rest,
    anywhere: marks.includes('*'),
    folded,
    telling: marks.includes('#'),
  };
}

function parseRun(written: string): Run {
  const [alphabet = '', count = ''] = written.split(':');
  const exact = count.startsWith('=');
  return { alphabet: alphabet as AlphabetName, least: Number(exact ? count.slice(1) : count), exact };
}

/** All tokens of published forms in the text, in order; none lies inside another. */
export function findTokens(text: string): FoundToken[] {
  const found: FoundToken[] = [];
  const reader = { runs: createRuns(text), undotted: createUndotted(text) };
  let next = text.charCodeAt(0);
  for (let at = 0; at < text.length; at++) {
    const code = next;
    next = text.charCodeAt(at + 1);
    if (code >= 128 || next >= 128 || BEGINNINGS[code * 128 + next] === 0) continue;
    for (const form of BY_BEGINNING.get(code * 128 + next) ?? []) {
      const token = readToken(text, at, form, reader);
      if (token === null) continue;
      found.push(token);
      at = token.end - 1;
      next = text.charCodeAt(token.end);
      break;
    }
  }
  return found;
}

interface Reader {
  readonly runs: (at: number, alphabet: AlphabetName) => number;
  readonly undotted: (end: number) => number;
}

/** Where the dots before `end` begin; remembers the last answer, as many a token may end in the same dots. */
function createUndotted(text: string): (end: number) => number {
  let last = { end: -1, begin: -1 };
  return (end) => {
    if (end !== last.end) {
      let begin = end;
      while (begin > 0 && text.charAt(begin - 1) === '.') begin--;
      last = { end, begin };
    }
    return last.begin;
  };
}

function readToken(text: string, at: number, form: TokenForm, { runs, undotted }: Reader): FoundToken | null {
  if (!startsWith(text, at, form)) return null;
  const start = startOf(text, at, form);
  if (start < 0 || (!form.anywhere && isIn(text, start - 1, 'an'))) return null;
  let end = at + form.anchor.length;
  let leastEnd = end;
  for (const part of form.rest) {
    if (typeof part === 'string') {
      if (!text.startsWith(part, end)) return null;
      end += part.length;
      leastEnd = end;
      continue;
    }
    const last = runs(end, part.alphabet);
    const length = Math.max(last, end) - end;
    if (length < part.least || (part.exact && length > part.least)) return null;
    leastEnd = end + part.least;
    end = last;
  }
  end = Math.max(leastEnd, undotted(end));
  // What a help text puts in the place of one.
  if (/^[xX*_.-]+$/.test(text.slice(at + form.anchor.length, Math.min(end, at + 300)))) return null;
  if (form.telling && !isRandomLooking(text.slice(start, Math.min(end, start + 200)))) return null;
  return { start, end, leastEnd, kind: form.kind };
}

function startsWith(text: string, at: number, { anchor, folded }: TokenForm): boolean {
  if (!folded) return text.startsWith(anchor, at);
  return text.slice(at, at + anchor.length).toLowerCase() === anchor;
}

/** At most so much is looked at before an anchor: no published form has more there. */
const MOST_BEFORE = 120;

/** Where the token begins, -1 when what has to stand before the anchor does not. */
function startOf(text: string, at: number, { before }: TokenForm): number {
  if (before === null) return at;
  const start = runStart(text, at, before.alphabet, Math.max(0, at - MOST_BEFORE));
  return at - start < before.least || (before.exact && at - start > before.least) ? -1 : start;
}
