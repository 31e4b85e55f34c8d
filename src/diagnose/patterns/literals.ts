// Finds texts that every line matched by a pattern holds, so that the pattern is tried only on lines with such a text. Pure.
import type { Pattern } from '../../model/failure.ts';
import { type RegexNode, readRegex } from './regex-syntax.ts';

/** A text to search for. */
export interface Literal {
  /** In lower case where `fold` is true. */
  readonly text: string;
  /** True when ASCII capitals and small letters count as equal. */
  readonly fold: boolean;
}

/** A list of literals of which every matching line holds at least one. */
export type Clause = readonly Literal[];

/** What is known about a piece of a pattern: all the texts it can match (null when there are too many), and clauses that hold for each text it matches. */
interface Known {
  readonly exact: Clause | null;
  readonly clauses: readonly Clause[];
}

const NOTHING: Known = { exact: null, clauses: [] };
const NO_TEXT: Known = { exact: [{ text: '', fold: false }], clauses: [] };
const MAX_TEXTS = 16;
const MAX_ALTERNATIVES = 256;
/** Longer literals are cut, in characters: the rest is rare enough, and the automaton stays small. */
const MAX_LITERAL = 24;

/**
 * Returns clauses that hold for every line the pattern matches; an empty list when none could be found. Rules:
 * 1. A literal never crosses what may stand in the log in other bytes than its own, or cannot stand in a cleaned line:
 *    newline, ESC, NUL, U+FFFD and lone surrogates break it.
 * 2. Case-insensitive text is ASCII only, since other letters fold in ways that bytes do not show; `k` and `s` also fold
 *    to U+212A and U+017F (see `foldsBeyondAscii`).
 */
export function requiredClauses(pattern: Pick<Pattern, 'kind' | 'pattern'>): readonly Clause[] {
  if (pattern.kind === 'literal') {
    const parts = [...pattern.pattern].map((text): RegexNode => ({ kind: 'chars', chars: [text], fold: false }));
    return finish(know({ kind: 'concat', parts }));
  }
  return clausesOfRegex(pattern.pattern);
}

/** `requiredClauses` for a pattern in RE2 syntax that re2js accepts. */
export function clausesOfRegex(pattern: string): readonly Clause[] {
  const tree = readRegex(pattern);
  return tree === null ? [] : finish(know(tree));
}

/** Whether a line can match the literal with a Kelvin sign (U+212A) instead of `k`, or a long s (U+017F) instead of `s`. */
export function foldsBeyondAscii(literal: Literal): boolean {
  return literal.fold && /[ks]/.test(literal.text);
}

/**
 * How rare the lines are that hold a literal of the clause; a higher number is rarer. It is the least weight of its texts:
 * 1 for each letter, digit or common mark, 2 for any other character.
 */
export function weight(clause: Clause): number {
  return Math.min(
    ...clause.map(({ text }) => [...text].reduce((sum, char) => sum + (/[\s\w,.:/-]/.test(char) ? 1 : 2), 0)),
  );
}

function finish(known: Known): readonly Clause[] {
  return flush(known.exact, known.clauses).map((clause) =>
    clause.map(({ text, fold }) => ({ text: [...text].slice(0, MAX_LITERAL).join(''), fold })),
  );
}

/** Adds the exact texts as one more clause, unless one of them is empty: every line holds the empty text. */
function flush(exact: Clause | null, clauses: readonly Clause[]): readonly Clause[] {
  return exact === null || exact.length === 0 || exact.some(({ text }) => text === '') ? clauses : [...clauses, exact];
}

function know(node: RegexNode): Known {
  switch (node.kind) {
    case 'any':
      return NOTHING;
    case 'empty':
      return NO_TEXT;
    case 'chars':
      return knowChars(node.chars, node.fold);
    case 'concat':
      return knowConcat(node.parts.flatMap(knowPieces));
    case 'alternate':
      return knowAlternate(node.parts.map(know));
    case 'repeat':
      return node.min === 0 ? knowOptional(know(node.part), node.max) : knowConcat(knowPieces(node));
  }
}

function knowChars(chars: readonly string[], fold: boolean): Known {
  const texts: Literal[] = [];
  for (const char of chars) {
    const code = char.codePointAt(0) ?? 0;
    const broken = '\n\x1b\0\uFFFD'.includes(char) || (code >= 0xd800 && code <= 0xdfff);
    if (broken || (fold && code > 0x7f)) return NOTHING;
    texts.push(fold && /[A-Za-z]/.test(char) ? { text: char.toLowerCase(), fold: true } : { text: char, fold: false });
  }
  return { exact: texts, clauses: [] };
}

function knowConcat(parts: readonly Known[]): Known {
  let exact: Clause = NO_TEXT.exact ?? [];
  let clauses: readonly Clause[] = [];
  let whole = true;
  for (const part of parts) {
    const product: Clause | null = part.exact === null ? null : join(exact, part.exact);
    if (product !== null) {
      exact = product;
      continue;
    }
    whole = false;
    clauses = [...flush(exact, clauses), ...part.clauses];
    exact = part.exact ?? NO_TEXT.exact ?? [];
  }
  return whole ? { exact, clauses } : { exact: null, clauses: flush(exact, clauses) };
}

/** Every text of the one followed by every text of the other; null when they are too many. */
function join(left: Clause, right: Clause): Clause | null {
  if (left.length * right.length > MAX_TEXTS) return null;
  return left.flatMap((before) => right.map((after) => joinTexts(before, after)));
}

function joinTexts(before: Literal, after: Literal): Literal {
  const fold = before.fold || after.fold;
  const text = before.text + after.text;
  return { text: fold ? lowerAscii(text) : text, fold };
}

function lowerAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function knowAlternate(branches: readonly Known[]): Known {
  const texts = branches.flatMap(({ exact }) => exact ?? []);
  if (texts.length <= MAX_TEXTS && branches.every(({ exact }) => exact !== null)) return { exact: texts, clauses: [] };
  const best = branches.map(({ exact, clauses }) => bestOf(flush(exact, clauses)));
  const clause = best.flatMap((choice) => choice ?? []);
  return best.includes(null) || clause.length > MAX_ALTERNATIVES ? NOTHING : { exact: null, clauses: [clause] };
}

function bestOf(clauses: readonly Clause[]): Clause | null {
  return clauses.reduce<Clause | null>((best, next) => (best && weight(best) >= weight(next) ? best : next), null);
}

function knowOptional(part: Known, max: number | null): Known {
  if (max !== 1 || part.exact === null || part.exact.length >= MAX_TEXTS) return NOTHING;
  return { exact: [...part.exact, { text: '', fold: false }], clauses: [] };
}

/** Splits a repetition into pieces: x{3,} is x, x, x and then anything, so that the text before it can be joined to the first x. */
function knowPieces(node: RegexNode): readonly Known[] {
  if (node.kind !== 'repeat' || node.min === 0) return [know(node)];
  // More copies than a literal is long add nothing.
  const copies = Math.min(node.min, MAX_LITERAL);
  const part = know(node.part);
  const pieces = Array.from({ length: copies }, () => part);
  return node.max === node.min && copies === node.min ? pieces : [...pieces, NOTHING];
}
