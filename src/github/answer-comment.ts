// Answers a comment: a reaction, and a comment of our own where there is something to say. The command step imports it.
import type { ProbotOctokit } from 'probot';
import { Rejected } from '../model/errors.ts';
import { createComment, findOwnComments } from './comments.ts';
import { reactToComment } from './reactions.ts';

export interface CommentAnswer {
  readonly owner: string;
  readonly repo: string;
  readonly issue_number: number;
  readonly comment_id: number;
  /** When the comment was written: no answer is older. */
  readonly created_at: string;
  readonly content: '+1' | 'confused';
  /** Markdown, and how it is known again; null: the reaction says it all. */
  readonly answer: { readonly body: string; readonly accepts: (body: string) => boolean } | null;
}

/**
 * Answers once, however often it is asked to; each write goes through `write`. False when there is nothing left to answer
 * on: a comment that is deleted, a locked conversation.
 */
export async function answerComment(
  octokit: ProbotOctokit,
  { answer, content, created_at: since, comment_id, ...place }: CommentAnswer,
  {
    app,
    write,
  }: {
    app: () => Promise<{ readonly appId: number; readonly appSlug: string }>;
    write: (request: () => Promise<unknown>) => Promise<void>;
  },
): Promise<boolean> {
  const { owner, repo } = place;
  try {
    await write(() => reactToComment(octokit, { owner, repo, comment_id, content }));
    if (answer === null) return true;
    const { body, accepts } = answer;
    const standing = await findOwnComments(octokit, { ...place, ...(await app()), accepts, since });
    if (standing.length === 0) await write(() => createComment(octokit, { ...place, body }));
    return true;
  } catch (error) {
    if (error instanceof Rejected) return false;
    throw error;
  }
}
