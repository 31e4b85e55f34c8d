// What a report is about: the pull requests of a commit as the brain has them, and which of their commits the gate has to
// evaluate. Asks brain and GitHub on behalf of the step.

import type { ProbotOctokit } from 'probot';
import { z } from 'zod';
import type { Brain } from '../brain/client.ts';
import { readPullRequestsOfCommit } from '../github/pulls.ts';
import type { Facts } from '../model/facts.ts';
import type { GateAnswer } from '../model/gate.ts';
import { asJson, type Json } from '../model/json.ts';
import type { PullRequestReport } from '../model/pull-request.ts';
import { numbersToEvaluate, type Place, pullRequestsOf } from './place.ts';

const reportInput = z.object({
  repository_id: z.number(),
  head_sha: z.string(),
  /** Somebody asked for the check run again. */
  recheck: z.boolean().default(false),
});

export interface CommitReaders {
  readonly brain: Pick<Brain, 'call'>;
  readonly octokitFor: (installationId: number) => Promise<ProbotOctokit>;
}

/** A pull request as the brain has it, without what the gate says of it. */
export type LoadedPullRequest = Omit<PullRequestReport, keyof GateAnswer>;

export interface HeadOfPullRequest {
  readonly repository_id: number;
  readonly pull_request_number: number;
  readonly head_sha: string;
}

/** A commit, its pull requests, and what is to be evaluated before they can be reported. */
export interface ReportedCommit {
  readonly repository_id: number;
  readonly head_sha: string;
  /** Somebody asked for the check run again. */
  readonly recheck: boolean;
  /** `read_evidence_version` of the commit, read before all else: what comes later is not in the report for sure. */
  readonly evidence_version: string;
  readonly place: Place;
  readonly pull_requests: readonly LoadedPullRequest[];
  /** The pull requests for which this commit is evaluated. */
  readonly pull_request_numbers: readonly number[];
  /** The heads of the other pull requests, whose comments are brought up to date too. */
  readonly other_heads: readonly HeadOfPullRequest[];
}

/**
 * Reads the pull requests that the commit is the head or the merge commit of. Where there is none it returns what to keep of
 * the work instead: a commit without any, though its runs say there is one, makes it ask GitHub, and what comes of that is
 * recorded, which queues the report again. Throws `Transient` while GitHub fails.
 */
export async function readReportedCommit(
  input: unknown,
  readers: CommitReaders,
): Promise<{ readonly commit: ReportedCommit } | { readonly nothing: Json }> {
  const { brain } = readers;
  const { repository_id, head_sha, recheck } = reportInput.parse(input);
  const place = pullRequestsOf
    .nullable()
    .parse(await brain.call('read_pull_requests_of', { repository_id, sha: head_sha }));
  if (place === null) return { nothing: { pull_requests: [] } };
  if (place.numbers.length + place.former_numbers.length + place.merge_group_numbers.length === 0)
    return { nothing: await askGithub(place, { repository_id, head_sha }, readers) };
  const evidence_version = await brain.call('read_evidence_version', { repository_id, sha: head_sha });
  const pull_requests: LoadedPullRequest[] = [];
  // What became of a merge queue's commit stands in the comment of the pull request that it is made of.
  const numbers = new Set([...place.numbers, ...place.merge_group_numbers]);
  for (const number of numbers) pull_requests.push(...(await loadPullRequest(brain, repository_id, number)));
  const pull_request_numbers = numbersToEvaluate(place, pull_requests, head_sha);
  const other_heads = pull_requests
    .map(({ pull_request: { number, head_sha: own } }) => ({
      repository_id,
      pull_request_number: number,
      head_sha: own,
    }))
    .filter((head) => head.head_sha !== head_sha || !pull_request_numbers.includes(head.pull_request_number));
  const about = { repository_id, head_sha, recheck, evidence_version };
  return { commit: { ...about, place, pull_requests, pull_request_numbers, other_heads } };
}

/** Records what GitHub knows of a commit whose runs say that there is a pull request. */
async function askGithub(
  { ask_github, installation_id, owner, name }: Place,
  { repository_id, head_sha }: { repository_id: number; head_sha: string },
  { brain, octokitFor }: CommitReaders,
): Promise<Json> {
  if (!ask_github || installation_id === null) return { pull_requests: [] };
  const octokit = await octokitFor(installation_id);
  const asked = { owner, repo: name, repository_id, commit_sha: head_sha };
  const pull_requests = await readPullRequestsOfCommit(octokit, asked);
  const facts = asJson({ pull_requests } satisfies Partial<Facts>);
  if (pull_requests.length > 0) await brain.call('record_facts', { facts });
  return { pull_requests: [], asked_github: pull_requests.length };
}

/** The pull request as it is on its head, or on the commit `sha` when that is given; an empty list when the brain does not know it. */
export async function loadPullRequest(
  brain: CommitReaders['brain'],
  repository_id: number,
  number: number,
  sha?: string,
): Promise<LoadedPullRequest[]> {
  const asked = { repository_id, pull_request_number: number, ...(sha === undefined ? {} : { sha }) };
  // `read_report` builds exactly this shape; test/report/report.test.ts holds the two together.
  const loaded = (await brain.call('read_report', asked)) as unknown as LoadedPullRequest | null;
  return loaded === null ? [] : [{ ...loaded, deployments: await withLinks(brain, loaded) }];
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
  brain: CommitReaders['brain'],
  { repository, deployments }: LoadedPullRequest,
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
