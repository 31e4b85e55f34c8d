// Checks the policy as a pull request would change it. Asks the brain and GitHub.

import type { ProbotOctokit } from 'probot';
import type { Brain } from '../brain/client.ts';
import { listFilesAtHead } from '../github/changed-files.ts';
import type { ReadFile } from '../github/contents.ts';
import { Rejected, Transient } from '../model/errors.ts';
import type { PolicyProblem } from '../model/gate.ts';
import { type FoundPolicy, ownLayer, policyPlace } from '../policy/find-policy.ts';
import { parsePolicy, warningsOf } from '../policy/parse-policy.ts';
import { type PolicyFacts, readBases } from '../policy/read-policy.ts';
import { POLICY_PATH } from '../policy/schema/policy.ts';
import type { GateSubject } from './collect/collect.ts';
import { headOf } from './evaluate-head.ts';

/** What checking needs. */
export interface PolicyProposal {
  readonly subject: GateSubject;
  readonly head_sha: string;
  readonly octokit: ProbotOctokit;
  readonly deps: { readonly brain: Pick<Brain, 'call'>; readonly readFile: ReadFile };
  readonly facts: PolicyFacts;
}

/**
 * Returns the problems of the policy in the head commit when the pull request changes it, so that its author learns of them before the
 * merge. Only when there are problems GitHub is asked for the changed files: the branch may be older than a mended policy.
 */
export async function readProposedProblems(
  proposal: PolicyProposal,
  base: FoundPolicy | null,
): Promise<readonly PolicyProblem[]> {
  const { subject, head_sha, octokit } = proposal;
  if (head_sha !== subject.pull_request.head_sha) return [];
  try {
    const problems = await readHeadProblems(proposal, base);
    if (problems.length === 0) return [];
    const { files } = await listFilesAtHead(octokit, headOf(subject));
    return files.some(({ filename }) => filename === POLICY_PATH) ? problems : [];
  } catch (error) {
    // Whatever is there, or cannot be read: the base branch decides all the same.
    if (error instanceof Transient) throw error;
    return [];
  }
}

/** GitHub has a fork's head commit in the base repository too. */
async function readHeadProblems(
  { subject, head_sha, octokit, deps, facts }: PolicyProposal,
  base: FoundPolicy | null,
): Promise<readonly PolicyProblem[]> {
  try {
    const head = await deps.readFile(octokit, { ...policyPlace(subject), ref: head_sha, is_commit: true });
    if (head === null || head.sha === base?.blob_sha) return [];
    const parsed = parsePolicy(head.text);
    if ('problems' in parsed) return parsed.problems;
    if (parsed.policy.extends === undefined) return warningsOf(parsed);
    // What it would stand on is looked for too: nothing could pass without it.
    const own = ownLayer(head, subject);
    const { broken } = await readBases({ ...deps, octokit, facts }, subject.repository, own);
    return broken !== null && broken.from === own?.from ? broken.problems : warningsOf(parsed);
  } catch (error) {
    if (!(error instanceof Rejected) || error.code !== 'not_a_file') throw error;
    return [{ line: 1, column: 1, path: '', message: error.message }];
  }
}
