// The step that says what should stand on GitHub for a commit: renders the report of each pull request with what the gate
// says, and writes it down as publications. Writes nothing to GitHub itself.

import { readSilenceCause } from '../github/pulls.ts';
import type { CommentChoice, CommitVerdict, GateAnswer } from '../model/gate.ts';
import { asJson, type Json } from '../model/json.ts';
import type { RequestedPublication } from '../model/publication.ts';
import type { PullRequestReport } from '../model/pull-request.ts';
import { WAIT_DEFAULTS, type WaitSettings } from '../model/waits.ts';
import { renderCheckRun } from './check-run.ts';
import { circumstancesSchema, inPlace, wantsCause } from './circumstances.ts';
import { renderComment } from './comment.ts';
import type { Place } from './place.ts';
import { hashOf } from './publication-hash.ts';
import { type CommitReaders, loadPullRequest, type ReportedCommit } from './reported-commit.ts';

export interface ReportDeps extends CommitReaders {
  /** The defaults unless given. */
  readonly waits?: WaitSettings | undefined;
}

/** What the gate says of a commit, and of the other heads of its pull requests, by their numbers. */
export interface ReportVerdict extends CommitVerdict {
  readonly at_other_heads: ReadonlyMap<number, GateAnswer>;
}

/** The name of the check run that a team can make required. */
const CHECK_NAME = 'CodeRed';

/** Brings the publications of every pull request of the commit up to date; returns their numbers. */
export async function report(commit: ReportedCommit, verdict: ReportVerdict, deps: ReportDeps): Promise<Json> {
  const { brain } = deps;
  const { place, head_sha } = commit;
  for (const loaded of commit.pull_requests) {
    const { number, head_sha: own } = loaded.pull_request;
    const evaluated = own === head_sha ? verdict.answers.get(number) : undefined;
    const answer = evaluated ?? verdict.at_other_heads.get(number);
    if (answer === undefined) throw new Error(`pull request ${number} is reported without having been evaluated`);
    await requestComment(brain, await putInPlace({ ...loaded, ...answer }, place, deps), answer.comment);
  }
  await requestVerdict(verdict, commit, deps);
  return { pull_requests: place.numbers };
}

/** The check run is the strictest pull request's. */
async function requestVerdict(
  { answers, strictest }: CommitVerdict,
  { repository_id, head_sha, place, pull_requests, recheck, evidence_version }: ReportedCommit,
  deps: ReportDeps,
): Promise<void> {
  const { brain } = deps;
  const answer = strictest === null ? undefined : answers.get(strictest);
  if (strictest === null || answer === undefined) return;
  const onHead = pull_requests.find(
    ({ pull_request: { number, head_sha: own } }) => number === strictest && own === head_sha,
  );
  const [loaded = onHead] =
    onHead === undefined ? await loadPullRequest(brain, repository_id, strictest, head_sha) : [];
  if (loaded === undefined) return;
  const isFormer = onHead === undefined && !place.merge_group_numbers.includes(strictest);
  const how = isFormer ? { only_if_standing: true, evidence_version } : { recheck, evidence_version };
  const sha = onHead === undefined ? head_sha : undefined;
  await requestCheckRun(brain, await putInPlace({ ...loaded, ...answer }, place, deps, sha), how);
}

/**
 * The report with what stands around it: what is waited for by now, whether anything ran, what a merge queue dropped. Queues a
 * recheck at the end of what is waited for. `sha`: as of that commit instead of the head.
 */
async function putInPlace(
  subject: PullRequestReport,
  { installation_id, owner, name: repo }: Place,
  { brain, octokitFor, waits = WAIT_DEFAULTS }: ReportDeps,
  sha?: string,
): Promise<PullRequestReport> {
  const { number: pull_request_number, head_sha } = subject.pull_request;
  const asked = { repository_id: subject.repository.id, pull_request_number, ...(sha === undefined ? {} : { sha }) };
  const around = circumstancesSchema.nullable().parse(await brain.call('read_circumstances', asked));
  if (around === null) return subject;
  const { report, until } = inPlace(subject, around, waits);
  // With a policy the gate queues its own rechecks.
  if (until !== null && report.gate === null) {
    await brain.call('queue_recheck_at', { repository_id: subject.repository.id, head_sha: sha ?? head_sha, until });
  }
  const { silence } = report;
  if (!silence || installation_id === null || !wantsCause(report, around)) return report;
  const octokit = await octokitFor(installation_id);
  const cause = await readSilenceCause(octokit, { owner, repo, pull_number: pull_request_number, head_sha });
  if (cause === null) return report;
  await brain.call('note_silence', { ...asked, sha: head_sha, cause });
  return { ...report, silence: { ...silence, cause: cause === 'unknown' ? null : cause } };
}

/** Requests the comment. With nothing to report there is none, unless the policy wants one; an existing comment is kept up to date. */
async function requestComment(
  brain: ReportDeps['brain'],
  subject: PullRequestReport,
  choice: CommentChoice = 'on_failure',
): Promise<void> {
  const rendered = renderComment(subject);
  const isWanted = choice === 'always' && subject.pull_request.state === 'open';
  const comment = { ...rendered, may_create: choice !== 'never' && (rendered.may_create || isWanted) };
  const isWorthOne = choice !== 'never' && (comment.may_create || subject.earlier_failures.length > 0);
  await requestPublication(brain, {
    subject,
    requested: comment,
    target: String(comment.pull_request_number),
    only_if_standing: !isWorthOne,
  });
}

async function requestCheckRun(
  brain: ReportDeps['brain'],
  subject: PullRequestReport,
  how: Pick<PublicationRequest, 'recheck' | 'only_if_standing' | 'evidence_version'>,
): Promise<void> {
  // A deployment of the merge commit says nothing about the head that the check run hangs on.
  const deployments = subject.deployments.filter(({ commit_sha }) => commit_sha === subject.pull_request.head_sha);
  const checkRun = renderCheckRun({ ...subject, deployments }, { name: CHECK_NAME });
  if (checkRun === null) return;
  await requestPublication(brain, {
    subject,
    requested: checkRun,
    target: `${checkRun.head_sha}:${checkRun.name}`,
    ...how,
  });
}

interface PublicationRequest {
  readonly subject: PullRequestReport;
  readonly requested: RequestedPublication;
  readonly target: string;
  readonly only_if_standing?: boolean;
  readonly recheck?: boolean;
  /** `read_evidence_version` of the commit that the request is about. */
  readonly evidence_version?: string;
}

async function requestPublication(
  brain: ReportDeps['brain'],
  { subject, requested, target, ...how }: PublicationRequest,
): Promise<void> {
  await brain.call('request_publication', {
    repository_id: subject.repository.id,
    kind: requested.kind,
    target,
    desired: asJson(requested),
    desired_hash: hashOf(requested),
    ...how,
  });
}
