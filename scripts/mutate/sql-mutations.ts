// The mutations of a file of supabase/schemas: in the bodies of functions and in views and policies. Pure.
import { splitStatements } from '../sql-statements.ts';
import type { Mutation } from './mutation.ts';
import { type SqlToken, sqlTokens } from './sql-tokens.ts';

/** A statement that can be made again in a database that has it, and what it makes. */
export interface Remade {
  readonly kind: 'function' | 'view' | 'policy';
  readonly name: string;
  readonly from: number;
  readonly text: string;
}

const SUBJECT = /^create (?:(function|view) codered\.(\w+)|(policy) (\w+) on (\w+\.\w+))/;

/** The statements of a file whose mutations can be tried. */
export function remadeStatements(sql: string): readonly Remade[] {
  return splitStatements(sql).flatMap(({ text }) => {
    const [, kind, name, policy, policyName] = SUBJECT.exec(text) ?? [];
    if (kind === undefined && policy === undefined) return [];
    const made = kind === 'view' || kind === 'function' ? kind : 'policy';
    return [{ kind: made, name: name ?? policyName ?? '', from: sql.indexOf(text), text }];
  });
}

/** The SQL that puts a changed statement in the place of the one that is there. */
export function remaking(kind: Remade['kind'], text: string): string {
  if (kind !== 'policy') return text.replace(/^create /, 'create or replace ');
  const [, , , , name, table] = SUBJECT.exec(text) ?? [];
  return `drop policy ${name} on ${table};\n${text}`;
}

/** All of them, in the order of the file. */
export function sqlMutations(file: string, sql: string): readonly Mutation[] {
  return remadeStatements(sql).flatMap(({ kind, name, from, text }) => {
    const start = kind === 'function' ? text.indexOf('$') : 0;
    const tokens = sqlTokens(text.slice(start), from + start);
    const make = (first: number, to: number, replacement: string, what: string): Mutation => {
      return { file, from: first, to, replacement, what, within: name };
    };
    return tokens.flatMap((token, index) => [
      ...swapped(tokens, index).map(([now, what]) => make(token.from, token.to, now, what)),
      ...conditions(tokens, index).map(([first, to, now, what]) => make(first, to, now, what)),
      ...statements(tokens, index, sql).map(([first, to, now, what]) => make(first, to, now, what)),
    ]);
  });
}

const SWAPS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  '<': [['<=', 'boundary']],
  '<=': [['<', 'boundary']],
  '>': [['>=', 'boundary']],
  '>=': [['>', 'boundary']],
  '<>': [['=', 'comparison turned round']],
  true: [['false', 'constant']],
  false: [['true', 'constant']],
  least: [['greatest', 'least and greatest']],
  greatest: [['least', 'least and greatest']],
  min: [['max', 'min and max']],
  max: [['min', 'min and max']],
  desc: [['asc', 'order turned round']],
};
/** After these an `=` compares; after the others of CLAUSES it sets. */
const COMPARING = ['where', 'on', 'if', 'elsif', 'when', 'having', 'select', 'return', 'filter', 'using', 'check'];
const CLAUSES = [...COMPARING, 'set', 'update', 'insert', 'values', 'perform', 'into', 'from'];

function swapped(tokens: readonly SqlToken[], index: number): readonly (readonly [string, string])[] {
  const { text, kind } = tokens[index] ?? { text: '', kind: 'string' };
  const [before, next] = [tokens[index - 1]?.text ?? '', tokens[index + 1]?.text ?? ''];
  if (kind === 'string') return text.startsWith("'") && before === 'interval' ? interval(text) : [];
  // Not `array[1]`, `numeric(5, 2)`, a parameter, or the number of a column in `order by 1`.
  if (kind === 'number') {
    return /^\d+$/.test(text) && !['[', 'by', 'varchar'].includes(before)
      ? [[String(Number(text) + 1), 'off by one']]
      : [];
  }
  if (text === '=') return compares(tokens, index) ? [['<>', 'comparison turned round']] : [];
  if (text === 'or') return before === 'create' ? [] : [['and', 'or becomes and']];
  if (text === 'and') return isBetween(tokens, index) ? [] : [['or', 'and becomes or']];
  if (text === 'is' && next !== 'of') return next === 'not' ? [] : [['is not', 'condition turned round']];
  if (text === 'not' && before === 'is') return [['', 'condition turned round']];
  if (text === 'not' && before !== 'for' && !['materialized', 'null', 'valid'].includes(next))
    return [['', 'condition turned round']];
  if (text === 'exists' && before !== 'not' && before !== 'if') return [['not exists', 'condition turned round']];
  // `<`, `>` and `-` of our own operators stand alone; a word like `max` is only meant before its bracket.
  if (/^[a-z]/.test(text) && !['true', 'false', 'desc'].includes(text) && next !== '(') return [];
  return Object.hasOwn(SWAPS, text) ? (SWAPS[text] ?? []) : [];
}

function interval(text: string): readonly (readonly [string, string])[] {
  const found = /^'(\d+) (\w+)'$/.exec(text);
  return found ? [[`'${Number(found[1]) + 1} ${found[2]}'`, 'wait off by one']] : [];
}

function compares(tokens: readonly SqlToken[], index: number): boolean {
  const depth = tokens[index]?.depth ?? 0;
  for (let at = index - 1; at >= 0; at--) {
    const token = tokens[at];
    if (token === undefined || token.depth > depth) continue;
    if (token.text === ';') return false;
    if (token.kind === 'word' && CLAUSES.includes(token.text)) return COMPARING.includes(token.text);
  }
  return false;
}

function isBetween(tokens: readonly SqlToken[], index: number): boolean {
  const depth = tokens[index]?.depth ?? 0;
  for (let at = index - 1; at >= 0; at--) {
    const token = tokens[at];
    if (token === undefined || token.depth > depth) continue;
    if (token.depth < depth || ['and', 'or', 'where', 'on', 'if', 'when', ';'].includes(token.text)) return false;
    if (token.text === 'between') return true;
  }
  return false;
}

type Cut = readonly [from: number, to: number, now: string, what: string];

/** What ends a condition at its own depth. */
const ENDS = [
  ...['and', 'or', 'order', 'group', 'limit', 'returning', 'union', 'on', 'where', 'then', 'loop', ';', 'join', 'left'],
  ...['cross', 'for', 'having', 'window', 'when', 'else', 'end', 'set', ',', 'offset', 'do', 'except', 'with'],
];

/** Conditions left out: `and x`, or the whole of a `where`. */
function conditions(tokens: readonly SqlToken[], index: number): readonly Cut[] {
  const token = tokens[index];
  if (token === undefined || token.kind !== 'word') return [];
  const isAnd = token.text === 'and' && !isBetween(tokens, index);
  const isFirst = token.text === 'where' || (token.text === 'on' && isJoin(tokens, index));
  if (!isAnd && !isFirst) return [];
  const end = endOfCondition(tokens, index);
  const [last, next] = [tokens[end - 1], tokens[end]];
  if (last === undefined || end === index + 1) return [];
  if (isAnd) return [[token.from, last.to, '', 'condition dropped']];
  const first = tokens[index + 1]?.from ?? last.from;
  // `where a and b` loses a; `where a` becomes `where true`; of `where a or b` each is turned round elsewhere.
  if (next?.text === 'and' && next.depth === token.depth) return [[first, next.to + 1, '', 'condition dropped']];
  return next?.text === 'or' && next.depth === token.depth ? [] : [[first, last.to, 'true', 'condition dropped']];
}

function isJoin(tokens: readonly SqlToken[], index: number): boolean {
  const depth = tokens[index]?.depth ?? 0;
  for (let at = index - 1; at >= 0; at--) {
    const token = tokens[at];
    if (token === undefined || token.depth > depth) continue;
    if (token.depth < depth || ['where', 'insert', ';', 'on', 'trigger', 'policy'].includes(token.text)) return false;
    if (token.text === 'join') return true;
  }
  return false;
}

function endOfCondition(tokens: readonly SqlToken[], index: number): number {
  const depth = tokens[index]?.depth ?? 0;
  let cases = 0;
  let between = false;
  for (let at = index + 1; at < tokens.length; at++) {
    const token = tokens[at];
    if (token === undefined || token.depth > depth) continue;
    if (token.depth < depth || (token.text === ')' && token.depth < depth)) return at;
    if (token.text === 'case') cases++;
    if (token.text === 'between') between = true;
    else if (token.text === 'and' && between) between = false;
    else if (cases === 0 && ENDS.includes(token.text)) return at;
    if (token.text === 'end' && cases > 0) cases--;
  }
  return tokens.length;
}

/** Statements of a body left out: those that begin a line and change something. */
function statements(tokens: readonly SqlToken[], index: number, sql: string): readonly Cut[] {
  const token = tokens[index];
  if (token === undefined || !['perform', 'delete', 'update', 'insert'].includes(token.text) || token.depth > 0)
    return [];
  const before = tokens[index - 1]?.text ?? '';
  if (![';', 'then', 'loop', 'begin', 'else'].includes(before)) return [];
  const end = tokens.findIndex((other, at) => at > index && other.text === ';' && other.depth === 0);
  const last = tokens[end];
  if (last === undefined || sql[token.from - 1] !== ' ') return [];
  return [[token.from, last.to, 'null;', 'statement removed']];
}
