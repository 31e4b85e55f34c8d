// Exports to GitHub as this process does them: few at once, one of a person, each with the token that the person brought along.
import { makeRepository } from '../github/people/new-repository.ts';
import { personOctokit } from '../github/people/person-octokit.ts';
import { ApiError } from '../http/api-error.ts';
import { asError, Rejected, Transient } from '../model/errors.ts';
import type { ExportToGithub } from '../operations/declared/github-export.ts';

/** Throws `ApiError`, besides what `makeRepository` throws: 429 while another of the person is under way, 503 when too many are. */
export function makeGithubExport({ apiUrl, atOnce }: { apiUrl: string; atOnce: number }): ExportToGithub {
  const underWay = new Set<string>();
  return async ({ userId, token, repositoryName: name, files }) => {
    const headers = { 'retry-after': '10' };
    if (underWay.has(userId)) {
      throw new ApiError(429, 'too_many_at_once', 'Another export of yours is under way: wait for it', { headers });
    }
    if (underWay.size >= atOnce) {
      throw new ApiError(503, 'no_room', 'Too many exports are under way: come again', { headers });
    }
    underWay.add(userId);
    try {
      const { url, commitSha } = await makeRepository(personOctokit(apiUrl, token), { name, files });
      return { repo_url: url, files_pushed: files.length, commit_sha: commitSha };
    } catch (thrown) {
      throw without(token, thrown);
    } finally {
      underWay.delete(userId);
    }
  };
}

/** The same without the token, wherever GitHub may have put it into its words; and without `cause`. */
function without(token: string, thrown: unknown): Error {
  const { message } = asError(thrown);
  const plain = message.replaceAll(token, '…');
  if (thrown instanceof Rejected) return new Rejected(plain, { code: thrown.code });
  const retryAfterMs = thrown instanceof Transient ? thrown.retryAfterMs : null;
  return thrown instanceof Transient ? new Transient(plain, { retryAfterMs }) : new Error(plain);
}
