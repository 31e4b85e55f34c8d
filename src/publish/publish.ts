// The publisher: makes stand on GitHub what a publication requests, and notes in the brain what came of it.
import type { Logger } from 'pino';
import type { ProbotOctokit } from 'probot';
import type { Brain } from '../brain/client.ts';
import {
  ANNOTATIONS_PER_REQUEST,
  createCheckRun,
  findOwnCheckRuns,
  readAnnotations,
  readCheckRun,
  type StandingCheckRun,
  updateCheckRun,
} from '../github/checks.ts';
import {
  createComment,
  deleteComment,
  editComment,
  findOwnComments,
  type OwnComment,
  readComment,
} from '../github/comments.ts';
import type { OctokitFor } from '../github/installation.ts';
import { readPullRequest } from '../github/pulls.ts';
import { Transient } from '../model/errors.ts';
import type { CheckAnnotation, RequestedCheckRun, RequestedComment } from '../model/publication.ts';
import { readCommentMarker } from '../report/comment.ts';
import { type Outcome, OVERTAKEN, outcomeOfError, outcomeOfMovedHead } from './outcome.ts';
import { parseRequested } from './parse-requested.ts';
import { batchesOf, missingAnnotations, saysSame, wouldReopen } from './plan-check-run.ts';
import { planComment } from './plan-comment.ts';

/** A row of `claim_publications`. */
export interface ClaimedPublication {
  readonly id: string;
  readonly installation_id: number;
  readonly owner: string;
  readonly repo: string;
  readonly desired: unknown;
  readonly desired_hash: string;
  /** The comment or check run that was written before; null when none was, or when the answer was lost. */
  readonly github_id: number | null;
  /** 1 for the first try. */
  readonly attempts: number;
  /** The number of this claim: noting the outcome and renewing need it. */
  readonly claim: number;
}

export interface PublishDeps {
  readonly brain: Pick<Brain, 'call'>;
  /** The name under which the publication was claimed. */
  readonly worker: string;
  readonly octokitFor: OctokitFor;
  readonly appId: number;
  readonly appSlug: string;
  readonly log: Pick<Logger, 'debug' | 'info' | 'warn'>;
  /** Waits; between two writes of one publication. */
  readonly pause: (ms: number) => Promise<void>;
  /** From 0 to 1; spreads the pauses after failures. */
  readonly random: () => number;
}

/** docs/github.md#rate-limits */
const BETWEEN_WRITES_MS = 1_000;

/** One publication on its way: the first write is made at once (its pace was kept by claiming), later ones after a pause. */
interface Attempt {
  readonly claimed: ClaimedPublication;
  readonly deps: PublishDeps;
  readonly octokit: ProbotOctokit;
  readonly place: { readonly owner: string; readonly repo: string };
  readonly write: <T>(request: () => Promise<T>) => Promise<T>;
}

/**
 * Brings GitHub to what one claimed publication requests and notes the outcome in the brain. Done twice, it writes once.
 * Failures of GitHub become outcomes; throws only what the brain throws, and then the lease ends and it is tried again.
 */
export async function publishOne(claimed: ClaimedPublication, deps: PublishDeps): Promise<Outcome> {
  const outcome = await publish(claimed, deps).catch((thrown: unknown) =>
    outcomeOfError(thrown, claimed.attempts, deps.random()),
  );
  const about = { publication: claimed.id, repository: `${claimed.owner}/${claimed.repo}`, ...outcome };
  if (outcome.kind === 'completed') deps.log.info(about, `publication ${outcome.action}`);
  else if (isExpected(outcome)) deps.log.debug(about, `publication ${outcome.kind}`);
  else deps.log.warn(about, `publication ${outcome.kind}`);
  await recordOutcome(claimed, outcome, deps);
  return outcome;
}

/** More is known by now, or GitHub is a moment behind its own webhook: while events come, that is the way of things. */
function isExpected(outcome: Outcome): boolean {
  return outcome.kind === 'yielded' || (outcome.kind === 'deferred' && outcome.isExpected === true);
}

async function publish(claimed: ClaimedPublication, deps: PublishDeps): Promise<Outcome> {
  const requested = parseRequested(claimed.desired);
  const purpose = requested.kind === 'comment' ? 'comment' : 'gate';
  const octokit = await deps.octokitFor(claimed.installation_id, purpose);
  const place = { owner: claimed.owner, repo: claimed.repo };
  const attempt = { claimed, deps, octokit, place, write: pacedWriter(deps.pause) };
  return requested.kind === 'comment' ? publishComment(requested, attempt) : publishCheckRun(requested, attempt);
}

function pacedWriter(pause: PublishDeps['pause']): Attempt['write'] {
  let written = false;
  return async (request) => {
    if (written) await pause(BETWEEN_WRITES_MS);
    written = true;
    return request();
  };
}

async function recordOutcome({ id, desired_hash, claim }: ClaimedPublication, outcome: Outcome, deps: PublishDeps) {
  const { brain, worker } = deps;
  switch (outcome.kind) {
    case 'completed': {
      const github_id = outcome.github_id ?? undefined;
      const published_conclusion = outcome.conclusion ?? undefined;
      const written = { published_hash: desired_hash, github_id, published_conclusion };
      return brain.call('complete_publication', { id, worker, claim, ...written });
    }
    case 'deferred': {
      const { delay_ms, pause_installation_ms, reason: error } = outcome;
      return brain.call('defer_publication', { id, worker, claim, error, delay_ms, pause_installation_ms });
    }
    case 'parked':
      return brain.call('park_publication', { id, worker, claim, error: outcome.reason });
    case 'yielded':
      return brain.call('yield_publication', { id, worker, claim, error: outcome.reason });
    default:
      return outcome satisfies never;
  }
}

async function publishComment(requested: RequestedComment, attempt: Attempt): Promise<Outcome> {
  const { claimed, octokit, place, write } = attempt;
  const { head_sha, body, pull_request_number } = requested;
  const standing = await findComment(requested, attempt);
  const plan = planComment(requested, standing?.body ?? null);
  if (plan !== 'create' && plan !== 'edit') {
    return { kind: 'completed', github_id: standing?.id ?? null, conclusion: null, action: plan };
  }

  const pull = await readPullRequest(octokit, { ...place, pull_number: pull_request_number });
  if (pull?.head_sha !== head_sha) return outcomeOfMovedHead(head_sha, pull?.head_sha ?? null, claimed.attempts);

  if (standing === null) {
    const id = await write(() => createComment(octokit, { ...place, issue_number: pull_request_number, body }));
    return { kind: 'completed', github_id: id, conclusion: null, action: 'created' };
  }
  const edited = await write(() => editComment(octokit, { ...place, comment_id: standing.id, body }));
  if (!edited) throw new Transient(`comment ${standing.id} was deleted just before it was edited`);
  return { kind: 'completed', github_id: standing.id, conclusion: null, action: 'edited' };
}

/**
 * Our comment on the pull request, or null. Known by its id; else looked for on every page, because a comment may stand
 * whose id was never noted: then the oldest is ours and later ones of our own are deleted.
 */
async function findComment(requested: RequestedComment, attempt: Attempt): Promise<OwnComment | null> {
  const { claimed, deps, octokit, place, write } = attempt;
  const known = claimed.github_id;
  const standing = known === null ? null : await readComment(octokit, { ...place, comment_id: known });
  if (standing !== null) return standing;

  const [oldest, ...later] = await findOwnComments(octokit, {
    ...place,
    issue_number: requested.pull_request_number,
    appId: deps.appId,
    appSlug: deps.appSlug,
    accepts: (body) => readCommentMarker(body)?.pull_request_number === requested.pull_request_number,
  });
  for (const { id } of later) await write(() => deleteComment(octokit, { ...place, comment_id: id }));
  return oldest ?? null;
}

/**
 * Unlike a comment, a check run hangs on its commit and goes on telling the truth about it, so an older head's is
 * finished as well: left alone it would spin for ever, and a branch may be pushed back to that commit.
 */
async function publishCheckRun(requested: RequestedCheckRun, attempt: Attempt): Promise<Outcome> {
  const { claimed, deps, octokit, place, write } = attempt;
  const { name, head_sha, conclusion } = requested;
  const standing = await findCheckRun(requested, attempt);
  const annotations = await annotationsToSend(requested, standing, attempt);
  if (standing !== null && saysSame(standing, requested) && annotations.length === 0) {
    return { kind: 'completed', github_id: standing.id, conclusion, action: 'unchanged' };
  }

  // The last check before the write: a request may have waited long, and a wrong green is worse than a late one.
  if (conclusion === 'success' && (await deps.brain.call('is_publication_overtaken', { id: claimed.id })))
    return OVERTAKEN;
  let id = standing?.id ?? null;
  for (const batch of batchesOf(annotations, ANNOTATIONS_PER_REQUEST)) {
    const content = { ...requested, annotations: batch };
    const check_run_id = id;
    if (check_run_id === null) {
      const made = { ...place, name, head_sha, external_id: claimed.id };
      id = await write(() => createCheckRun(octokit, made, content));
    } else {
      await write(() => updateCheckRun(octokit, { ...place, check_run_id }, content));
    }
  }
  return { kind: 'completed', github_id: id, conclusion, action: standing === null ? 'created' : 'edited' };
}

/** The check run to write to, or null when one has to be made. The publication's id, kept as `external_id`, finds one whose id was never noted. */
async function findCheckRun(requested: RequestedCheckRun, attempt: Attempt): Promise<StandingCheckRun | null> {
  const { claimed, deps, octokit, place } = attempt;
  const { name, head_sha } = requested;
  const known = claimed.github_id;
  const standing = known === null ? null : await readCheckRun(octokit, { ...place, check_run_id: known });
  // Over a finished one a newer may stand whose id was never noted; that is the one that GitHub shows.
  if (standing !== null && standing.status !== 'completed') return standing;

  const search = { ...place, name, head_sha, appId: deps.appId, external_id: claimed.id };
  const found = await findOwnCheckRuns(octokit, search);
  const candidates = standing === null ? found : [...found, standing];
  return candidates.find((checkRun) => !wouldReopen(checkRun, requested)) ?? null;
}

async function annotationsToSend(
  { annotations }: RequestedCheckRun,
  standing: StandingCheckRun | null,
  { octokit, place }: Attempt,
): Promise<readonly CheckAnnotation[]> {
  if (standing === null || standing.annotations_count === 0 || annotations.length === 0) return annotations;
  const there = await readAnnotations(octokit, { ...place, check_run_id: standing.id });
  return missingAnnotations(annotations, there);
}
