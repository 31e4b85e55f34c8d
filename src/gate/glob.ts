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

/** Whether paths fit a glob: `**` is any depth, `*` one name, `?` one character; all else stands for itself. */
export function globMatcher(glob: string): (path: string) => boolean {
  const regex = RE2JS.compile(`^${glob.replace(/\*\*\/|\*\*|\*|\?|[^*?]+/g, translate)}$`, RE2JS.DOTALL);
  return (path) => regex.matches(path);
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
