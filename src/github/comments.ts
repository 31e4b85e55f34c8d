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

/** The comment of that id; null when somebody deleted it. */
export async function readComment(octokit: ProbotOctokit, place: CommentPlace): Promise<OwnComment | null> {
  return unlessGone(async () => {
    const { data } = await asking(`read comment ${named(place)}`, () => octokit.rest.issues.getComment(place));
    return { id: data.id, body: data.body ?? '' };
  });
}

/**
 * The App's own comments on one issue or pull request whose body `accepts` takes, over all pages, oldest first. A marker
 * alone proves nothing, anybody can copy it: GitHub has to name the App (`performed_via_github_app`, which GitHub
 * Enterprise Server may leave out) or its bot as the author.
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
    /** Those written or edited since, in ISO 8601; all unless told. */
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

/** Makes a comment and returns its id. Sent once: when the answer is lost, look for it before making another. */
export async function createComment(
  octokit: ProbotOctokit,
  comment: { owner: string; repo: string; issue_number: number; body: string },
): Promise<number> {
  const asked = `create a comment on ${comment.owner}/${comment.repo}#${comment.issue_number}`;
  return madeId(await asking(asked, () => octokit.rest.issues.createComment(comment)), asked);
}

/** Replaces a comment's body; false when the comment is gone. */
export async function editComment(octokit: ProbotOctokit, edit: CommentPlace & { body: string }): Promise<boolean> {
  const done = await unlessGone(() =>
    asking(`edit comment ${named(edit)}`, () => octokit.rest.issues.updateComment(edit)),
  );
  return done !== null;
}

/** Deletes a comment; one that is gone already is no error. */
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

/** Reacts to a comment; where the App has already reacted so, GitHub changes nothing. Throws what `githubError` says. */
export async function reactToComment(
  octokit: ProbotOctokit,
  reaction: { owner: string; repo: string; comment_id: number; content: '+1' | 'confused' },
): Promise<void> {
  const { owner, repo, comment_id } = reaction;
  await asking(`react to comment ${comment_id} in ${owner}/${repo}`, () =>
    octokit.rest.reactions.createForIssueComment(reaction),
  );
}

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
