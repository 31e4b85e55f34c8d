// Reads whom the policy of a pull request lets override a criterion.

import { readRepositoryFile } from '../github/contents.ts';
import type { Overriders } from '../model/overriders.ts';
import type { PolicySubject } from './policy-subject.ts';
import { type PolicyDeps, readPolicy } from './read-policy.ts';
import { overridersOf } from './schema/overriders.ts';

/**
 * Returns whom the policy on the base branch lets override, with the policies below it. A broken policy names nobody: then the same
 * people may override as without a policy, and no agent. Throws `Transient` while GitHub fails.
 */
export async function readOverriders(
  subject: PolicySubject,
  deps: Pick<PolicyDeps, 'brain' | 'octokit'>,
): Promise<Overriders> {
  const { found } = await readPolicy(subject, { ...deps, readFile: readRepositoryFile });
  return overridersOf(found !== null && 'policy' in found ? found.policy : null);
}
