// Globs of a policy, with the meaning that codered.glob_matches gives them in the brain. Pure; gate/ uses it.
// Run on RE2: a policy comes from a stranger's repository, and no glob may take more than linear time.

import { RE2JS } from 're2js';

const MOST_CHARACTERS = 500;

/** Why a glob can't be used; null when it can. */
export function globRefusal(glob: string): string | null {
  if (glob === '') return 'must not be empty';
  if (glob.length > MOST_CHARACTERS) return `is longer than ${MOST_CHARACTERS} characters`;
  return null;
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

/** Whether paths fit a glob: `**` is any depth, `*` one name, `?` one character; all else stands for itself. */
export function globMatcher(glob: string, work: GlobWork): (path: string) => boolean {
  // Most paths differ from most globs before the first sign or behind the last one.
  const begin = /^[^*?]*/.exec(glob)?.[0] ?? '';
  const end = glob.slice(Math.max(glob.lastIndexOf('*'), glob.lastIndexOf('?')) + 1);
  if (begin === glob) return (path) => path === glob;
  let regex: RE2JS | null = null;
  return (path) => {
    work.left -= LOOK_STEPS;
    if (work.left < 0 || !path.startsWith(begin) || !mayEnd(path, glob, end)) return false;
    if (regex === null) work.left -= glob.length * COMPILE_STEPS_PER_CHARACTER;
    work.left -= glob.length * path.length;
    if (work.left < 0) return false;
    regex ??= RE2JS.compile(`^${glob.replace(/\*\*\/|\*\*|\*|\?|[^*?]+/g, translate)}$`, RE2JS.DOTALL);
    return regex.matches(path);
  };
}

/** The slash of a last `**` + `/` may stand for nothing. */
function mayEnd(path: string, glob: string, end: string): boolean {
  if (path.endsWith(end)) return true;
  return end.startsWith('/') && glob.endsWith(`**${end}`) && path.endsWith(end.slice(1));
}

function translate(part: string): string {
  switch (part) {
    case '**/':
      return '(?:.*/)?';
    case '**':
      return '.*';
    case '*':
      return '[^/]*';
    case '?':
      return '[^/]';
    default:
      return RE2JS.quote(part);
  }
}
