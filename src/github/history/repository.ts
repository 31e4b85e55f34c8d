// Reads a repository by its id, which no renaming changes.
import type { RestEndpointMethodTypes } from '@octokit/rest';
import type { ProbotOctokit } from 'probot';
import { asking } from '../github-error.ts';

/** A repository as GitHub tells of it now. */
export type FoundRepository = RestEndpointMethodTypes['repos']['get']['response']['data'];

/**
 * Returns the repository of this id under its present name, and GitHub's time of the answer in milliseconds since 1970. Throws what
 * `githubError` returns: `Rejected` with code 404 for one that is gone or that the installation may not see.
 */
export function readRepositoryById(
  octokit: ProbotOctokit,
  repository_id: number,
): Promise<{ readonly repository: FoundRepository; readonly now: number }> {
  return asking(`read repository ${repository_id}`, async () => {
    // The address that GitHub redirects to from a former name: docs/github.md#repositories
    const { data, headers } = await octokit.request('GET /repositories/{repository_id}', { repository_id });
    return { repository: data as FoundRepository, now: Date.parse(String(headers.date)) || Date.now() };
  });
}
