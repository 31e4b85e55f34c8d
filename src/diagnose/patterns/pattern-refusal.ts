// Says why a pattern must not be loaded. Pure.
import { RE2JS } from 're2js';
import { asError } from '../../model/errors.ts';
import type { Pattern } from '../../model/failure.ts';
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
  const matchesNothing = PROBES.some((probe) => {
    const matcher = compiled.matcher(probe);
    return matcher.find() && matcher.group() === '';
  });
  return matchesNothing ? 'the pattern matches the empty string, so it would match every line' : null;
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
  return samples.flatMap((sample, index) =>
    [sample, ...readingsOf(sample)].some(fits)
      ? []
      : [`samples.${index}: the pattern does not match ${JSON.stringify(sample)}`],
  );
}
