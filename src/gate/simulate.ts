// The simulation step: what a policy would say of a pull request, without writing anything.

import type { ProbotOctokit } from 'probot';
import { z } from 'zod';
import type { Brain } from '../brain/client.ts';
import { listFilesAtHead } from '../github/changed-files.ts';
import { readFacts } from '../policy/read-policy.ts';
import type { Policy } from '../policy/schema/policy.ts';
import { withSprint } from '../policy/sprint-policy.ts';
import { type Change, type GateSubject, gateCommit } from './collect/collect.ts';
import { type DescribedVerdict, describeVerdict } from './describe-verdict.ts';
import { asksForChange, evaluateSubject, headOf, unreadRuns } from './evaluate-head.ts';
import type { GateVerdict } from './model/verdict.ts';

/** A pull request by the name of its repository and its number. */
export interface PullRequestPlace {
  readonly owner: string;
  readonly name: string;
  readonly number: number;
}

/** What the step needs. */
export interface SimulateDeps {
  readonly brain: Pick<Brain, 'call'>;
  /** Null when GitHub cannot be asked; then the notes say what the verdict lacks. */
  readonly octokitFor: ((installationId: number) => Promise<ProbotOctokit>) | null;
  /** Slugs of Apps whose checks a fork defines itself. */
  readonly untrustedApps?: readonly string[] | undefined;
  /** The time at which the commit is evaluated, in ms since 1970. */
  readonly now: () => number;
}

/** The answer of a simulation. A type and not an interface, so that TypeScript accepts it as JSON. */
export type Simulation = {
  /** `owner/name` as GitHub writes it. */
  readonly repository: string;
  readonly pull_request: number;
  readonly head_sha: string;
  /** What the verdict lacks, in words; empty when it is the same as that of the gate. */
  readonly notes: readonly string[];
} & Pick<DescribedVerdict, 'state' | 'criteria'>;

const TRIED = 'the policy that is tried';

/**
 * Evaluates the head commit of a pull request as the gate does, by `policy` and the pull request's sprint, and leaves no trace: no rows,
 * no jobs, nothing on GitHub. Returns null when the brain does not know the pull request, or when GitHub should be asked and CodeRed
 * is not installed there. Throws `Transient` or `Rejected` when GitHub fails (see `githubError`).
 */
export async function simulate(
  place: PullRequestPlace,
  tried: Policy,
  { brain, octokitFor, untrustedApps, now }: SimulateDeps,
): Promise<Simulation | null> {
  const subject = await findSubject(brain, place);
  if (subject === null) return null;
  const found = withSprint({ policy: tried, from: TRIED, blob_sha: null }, subject.sprint);
  const policy = found !== null && 'policy' in found ? found.policy : tried;
  const { repository, pull_request } = subject;
  let change: Change | null = null;
  if (octokitFor !== null) {
    if (repository.installation_id === null) return null;
    if (asksForChange(subject, policy)) {
      const octokit = await octokitFor(repository.installation_id);
      change = await listFilesAtHead(octokit, headOf(subject));
    }
  }
  const at = new Date(now()).toISOString();
  const verdict = evaluateSubject(subject, policy, { change, now: at, untrusted_apps: untrustedApps });
  const { state, criteria } = describeVerdict(verdict, TRIED);
  const { number, head_sha } = pull_request;
  const { organisation } = await readFacts({ brain }, { repository_id: repository.id });
  const broken = found !== null && 'problems' in found ? found.problems.map(({ message }) => message) : [];
  const notes = [
    ...broken,
    ...notesOnBases(policy, organisation.known_sha !== null),
    ...(change === null ? notesOnChange(subject, policy, verdict) : []),
    ...notesOnRuns(subject, verdict),
  ];
  return {
    repository: `${repository.owner}/${repository.name}`,
    pull_request: number,
    head_sha,
    // The gate would be in error.
    state: broken.length > 0 ? 'fail' : state,
    criteria,
    notes,
  };
}

/** Reads the commit twice: the first row names the pull request's head, and the second is of that head. */
async function findSubject(
  brain: SimulateDeps['brain'],
  { owner, name, number }: PullRequestPlace,
): Promise<GateSubject | null> {
  const repository_id = z
    .number()
    .nullable()
    .parse(await brain.call('find_repository', { owner, name }));
  if (repository_id === null) return null;
  const read = async (sha: string) =>
    gateCommit.parse(await brain.call('read_gate_commit', { repository_id, pull_request_number: number, sha }));
  const found = await read('');
  return found === null ? null : read(found.pull_request.head_sha);
}

/** Only what the policy itself says is tried. */
function notesOnBases(policy: Policy, isOrganised: boolean): string[] {
  return [
    ...(isOrganised ? ["the organisation's policy is left out, on top of which it would count"] : []),
    ...(policy.extends === undefined ? [] : [`${policy.extends} is left out, on top of which it would count`]),
  ];
}

/** What the verdict lacks because GitHub was not asked; nothing where it did not have to be. */
function notesOnChange(subject: GateSubject, policy: Policy, verdict: GateVerdict): string[] {
  const rules = [policy.when ?? []].flat();
  const needsLines = verdict.criteria.some(({ criterion }) => criterion.key === 'coverage_diff_min');
  return [
    ...(rules.length > 0 ? ['which files changed is not known here, so what `when` asks for on top is left out'] : []),
    ...(needsLines ? ['which lines changed is not known here, so coverage_diff_min can not be measured'] : []),
    ...(subject.pull_request.is_fork
      ? ['it comes from a fork and which files changed is not known here, so nothing that its runs say counts']
      : []),
  ];
}

/** Nobody has read artifacts for this policy yet. */
function notesOnRuns(subject: GateSubject, verdict: GateVerdict): string[] {
  const unread = unreadRuns(subject, verdict).length;
  if (unread === 0) return [];
  return [
    `the artifacts of ${unread} workflow runs are not read yet: that is done once a policy in force asks for some`,
  ];
}
