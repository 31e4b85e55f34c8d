// The gate step: finds the policy, gathers what is known of a commit, judges it and writes the verdict down. Writes nothing to GitHub.
// Only pipeline.ts imports it.

import type { ProbotOctokit } from 'probot';
import type { Brain } from '../brain/client.ts';
import type { GateReport } from '../gate-report.ts';
import { listChangedFiles } from '../github/changed-files.ts';
import { readRepositoryFile } from '../github/repository-file.ts';
import { asError, asJson, Transient } from '../model.ts';
import { describeVerdict } from './describe-verdict.ts';
import { type FoundPolicy, policyOf, policyPlace } from './find-policy.ts';
import { type Change, type GateInput, type GateSubject, gateSubject } from './gather.ts';
import { judgeSubject, unreadRuns } from './judge-subject.ts';
import type { Policy } from './policy.ts';
import { recordOf } from './verdict-record.ts';

export interface GateParts {
  readonly brain: Pick<Brain, 'call'>;
  readonly octokitFor: (installationId: number) => Promise<ProbotOctokit>;
  /** The time of judging, ms since 1970. */
  readonly now: () => number;
}

/**
 * Judges a commit by the policy on the pull request's base branch, else by its sprint's Definition of Done; null when there
 * is neither, or when the brain does not know it. Queues the reading of artifacts that the criteria wait for, and a new
 * look at the deadline. Throws `Transient` when something new was told meanwhile, or GitHub fails.
 */
export async function gate(input: GateInput, parts: GateParts): Promise<GateReport | null> {
  const { brain } = parts;
  const { repository_id, pull_request_number, head_sha } = input;
  const answer = await brain.call('read_gate_subject', { repository_id, pull_request_number, sha: head_sha });
  const subject = gateSubject.nullable().parse(answer);
  if (subject === null || subject.repository.installation_id === null) return null;
  const octokit = await parts.octokitFor(subject.repository.installation_id);
  const found = await readPolicy(octokit, subject);
  if (found === null) return null;
  if ('problems' in found) return { state: 'error', problems: found.problems, from: found.from };
  const { policy } = found;
  const change = await readChange(octokit, subject, policy);
  const verdict = judgeSubject(subject, policy, { change, now: new Date(parts.now()).toISOString() });
  const unread = unreadRuns(subject, verdict);
  if (unread.length > 0) {
    await brain.call('queue_evidence', { repository_id: subject.repository.id, ci_event_ids: unread });
  }
  const recorded = await brain.call('record_gate_verdict', { verdict: asJson(recordOf(verdict, subject, head_sha)) });
  if (isStale(recorded))
    throw new Transient(`what is known of ${head_sha.slice(0, 7)} has changed while it was judged`);
  // What changes without a webhook: a wait that is over, an override that expires.
  const ends = [
    ...verdict.criteria.map(({ waits }) => waits?.until),
    ...subject.overrides.map((one) => one.expires_at),
  ];
  const next = Math.min(...ends.flatMap((end) => (end ? Date.parse(end) : [])).filter((end) => end > parts.now()));
  await queueLook(brain, subject, { head_sha, at: next, now: parts.now() });
  return describeVerdict(verdict, found.from);
}

/** A file that can't be had is no file that is not there: nothing may pass that it would have held back. */
async function readPolicy(octokit: ProbotOctokit, subject: GateSubject): Promise<FoundPolicy | null> {
  const place = policyPlace(subject);
  try {
    return policyOf(await readRepositoryFile(octokit, place), subject);
  } catch (thrown) {
    if (thrown instanceof Transient) throw thrown;
    const problem = { line: 1, column: 1, path: '', message: asError(thrown).message };
    return { problems: [problem], from: `${place.path} on ${place.ref}` };
  }
}

function isStale(recorded: unknown): boolean {
  return typeof recorded === 'object' && recorded !== null && 'stale' in recorded && recorded.stale === true;
}

/** Only asked for where it decides something: it costs a request for each hundred files. */
async function readChange(octokit: ProbotOctokit, subject: GateSubject, policy: Policy): Promise<Change | null> {
  const rules = [policy.when ?? []].flat();
  const asksForLines = [policy.dod, ...rules.map((rule) => rule.dod)].some(
    (dod) => dod.coverage_diff_min !== undefined,
  );
  if (!subject.pull_request.is_fork && rules.length === 0 && !asksForLines) return null;
  const { repository, pull_request } = subject;
  return listChangedFiles(octokit, {
    owner: repository.owner,
    repo: repository.name,
    pull_number: pull_request.number,
  });
}

/** An override may last for years, which are more seconds than a Postgres integer holds; the look then queues the next. */
const LONGEST_WAIT_SECONDS = 30 * 86_400;

/** A verdict that ends by the clock is looked at again then, though no webhook comes. `at`: ms since 1970; infinite: never. */
async function queueLook(
  brain: GateParts['brain'],
  { repository }: GateSubject,
  { head_sha, at, now }: { head_sha: string; at: number; now: number },
): Promise<void> {
  if (!Number.isFinite(at)) return;
  const seconds = Math.min(Math.max(1, Math.ceil((at - now) / 1000) + 1), LONGEST_WAIT_SECONDS);
  await brain.call('queue_report', { repository_id: repository.id, head_sha, seconds });
}
