// The step that says what should stand on GitHub for a commit: gathers the report of each pull request, renders it, and
// writes it down as publications. Writes nothing to GitHub itself. Only pipeline.ts imports it.

import type { ProbotOctokit } from 'probot';
import { z } from 'zod';
import type { Brain } from '../brain/client.ts';
import { readPullRequestsOfCommit, readSilenceCause } from '../github/pulls.ts';
import type { Facts } from '../model/facts.ts';
import type { CommentChoice, CommitVerdict, GateAnswer } from '../model/gate.ts';
import { asJson, type Json } from '../model/json.ts';
import type { Desired } from '../model/publication.ts';
import type { PullRequestReport } from '../model/pull-request.ts';
import { WAIT_DEFAULTS, type WaitSettings } from '../model/waits.ts';
import { renderCheckRun } from './check-run.ts';
import { circumstancesSchema, inPlace, wantsCause } from './circumstances.ts';
import { renderComment } from './comment.ts';
import { numbersToJudge, type Place, pullRequestsOf } from './place.ts';
import { hashOf } from './publication-hash.ts';

const reportInput = z.object({
  repository_id: z.number(),
  head_sha: z.string(),
  /** Somebody asked for the check run again. */
  recheck: z.boolean().default(false),
});

export interface ReportParts {
  readonly brain: Pick<Brain, 'call'>;
  readonly octokitFor: (installationId: number) => Promise<ProbotOctokit>;
  /** Judges a commit for its pull requests, and writes the verdict down. */
  readonly gateFor: (commit: CommitOfPullRequests) => Promise<CommitVerdict>;
  /** Judges the head commit of a pull request. */
  readonly assessFor: (head: HeadOfPullRequest) => Promise<GateAnswer>;
  /** The defaults unless given. */
  readonly waits?: WaitSettings | undefined;
}

export interface CommitOfPullRequests {
  readonly repository_id: number;
  readonly pull_request_numbers: readonly number[];
  readonly head_sha: string;
}

export interface HeadOfPullRequest {
  readonly repository_id: number;
  readonly pull_request_number: number;
  readonly head_sha: string;
}

/** The name of the check run that a team can make required. */
const CHECK_NAME = 'CodeRed';

/**
 * Brings the publications of every pull request that the commit is the head or the merge commit of up to date; returns
 * their numbers. A commit without any, though its runs say there is one, makes it ask GitHub: what comes of that is
 * recorded, which queues this report again.
 */
export async function report(input: unknown, parts: ReportParts): Promise<Json> {
  const { brain } = parts;
  const { repository_id, head_sha, recheck } = reportInput.parse(input);
  const place = pullRequestsOf
    .nullable()
    .parse(await brain.call('read_pull_requests_of', { repository_id, sha: head_sha }));
  if (place === null) return { pull_requests: [] };
  if (place.numbers.length + place.former_numbers.length + place.merge_group_numbers.length === 0)
    return askGithub(place, { repository_id, head_sha }, parts);
  // Read before all else: what is told from here on is not in the report for sure.
  const evidence_version = await brain.call('read_evidence_version', { repository_id, sha: head_sha });
  const subjects: Told[] = [];
  // What became of a merge queue's commit stands in the comment of the pull request that it is made of.
  const numbers = new Set([...place.numbers, ...place.merge_group_numbers]);
  for (const number of numbers) subjects.push(...(await readTold(brain, repository_id, number)));
  const pull_request_numbers = numbersToJudge(place, subjects, head_sha);
  const verdict = await parts.gateFor({ repository_id, head_sha, pull_request_numbers });
  for (const told of subjects) {
    const { number: pull_request_number, head_sha: own } = told.pull_request;
    const judged = own === head_sha ? verdict.answers.get(pull_request_number) : undefined;
    const answer = judged ?? (await parts.assessFor({ repository_id, pull_request_number, head_sha: own }));
    await desireComment(brain, await putInPlace({ ...told, ...answer }, place, parts), answer.comment);
  }
  await desireVerdict(verdict, { repository_id, head_sha, recheck, evidence_version, place, subjects }, parts);
  return { pull_requests: place.numbers };
}

/** What the brain tells of a pull request, without what the gate says. */
type Told = Omit<PullRequestReport, keyof GateAnswer>;

interface VerdictPlace extends Pick<Wish, 'recheck' | 'evidence_version'> {
  readonly repository_id: number;
  readonly head_sha: string;
  readonly place: Place;
  readonly subjects: readonly Told[];
}

/** The check run is the strictest pull request's. */
async function desireVerdict(
  { answers, strictest }: CommitVerdict,
  { repository_id, head_sha, place, subjects, ...how }: VerdictPlace,
  parts: ReportParts,
): Promise<void> {
  const { brain } = parts;
  const answer = strictest === null ? undefined : answers.get(strictest);
  if (strictest === null || answer === undefined) return;
  const onHead = subjects.find(
    ({ pull_request: { number, head_sha: own } }) => number === strictest && own === head_sha,
  );
  const [told = onHead] = onHead === undefined ? await readTold(brain, repository_id, strictest, head_sha) : [];
  if (told === undefined) return;
  const isFormer = onHead === undefined && !place.merge_group_numbers.includes(strictest);
  const wish = isFormer ? { only_if_standing: true, evidence_version: how.evidence_version } : how;
  const sha = onHead === undefined ? head_sha : undefined;
  await desireCheckRun(brain, await putInPlace({ ...told, ...answer }, place, parts, sha), wish);
}

/**
 * The report with what stands around it: what is waited for by now, whether anything ran, what a merge queue dropped. Queues a
 * look at the end of what is waited for. `sha`: as of that commit instead of the head.
 */
async function putInPlace(
  subject: PullRequestReport,
  { installation_id, owner, name: repo }: Place,
  { brain, octokitFor, waits = WAIT_DEFAULTS }: ReportParts,
  sha?: string,
): Promise<PullRequestReport> {
  const { number: pull_request_number, head_sha } = subject.pull_request;
  const asked = { repository_id: subject.repository.id, pull_request_number, ...(sha === undefined ? {} : { sha }) };
  const around = circumstancesSchema.nullable().parse(await brain.call('read_circumstances', asked));
  if (around === null) return subject;
  const { report, until } = inPlace(subject, around, waits);
  // With a policy the gate looks at its own ends.
  if (until !== null && report.gate === null) {
    await brain.call('queue_look_once', { repository_id: subject.repository.id, head_sha: sha ?? head_sha, until });
  }
  const { silence } = report;
  if (!silence || installation_id === null || !wantsCause(report, around)) return report;
  const octokit = await octokitFor(installation_id);
  const cause = await readSilenceCause(octokit, { owner, repo, pull_number: pull_request_number, head_sha });
  if (cause === null) return report;
  await brain.call('note_silence', { ...asked, sha: head_sha, cause });
  return { ...report, silence: { ...silence, cause: cause === 'unknown' ? null : cause } };
}

/** Records what GitHub knows of a commit whose runs say that there is a pull request. */
async function askGithub(
  { ask_github, installation_id, owner, name }: Place,
  { repository_id, head_sha }: { repository_id: number; head_sha: string },
  { brain, octokitFor }: Pick<ReportParts, 'brain' | 'octokitFor'>,
): Promise<Json> {
  if (!ask_github || installation_id === null) return { pull_requests: [] };
  const octokit = await octokitFor(installation_id);
  const asked = { owner, repo: name, repository_id, commit_sha: head_sha };
  const pull_requests = await readPullRequestsOfCommit(octokit, asked);
  const facts = asJson({ pull_requests } satisfies Partial<Facts>);
  if (pull_requests.length > 0) await brain.call('record_facts', { facts });
  return { pull_requests: [], asked_github: pull_requests.length };
}

/** One or none: as it is on its head, or on the commit that is given. */
async function readTold(
  brain: ReportParts['brain'],
  repository_id: number,
  number: number,
  sha?: string,
): Promise<Told[]> {
  const asked = { repository_id, pull_request_number: number, ...(sha === undefined ? {} : { sha }) };
  // `read_report` builds exactly this shape; test/report/report.test.ts holds the two together.
  const told = (await brain.call('read_report', asked)) as unknown as Told | null;
  return told === null ? [] : [{ ...told, deployments: await withLinks(brain, told) }];
}

const deploymentLinks = z.array(
  z.object({
    environment_name: z.string(),
    commit_sha: z.string(),
    environment_url: z.string().nullable(),
    log_url: z.string().nullable(),
  }),
);

/** Each deployment with the addresses of what it deployed to and of its log. */
async function withLinks(
  brain: ReportParts['brain'],
  { repository, deployments }: Told,
): Promise<PullRequestReport['deployments']> {
  if (deployments.length === 0) return deployments;
  const shas = [...new Set(deployments.map(({ commit_sha }) => commit_sha))];
  const links = deploymentLinks.parse(
    await brain.call('read_deployment_links', { repository_id: repository.id, shas }),
  );
  return deployments.map((one) => ({
    ...one,
    ...links.find(
      ({ environment_name, commit_sha }) => environment_name === one.environment_name && commit_sha === one.commit_sha,
    ),
  }));
}

/** A pull request of which there is nothing to tell has no comment unless the policy wants one, and one that stands is kept true. */
async function desireComment(
  brain: ReportParts['brain'],
  subject: PullRequestReport,
  choice: CommentChoice = 'on_failure',
): Promise<void> {
  const rendered = renderComment(subject);
  const isWanted = choice === 'always' && subject.pull_request.state === 'open';
  const comment = { ...rendered, may_create: choice !== 'never' && (rendered.may_create || isWanted) };
  const isWorthOne = choice !== 'never' && (comment.may_create || subject.earlier_failures.length > 0);
  await desire(brain, {
    subject,
    desired: comment,
    target: String(comment.pull_request_number),
    only_if_standing: !isWorthOne,
  });
}

async function desireCheckRun(
  brain: ReportParts['brain'],
  subject: PullRequestReport,
  how: Pick<Wish, 'recheck' | 'only_if_standing' | 'evidence_version'>,
): Promise<void> {
  // A deployment of the merge commit says nothing about the head that the check run hangs on.
  const deployments = subject.deployments.filter(({ commit_sha }) => commit_sha === subject.pull_request.head_sha);
  const checkRun = renderCheckRun({ ...subject, deployments }, { name: CHECK_NAME });
  if (checkRun === null) return;
  await desire(brain, { subject, desired: checkRun, target: `${checkRun.head_sha}:${checkRun.name}`, ...how });
}

interface Wish {
  readonly subject: PullRequestReport;
  readonly desired: Desired;
  readonly target: string;
  readonly only_if_standing?: boolean;
  readonly recheck?: boolean;
  /** `read_evidence_version` of the commit that the wish is about. */
  readonly evidence_version?: string;
}

async function desire(brain: ReportParts['brain'], { subject, desired, target, ...how }: Wish): Promise<void> {
  await brain.call('desire_publication', {
    repository_id: subject.repository.id,
    kind: desired.kind,
    target,
    desired: asJson(desired),
    desired_hash: hashOf(desired),
    ...how,
  });
}
