// What is wrong with values that only a policy has, in words that say how to write them. Pure.

import { isShown } from '../../text/issue-words.ts';

/** A share, as Lighthouse CI's own settings have it, would let every score pass. Null: it is none. */
export function scoreRefusal(score: number): string | null {
  if (score <= 0 || score > 1) return null;
  return `should be a score from 0 to 100, so ${score} is ${Number((score * 100).toPrecision(6))}`;
}

/** `said`, and how a name that stands alone is written. */
export function sourceWords(said: string): (issue: { readonly input?: unknown }) => string {
  return ({ input }) => {
    if (Array.isArray(input))
      return `${said}, not a list; in names * is any run of characters, and of all that fit the worst counts`;
    return typeof input === 'string' && isShown(input) ? `${said}, as { job: ${input} }` : said;
  };
}
