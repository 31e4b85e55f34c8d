// The policy-rules step: tells the brain what the policy of a default branch says of zones and environments. Only pipeline.ts
// imports it.

import type { ProbotOctokit } from 'probot';
import type { Brain } from '../brain/client.ts';
import { readRepositoryFile } from '../github/repository-file.ts';
import { Rejected } from '../model.ts';
import { parsePolicy } from './parse-policy.ts';
import { POLICY_PATH, type Policy } from './policy.ts';

/** What is told of a repository; null: its default branch has no policy. */
export type LearnRules = (
  repository_id: number,
  policy: Pick<Policy, 'zones' | 'environments'> | null,
) => Promise<void>;

/** Where a push left the default branch. */
export interface PushedPolicy {
  readonly octokit: ProbotOctokit;
  readonly repository_id: number;
  readonly owner: string;
  readonly repo: string;
  readonly sha: string;
}

/** As long as that, what was told is not told again; another process may have told something older meanwhile. */
const TOLD_MS = 600_000;
const MOST_TOLD = 1_000;

/** For as long as the process lives. `now`: ms since 1970. */
export function keepRules({ brain, now }: { readonly brain: Pick<Brain, 'call'>; readonly now: () => number }) {
  const told = new Map<number, { readonly rules: string; readonly until: number }>();
  const learn: LearnRules = async (repository_id, policy) => {
    const zones = Object.fromEntries(
      Object.entries(policy?.zones ?? {}).map(([zone, globs]) => [zone, globs.filter(isStorable)]),
    );
    const environments = (policy?.environments ?? []).filter(isStorable);
    const rules = JSON.stringify([zones, environments]);
    const known = told.get(repository_id);
    if (known?.rules === rules && known.until > now()) return;
    await brain.call('record_policy_rules', { repository_id, zones, environments });
    if (told.size >= MOST_TOLD) told.clear();
    told.set(repository_id, { rules, until: now() + TOLD_MS });
  };
  /** A file that can't be read leaves what was said before: the gate tells its author. Throws `Transient` when GitHub fails. */
  const learnAt = async ({ octokit, repository_id, owner, repo, sha }: PushedPolicy): Promise<void> => {
    const file = await readRepositoryFile(octokit, { owner, repo, path: POLICY_PATH, ref: sha, is_commit: true }).catch(
      (thrown: unknown) => {
        if (!(thrown instanceof Rejected) || thrown.code !== 'not_a_file') throw thrown;
        return undefined;
      },
    );
    if (file === undefined) return;
    const parsed = file === null ? { policy: null } : parsePolicy(file.text);
    if ('policy' in parsed) await learn(repository_id, parsed.policy);
  };
  return { learn, learnAt };
}

/** Postgres keeps neither NUL nor half of a surrogate pair; no path and no environment has them. */
function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
