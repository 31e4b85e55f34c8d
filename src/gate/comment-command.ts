// Commands that people write into a pull request's comments: `/codered override lint_pass flaky rule until 2026-12-01`. Pure; gate/ uses it.

import { z } from 'zod';

/** What a comment asks for. */
export type CommentCommand =
  | {
      readonly kind: 'override';
      /** A criterion's id, or `all`. */
      readonly criterion: string;
      readonly reason: string;
      /** Null: this commit alone. Otherwise the override holds to the end of that day (UTC), on every commit of the pull request. */
      readonly until: string | null;
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

const LINE = /^[ \t]*\/codered(?:[ \t]+(.*?))?[ \t]*$/;
const UNTIL_DATE = /^(.*?)[ \t]+until[ \t]+(\S+)$/i;
const THIS_COMMIT = /^(.*?)[ \t]+(?:until[ \t]+)?this[ \t]+commit$/i;
const MOST_REASON_CHARACTERS = 1_000;
const FENCE = /^[ \t]*(?:```|~~~)/;

/** Every word that commands understand, for the answer to a mistake. */
export const COMMAND_HELP = [
  '`/codered override <criterion|all> <reason> [until <YYYY-MM-DD>|this commit]`',
  '`/codered revoke <criterion|all>`',
  '`/codered recheck`',
  '`/codered explain`',
  '`/codered help`',
] as const;

/** What `commandLine` found, understood. `today` is the day in UTC (YYYY-MM-DD): an override can't end before it. */
export function parseCommandLine(line: string, today: string): CommentCommand | RefusedCommand {
  const [word = '', ...rest] = line.split(/[ \t]+/);
  const text = rest.join(' ');
  switch (word.toLowerCase()) {
    case 'override':
      return parseOverride(text, today);
    case 'revoke':
      return text === '' || rest.length > 1
        ? refused('`revoke` needs the one criterion to revoke, or `all`.')
        : { kind: 'revoke', criterion: text };
    case 'recheck':
    case 'explain':
    case 'help':
      return text === ''
        ? { kind: word.toLowerCase() as 'recheck' }
        : refused(`\`${word.toLowerCase()}\` takes nothing after it.`);
    case '':
      return { kind: 'help' };
    default:
      return refused(`There is no such command. There are: ${COMMAND_HELP.join(', ')}.`);
  }
}

/** What stands after `/codered` on the first line of a comment that commands something; null when none does. */
export function commandLine(body: string): string | null {
  let inFence = false;
  for (const line of body.slice(0, 65_536).split(/\r?\n/)) {
    if (FENCE.test(line)) inFence = !inFence;
    // Four spaces make a code block of a line: https://spec.commonmark.org/0.31.2/#indented-code-blocks
    if (inFence || /^(?: {4}|\t)/.test(line)) continue;
    const found = LINE.exec(line);
    if (found !== null) return found[1] ?? '';
  }
  return null;
}

function parseOverride(text: string, today: string): CommentCommand | RefusedCommand {
  const [criterion = '', ...words] = text.split(' ');
  const said = words.join(' ').trim();
  if (criterion === '') return refused('`override` needs a criterion (or `all`) and a reason.');
  const onCommit = THIS_COMMIT.exec(` ${said}`);
  const onDay = onCommit === null ? UNTIL_DATE.exec(` ${said}`) : null;
  const reason = (onCommit?.[1] ?? onDay?.[1] ?? said).trim();
  if (reason === '') return refused('`override` needs a reason: it is shown on the check and kept.');
  if (reason.length > MOST_REASON_CHARACTERS)
    return refused(`The reason is longer than ${MOST_REASON_CHARACTERS} characters.`);
  const until = onDay?.[2] ?? null;
  if (until !== null && !z.iso.date().safeParse(until).success) {
    return refused('The day after `until` should look like 2026-12-01, or be `this commit`.');
  }
  if (until !== null && until < today) return refused('The day after `until` is over already.');
  return { kind: 'override', criterion, reason, until };
}

function refused(answer: string): RefusedCommand {
  return { kind: 'refused', answer };
}
