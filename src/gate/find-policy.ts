// Which policy a pull request is judged by: the file on its base branch, and its sprint. Pure; the steps of gate/ use it.

import type { GateSubject } from './gather.ts';
import { type ParsedPolicy, parsePolicy } from './parse-policy.ts';
import { POLICY_PATH } from './policy.ts';
import { withSprint } from './sprint-policy.ts';

export type FoundPolicy = ParsedPolicy & {
  readonly from: string;
  /** Of the file; null when there is none. */
  readonly blob_sha: string | null;
};

/** The full name of a branch: a tag may have the short one, and a branch may be called like a commit. */
export function branchRef(branch: string): string {
  return `refs/heads/${branch}`;
}

/** Where the file lies. The base branch decides: what the pull request changes about the policy counts once it is merged. */
export function policyPlace({ repository, pull_request }: GateSubject) {
  return { owner: repository.owner, repo: repository.name, path: POLICY_PATH, ref: branchRef(pull_request.base_ref) };
}

/** The policy out of what lies at `policyPlace`, and of the sprint; null when there is neither file nor sprint. */
export function policyOf(
  file: { readonly text: string; readonly sha: string } | null,
  { pull_request, sprint }: GateSubject,
): FoundPolicy | null {
  const found: FoundPolicy | null =
    file === null
      ? null
      : { ...parsePolicy(file.text), from: `${POLICY_PATH} on ${pull_request.base_ref}`, blob_sha: file.sha };
  return withSprint(found, sprint);
}
