// What commands in comments mean: `/codered override lint_pass flaky rule until 2026-12-01`. Pure; gate/ uses it.

import { z } from 'zod';
import { MOST_COMMAND_CHARACTERS } from './command-lines.ts';

/** What a comment asks for. */
export type CommentCommand =
  | {
      readonly kind: 'override';
      /** A criterion's id, or `all`. */
      readonly criterion: string;
      readonly reason: string;
      /** Null: this commit alone. Otherwise the override holds to the end of that day (UTC), on every commit of the pull request. */
      readonly until: string | null;
      /** The first digits of the commit that the author means, in lower case; absent: they named none. */
      readonly commit?: string;
    }
  | { readonly kind: 'revoke'; readonly criterion: string }
  | { readonly kind: 'recheck' }
  | { readonly kind: 'explain' }
  | { readonly kind: 'help' };

/** A command that can't be followed, with the one sentence to answer. */
export interface RefusedCommand {
  readonly kind: 'refused';
  readonly answer: string;
}

const MOST_REASON_CHARACTERS = 1_000;
const NAMED_COMMIT = /^@[0-9a-f]{7,40}$/i;
/** Too short or too long for one; without a digit it may be somebody's login. */
const BADLY_NAMED_COMMIT = /^@(?:[0-9a-f]{1,6}|[0-9a-f]{41,64})$/i;
const DIGIT = /[0-9]/;

/** Every word that commands understand, for the answer to a mistake. */
export const COMMAND_HELP = [
  '`/codered override <criterion|all> <reason> [until <YYYY-MM-DD>|this commit] [@<short SHA>]`',
  '`/codered revoke [<criterion|all>]`',
  '`/codered recheck`',
  '`/codered explain`',
  '`/codered help`',
] as const;

/** One of what `commandLines` found, understood. `today` is the day in UTC (YYYY-MM-DD): an override can't end before it. */
export function parseCommandLine(line: string, today: string): CommentCommand | RefusedCommand {
  if (line.length >= MOST_COMMAND_CHARACTERS)
    return refused(`A command is a line of less than ${MOST_COMMAND_CHARACTERS} characters.`);
  const [said = '', ...rest] = wordsOf(line);
  const word = said.toLowerCase();
  switch (word) {
    case 'override':
      return parseOverride(rest, today);
    case 'revoke':
      return rest.length > 1
        ? refused('`revoke` takes one criterion to revoke; without one, or with `all`, it revokes every override.')
        : { kind: 'revoke', criterion: rest[0] ?? 'all' };
    case 'recheck':
    case 'explain':
    case 'help':
      return rest.length === 0 ? { kind: word } : refused(`\`${word}\` takes nothing after it.`);
    case '':
      return { kind: 'help' };
    default:
      return refused(`There is no such command. There are: ${COMMAND_HELP.join(', ')}.`);
  }
}

/** By whatever counts as white space to `trim`. */
function wordsOf(line: string): string[] {
  const words: string[] = [];
  let word = '';
  for (const character of line) {
    if (character.trim() !== '') word += character;
    else if (word !== '') {
      words.push(word);
      word = '';
    }
  }
  return word === '' ? words : [...words, word];
}

function parseOverride([criterion, ...words]: readonly string[], today: string): CommentCommand | RefusedCommand {
  if (criterion === undefined) return refused('`override` needs a criterion (or `all`) and a reason.');
  const { reason, until, commit, problem } = readEnding(words);
  if (problem !== null) return refused(problem);
  if (reason === '') return refused('`override` needs a reason: it is shown on the check and kept.');
  if (reason.length > MOST_REASON_CHARACTERS)
    return refused(`The reason is longer than ${MOST_REASON_CHARACTERS} characters.`);
  if (until !== null && !z.iso.date().safeParse(until).success) {
    return refused('The day after `until` should look like 2026-12-01, or be `this commit`.');
  }
  if (until !== null && until < today) return refused('The day after `until` is over already.');
  return { kind: 'override', criterion, reason, until, ...(commit === null ? {} : { commit }) };
}

interface Ending {
  readonly reason: string;
  readonly until: string | null;
  readonly commit: string | null;
  readonly problem: string | null;
}

/** Takes from the end of a reason how long the override holds, and on which commit, in either order. */
function readEnding(words: readonly string[]): Ending {
  let rest = words;
  let until: string | null = null;
  let holds = false;
  let commit: string | null = null;
  for (;;) {
    const [one = '', two = '', last = ''] = [rest.at(-3), rest.at(-2), rest.at(-1)].map((word) => word?.toLowerCase());
    if (BADLY_NAMED_COMMIT.test(last) && DIGIT.test(last))
      return { reason: '', until, commit, problem: 'After `@` a commit has 7 to 40 hexadecimal digits.' };
    if (commit === null && NAMED_COMMIT.test(last)) {
      commit = last.slice(1);
      rest = rest.slice(0, -1);
    } else if (!holds && two === 'this' && last === 'commit') {
      holds = true;
      rest = rest.slice(0, one === 'until' ? -3 : -2);
    } else if (!holds && two === 'until') {
      holds = true;
      until = rest.at(-1) ?? null;
      rest = rest.slice(0, -2);
    } else return { reason: rest.join(' '), until, commit, problem: null };
  }
}

function refused(answer: string): RefusedCommand {
  return { kind: 'refused', answer };
}
