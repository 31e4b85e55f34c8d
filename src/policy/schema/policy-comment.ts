// How much a policy has said in the conversation of a pull request. Pure.

import type { CommentChoice } from '../../model/gate.ts';

/** When a pull request gets a comment, from most to least. `on_failure`: once something failed; from then on it is kept up to date. */
export const COMMENT_CHOICES = ['always', 'on_failure', 'never'] as const satisfies readonly CommentChoice[];

/** The value of the key `comment` in the file. */
export type PolicyComment =
  | CommentChoice
  | {
      readonly default?: CommentChoice | undefined;
      readonly drafts?: CommentChoice | undefined;
      readonly bots?: CommentChoice | undefined;
    };

/** Who opened the pull request, and whether it is a draft. */
export interface Opened {
  readonly draft: boolean;
  /** GitHub's login; null once the account is gone. */
  readonly author: string | null;
}

/** The choice for a pull request; `on_failure` when the policy says nothing. For a bot's draft, the quieter of both choices counts. */
export function commentChoice(comment: PolicyComment | undefined, { draft, author }: Opened): CommentChoice {
  const said = inFull(comment);
  const special = [draft ? said.drafts : undefined, isBot(author) ? said.bots : undefined];
  const [quietest] = special
    .filter((one) => one !== undefined)
    .toSorted((one, other) => COMMENT_CHOICES.indexOf(other) - COMMENT_CHOICES.indexOf(one));
  return quietest ?? said.default ?? 'on_failure';
}

/** Merges two choices: what `more` says counts, and what `base` says for the rest. */
export function commentOnTop(
  base: PolicyComment | undefined,
  more: PolicyComment | undefined,
): PolicyComment | undefined {
  if (base === undefined || more === undefined) return more ?? base;
  // One word is said of all pull requests.
  return typeof more === 'string' ? more : { ...inFull(base), ...more };
}

function inFull(comment: PolicyComment | undefined): Exclude<PolicyComment, string> {
  return typeof comment === 'string' ? { default: comment } : (comment ?? {});
}

/** GitHub's own ending of the logins of Apps; a person's login can hold no bracket. */
function isBot(author: string | null): boolean {
  return author?.endsWith('[bot]') === true;
}
