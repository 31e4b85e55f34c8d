// An Octokit as the publisher and the steps get it, signed in with a fixed token. For tests only.
import { Probot, type ProbotOctokit } from 'probot';
import { installationOctokit } from '../../src/github/installation.ts';
import { keepPauses, type Pauses } from '../../src/github/pauses.ts';

/** Speaks to `baseUrl`, by default to api.github.com, where nock has to answer. */
export function testOctokit(baseUrl?: string): Promise<ProbotOctokit> {
  return installationOctokit(new Probot({ githubToken: 'test-token', logLevel: 'fatal', baseUrl }), 7, localPauses());
}

/** Rate limits that no other process hears of. */
export function localPauses(): Pauses {
  return keepPauses({ read: async () => null, write: async () => {} });
}
