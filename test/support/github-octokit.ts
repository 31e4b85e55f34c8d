// An Octokit as the publisher and the steps get it, signed in with a fixed token. For tests only.
import { Probot, type ProbotOctokit } from 'probot';
import { installationOctokit } from '../../src/github/installation.ts';
import { keepPauses, type Pauses, type SharedPauses } from '../../src/github/pauses.ts';

/** Speaks to `baseUrl`, by default to api.github.com, where nock has to answer. */
export function testOctokit(baseUrl?: string): Promise<ProbotOctokit> {
  return installationOctokit(new Probot({ githubToken: 'test-token', logLevel: 'fatal', baseUrl }), 7, localPauses());
}

/** No other process: it knows nothing and is told nothing. */
export const nobodyElse: SharedPauses = {
  read: async () => ({ pauseMs: null, left: null }),
  write: async () => {},
  note: async () => {},
};

/** Rate limits that no other process hears of. */
export function localPauses(): Pauses {
  return keepPauses(nobodyElse);
}
