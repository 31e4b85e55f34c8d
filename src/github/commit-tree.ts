// Reads which files a commit holds, as the one hash that git has for all of them. The gate step imports it.
import type { ProbotOctokit } from 'probot';
import { z } from 'zod';
import { Transient } from '../model/errors.ts';
import { asking } from './github-error.ts';

const found = z.object({ tree: z.object({ sha: z.string().regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/) }) });

/**
 * The SHA of the commit's tree: two commits with the same one hold the same files. Null when GitHub doesn't tell, because it
 * does not know the commit (yet) or does not let us read it. Throws `Transient` while GitHub fails.
 * https://docs.github.com/rest/git/commits#get-a-commit-object
 */
export async function readCommitTree(
  octokit: ProbotOctokit,
  { owner, repo, commit_sha }: { owner: string; repo: string; commit_sha: string },
): Promise<string | null> {
  try {
    const { data } = await asking(`read the tree of ${commit_sha.slice(0, 7)} in ${owner}/${repo}`, () =>
      octokit.rest.git.getCommit({ owner, repo, commit_sha }),
    );
    return found.safeParse(data).data?.tree.sha ?? null;
  } catch (error) {
    if (error instanceof Transient) throw error;
    return null;
  }
}
