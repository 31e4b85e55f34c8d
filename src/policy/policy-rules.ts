// The policy-rules step: stores in the brain what the policy of a default branch says about zones and environments.

import type { ProbotOctokit } from 'probot';
import type { Brain } from '../brain/client.ts';
import { type ReadFile, type RepositoryFile, readRepositoryFile } from '../github/contents.ts';
import { Rejected } from '../model/errors.ts';
import { onBases, placeOnBranch } from './find-policy.ts';
import { mergePolicies } from './merge-policies.ts';
import { readBases, readFacts } from './read-policy.ts';
import { POLICY_PATH, type Policy } from './schema/policy.ts';
import { placeKey } from './schema/policy-extends.ts';

/** Stores the zones and environments of the policy on a repository's default branch; null: it has no policy. */
export type LearnRules = (
  repository_id: number,
  policy: Pick<Policy, 'zones' | 'environments'> | null,
) => Promise<void>;

/** A push to a default branch: `sha` is where the branch stands afterwards. */
export interface PushedPolicy {
  readonly octokit: ProbotOctokit;
  readonly repository_id: number;
  readonly owner: string;
  readonly repo: string;
  readonly branch: string;
  readonly sha: string;
}

/** What the step needs. */
export interface RulesDeps {
  readonly brain: Pick<Brain, 'call'>;
  /** Reads the policies below the file from GitHub. */
  readonly readFile: ReadFile;
  /** ms since 1970. */
  readonly now: () => number;
}

/** For this long the same is not stored again. Not for ever: another process may have stored something older since. */
const KEPT_MS = 600_000;
const MOST_REPOSITORIES = 1_000;

/** Makes the two functions of the step, which remember what they stored for as long as the process lives. */
export function keepRules(deps: RulesDeps) {
  const { brain, now } = deps;
  const stored = new Map<number, { readonly rules: string; readonly until: number }>();
  const learn: LearnRules = async (repository_id, policy) => {
    const zones = Object.fromEntries(
      Object.entries(policy?.zones ?? {}).map(([zone, globs]) => [zone, globs.filter(isStorable)]),
    );
    const environments = (policy?.environments ?? []).filter(isStorable);
    const rules = JSON.stringify([zones, environments]);
    const known = stored.get(repository_id);
    if (known?.rules === rules && known.until > now()) return;
    await brain.call('record_policy_rules', { repository_id, zones, environments });
    if (stored.size >= MOST_REPOSITORIES) stored.clear();
    stored.set(repository_id, { rules, until: now() + KEPT_MS });
  };
  /** A file that cannot be read changes nothing; its author learns of it from the gate. Throws `Transient` when GitHub fails. */
  const learnAt = async (pushed: PushedPolicy): Promise<void> => {
    const found = await policyAt(pushed, deps);
    if (found !== undefined) await learn(pushed.repository_id, found);
  };
  return { learn, learnAt };
}

/** The policy that counts at a pushed commit, all layers together; null: there is none; undefined: it cannot be read. */
async function policyAt(pushed: PushedPolicy, { brain, readFile }: RulesDeps): Promise<Policy | null | undefined> {
  const { octokit, repository_id, owner, repo, branch, sha } = pushed;
  const place = { owner, repo, path: POLICY_PATH };
  let file: RepositoryFile | null;
  try {
    file = await readRepositoryFile(octokit, { ...place, ref: sha, is_commit: true });
  } catch (thrown) {
    if (!(thrown instanceof Rejected) || thrown.code !== 'not_a_file') throw thrown;
    return undefined;
  }
  const from = placeOnBranch(branch);
  const own = file === null ? null : { text: file.text, key: placeKey(place), from };
  const facts = await readFacts({ brain }, { repository_id });
  const { bases, broken } = await readBases({ brain, octokit, readFile, facts }, { id: repository_id, owner }, own);
  if (broken !== null) return undefined;
  if (file === null) return mergePolicies(bases)?.policy ?? null;
  const found = onBases(file.text, from, bases);
  return 'problems' in found ? undefined : found.policy;
}

/** Postgres keeps neither NUL nor half of a surrogate pair; no path and no environment has them. */
function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
