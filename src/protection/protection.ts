// The protection step: answers for a deployment that GitHub holds back until its commit's verdict is known.

import type { ProbotOctokit } from 'probot';
import { z } from 'zod';
import type { Brain } from '../brain/client.ts';
import { readRepositoryFile } from '../github/contents.ts';
import { answerDeployment } from '../github/deployments.ts';
import { asJson, type Json } from '../model/json.ts';
import { branchRef, onBases } from '../policy/find-policy.ts';
import { mergePolicies } from '../policy/merge-policies.ts';
import type { ParsedPolicy } from '../policy/parse-policy.ts';
import type { Bases } from '../policy/policy-bases.ts';
import { type PolicyFacts, readBases, readFacts } from '../policy/read-policy.ts';
import { observationOf } from '../policy/schema/observation.ts';
import { POLICY_PATH } from '../policy/schema/policy.ts';
import { placeKey } from '../policy/schema/policy-extends.ts';
import { answerFor } from './answer.ts';

const protectionInput = z.object({
  kind: z.literal('protection'),
  repository_id: z.number(),
  deployment_id: z.string(),
  environment: z.string(),
  run_id: z.number(),
  sha: z.string(),
  since: z.string(),
});
const protectionSubject = z.object({
  installation_id: z.number().nullable(),
  owner: z.string(),
  name: z.string(),
  default_branch: z.string().nullable(),
  verdict: z.object({ status: z.string(), unmet: z.array(z.string()) }).nullable(),
});
const SECONDS_BETWEEN_LOOKS = 60;

export interface ProtectionDeps {
  readonly brain: Pick<Brain, 'call'>;
  readonly octokitFor: (installationId: number) => Promise<ProbotOctokit>;
  /** ms since 1970. */
  readonly now: () => number;
}

/** Answers for one deployment, or looks again in a minute while its verdict is not there. Throws `Transient` when GitHub fails. */
export async function answerProtection(input: unknown, { brain, octokitFor, now }: ProtectionDeps): Promise<Json> {
  const held = protectionInput.parse(input);
  const { repository_id, sha, environment, run_id } = held;
  const row = await brain.call('read_protection_subject', { repository_id, sha });
  const subject = protectionSubject.nullable().parse(row);
  if (subject === null || subject.installation_id === null) return { state: 'gone' };
  const octokit = await octokitFor(subject.installation_id);
  const place = { owner: subject.owner, repo: subject.name };
  const ref = subject.default_branch === null ? 'HEAD' : branchRef(subject.default_branch);
  const facts = await readFacts({ brain }, { repository_id });
  const file = await readRepositoryFile(octokit, { ...place, path: POLICY_PATH, ref });
  const key = placeKey({ ...place, path: POLICY_PATH });
  const own = file === null ? null : { text: file.text, key, from: POLICY_PATH };
  const deps = { brain, octokit, readFile: readRepositoryFile, facts };
  const policy = policyOn(own, await readBases(deps, { id: repository_id, owner: subject.owner }, own));
  const answer = answerFor(held, observed(policy, facts, now()), subject.verdict, now());
  if (answer.state === 'wait') {
    await brain.call('queue_protection_recheck', { protection: asJson(held), seconds: SECONDS_BETWEEN_LOOKS });
    return { state: 'wait' };
  }
  const taken = await answerDeployment(octokit, { ...place, run_id, environment_name: environment, ...answer });
  return { state: answer.state, taken };
}

function observed(policy: ParsedPolicy | null, { installed_at }: PolicyFacts, now: number) {
  if (policy === null || 'problems' in policy) return policy;
  return { ...policy, isObserved: observationOf(policy.policy, { installed_at, now }) !== null };
}

/** Null when nothing is asked for. */
function policyOn(own: { readonly text: string; readonly from: string } | null, read: Bases): ParsedPolicy | null {
  const { bases, broken } = read;
  if (broken !== null) return broken;
  if (own !== null) return onBases(own.text, own.from, bases);
  const merged = mergePolicies(bases);
  return merged === null ? null : { policy: merged.policy };
}
