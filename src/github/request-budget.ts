// Watches how many requests GitHub says an installation has left, so that what can be done without leaves them to the gate.
import type { ProbotOctokit } from 'probot';

/** Of the hour's requests so large a part stays for what has to be done: a thousand of GitHub's 5,000. */
const KEPT_PART = 0.2;

/**
 * Heeds the answers to all that `octokit` asks from now on. The function that is returned says whether there is room for a request
 * that may as well be left out; always, where GitHub sets no limit (a server of one's own). docs/github.md#rate-limits
 */
export function watchRequests(octokit: ProbotOctokit): () => boolean {
  let hasRoom = true;
  const heed = (headers: Readonly<Record<string, unknown>>) => {
    const [limit, remaining] = [headers['x-ratelimit-limit'], headers['x-ratelimit-remaining']].map(Number);
    if (limit === undefined || remaining === undefined || Number.isNaN(limit + remaining)) return;
    hasRoom = remaining > limit * KEPT_PART;
  };
  octokit.hook.after('request', ({ headers }) => heed(headers));
  octokit.hook.error('request', (error) => {
    if ('response' in error && error.response !== undefined) heed(error.response.headers);
    throw error;
  });
  return () => hasRoom;
}
