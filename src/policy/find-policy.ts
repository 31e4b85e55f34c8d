// Which policy counts for a pull request: the file on its base branch on top of its organisation's, and its sprint. Pure.

import { mergePolicies } from './merge-policies.ts';
import { type ParsedPolicy, parsePolicy } from './parse-policy.ts';
import { type PolicyBase, parseLayer } from './policy-layers.ts';
import type { PolicySubject } from './policy-subject.ts';
import { POLICY_PATH } from './schema/policy.ts';
import { placeKey } from './schema/policy-extends.ts';
import { withSprint } from './sprint-policy.ts';

export type FoundPolicy = ParsedPolicy & {
  readonly from: string;
  /** Of the file; null when there is none. */
  readonly blob_sha: string | null;
};

/** The full name of a branch (`refs/heads/main` of `main`), so that it cannot be taken for a tag or a commit of the same name. */
export function branchRef(branch: string): string {
  return `refs/heads/${branch}`;
}

/**
 * Where the policy file of a pull request lies: repository, path and ref, as `ReadFile` takes them. The base branch decides; what
 * the pull request itself changes in the policy counts once it is merged.
 */
export function policyPlace({ repository, pull_request }: PolicySubject) {
  return { owner: repository.owner, repo: repository.name, path: POLICY_PATH, ref: branchRef(pull_request.base_ref) };
}

/** The file as the topmost layer of a policy, for `readBases`; null when there is no file. */
export function ownLayer(file: { readonly text: string } | null, { repository, pull_request }: PolicySubject) {
  if (file === null) return null;
  const key = placeKey({ owner: repository.owner, repo: repository.name, path: POLICY_PATH });
  return { text: file.text, key, from: placeOnBranch(pull_request.base_ref) };
}

/** Where the file lies, in words for people: `.github/codered.yml on main`. */
export function placeOnBranch(branch: string): string {
  return `${POLICY_PATH} on ${branch}`;
}

/**
 * Puts together the policy of a pull request: the file at `policyPlace` (null: there is none), the policies below it, and the
 * running sprint. Returns null when there is none of the three. A file that cannot be read gives its problems instead of a policy.
 */
export function policyOf(
  file: { readonly text: string; readonly sha: string } | null,
  { pull_request, sprint }: PolicySubject,
  bases: readonly PolicyBase[] = [],
): FoundPolicy | null {
  return withSprint(ofFiles(file, pull_request.base_ref, bases), sprint);
}

function ofFiles(
  file: { readonly text: string; readonly sha: string } | null,
  base_ref: string,
  bases: readonly PolicyBase[],
): FoundPolicy | null {
  if (file !== null) return { ...onBases(file.text, placeOnBranch(base_ref), bases), blob_sha: file.sha };
  const merged = mergePolicies(bases);
  return merged === null ? null : { policy: merged.policy, from: namesOf(bases), blob_sha: null };
}

/** The policy in `text` on top of the policies in `bases`; the problems of `text` when it is broken. */
export function onBases(
  text: string,
  from: string,
  bases: readonly PolicyBase[],
): ParsedPolicy & { readonly from: string } {
  if (bases.length === 0) return { ...parsePolicy(text), from };
  const own = parseLayer(text, { isOnTop: true });
  if ('problems' in own) return { ...own, from };
  const { said: _, ...parsed } = own;
  const policy = mergePolicies([...bases, own])?.policy ?? own.policy;
  return { ...parsed, policy, from: `${from}, on top of ${namesOf(bases)}` };
}

function namesOf(bases: readonly PolicyBase[]): string {
  return bases.map((base) => base.from).join(' and ');
}
