// Which commit an override counts for: one that its author named, or can have seen. Pure.

import { z } from 'zod';
import { codeSpan } from '../text/markdown.ts';
import type { CommentCommand } from './syntax/comment-command.ts';

/** A commit that came less than this before a comment, by GitHub's clock, may not have been on its author's screen. */
const SEEN_AFTER_MS = 60_000;

/** What the brain's `read_head_arrival` returns: the newest commit of a pull request, and when it came. */
export const headArrival = z.object({
  head_sha: z.string(),
  came_at: z.string().nullable(),
  is_only: z.boolean(),
  named: z.array(z.string()),
});
export type HeadArrival = z.infer<typeof headArrival>;

/** An override as its author asked for it. */
export interface Asked {
  readonly said: Pick<Extract<CommentCommand, { kind: 'override' }>, 'until' | 'commit'>;
  readonly is_fork: boolean;
  /** The head commit when the comment reached CodeRed. */
  readonly head_then: string;
  /** When the comment was written, by GitHub's clock (ISO 8601). */
  readonly written_at: string;
}

/** Why an override may not count for the newest commit, with what to write instead, as one sentence in Markdown; null when it may. */
export function landingProblem({ said, is_fork, head_then, written_at }: Asked, head: HeadArrival): string | null {
  if (is_fork && said.until !== null)
    return `this pull request comes from a fork, whose author could push anything until then: override one commit, ${how(head)}.`;
  if (said.commit !== undefined) return namedProblem(said.commit, head);
  if (is_fork) return `this pull request comes from a fork: name the commit that you looked at, ${how(head)}.`;
  if (said.until !== null) return null;
  if (head.head_sha !== head_then)
    return `the pull request has a newer commit by now: look at it and name it, ${how(head)}.`;
  if (head.is_only) return null;
  if (head.came_at === null)
    return `GitHub has not told when the newest commit came: look at it and name it, ${how(head)}.`;
  if (Date.parse(written_at) - Date.parse(head.came_at) < SEEN_AFTER_MS)
    return `the newest commit came less than a minute before the comment: look at it and name it, ${how(head)}.`;
  return null;
}

function namedProblem(commit: string, head: HeadArrival): string | null {
  const { head_sha, named } = head;
  if (named.length === 0)
    return `no commit of this pull request begins with ${codeSpan(commit)}: look at the newest and name it, ${how(head)}.`;
  if (named.length > 1)
    return `several commits begin with ${codeSpan(commit)}: name the newest, ${short(head_sha)}, with more of its digits.`;
  if (named[0] !== head_sha)
    return `${codeSpan(commit)} is not the newest commit any more: look at that one and name it, ${how(head)}.`;
  return null;
}

/** The same sentence for when GitHub has a newer head commit than the brain knows. */
export function lateHeadProblem(head_sha: string): string {
  return `the pull request has a newer commit, ${short(head_sha)}, of which GitHub has not told yet: look at it and say it again in a minute, with \`@${head_sha.slice(0, 7)}\` at the end.`;
}

function how({ head_sha }: HeadArrival): string {
  return `with \`@${head_sha.slice(0, 7)}\` at the end`;
}

const short = (sha: string): string => codeSpan(sha.slice(0, 7));
