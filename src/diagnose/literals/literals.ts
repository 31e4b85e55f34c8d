// Finds texts that every line matched by a pattern holds, so that the pattern is tried only on lines with such a text. Pure.
import type { Pattern } from '../../model/failure.ts';
import { type Need, NO_NEED } from './needs.ts';
import { type RegexNode, readRegex } from './regex-syntax.ts';

/** Stands in a literal for where the line begins. No line holds a newline. */
const START = '\n';

/** A text to search for. */
export interface Literal {
  /** In lower case where `fold` is true. May hold `START` where it is part of a demand. */
  readonly text: string;
  /** True when ASCII capitals and small letters count as equal. */
  readonly fold: boolean;
}

/** A list of literals of which every matching line holds at least one. */
export type Clause = readonly Literal[];

/** What every matching line holds: a clause, or all demands of one of several branches. */
export type Demand = Clause | { readonly branches: readonly (readonly Demand[])[] };

/** What is known about a piece of a pattern: all the texts it can match (null when there are too many), and demands that hold for each text it matches. */
interface Known {
  readonly exact: Clause | null;
  readonly demands: readonly Demand[];
}

const NOTHING: Known = { exact: null, demands: [] };
const NO_TEXT: Known = { exact: [{ text: '', fold: false }], demands: [] };
const LINE_START: Known = { exact: [{ text: START, fold: false }], demands: [] };
const MAX_TEXTS = 16;
const MAX_ALTERNATIVES = 256;
/** Longer literals are cut, in characters: the rest is rare enough, and the automaton stays small. */
const MAX_LITERAL = 24;
/** Literals of less weight stand on many lines. */
const TELLING_WEIGHT = 4;
/** Of what a line must hold besides, even one sign tells something. */
const MIN_NEED_WEIGHT = 2;
/** What the chatter of tools holds, whether anything broke or not. */
const CHATTER =
  /tests?|build(?:ing|s)?|packages?|modules?|https?:|info|status|versions?|running|errors?|fail(?:ed|ures?)?|warn(?:ings?)?|types?|files?|names?|import|target|unused|install(?:ed|ing)?|react|eslint|typescript|login|task|deprecated/gi;

/**
 * Returns demands that hold for every line the pattern matches; an empty list when none could be found. Rules:
 * 1. A literal never crosses what may stand in the log in other bytes than its own, or cannot stand in a cleaned line:
 *    newline, ESC, NUL, U+FFFD and lone surrogates break it.
 * 2. Case-insensitive text is ASCII only, since other letters fold in ways that bytes do not show; `k` and `s` also fold
 *    to U+212A and U+017F (see `foldsBeyondAscii`).
 */
export function demandsOf({ kind, pattern }: Pick<Pattern, 'kind' | 'pattern'>): readonly Demand[] {
  const tree = kind === 'literal' ? textNode(pattern) : readRegex(pattern);
  if (tree === null) return [];
  const { exact, demands } = know(tree);
  return flush(exact, demands);
}

function textNode(whole: string): RegexNode {
  const parts = [...whole].map((text): RegexNode => ({ kind: 'chars', chars: [text], fold: false }));
  return { kind: 'concat', parts };
}

/** The demands as clauses, with the best one of each branch, and literals cut short; an empty list when there is none. */
export function clausesOf(demands: readonly Demand[]): readonly Clause[] {
  return flatClauses(demands).map((clause) =>
    clause.map(({ text, fold }) => ({ text: [...withoutStart(text)].slice(0, MAX_LITERAL).join(''), fold })),
  );
}

/** What a text must hold for a pattern with these demands. */
export function needOf(demands: readonly Demand[]): Need {
  // The rarest first, for what is not there ends the search.
  const needs = demands
    .toSorted((a, b) => rarityOf(b) - rarityOf(a))
    .flatMap((demand) => ('branches' in demand ? ofBranches(demand.branches) : ofClause(demand)));
  const [only] = needs;
  return only !== undefined && needs.length === 1 ? only : ['&', ...needs];
}

function rarityOf(demand: Demand): number {
  return 'branches' in demand ? 0 : rarity(demand);
}

function ofClause(clause: Clause): readonly Need[] {
  const telling = Math.min(...clause.map((literal) => weight([literal]) + Number(literal.text.startsWith(START))));
  return telling < MIN_NEED_WEIGHT ? [] : [either(clause.map(toNeed))];
}

function toNeed({ text, fold }: Literal): Need {
  const bare = withoutStart(text);
  if (fold) return { small: bare };
  return text.startsWith(START) ? { start: bare } : bare;
}

function ofBranches(branches: readonly (readonly Demand[])[]): readonly Need[] {
  const needs = branches.map(needOf);
  return needs.some((need) => Array.isArray(need) && need.length === NO_NEED.length) ? [] : [either(needs)];
}

function either(needs: readonly Need[]): Need {
  const [only] = needs;
  return only !== undefined && needs.length === 1 ? only : ['|', ...needs];
}

function flatClauses(demands: readonly Demand[]): readonly Clause[] {
  return demands.flatMap((demand): readonly Clause[] => {
    if (!('branches' in demand)) return [demand];
    const best = demand.branches.map((branch) => bestOf(flatClauses(branch)));
    const clause = best.flatMap((choice) => choice ?? []);
    return best.includes(null) || clause.length > MAX_ALTERNATIVES ? [] : [clause];
  });
}

/** Whether a line can match the literal with a Kelvin sign (U+212A) instead of `k`, or a long s (U+017F) instead of `s`. */
export function foldsBeyondAscii(literal: Literal): boolean {
  return literal.fold && /[ks]/.test(literal.text);
}

/**
 * How rare the lines are that hold a literal of the clause; a higher number is rarer. It is the least weight of its texts:
 * 1 for each letter, digit or common mark, 2 for any other character of ASCII, 3 for all others.
 */
export function weight(clause: Clause): number {
  return Math.min(...clause.map(({ text }) => weightOf(withoutStart(text))));
}

/** The same, with words that logs are full of counted for little; below zero for a clause of little weight. */
export function rarity(clause: Clause): number {
  if (weight(clause) < TELLING_WEIGHT) return weight(clause) - TELLING_WEIGHT;
  return Math.min(...clause.map(({ text }) => weightOf(withoutStart(text).replaceAll(CHATTER, '..'))));
}

function weightOf(text: string): number {
  return [...text].reduce((sum, char) => sum + (/[\s\w,.:/-]/.test(char) ? 1 : char > '~' ? 3 : 2), 0);
}

/** Adds the exact texts as one more clause, unless one of them is empty: every line holds the empty text. */
function flush(exact: Clause | null, demands: readonly Demand[]): readonly Demand[] {
  return exact === null || exact.length === 0 || exact.some(({ text }) => withoutStart(text) === '')
    ? demands
    : [...demands, exact];
}

function know(node: RegexNode): Known {
  switch (node.kind) {
    case 'any':
      return NOTHING;
    case 'empty':
      return NO_TEXT;
    case 'start':
      return LINE_START;
    case 'chars':
      return knowChars(node.chars, node.fold);
    case 'concat':
      return knowConcat(startInside(node.parts).flatMap(knowPieces));
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
  return { exact: texts, demands: [] };
}

function knowConcat(parts: readonly Known[]): Known {
  let exact: Clause = NO_TEXT.exact ?? [];
  let demands: readonly Demand[] = [];
  let whole = true;
  for (const part of parts) {
    const product: Clause | null = part.exact === null ? null : join(exact, part.exact);
    if (product !== null) {
      exact = product;
      continue;
    }
    whole = false;
    demands = [...flush(exact, demands), ...part.demands];
    exact = part.exact ?? NO_TEXT.exact ?? [];
  }
  return whole ? { exact, demands } : { exact: null, demands: flush(exact, demands) };
}

/** Every text of the one followed by every text of the other; null when they are too many. */
function join(left: Clause, right: Clause): Clause | null {
  if (left.length * right.length > MAX_TEXTS) return null;
  return left.flatMap((before) => right.map((after) => joinTexts(before, after)));
}

function joinTexts(before: Literal, after: Literal): Literal {
  const fold = before.fold || after.fold;
  const isTwice = before.text.endsWith(START) && after.text.startsWith(START);
  const text = before.text + (isTwice ? after.text.slice(1) : after.text);
  return { text: fold ? lowerAscii(text) : text, fold };
}

function withoutStart(text: string): string {
  return text.replaceAll(START, '');
}

function lowerAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

const START_NODE: RegexNode = { kind: 'start' };

/** The same parts, with where the line begins said in each branch of what follows it: then their literals say so too. */
function startInside(parts: readonly RegexNode[]): readonly RegexNode[] {
  const [first, next, ...rest] = parts;
  if (first?.kind !== 'start' || next === undefined) return parts;
  if (next.kind === 'concat') return startInside([START_NODE, ...next.parts, ...rest]);
  if (next.kind !== 'alternate') return parts;
  const branches = next.parts.map((part): RegexNode => ({ kind: 'concat', parts: [START_NODE, part] }));
  return [{ kind: 'alternate', parts: branches }, ...rest];
}

function knowAlternate(branches: readonly Known[]): Known {
  const texts = branches.flatMap(({ exact }) => exact ?? []);
  if (texts.length <= MAX_TEXTS && branches.every(({ exact }) => exact !== null)) return { exact: texts, demands: [] };
  const each = branches.map(({ exact, demands }) => flush(exact, demands));
  return each.some(({ length }) => length === 0) ? NOTHING : { exact: null, demands: [{ branches: each }] };
}

function bestOf(clauses: readonly Clause[]): Clause | null {
  return clauses.reduce<Clause | null>((best, next) => (best && rarity(best) >= rarity(next) ? best : next), null);
}

function knowOptional(part: Known, max: number | null): Known {
  if (max !== 1 || part.exact === null || part.exact.length >= MAX_TEXTS) return NOTHING;
  return { exact: [...part.exact, { text: '', fold: false }], demands: [] };
}

/** Splits a repetition into pieces: x{3,} is x, x, x and then anything, so that the text before it can be joined to the first x. */
function knowPieces(node: RegexNode): readonly Known[] {
  if (node.kind !== 'repeat' || node.min === 0) return [know(node)];
  // More copies than a literal is long add nothing.
  const copies = Math.min(node.min, MAX_LITERAL);
  const part = know(node.part);
  const again = { exact: part.exact, demands: [] };
  const pieces = Array.from({ length: copies }, (_, copy) => (copy === 0 ? part : again));
  return node.max === node.min && copies === node.min ? pieces : [...pieces, NOTHING];
}
