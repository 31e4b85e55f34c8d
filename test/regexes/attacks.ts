// Thinks of texts that an expression may take long on: whatever it can begin to read, many times over, and then not what it needs.
import type { AST } from '@eslint-community/regexpp';
import { characterTest, type Parsed } from './step-program.ts';

/** A text of any length: `begin`, `repeated` as often as there is room, and `end`. */
export interface Attack {
  readonly begin: string;
  readonly repeated: string;
  readonly end: string;
}

export function attackText({ begin, repeated, end }: Attack, length: number): string {
  const room = Math.max(length - begin.length - end.length, 0);
  return begin + repeated.repeat(Math.floor(room / repeated.length)) + end;
}

/** Characters that strangers like to send, beside those that the expression itself names. */
const LIKELY = [
  'a',
  'A',
  '0',
  'f',
  ' ',
  '\t',
  '\n',
  '\r',
  '\u2028',
  '.',
  ',',
  '/',
  '\\',
  '-',
  '_',
  ':',
  '"',
  "'",
  '`',
  '<',
  '(',
];
const ENDS = ['', '\n', '\u0000', ' \u0000', '\n\u0000'];
const MOST_CHARACTERS = 40;
const MOST_PATHS = 40;
const LONGEST_PART = 4;
const MOST_ATTACKS = 3_001;

/** Attacks on an expression, each once. */
export function attacksOn({ pattern, flags }: Parsed): Attack[] {
  const characters = likelyCharacters(pattern, flags);
  const parts = pathsOf(pattern.alternatives).map((path) => partsOf(path, characters, flags));
  const begins = new Set(['']);
  const repeats = new Set<string>(characters);
  for (const part of parts) {
    for (let end = 1; end <= part.length; end++) {
      begins.add(part.slice(0, end).join(''));
      repeats.add(part.slice(0, end).join(''));
      for (let start = Math.max(0, end - LONGEST_PART); start < end; start++)
        repeats.add(part.slice(start, end).join(''));
    }
  }
  const repeated = [...repeats].filter((text) => text !== '' && text.length <= 200);
  const attacks = [...begins].flatMap((begin) =>
    repeated.flatMap((one) => ENDS.map((end): Attack => ({ begin, repeated: one, end }))),
  );
  // Of the thousands on an expression of many alternatives every so-manieth stands for its neighbours.
  const stride = Math.ceil(attacks.length / MOST_ATTACKS);
  return attacks.filter((_attack, index) => index % stride === 0);
}

/** What each element of a path may read; characters in a row are one part. */
function partsOf(path: readonly AST.Element[], characters: readonly string[], flags: string): string[] {
  const parts: string[] = [];
  let inText = false;
  for (const element of path) {
    const isText = element.type === 'Character';
    const example = exampleOf(element, characters, flags);
    if (isText && inText) parts.push((parts.pop() ?? '') + example);
    else parts.push(example);
    inText = isText;
  }
  return parts;
}

function likelyCharacters(pattern: AST.Pattern, flags: string): string[] {
  const named = new Set<string>();
  visit(pattern.alternatives, (element) => {
    if (element.type === 'Character') named.add(String.fromCodePoint(element.value));
    if (element.type === 'CharacterClass')
      for (const one of element.elements) {
        if (one.type === 'Character') named.add(String.fromCodePoint(one.value));
        if (one.type === 'CharacterClassRange') named.add(String.fromCodePoint(one.min.value));
      }
  });
  // Those that most of the sets take come first: there sets overlap.
  const sets: ((character: string) => boolean)[] = [];
  visit(pattern.alternatives, (element) => {
    if (element.type === 'CharacterClass' || element.type === 'CharacterSet')
      sets.push(characterTest(element.raw, flags));
  });
  const fitting = (character: string) => sets.filter((test) => test(character)).length;
  return [...new Set([...named, ...LIKELY])]
    .map((character) => ({ character, fits: fitting(character) }))
    .toSorted((one, other) => other.fits - one.fits)
    .map(({ character }) => character)
    .slice(0, MOST_CHARACTERS);
}

function visit(alternatives: readonly AST.Alternative[], see: (element: AST.Element) => void): void {
  for (const { elements } of alternatives)
    for (const element of elements) {
      const inner = element.type === 'Quantifier' ? element.element : element;
      see(inner);
      if ('alternatives' in inner) visit(inner.alternatives, see);
    }
}

/** Ways through the alternatives, groups taken apart. */
function pathsOf(alternatives: readonly AST.Alternative[]): AST.Element[][] {
  return alternatives.flatMap(({ elements }) => {
    let paths: AST.Element[][] = [[]];
    for (const element of elements) {
      const ways = waysOf(element);
      paths = paths.flatMap((path) => ways.map((way) => [...path, ...way])).slice(0, MOST_PATHS);
    }
    return paths;
  });
}

function waysOf(element: AST.Element): AST.Element[][] {
  if (element.type === 'Group' || element.type === 'CapturingGroup') return pathsOf(element.alternatives);
  if (element.type === 'Assertion') return [[]];
  if (element.type === 'Quantifier' && 'alternatives' in element.element && element.element.type !== 'Assertion') {
    const inside = pathsOf(element.element.alternatives);
    return element.min === 0 ? [...inside, []] : inside;
  }
  return [[element]];
}

function exampleOf(element: AST.Element, characters: readonly string[], flags: string): string {
  switch (element.type) {
    case 'Quantifier':
      return exampleOf(element.element, characters, flags).repeat(Math.max(1, element.min));
    case 'Group':
    case 'CapturingGroup':
      return (element.alternatives[0]?.elements ?? []).map((one) => exampleOf(one, characters, flags)).join('');
    case 'Assertion':
    case 'Backreference':
      return '';
    case 'Character':
      return String.fromCodePoint(element.value);
    default: {
      const test = characterTest(element.raw, flags);
      return characters.find(test) ?? '';
    }
  }
}
