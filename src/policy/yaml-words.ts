// Finds what YAML cannot read, or reads as something else than its author sees, and says how to write it instead. Pure.

import { type Alias, type Document, isAlias, isScalar, type Node, visit, type YAMLParseError } from 'yaml';

/** What is wrong, in words for the author; `offset` is its place in the text, in UTF-16 units from 0. */
export interface YamlProblem {
  readonly offset: number;
  readonly message: string;
}

const QUOTES = 'a text with any of { } [ ] , : # & * ! in it has to stand in quotes';
const ALIASES = 'The file uses aliases (*name), which are not read here. Write the values out.';
const MOST_SHOWN = 100;

/** The errors of the YAML parser, in the order of the text. */
export function syntaxProblems({ errors, warnings }: Document, text: string): YamlProblem[] {
  const hinted = errors.find(({ code }) => code === 'UNEXPECTED_TOKEN' || code === 'MISSING_CHAR');
  const problems = errors.map((error) => ({
    offset: error.pos[0],
    message: error === hinted ? `${inWords(error, text)}; ${QUOTES}` : inWords(error, text),
  }));
  return inOrder([...problems, ...tagProblems(warnings, text)]);
}

/** The parser tells of nesting deeper than the stack in the engine's words, and some of what to do in those of its own functions. */
function inWords({ code, message, pos }: YAMLParseError, text: string): string {
  if (message.includes('call stack')) return 'is nested too deep to be read';
  switch (code) {
    case 'MULTIPLE_DOCS':
      return 'has a second document; one file is one policy, so leave out the line --- or ... before it';
    case 'BAD_ALIAS':
      return inQuotes('*', wordAt(text, pos[0]));
    case 'BLOCK_IN_FLOW':
    case 'BLOCK_AS_IMPLICIT_KEY':
      return `${message}; a text with ": " in it has to stand in quotes`;
    case 'BAD_SCALAR_START':
      return `${message}; put it into quotes`;
    case 'BAD_DQ_ESCAPE':
      return `${message}; in single quotes \\ stands for itself`;
    case 'DUPLICATE_KEY':
      return 'this key stands here twice';
    default:
      return message;
  }
}

/** Values that YAML reads without an error, but not as the text that their author sees; in the order of the text. */
export function misreadProblems(document: Document, text: string): YamlProblem[] {
  const found = tagProblems(document.warnings, text);
  const anchors = new Set<string>();
  visit(document, {
    Node(_, node) {
      if (!isAlias(node) && node.anchor !== undefined) anchors.add(node.anchor);
      // `! name`, which loses its sign.
      if (isScalar(node) && node.tag === '!') found.push(lostSign(node, text));
      if (isAlias(node)) found.push(aliasProblem(node, anchors, text));
    },
  });
  return inOrder(found);
}

/** A tag that nobody knows is a text that begins with the sign, as globs that take out do. */
function tagProblems(warnings: Document['warnings'], text: string): YamlProblem[] {
  const unknown = warnings.filter(({ code }) => code === 'TAG_RESOLVE_FAILED');
  return unknown.map(({ pos }) => ({ offset: pos[0], message: inQuotes('!', wordAt(text, pos[0])) }));
}

function inOrder(found: readonly YamlProblem[]): YamlProblem[] {
  return found.toSorted((one, other) => one.offset - other.offset);
}

function lostSign(node: Node, text: string): YamlProblem {
  const offset = Math.max(0, text.lastIndexOf('!', node.range?.[0] ?? 0));
  return { offset, message: 'begins with !, which YAML reads as a tag; put it into quotes' };
}

/** An alias of nothing is a text that begins with the sign, as globs do. */
function aliasProblem(node: Alias, anchors: ReadonlySet<string>, text: string): YamlProblem {
  const offset = node.range?.[0] ?? 0;
  return { offset, message: anchors.has(node.source) ? ALIASES : inQuotes('*', wordAt(text, offset)) };
}

function inQuotes(sign: '*' | '!', word: string): string {
  const read = sign === '*' ? 'an alias' : 'a tag';
  return `begins with ${sign}, which YAML reads as ${read}; put it into quotes${word === '' ? '' : `: '${word}'`}`;
}

/** From `offset` to what ends a word in YAML; empty where it can't be shown. */
function wordAt(text: string, offset: number): string {
  const rest = text.slice(offset, offset + MOST_SHOWN);
  const ends = [' ', '\t', '\n', '\r', ',', ']', '}', "'"].map((end) => rest.indexOf(end)).filter((at) => at !== -1);
  return rest.slice(0, Math.min(rest.length, ...ends));
}
