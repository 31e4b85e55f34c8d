// Says why a pattern must not be loaded. Pure.
import { RE2JS } from 're2js';
import { asError } from '../../model/errors.ts';
import type { Pattern } from '../../model/failure.ts';
import { type RegexNode, readRegex } from '../literals/regex-syntax.ts';
import { cleanLine } from '../log/clean-log.ts';
import { readingsOf } from '../log/prefixes.ts';

const MAX_PATTERN_LENGTH = 1000;
/** Texts on which a pattern that can match an empty text does so: they have a start, an end, and both kinds of word boundary. */
const PROBES = ['', 'a', ' '];

/** Returns why the pattern cannot be loaded, in words for its author; null when it can. Never throws. */
export function refusalOf({ kind, pattern }: Pick<Pattern, 'kind' | 'pattern'>): string | null {
  if (pattern === '') return 'the pattern is empty';
  if (pattern.length > MAX_PATTERN_LENGTH) {
    return `the pattern has ${pattern.length} characters, at most ${MAX_PATTERN_LENGTH} are allowed`;
  }
  if (kind === 'literal')
    return /[\r\n]/.test(pattern) ? 'the text spans lines, but patterns are tried on one line at a time' : null;
  return refusalOfRegex(pattern);
}

function refusalOfRegex(pattern: string): string | null {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern);
  } catch (thrown) {
    return `not RE2 syntax (https://github.com/google/re2/wiki/Syntax): ${asError(thrown).message}`;
  }
  const tree = readRegex(pattern);
  if (tree !== null && needsOne(tree, LINE_ENDS))
    return 'the pattern needs a line end, but patterns are tried on one line at a time; choose the line that names the cause';
  if (tree !== null && needsOne(tree, ESCAPES))
    return 'the pattern needs the escape character of colours (\\x1b), but they are removed before patterns are tried; leave it out';
  const matchesNothing = PROBES.some((probe) => {
    const matcher = compiled.matcher(probe);
    return matcher.find() && matcher.group() === '';
  });
  return matchesNothing ? 'the pattern matches the empty string, so it would match every line' : null;
}

const LINE_ENDS: ReadonlySet<string> = new Set(['\n']);
const ESCAPES: ReadonlySet<string> = new Set(['\x1b']);

/** Whether every text that it matches holds one of the characters. */
function needsOne(node: RegexNode, characters: ReadonlySet<string>): boolean {
  switch (node.kind) {
    case 'chars':
      return node.chars.length > 0 && node.chars.every((char) => characters.has(char));
    case 'concat':
      return node.parts.some((part) => needsOne(part, characters));
    case 'alternate':
      return node.parts.length > 0 && node.parts.every((part) => needsOne(part, characters));
    case 'repeat':
      return node.min > 0 && needsOne(node.part, characters);
    default:
      return false;
  }
}

/** Of the lines that a pattern which can be loaded says it matches, those that it does not, in words for its author. */
export function unmatchedSamples({
  kind,
  pattern,
  samples,
}: Pick<Pattern, 'kind' | 'pattern'> & { readonly samples: readonly string[] }): string[] {
  if (samples.length === 0) return [];
  const compiled = kind === 'literal' ? null : RE2JS.compile(pattern);
  const fits = (line: string) => compiled?.matcher(line).find() ?? line.includes(pattern);
  return samples.flatMap((sample, index) => {
    if (sample.includes('\n'))
      return [`samples.${index}: is more than one line; patterns are tried on one line at a time`];
    const bytes = Buffer.from(sample);
    const line = cleanLine(bytes, 0, bytes.length);
    if ([line, ...readingsOf(line)].some(fits)) return [];
    const raw = line !== sample && fits(sample);
    const why = raw ? "; GitHub's time and colours are removed before patterns are tried" : '';
    return [`samples.${index}: the pattern does not match ${JSON.stringify(line)}${why}`];
  });
}
