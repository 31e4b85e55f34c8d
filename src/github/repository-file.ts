// Reads one text file of a repository as it stands on a branch or at a commit. Steps may import it.
import type { ProbotOctokit } from 'probot';
import { z } from 'zod';
import { Rejected } from '../model.ts';
import { asking } from './github-error.ts';

const found = z.object({
  type: z.literal('file'),
  content: z.string(),
  encoding: z.literal('base64'),
  sha: z.string(),
});

/**
 * The file's text and blob SHA; null when there is no such file at `ref`. Throws `Rejected` (`not_a_file`) for a folder, a
 * link or a file of more than 1 MB, else what `githubError` says.
 * https://docs.github.com/rest/repos/contents#get-repository-content
 */
export async function readRepositoryFile(
  octokit: ProbotOctokit,
  { owner, repo, path, ref }: { owner: string; repo: string; path: string; ref: string },
): Promise<{ readonly text: string; readonly sha: string } | null> {
  const asked = `read ${path} of ${owner}/${repo} at ${ref}`;
  try {
    const { data } = await asking(asked, () => octokit.rest.repos.getContent({ owner, repo, path, ref }));
    const file = found.safeParse(data);
    if (!file.success) throw new Rejected(`${asked}: it is no file of at most 1 MB`, { code: 'not_a_file' });
    return { text: Buffer.from(file.data.content, 'base64').toString('utf8'), sha: file.data.sha };
  } catch (error) {
    if (error instanceof Rejected && error.code === '404') return null;
    throw error;
  }
}
