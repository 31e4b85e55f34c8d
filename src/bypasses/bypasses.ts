// The bypass step: asks GitHub who pushed past a required check, and records what no webhook says.

import type { ProbotOctokit } from 'probot';
import { z } from 'zod';
import type { Brain } from '../brain/client.ts';
import { readPullRequestsOfCommit } from '../github/pulls.ts';
import { type BypassingPush, isPastRequiredCheck, listBypassingPushes } from '../github/rule-suites.ts';
import type { Facts, PullRequestFact } from '../model/facts.ts';
import { asJson, type Json } from '../model/json.ts';

const bypassesInput = z.object({ kind: z.literal('bypasses'), repository_id: z.number() });
const bypassSubject = z.object({
  installation_id: z.number().nullable(),
  owner: z.string(),
  name: z.string(),
  looked_at: z.array(z.number()),
});

export interface BypassDeps {
  readonly brain: Pick<Brain, 'call'>;
  readonly octokitFor: (installationId: number) => Promise<ProbotOctokit>;
}

interface Place {
  readonly owner: string;
  readonly repo: string;
  readonly repository_id: number;
}

/**
 * Looks at every bypass of the past week that was not looked at, counts those that GitHub tells oddly, and has those recorded
 * that went past a required check. Where the App may not ask, nothing is done. Throws `Transient` when GitHub fails; then all
 * of it is looked at again.
 */
export async function findBypasses(input: unknown, { brain, octokitFor }: BypassDeps): Promise<Json> {
  const { repository_id } = bypassesInput.parse(input);
  const subject = bypassSubject.nullable().parse(await brain.call('read_bypass_subject', { repository_id }));
  if (subject === null || subject.installation_id === null) return { state: 'gone' };
  const octokit = await octokitFor(subject.installation_id);
  const place = { owner: subject.owner, repo: subject.name, repository_id };
  const listed = await listBypassingPushes(octokit, place);
  if (listed === null) return { state: 'not permitted' };
  const { pushes, malformed } = listed;
  const fresh = pushes.filter(({ id }) => !subject.looked_at.includes(id));
  const suites = await pastRequiredChecks(octokit, place, fresh);
  const pull_requests = await pullRequestsOf(octokit, place, suites);
  if (pull_requests.length > 0)
    await brain.call('record_facts', { facts: asJson({ pull_requests } satisfies Partial<Facts>) });
  const looked_at = pushes.map(({ id }) => id);
  const recorded = await brain.call('record_bypasses', { repository_id, suites: asJson(suites), looked_at });
  return { state: 'done', looked_at: fresh.length, recorded, malformed };
}

/** One after the other: nobody waits for them, and GitHub counts requests at once. */
async function pastRequiredChecks(
  octokit: ProbotOctokit,
  place: Place,
  pushes: readonly BypassingPush[],
): Promise<readonly BypassingPush[]> {
  const past: BypassingPush[] = [];
  for (const push of pushes) {
    if (isOfBranch(push) && (await isPastRequiredCheck(octokit, { ...place, rule_suite_id: push.id }))) past.push(push);
  }
  return past;
}

/** Tags have no required checks, a deleted branch has no commit, and a merge queue's own branches are not where it merges to. */
function isOfBranch({ ref, after_sha }: BypassingPush): boolean {
  return ref.startsWith('refs/heads/') && !ref.startsWith('refs/heads/gh-readonly-queue/') && !/^0+$/.test(after_sha);
}

/** Of a merge whose webhook is late or lost, so that it is not taken for a push of nobody's. */
async function pullRequestsOf(
  octokit: ProbotOctokit,
  place: Place,
  pushes: readonly BypassingPush[],
): Promise<PullRequestFact[]> {
  const found = new Map<number, PullRequestFact>();
  for (const { after_sha: commit_sha } of pushes) {
    for (const fact of await readPullRequestsOfCommit(octokit, { ...place, commit_sha })) found.set(fact.number, fact);
  }
  return [...found.values()];
}
