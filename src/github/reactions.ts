// Reacts to comments, which tells their authors that they were heard and sends no mail. The command step imports it.
import type { ProbotOctokit } from 'probot';
import { asking } from './github-error.ts';

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
