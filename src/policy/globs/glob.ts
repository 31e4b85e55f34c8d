// Whether paths fit the globs of a policy; codered.glob_matches in the brain answers the same. Pure. Run on RE2: a policy comes
// from a stranger's repository, and no glob may take more than linear time.

import { RE2JS } from 're2js';
import { type PlainGlob, readGlob } from './glob-syntax.ts';

/** Says why a glob cannot be used, or can never match a path, in words for its author; null when it can. */
export function globRefusal(glob: string): string | null {
  const read = readGlob(glob);
  return 'refusal' in read ? read.refusal : null;
}

/** How many steps of RE2 may still be taken. Once it is below zero, the answers given since must not be used. */
export interface GlobWork {
  left: number;
}

/**
 * The steps allowed for all globs of one evaluation: some seconds. RE2 takes a step for each character of the path and each place
 * in the glob; the largest policy on the largest change would take hours.
 */
export const GLOB_WORK = 300_000_000;
const LOOK_STEPS = 10;
const COMPILE_STEPS_PER_CHARACTER = 200;

/** Returns a test whether a path matches the glob, which must not be a refused one. Each test takes steps from `work`. */
export function globMatcher(glob: string, work: GlobWork): (path: string) => boolean {
  const read = readGlob(glob);
  if ('refusal' in read) throw new Error(`the glob ${read.refusal}`);
  const matchers = read.plain.map((plain) => plainMatcher(plain, work));
  return (path) => matchers.some((fits) => fits(path));
}

/** Reads an entry of a list of globs: the glob, and whether a `!` before it takes out what the globs before it let in. */
export function listedGlob(text: string): { readonly glob: string; readonly takesOut: boolean } {
  const takesOut = text.startsWith('!');
  return { glob: takesOut ? text.slice(1) : text, takesOut };
}

/** Returns a test whether a path matches a list of globs: the last glob that matches decides. Takes steps from `work`. */
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
