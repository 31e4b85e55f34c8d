// What another policy would make of a pull request that a person sees.
import type { Brain } from '../brain/client.ts';
import { simulate } from '../gate/simulate.ts';
import { Rejected } from '../model/errors.ts';
import type { NamedCommit, TriedPolicy } from '../operations/declared/ask-github.ts';
import { parsePolicy } from '../policy/parse-policy.ts';
import { oneLine } from '../text/outside-text.ts';
import type { OctokitFor } from './installed-repository.ts';

/** A stranger's words, without what nobody sees. */
const said = (text: string) => oneLine(text, 2_000);
/** The most criteria that are told of. */
const MOST_CRITERIA = 100;

/** As `AskGithub.tryPolicy` says. Throws what `githubError` returns besides. */
export async function tryPolicy(
  { repository, pull_request }: Omit<NamedCommit, 'commit_sha'>,
  text: string,
  deps: {
    readonly brain: Pick<Brain, 'call'>;
    readonly octokitFor: OctokitFor;
    readonly untrustedApps?: readonly string[] | undefined;
  },
): Promise<TriedPolicy> {
  const parsed = parsePolicy(text);
  if ('problems' in parsed) {
    const problems = parsed.problems.map(({ line, column, path, message }) => ({
      line,
      column,
      message: path === '' ? message : `${path}: ${message}`,
    }));
    return { state: 'invalid', head_sha: null, criteria: [], notes: [], problems };
  }
  const [owner = '', name = ''] = repository.split('/');
  const place = { owner, name, number: pull_request };
  const simulated = await simulate(place, parsed.policy, { ...deps, now: Date.now });
  if (simulated === null) {
    const words = `There is no pull request "${pull_request}", or CodeRed is not installed there.`;
    throw new Rejected(words, { code: 'CR004' });
  }
  const { state, head_sha, criteria, notes } = simulated;
  const left = criteria.length - MOST_CRITERIA;
  return {
    state,
    head_sha,
    criteria: criteria.slice(0, MOST_CRITERIA).map((one) => ({
      id: one.id,
      name: said(one.of === null ? one.name : `${one.name} of ${one.of}`),
      state: one.state,
      measured: one.measured,
      threshold: one.threshold,
      reason: said(one.reason),
      remedy: one.remedy ?? null,
    })),
    notes: left > 0 ? [...notes, `${left} more criteria are left out`] : notes,
    problems: [],
  };
}
