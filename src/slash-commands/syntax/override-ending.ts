// Reads the end of an override: how long it holds, and on which commit. Pure.

import { misplacedProblem } from './misplaced-ending.ts';
import { bareWord, hasDigit, isHexadecimal } from './said-words.ts';

/** The words of an override after the criterion, divided into reason and ending. */
export interface Ending {
  readonly reason: string;
  /** The last day, as it was written; null: the override is for this commit only. */
  readonly until: string | null;
  /** The digits of the commit that was named, in lower case; null when none was. */
  readonly commit: string | null;
  /** Why it cannot be followed, as one sentence; null when it can. */
  readonly problem: string | null;
}

/** Divides the words into the reason and, at the end in either order, `until …` (how long) and `@…` (for which commit). */
export function readEnding(words: readonly string[]): Ending {
  let rest = words;
  let until: string | null = null;
  let holds = false;
  let commit: string | null = null;
  for (;;) {
    const said = rest.slice(-3).map((word) => bareWord(word).toLowerCase());
    const [one = '', two = '', last = ''] = ['', '', '', ...said].slice(-3);
    if (isBadlyNamed(last))
      return { reason: '', until, commit, problem: 'After `@` a commit has 7 to 40 hexadecimal digits.' };
    if (commit === null && isNamed(last)) {
      commit = last.slice(1);
      rest = rest.slice(0, -1);
    } else if (!holds && two === 'this' && last === 'commit') {
      holds = true;
      rest = rest.slice(0, one === 'until' ? -3 : -2);
    } else if (!holds && two === 'until') {
      holds = true;
      until = last;
      rest = rest.slice(0, -2);
    } else {
      const reason = rest.join(' ');
      return { reason, until, commit, problem: misplacedProblem(reason, commit) };
    }
  }
}

function isNamed(word: string): boolean {
  return word.startsWith('@') && word.length >= 8 && word.length <= 41 && isHexadecimal(word.slice(1));
}

/** Too short or too long for one; without a digit it may be somebody's login. */
function isBadlyNamed(word: string): boolean {
  const digits = word.slice(1);
  return word.startsWith('@') && !isNamed(word) && isHexadecimal(digits) && hasDigit(digits) && digits.length <= 64;
}
