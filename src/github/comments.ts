// Reads, writes and deletes the App's own comments on issues and pull requests, and reacts to what others write.
import type { ProbotOctokit } from 'probot';
import { Rejected } from '../model/errors.ts';
import { asking, madeId } from './github-error.ts';

/** A comment that the App wrote. */
export interface OwnComment {
  readonly id: number;
  /** Markdown as it stands; empty when GitHub tells none. */
  readonly body: string;
}

type CommentPlace = { readonly owner: string; readonly repo: string; readonly comment_id: number };

/** Returns the comment with that id, or null when somebody deleted it (HTTP 404, 410). Throws what `githubError` returns. */
export async function readComment(octokit: ProbotOctokit, place: CommentPlace): Promise<OwnComment | null> {
  return unlessGone(async () => {
    const { data } = await asking(`read comment ${named(place)}`, () => octokit.rest.issues.getComment(place));
    return { id: data.id, body: data.body ?? '' };
  });
}

/**
 * Returns the App's own comments on one issue or pull request for whose body `accepts` returns true, from all pages, oldest first.
 * A marker in the body proves nothing, because anybody can copy it: GitHub has to name the App as the author, in
 * `performed_via_github_app` (which GitHub Enterprise Server may leave out) or by the login of its bot. docs/github.md#comments
 */
export async function findOwnComments(
  octokit: ProbotOctokit,
  search: {
    owner: string;
    repo: string;
    issue_number: number;
    appId: number;
    appSlug: string;
    accepts: (body: string) => boolean;
    /** Only comments that were written or edited at this time or later (ISO 8601); all comments when left out. */
    since?: string;
  },
): Promise<OwnComment[]> {
  const { owner, repo, issue_number, appId, appSlug, accepts, since } = search;
  const found: OwnComment[] = [];
  await asking(`list the comments of ${owner}/${repo}#${issue_number}`, async () => {
    const pages = octokit.paginate.iterator(octokit.rest.issues.listComments, {
      owner,
      repo,
      issue_number,
      per_page: 100,
      ...(since === undefined ? {} : { since }),
    });
    for await (const { data } of pages) {
      for (const { id, body, user, performed_via_github_app } of data) {
        const own = performed_via_github_app?.id === appId || user?.login === `${appSlug}[bot]`;
        if (own && accepts(body ?? '')) found.push({ id, body: body ?? '' });
      }
    }
  });
  return found.sort((a, b) => a.id - b.id);
}

/**
 * Makes a comment and returns its id. The request is sent once: when its answer is lost (`Transient`), search with
 * `findOwnComments` before making another.
 */
export async function createComment(
  octokit: ProbotOctokit,
  comment: { owner: string; repo: string; issue_number: number; body: string },
): Promise<number> {
  const asked = `create a comment on ${comment.owner}/${comment.repo}#${comment.issue_number}`;
  return madeId(await asking(asked, () => octokit.rest.issues.createComment(comment)), asked);
}

/** Replaces the body of a comment. Returns false when the comment does not exist any more. */
export async function editComment(octokit: ProbotOctokit, edit: CommentPlace & { body: string }): Promise<boolean> {
  const done = await unlessGone(() =>
    asking(`edit comment ${named(edit)}`, () => octokit.rest.issues.updateComment(edit)),
  );
  return done !== null;
}

/** Deletes a comment. Does nothing when the comment does not exist any more. */
export async function deleteComment(octokit: ProbotOctokit, place: CommentPlace): Promise<void> {
  await unlessGone(() => asking(`delete comment ${named(place)}`, () => octokit.rest.issues.deleteComment(place)));
}

async function unlessGone<T>(request: () => Promise<T>): Promise<T | null> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof Rejected && (error.code === '404' || error.code === '410')) return null;
    throw error;
  }
}

function named({ owner, repo, comment_id }: CommentPlace): string {
  return `${comment_id} in ${owner}/${repo}`;
}

/**
 * Adds a reaction to a comment. When the App has the same reaction there already, GitHub changes nothing. Its author sees it and
 * gets no mail. Throws what `githubError` returns. docs/github.md#comments
 */
async function reactToComment(
  octokit: ProbotOctokit,
  reaction: { owner: string; repo: string; comment_id: number; content: '+1' | 'confused' },
): Promise<void> {
  const { owner, repo, comment_id } = reaction;
  await asking(`react to comment ${comment_id} in ${owner}/${repo}`, () =>
    octokit.rest.reactions.createForIssueComment(reaction),
  );
}

/** How a comment is answered: by a reaction, and by a comment of our own where there is something to say. */
export interface CommentAnswer {
  readonly owner: string;
  readonly repo: string;
  readonly issue_number: number;
  readonly comment_id: number;
  /** When the comment was written (ISO 8601): an answer to it can't be older. */
  readonly created_at: string;
  readonly content: '+1' | 'confused';
  /** The answer in Markdown, and a function that recognises this answer among our comments; null when the reaction is enough. */
  readonly answer: { readonly body: string; readonly accepts: (body: string) => boolean } | null;
}

/**
 * Answers a comment, once, however often it is called. Each request that writes goes through `write`, which waits for its turn.
 * Returns false when GitHub refuses the answer: the comment was deleted, or the conversation is locked. Throws `Transient` and
 * `Misconfigured` as `githubError` returns them.
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
