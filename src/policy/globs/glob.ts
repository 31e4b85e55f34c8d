// Whether paths fit the globs of a policy; codered.glob_matches in the brain answers the same. Pure. Run on RE2: a policy comes
// from a stranger's repository, and no glob may take more than linear time.

import { RE2JS } from 're2js';
import { type PlainGlob, readGlob } from './glob-syntax.ts';

/** Why a glob can't be used, or can't fit any path; null when it can. */
export function globRefusal(glob: string): string | null {
  const read = readGlob(glob);
  return 'refusal' in read ? read.refusal : null;
}

/** How much matching is left to do, in steps of RE2; below zero it was too much, and nothing that was told since counts. */
export interface GlobWork {
  left: number;
}

/**
 * For all globs of one judgement, some seconds: RE2 takes a step for each character of the path in each place of the glob, and a
 * policy's globs against a change or a report as large as they may be would come to hours.
 */
export const GLOB_WORK = 300_000_000;
const LOOK_STEPS = 10;
const COMPILE_STEPS_PER_CHARACTER = 200;

/** Whether paths fit a glob, which must not be one that is refused. */
export function globMatcher(glob: string, work: GlobWork): (path: string) => boolean {
  const read = readGlob(glob);
  if ('refusal' in read) throw new Error(`the glob ${read.refusal}`);
  const matchers = read.plain.map((plain) => plainMatcher(plain, work));
  return (path) => matchers.some((fits) => fits(path));
}

/** What stands in a list: a glob, and whether it takes out what those before it fit. */
export function listedGlob(text: string): { readonly glob: string; readonly takesOut: boolean } {
  const takesOut = text.startsWith('!');
  return { glob: takesOut ? text.slice(1) : text, takesOut };
}

/** Whether paths fit a list of globs: the last one that fits decides. */
export function globListMatcher(list: readonly string[], work: GlobWork): (path: string) => boolean {
  const matchers = list.map(listedGlob).map(({ glob, takesOut }) => ({ takesOut, fits: globMatcher(glob, work) }));
  return (path) => matchers.findLast(({ fits }) => fits(path))?.takesOut === false;
}

function plainMatcher({ text, expression }: PlainGlob, work: GlobWork): (path: string) => boolean {
  // Most paths differ from most globs before the first sign or behind the last one.
  const begin = /^[^*?[\\]*/.exec(text)?.[0] ?? '';
  if (begin === text) return (path) => path === text;
  const end = text.includes('\\')
    ? ''
    : text.slice(Math.max(...['*', '?', ']'].map((sign) => text.lastIndexOf(sign))) + 1);
  // The slash of a `**` may stand for nothing.
  const [first, last] = [begin.endsWith('/') ? begin.slice(0, -1) : begin, end.startsWith('/') ? end.slice(1) : end];
  // A class is there twice.
  const size = text.includes('[') ? 2 * text.length : text.length;
  let regex: RE2JS | null = null;
  return (path) => {
    work.left -= LOOK_STEPS;
    if (work.left < 0 || !path.startsWith(first) || !path.endsWith(last)) return false;
    if (regex === null) work.left -= size * COMPILE_STEPS_PER_CHARACTER;
    work.left -= size * path.length;
    if (work.left < 0) return false;
    regex ??= RE2JS.compile(expression, RE2JS.DOTALL);
    return regex.matches(path);
  };
}
