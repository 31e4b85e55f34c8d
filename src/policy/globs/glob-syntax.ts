// Reads a glob and writes it as a regular expression. Pure. codered.glob_expressions in the brain writes the same ones, so they
// hold only what RE2 and Postgres understand alike.

import { classEnd, expandBraces } from './expand-braces.ts';

/** A glob without braces: one of those that a glob with braces stands for. */
export interface PlainGlob {
  /** Without braces, from the root of the repository. */
  readonly text: string;
  /** The regular expression that a whole path must match. */
  readonly expression: string;
}

/** A glob that was read, or why it cannot be used: no path can match it, or something in it is not understood. */
export type ReadGlob = { readonly plain: readonly PlainGlob[] } | { readonly refusal: string };

const MOST_CHARACTERS = 500;
const NO_FOLDER = 'has a \\, which only takes a sign its meaning (\\[); write / between folders';
/** What of a machine can't be a path in a repository; `/src` is one. */
const OF_A_MACHINE = /^(?:[a-z]:[/\\]|~\/|\/home\/runner\/work\/|\/github\/workspace\/|file:)/i;

/** Reads a glob: `**` is any depth, `*` any characters within a name, `?` one character, `[ab]` one of these, `{a,b}` either. */
export function readGlob(glob: string): ReadGlob {
  if (glob === '') return { refusal: 'must not be empty' };
  if (Array.from(glob).length > MOST_CHARACTERS) return { refusal: `is longer than ${MOST_CHARACTERS} characters` };
  if (!glob.isWellFormed() || glob.includes('\0')) return { refusal: 'has a character that no path has' };
  if (/^[ \t\r\n]|[ \t\r\n]$/.test(glob))
    return { refusal: 'begins or ends with a space; write [ ] where a name does' };
  if (OF_A_MACHINE.test(glob)) return { refusal: 'is a path of a machine; write it from the root of the repository' };
  const expanded = expandBraces(glob);
  if ('refusal' in expanded) return expanded;
  const plain: PlainGlob[] = [];
  for (const one of expanded) {
    const read = readPlain(one);
    if ('refusal' in read) return read;
    plain.push(read);
  }
  return { plain };
}

function readPlain(glob: string): PlainGlob | { readonly refusal: string } {
  if (glob.startsWith('!')) return { refusal: 'has a ! where nothing can be taken out; write \\! for one in a name' };
  const rooted = glob.startsWith('./') ? glob.slice(2) : glob.startsWith('/') ? glob.slice(1) : glob;
  if (rooted === '' || rooted === '.') return { refusal: 'names no file; write ** for all of them' };
  const names = (rooted.endsWith('/') ? `${rooted}**` : rooted)
    .split('/')
    .map((name) => (/^\*\*+$/.test(name) ? '**' : name))
    .filter((name, index, all) => name !== '**' || all[index - 1] !== '**');
  const never = names.find((name) => name === '' || name === '.' || name === '..' || name === '.git');
  if (never === '') return { refusal: 'has a name that is empty (//), so no path fits it' };
  if (never !== undefined) return { refusal: `has the name ${never}, so no path of the repository fits it` };
  let expression = '';
  for (const [index, name] of names.entries()) {
    const isLast = index === names.length - 1;
    if (name === '**') {
      // What `src/**` means may be one thing itself, a submodule; what lies below `*` does not.
      if (isLast && isWhole(names[index - 1])) expression += '(?:/.*)?';
      else expression += isLast ? `${index === 0 ? '' : '/'}.*` : '(?:.*/)?';
      continue;
    }
    const read = readName(name);
    if ('refusal' in read) return read;
    // A last `**` brings its slash along.
    const isBeforeAll = index === names.length - 2 && names[index + 1] === '**';
    expression += read.expression + (isLast || isBeforeAll ? '' : '/');
  }
  return { text: names.join('/'), expression: `^${expression}$` };
}

function isWhole(name: string | undefined): boolean {
  return name !== undefined && (!name.endsWith('*') || name.endsWith('\\*'));
}

type Part = { readonly expression: string } | { readonly refusal: string };

function readName(name: string): Part {
  let expression = '';
  for (let at = 0; at < name.length; ) {
    const sign = String.fromCodePoint(name.codePointAt(at) ?? 0);
    let end = at + sign.length;
    if (sign === '*') while (name[end] === '*') end += 1;
    if ('*?+@!'.includes(sign) && name[end] === '(')
      return { refusal: `has ${sign}(, which is not read here; write {a,b}, or ${sign}\\( for a bracket in a name` };
    if (sign === '*') expression += end - at > 1 ? '.*' : '[^/]*';
    else if (sign === '?') expression += '[^/]';
    else if (sign === '\\') {
      end = at + 2;
      if (!isEscape(name, at)) return { refusal: NO_FOLDER };
      expression += quote(name.charAt(at + 1));
    } else if (sign === '[') {
      end = classEnd(name, at) + 1;
      if (end === 0) return { refusal: 'has a [ that is never closed; write \\[ for one in a name' };
      const read = readClass(name.slice(at, end));
      if ('refusal' in read) return read;
      expression += read.expression;
    } else expression += quote(sign);
    at = end;
  }
  return { expression };
}

/** `src\*` is taken for a folder and not for a star in a name, which hardly a path has. */
function isEscape(text: string, at: number): boolean {
  const escaped = text.charAt(at + 1);
  if ((escaped === '*' || escaped === '?') && /[a-z0-9_]/i.test(text.charAt(at - 1))) return false;
  return escaped !== '' && '*?[]{}()!,+@|^-'.includes(escaped);
}

/** `[ab]` is one of its characters, or itself: a folder may be called `[id]`. */
function readClass(text: string): Part {
  const negated = text[1] === '!' || text[1] === '^';
  const inside = text.slice(negated ? 2 : 1, -1);
  if (inside === '') return { refusal: 'has [] with nothing in it; write \\[ for a bracket in a name' };
  if (/\[:[a-z]+:/.test(text)) return { refusal: 'has a class by name, which is not read here; write [a-z]' };
  const signs: { readonly sign: string; readonly escaped: boolean }[] = [];
  for (let at = 0; at < inside.length; ) {
    const escaped = inside[at] === '\\';
    if (escaped && !isEscape(inside, at)) return { refusal: NO_FOLDER };
    const sign = String.fromCodePoint(inside.codePointAt(escaped ? at + 1 : at) ?? 0);
    signs.push({ sign, escaped });
    at += sign.length + (escaped ? 1 : 0);
  }
  let members = '';
  for (let at = 0; at < signs.length; ) {
    const [low, dash, high] = signs.slice(at, at + 3);
    const isRange = dash?.sign === '-' && !dash.escaped && high !== undefined;
    const range = rangeOf(low?.sign ?? '', isRange ? high.sign : (low?.sign ?? ''));
    if (range === null) return { refusal: `has the range ${low?.sign}-${high?.sign}, which ends before it begins` };
    members += range;
    at += isRange ? 3 : 1;
  }
  if (negated) return { expression: `[^/${members}]` };
  return { expression: text.includes('\\') ? `[${members}]` : `(?:[${members}]|${quote(text)})` };
}

/** A slash stands between names, and is in no class. */
function rangeOf(low: string, high: string): string | null {
  if (low === high) return quote(low);
  if ((low.codePointAt(0) ?? 0) > (high.codePointAt(0) ?? 0)) return null;
  if (low > '/' || high < '/') return `${quote(low)}-${quote(high)}`;
  return `${rangeOf(low, '.') ?? ''}${rangeOf('0', high) ?? ''}`;
}

function quote(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}-]/g, '\\$&');
}
