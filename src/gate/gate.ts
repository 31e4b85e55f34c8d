// The gate step: finds the policy, collects what is known of a commit, evaluates it and records the verdict. Writes nothing to GitHub.

import type { ProbotOctokit } from 'probot';
import type { Brain } from '../brain/client.ts';
import { readFilesFor } from '../github/changed-files.ts';
import { type ReadFile, readCommitTree } from '../github/contents.ts';
import { readMergeable } from '../github/pulls.ts';
import { Transient } from '../model/errors.ts';
import type { CommitVerdict, GateAnswer, GateCriterion, GateReport } from '../model/gate.ts';
import { asJson } from '../model/json.ts';
import type { WaitSettings } from '../model/waits.ts';
import type { FoundPolicy } from '../policy/find-policy.ts';
import { type PolicyFacts, readPolicy } from '../policy/read-policy.ts';
import { observationOf, untilWhen } from '../policy/schema/observation.ts';
import type { Policy } from '../policy/schema/policy.ts';
import { commentChoice } from '../policy/schema/policy-comment.ts';
import { type CommitInput, type GateInput, type GateSubject, gateCommit } from './collect/collect.ts';
import { describeVerdict } from './describe-verdict.ts';
import { asksForChange, evaluateSubject, headOf, unreadRuns } from './evaluate-head.ts';
import { withHeldRuns } from './held-runs.ts';
import { informationOf } from './information.ts';
import { nextLook } from './next-recheck.ts';
import { readProposedProblems } from './proposed-policy.ts';
import { runSummary } from './run-summary.ts';
import { acceptSilence, silenceOf, withNoRuns } from './silence.ts';
import { strictestOf } from './strictest.ts';
import {
  byItself,
  type EvaluatedSubject,
  fromWith,
  isSameTree,
  mayTrust,
  trustPullRequest,
} from './trust-pull-request.ts';
import { brokenPolicyRecord, recordOf } from './verdict-record.ts';

/** What the step needs. */
export interface GateDeps {
  readonly brain: Pick<Brain, 'call'>;
  readonly octokitFor: (installationId: number) => Promise<ProbotOctokit>;
  /** Reads a file of a repository from GitHub; for the policy. */
  readonly readFile: ReadFile;
  /** Slugs of Apps whose checks a fork defines itself. */
  readonly untrustedApps?: readonly string[] | undefined;
  /** Called with each policy that is read from a default branch; null: there is none. */
  readonly learnRules?: ((repository_id: number, policy: Policy | null) => Promise<void>) | undefined;
  readonly waits?: WaitSettings | undefined;
  /** The time at which the commit is evaluated, in ms since 1970. */
  readonly now: () => number;
}

/**
 * Evaluates a commit for each of its pull requests, and records the strictest verdict: a commit has one check run, and what one base
 * branch asks for is not met because another asks for less. Throws `Transient` when events about the commit came meanwhile, or
 * GitHub fails.
 */
export async function gate(input: CommitInput, deps: GateDeps): Promise<CommitVerdict> {
  const { repository_id, head_sha, pull_request_numbers } = input;
  const assessed = new Map<number, Assessed>();
  for (const pull_request_number of pull_request_numbers) {
    assessed.set(pull_request_number, await evaluateFor({ repository_id, pull_request_number, head_sha }, deps));
  }
  const answers = new Map([...assessed].map(([number, { answer }]) => [number, answer]));
  const strictest = strictestOf(answers);
  const record = strictest === null ? null : (assessed.get(strictest)?.record ?? null);
  if (record !== null) await write(record, { brain: deps.brain, head_sha });
  return { answers, strictest };
}

/** Evaluates a commit for one of its pull requests, as `gate` does, and records no verdict. Throws what `gate` throws. */
export async function evaluatePullRequest(input: GateInput, deps: GateDeps): Promise<GateAnswer> {
  return (await evaluateFor(input, deps)).answer;
}

/** The same for several pull requests, each at its own head commit; the answers by their numbers. */
export async function evaluateHeads(
  heads: readonly GateInput[],
  deps: GateDeps,
): Promise<ReadonlyMap<number, GateAnswer>> {
  const answers = new Map<number, GateAnswer>();
  for (const head of heads) answers.set(head.pull_request_number, await evaluatePullRequest(head, deps));
  return answers;
}

/** An answer, and the row to record for it; null when the policy asks for nothing. */
interface Assessed {
  readonly answer: GateAnswer;
  readonly record: object | null;
}

/**
 * Evaluates by the policy on the pull request's base branch and its sprint's Definition of Done. When there is neither, nothing is
 * evaluated, and what is known of the usual criteria is returned as information; for a commit that the brain does not know there is no
 * information either. Queues the reading of artifacts that the criteria wait for, and a recheck at the deadline.
 */
async function evaluateFor(input: GateInput, deps: GateDeps): Promise<Assessed> {
  const { repository_id, pull_request_number, head_sha } = input;
  const row = await deps.brain.call('read_gate_commit', { repository_id, pull_request_number, sha: head_sha });
  const subject = gateCommit.parse(row);
  const installation_id = subject?.repository.installation_id ?? null;
  if (subject === null || installation_id === null)
    return { answer: { gate: null, information: [], proposed_problems: [] }, record: null };
  const octokit = await deps.octokitFor(installation_id);
  const { brain, readFile } = deps;
  const { found, facts } = await readPolicy(subject, { brain, octokit, readFile });
  const commit: CommitToEvaluate = { subject, head_sha, octokit, deps, facts };
  await learnRules(commit, found);
  const proposed_problems = await readProposedProblems(commit, found);
  if (found === null) {
    return { answer: { gate: null, information: await inform(commit), proposed_problems }, record: null };
  }
  const { report, record } = await evaluateFound(found, commit);
  const said = 'policy' in found ? found.policy.comment : undefined;
  const comment = commentChoice(said, { draft: facts.draft, author: subject.pull_request.author });
  return { answer: { gate: report, information: [], proposed_problems, comment }, record };
}

interface CommitToEvaluate {
  readonly subject: GateSubject;
  readonly head_sha: string;
  readonly octokit: ProbotOctokit;
  readonly deps: GateDeps;
  readonly facts: PolicyFacts;
}

async function evaluateFound(
  found: FoundPolicy,
  { subject, head_sha, octokit, deps, facts }: CommitToEvaluate,
): Promise<{ readonly report: GateReport; readonly record: object }> {
  const { brain } = deps;
  if ('problems' in found) {
    const { problems, from } = found;
    return { report: { state: 'error', problems, from }, record: brokenPolicyRecord(problems, subject, head_sha) };
  }
  const { policy } = found;
  const loaded = await readEvaluated(subject, policy, { head_sha, octokit, brain });
  // The commit of a merge queue holds what the pull request's head brings.
  const commit_sha = subject.merge_group ? loaded.pull_request.head_sha : head_sha;
  const change = asksForChange(loaded, policy) ? await readFilesFor(octokit, commit_sha, headOf(loaded)) : null;
  const now = new Date(deps.now()).toISOString();
  const circumstances = { change, now, untrusted_apps: deps.untrustedApps };
  const first = evaluateSubject(loaded, policy, circumstances);
  const { subject: evaluated, until } = await withHeldRuns(loaded, first, { brain, octokit, now: deps.now() });
  const measured = evaluated === loaded ? first : evaluateSubject(evaluated, policy, circumstances);
  const silence = silenceOf(evaluated, policy, measured, { waits: deps.waits, now: deps.now() });
  const passes = silence.asks && (await readMergeable(octokit, headOf(evaluated))) === true;
  const verdict = passes ? acceptSilence(measured) : measured;
  const unread = unreadRuns(evaluated, verdict);
  if (unread.length > 0) {
    await brain.call('queue_evidence', { repository_id: subject.repository.id, ci_event_ids: unread });
  }
  const observed = observationOf(policy, { installed_at: facts.installed_at, now: deps.now() });
  const untils = [until, observed?.until, passes ? null : silence.until];
  const next = nextLook(evaluated, verdict, { untils, now: deps.now() });
  await queueLook(brain, subject, { head_sha, at: next, now: deps.now() });
  const summary = verdict.state === 'pending' ? null : runSummary(evaluated, verdict, circumstances);
  return {
    report: {
      ...withNoRuns(describeVerdict(verdict, fromWith(found.from, evaluated) + untilWhen(observed)), silence.no_runs),
      ...(observed === null ? {} : { observed }),
    },
    record: { ...recordOf({ ...verdict, is_observed: observed !== null }, evaluated, head_sha), summary },
  };
}

/** Without a policy the usual criteria are shown as information, and no verdict is recorded. */
async function inform({ subject, deps }: CommitToEvaluate): Promise<readonly GateCriterion[]> {
  const { id: repository_id } = subject.repository;
  const unread = subject.runs.filter(({ is_over, is_read }) => is_over && !is_read);
  if (unread.length > 0) {
    const ci_event_ids = unread.map(({ ci_event_id }) => ci_event_id);
    await deps.brain.call('queue_information', { repository_id, ci_event_ids });
  }
  return informationOf(subject, new Date(deps.now()).toISOString());
}

/** Stores the policy's zones and environments. A broken file changes nothing that is stored. */
async function learnRules({ subject, deps }: CommitToEvaluate, found: FoundPolicy | null): Promise<void> {
  const { repository, pull_request } = subject;
  if (pull_request.base_ref !== repository.default_branch || (found !== null && 'problems' in found)) return;
  await deps.learnRules?.(repository.id, found?.policy ?? null);
}

/**
 * Reads the head's evidence where a commit of a merge queue may stand on it. Events that come between the two reads change
 * the version, and then the verdict is not recorded.
 */
async function readEvaluated(
  subject: GateSubject,
  policy: Policy,
  { head_sha: commit_sha, octokit, brain }: Pick<GateDeps, 'brain'> & { head_sha: string; octokit: ProbotOctokit },
): Promise<EvaluatedSubject> {
  if (!mayTrust(subject, policy)) return byItself(subject);
  const { id: repository_id, owner, name: repo } = subject.repository;
  const { number: pull_request_number, head_sha: sha } = subject.pull_request;
  const [own, heads] = await Promise.all([
    readCommitTree(octokit, { owner, repo, commit_sha }),
    readCommitTree(octokit, { owner, repo, commit_sha: sha }),
  ]);
  const same = isSameTree(own, heads);
  if (same !== true) return trustPullRequest(subject, same, null);
  const answer = await brain.call('read_gate_commit', { repository_id, pull_request_number, sha });
  return trustPullRequest(subject, same, gateCommit.parse(answer));
}

/** Records the verdict. Throws `Transient` when events have come that it does not rest on. */
async function write(record: object, { brain, head_sha }: Pick<GateDeps, 'brain'> & { head_sha: string }) {
  const recorded: unknown = await brain.call('record_gate_verdict', { verdict: asJson(record) });
  if (typeof recorded === 'object' && recorded !== null && 'stale' in recorded && recorded.stale === true)
    throw new Transient(`what is known of ${head_sha.slice(0, 7)} has changed while it was evaluated`, {
      isExpected: true,
    });
}

/** The longest time until a recheck, which then queues the next: years are more seconds than a Postgres integer holds. */
const LONGEST_WAIT_SECONDS = 30 * 86_400;

/** Queues a recheck at `at` (ms since 1970; infinite: never), for what changes with time and without a webhook. */
async function queueLook(
  brain: GateDeps['brain'],
  { repository }: GateSubject,
  { head_sha, at, now }: { head_sha: string; at: number; now: number },
): Promise<void> {
  if (!Number.isFinite(at)) return;
  const seconds = Math.min(Math.max(1, Math.ceil((at - now) / 1000) + 1), LONGEST_WAIT_SECONDS);
  await brain.call('queue_report', { repository_id: repository.id, head_sha, seconds });
}
