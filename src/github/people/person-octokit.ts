// The client of GitHub that speaks for a person, with their token, or for nobody.
import { Octokit } from '@octokit/rest';
import { boundedFetch } from './bounded-fetch.ts';

/** Failures are ours to tell of, without what was sent. */
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** `apiUrl` without a slash at the end; `token` null: nobody's. Each request is sent once. */
export function personOctokit(apiUrl: string, token: string | null): Octokit {
  return new Octokit({
    baseUrl: apiUrl,
    userAgent: 'codered',
    log: silent,
    request: { fetch: boundedFetch },
    ...(token === null ? {} : { auth: token }),
  });
}
