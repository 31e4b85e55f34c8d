// A repository as the App reaches it at GitHub.
import type { ProbotOctokit } from 'probot';
import { Rejected } from '../model/errors.ts';
import { GITHUB_UNAVAILABLE } from '../operations/declared/ask-github.ts';
import type { RepositoryAtGithub } from './person-at-github.ts';

export type OctokitFor = (installationId: number) => Promise<ProbotOctokit>;

/** Throws `Rejected` (GITHUB_UNAVAILABLE) where the App is not installed, else what `octokitFor` throws. */
export async function repositoryAt(
  { owner, name, installation_id }: { owner: string; name: string; installation_id: number | null },
  octokitFor: OctokitFor,
): Promise<RepositoryAtGithub> {
  if (installation_id === null) {
    const words = `CodeRed is not installed on ${owner}/${name}, so GitHub can not be asked.`;
    throw new Rejected(words, { code: GITHUB_UNAVAILABLE });
  }
  return { owner, repo: name, octokit: await octokitFor(installation_id) };
}
