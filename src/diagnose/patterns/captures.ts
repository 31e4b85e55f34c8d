// What identifies a match: the groups of its pattern. Pure.
import { RE2JS } from 're2js';
import type { Pattern } from '../../model/failure.ts';
import { withoutIssueMark } from '../log/log-marks.ts';

/** What identifies a match of the pattern on a text it matches: the groups that took part, or the whole match. */
export function captureFrom(
  { kind, pattern }: Pick<Pattern, 'kind' | 'pattern'>,
  text: string,
  compile: (pattern: string) => RE2JS = RE2JS.compile,
): readonly string[] {
  if (kind === 'literal') return [pattern];
  // The runner's mark is no part of it, unless the pattern asks for the mark.
  const compiled = compile(pattern);
  const matcher = [withoutIssueMark(text), text].map((one) => compiled.matcher(one)).find((one) => one.find());
  if (matcher === undefined) return [];
  const groups = Array.from({ length: matcher.groupCount() }, (_, i) => matcher.group(i + 1));
  return groups.length === 0 ? [matcher.group() ?? ''] : groups.filter((group) => group !== null);
}
