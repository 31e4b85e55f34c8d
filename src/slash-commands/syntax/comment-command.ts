// What commands in comments mean: `/codered override lint_pass flaky rule until 2026-12-01`. Pure.

import { z } from 'zod';
import { MOST_COMMAND_CHARACTERS } from './command-lines.ts';
import { writtenCriterion } from './named-criterion.ts';
import { readEnding } from './override-ending.ts';
import { bareWord, wordsOf } from './said-words.ts';

/** One command, understood. */
export type CommentCommand =
  | {
      readonly kind: 'override';
      /** A criterion's id, or `all`, in whatever case its author wrote it. */
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

/** A command that was not understood, with the one sentence to answer. */
export interface RefusedCommand {
  readonly kind: 'refused';
  readonly answer: string;
}

const MOST_REASON_CHARACTERS = 1_000;

/** The forms of all commands, for the answer to a mistake. */
export const COMMAND_HELP = [
  '`/codered override <criterion|all> <reason> [until <YYYY-MM-DD>|this commit] [@<short SHA>]`',
  '`/codered revoke [<criterion|all>]`',
  '`/codered recheck`',
  '`/codered explain`',
  '`/codered help`',
] as const;

/** Understands one line of those that `commandLines` returns. `today` is the day in UTC (YYYY-MM-DD): an override cannot end before it. */
export function parseCommandLine(line: string, today: string): CommentCommand | RefusedCommand {
  if (line.length >= MOST_COMMAND_CHARACTERS)
    return refused(`A command is a line of less than ${MOST_COMMAND_CHARACTERS} characters.`);
  const [said = '', ...rest] = wordsOf(line);
  const word = bareWord(said).toLowerCase();
  switch (word) {
    case 'override':
      return parseOverride(rest, today);
    case 'revoke':
      return rest.length > 1
        ? refused('`revoke` takes one criterion to revoke; without one, or with `all`, it revokes every override.')
        : { kind: 'revoke', criterion: writtenCriterion(rest[0] ?? 'all') };
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

function parseOverride([first = '', ...words]: readonly string[], today: string): CommentCommand | RefusedCommand {
  const criterion = writtenCriterion(first);
  if (criterion === '') return refused('`override` needs a criterion (or `all`) and a reason.');
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

function refused(answer: string): RefusedCommand {
  return { kind: 'refused', answer };
}
